package children

import (
	"context"
	"fmt"
	"slices"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// File is everything that is kept of a child by this module: for who keeps it in order.
type File struct {
	Child
	Placements []FiledPlacement // also past and cancelled ones, newest first
	Guardians  []FiledGuardian  // also past and blocked ones, by household
	Mentors    []FiledMentor    // newest first
	Kept       bool             // the actor may change it
	Today      tenants.Date
}

// FiledPlacement is a placement with the words around it.
type FiledPlacement struct {
	ID          ids.ID       `json:"id"`
	GroupID     ids.ID       `json:"group_id"`
	Group       string       `json:"group"`
	Symbol      string       `json:"symbol"`
	LocationID  ids.ID       `json:"location_id"`
	Location    string       `json:"location"`
	CareType    CareType     `json:"care_type"`
	StartsOn    tenants.Date `json:"starts_on"`
	EndsOn      tenants.Date `json:"ends_on"`
	Cancelled   bool         `json:"cancelled"`
	Version     int          `json:"version"`
	Days        []CareDay    `json:"days"`
	ManagedHere bool         `json:"managed"` // its location is one of the actor's
}

// Holds tells whether the placement holds on the day.
func (p FiledPlacement) Holds(day tenants.Date) bool {
	return !p.Cancelled && p.StartsOn <= day && (p.EndsOn == "" || p.EndsOn >= day)
}

// CareDay is a weekday (ISO) with the times of that day, as "07:30".
type CareDay struct {
	Weekday int    `json:"weekday"`
	From    string `json:"from"`
	To      string `json:"to"`
}

// FiledGuardian is a tie with the person at its other end.
type FiledGuardian struct {
	ID            ids.ID       `json:"id"`
	PersonID      ids.ID       `json:"person_id"`
	Name          string       `json:"name"`
	Face          int          `json:"face"`
	Email         string       `json:"email"`
	Phone         string       `json:"phone"`
	Street        string       `json:"street"`
	Postcode      string       `json:"postcode"`
	City          string       `json:"city"`
	Active        bool         `json:"active"`   // has an account
	Shut          bool         `json:"shut"`     // was deactivated
	Roleless      bool         `json:"roleless"` // is no parent here
	Kind          Kind         `json:"kind"`
	Household     int          `json:"household"`
	ValidFrom     tenants.Date `json:"valid_from"`
	ValidTo       tenants.Date `json:"valid_to"`
	Blocked       bool         `json:"blocked"`
	BlockedReason string       `json:"blocked_reason"`
	Version       int          `json:"version"`
}

// FiledMentor is somebody who is, was or will be the mentor.
type FiledMentor struct {
	ID        ids.ID       `json:"id"`
	PersonID  ids.ID       `json:"person_id"`
	Name      string       `json:"name"`
	Face      int          `json:"face"`
	ValidFrom tenants.Date `json:"valid_from"`
	ValidTo   tenants.Date `json:"valid_to"`
}

// Mentor is who is the mentor today, or will be first; nil for nobody.
func (f *File) Mentor() *FiledMentor {
	for i := range f.Mentors {
		if f.Mentors[i].ValidTo == "" || f.Mentors[i].ValidTo >= f.Today {
			return &f.Mentors[i]
		}
	}
	return nil
}

// Now are the placements of today and later, first the one that starts first.
func (f *File) Now() []FiledPlacement {
	var list []FiledPlacement
	for i := len(f.Placements) - 1; i >= 0; i-- {
		if p := f.Placements[i]; !p.Cancelled && (p.EndsOn == "" || p.EndsOn >= f.Today) {
			list = append(list, p)
		}
	}
	return list
}

// fileSQL is one row, or none when the child is not the actor's. $4 is the child.
const fileSQL = `SELECT c.id, c.given_name, c.family_name, c.birth_on::text, c.face, c.version, c.id IN ({changed}),
	coalesce((SELECT json_agg(json_build_object('id', p.id, 'group_id', o.id, 'group', o.name, 'symbol', o.symbol, 'location_id', l.id, 'location', l.name, 'care_type', p.care_type,
			'starts_on', p.starts_on, 'ends_on', coalesce(p.ends_on::text, ''), 'cancelled', p.cancelled_at IS NOT NULL, 'version', p.version, 'managed', l.id IN ({locations}),
			'days', coalesce((SELECT json_agg(json_build_object('weekday', d.weekday, 'from', to_char(d.from_time, 'HH24:MI'), 'to', to_char(d.to_time, 'HH24:MI')) ORDER BY d.weekday)
				FROM placement_day d WHERE d.tenant_id = $1 AND d.placement_id = p.id), '[]'::json)) ORDER BY p.starts_on DESC, p.id DESC)
		FROM placement p JOIN care_group o ON o.tenant_id = p.tenant_id AND o.id = p.group_id JOIN location l ON l.tenant_id = o.tenant_id AND l.id = o.location_id
		WHERE p.tenant_id = $1 AND p.child_id = c.id), '[]')::text,
	coalesce((SELECT json_agg(json_build_object('id', g.id, 'person_id', p.id, 'name', trim(p.given_name || ' ' || p.family_name), 'face', p.face, 'email', coalesce(p.email, ''), 'phone', p.phone,
			'street', p.street, 'postcode', p.postcode, 'city', p.city, 'active', ` + hasAccount + `, 'shut', p.deactivated_at IS NOT NULL, 'roleless', NOT EXISTS (
				SELECT FROM membership r WHERE r.tenant_id = $1 AND r.person_id = p.id AND r.role = 'parent' AND (r.valid_to IS NULL OR r.valid_to >= $3::date)), 'kind', g.kind, 'household', g.household,
			'valid_from', g.valid_from, 'valid_to', coalesce(g.valid_to::text, ''), 'blocked', g.blocked_at IS NOT NULL, 'blocked_reason', coalesce(g.blocked_reason, ''), 'version', g.version)
			ORDER BY g.household, p.name_key, g.valid_from)
		FROM guardianship g JOIN person p ON p.tenant_id = g.tenant_id AND p.id = g.person_id WHERE g.tenant_id = $1 AND g.child_id = c.id), '[]')::text,
	coalesce((SELECT json_agg(json_build_object('id', m.id, 'person_id', p.id, 'name', trim(p.given_name || ' ' || p.family_name), 'face', p.face,
			'valid_from', m.valid_from, 'valid_to', coalesce(m.valid_to::text, '')) ORDER BY m.valid_from DESC, m.id DESC)
		FROM mentorship m JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.person_id WHERE m.tenant_id = $1 AND m.child_id = c.id), '[]')::text
FROM child c WHERE c.tenant_id = $1 AND c.id = $4 AND c.id IN ({managed})`

// Open gives the file of a child whose file the actor keeps, in one round trip; of another it is NotFound.
func (s *Service) Open(ctx context.Context, childID ids.ID) (*File, error) {
	args, err := s.hotArgs(ctx)
	if err != nil {
		return nil, err
	}
	role := actor.From(ctx).Role
	f := &File{Today: tenants.Date(args[2].(string))}
	query := replaceAll(fileSQL, "{managed}", ManagedSQL(role, 1, 2, 3), "{changed}", numbered(changedChildren, role, 1, 2, 3), "{locations}", LocationsSQL(role, 1, 2, 3))
	err = s.db.Query(ctx, query, append(args, childID), func(rows pgx.Rows) error {
		for rows.Next() {
			var birth, placements, guardians, mentors string
			if err := rows.Scan(&f.ID, &f.GivenName, &f.FamilyName, &birth, &f.Face, &f.Version, &f.Kept, &placements, &guardians, &mentors); err != nil {
				return err
			}
			f.BirthOn = tenants.Date(birth)
			for _, part := range []struct {
				text string
				into any
			}{{placements, &f.Placements}, {guardians, &f.Guardians}, {mentors, &f.Mentors}} {
				if err := json.Unmarshal([]byte(part.text), part.into); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("children: open file: %w", err)
	}
	if f.ID == ids.Nil {
		return nil, fault.NotFound()
	}
	if !f.Kept {
		f.narrow()
	}
	return f, nil
}

// narrow leaves what a location that the child has left may still read: where the child went, and where the family lives
// and is rung up now, is for who cares for them now.
func (f *File) narrow() {
	f.Placements = slices.DeleteFunc(f.Placements, func(p FiledPlacement) bool { return !p.ManagedHere })
	for i := range f.Guardians {
		g := &f.Guardians[i]
		g.Phone, g.Street, g.Postcode, g.City = "", "", "", ""
	}
}
