package children

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Hit is one of what was found by a name.
type Hit struct {
	ID     ids.ID
	Name   string
	Detail string // a day of birth, a mail address, the location of a group
	Face   int
	Gone   bool // ended: has left, or is closed
}

// Hits are what was found by a name, of each kind as many as fit a screen.
type Hits struct {
	Children, Guardians, Staff, Groups, Locations []Hit
}

// Six of each kind. Parameters: 1 tenant, 2 person, 3 today, 4 words, 5 a piece of a mail address or "".
const (
	hitChildren = `SELECT c.id, trim(c.given_name || ' ' || c.family_name), c.birth_on::text, c.face, NOT coalesce(s.here OR s.soon, true)
		FROM child c LEFT JOIN (` + spansSQL + `) s ON s.child_id = c.id WHERE c.tenant_id = $1 AND c.id IN ({managed}) AND {child} AND $5::text IS NOT NULL
		ORDER BY 5, c.name_key, c.id LIMIT 6`
	hitPeople = `SELECT p.id, trim(p.given_name || ' ' || p.family_name), coalesce(p.email, ''), p.face, p.deactivated_at IS NOT NULL
		FROM person p WHERE p.tenant_id = $1 AND p.id IN ({among}) AND ({person} OR $5 <> '' AND strpos(p.email, $5) > 0) ORDER BY 5, p.name_key, p.id LIMIT 6`
	hitGuardians = `SELECT g.person_id FROM guardianship g WHERE g.tenant_id = $1 AND g.child_id IN ({managed})`
	hitStaff     = `SELECT a.person_id FROM group_assignment a JOIN care_group c ON c.tenant_id = a.tenant_id AND c.id = a.group_id WHERE a.tenant_id = $1 AND c.location_id IN ({locations})`
	hitEverybody = `SELECT m.person_id FROM membership m WHERE m.tenant_id = $1 AND m.role <> 'parent' AND $2::uuid IS NOT NULL AND $3::date IS NOT NULL`
	hitGroups    = `SELECT g.id, g.name, l.name, 0, coalesce(g.closed_on < $3::date, false) FROM care_group g JOIN location l ON l.tenant_id = g.tenant_id AND l.id = g.location_id
		WHERE g.tenant_id = $1 AND l.id IN ({locations}) AND {group} AND $5::text IS NOT NULL ORDER BY 5, g.name, l.name, g.id LIMIT 6`
	hitLocations = `SELECT l.id, l.name, l.city, 0, coalesce(l.closed_on < $3::date, false) FROM location l
		WHERE l.tenant_id = $1 AND l.id IN ({locations}) AND {location} AND $5::text IS NOT NULL ORDER BY 5, l.name, l.id LIMIT 6`
)

// Find looks among everything that the actor keeps for a name, or a piece of a mail address, in one round trip.
func (s *Service) Find(ctx context.Context, typed string) (*Hits, error) {
	args, err := s.hotArgs(ctx)
	if err != nil {
		return nil, err
	}
	found, role := searchOf(typed), actor.From(ctx).Role
	if len(found.words) == 0 && found.address == "" {
		return &Hits{}, nil
	}
	args = append(args, found.words, found.address)
	names := `cardinality($4::text[]) > 0 AND `
	staff := hitStaff
	if role == actor.Admin {
		staff = hitEverybody
	}
	hits := &Hits{}
	ask := func(query string, into *[]Hit) tenants.Question {
		query = replaceAll(query, "{child}", names+namedSQL("c.name_key", "$4"), "{person}", "("+names+namedSQL("p.name_key", "$4")+")",
			"{group}", names+namedSQL("name_key(l.name || ' ' || g.name)", "$4"), "{location}", names+namedSQL("name_key(l.name || ' ' || l.city)", "$4"),
			"{managed}", ManagedSQL(role, 1, 2, 3), "{locations}", LocationsSQL(role, 1, 2, 3))
		return tenants.Question{SQL: query, Args: args, Filters: true, Everybody: true, Scan: func(rows pgx.Rows) (err error) {
			*into, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Hit])
			return err
		}}
	}
	err = s.db.Ask(ctx, ask(hitChildren, &hits.Children), ask(replaceAll(hitPeople, "{among}", hitGuardians), &hits.Guardians), ask(replaceAll(hitPeople, "{among}", staff), &hits.Staff),
		ask(hitGroups, &hits.Groups), ask(hitLocations, &hits.Locations))
	if err != nil {
		return nil, fmt.Errorf("children: find: %w", err)
	}
	return hits, nil
}
