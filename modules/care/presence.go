package care

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Presence is how many children a location has today. Who was reported absent and came all the same is there, and not absent.
type Presence struct {
	LocationID ids.ID
	Location   string
	Expected   int // by their placements, the absent ones too
	Present    int // at this moment
	Absent     int // of the expected, as guardians reported
}

// present has a row for each child that is to be at a location today, or was. Parameters: 1 tenant, 3 today; {locations} are those of the
// actor.
const present = `SELECT g.location_id, g.name AS "group", c.id AS child_id, trim(c.given_name || ' ' || c.family_name) AS name, c.face, x.expected,
		s.began_at AS arrived_at, s.ended_at AS left_at, s.began_at IS NULL AND x.expected AND EXISTS (SELECT FROM absence a WHERE a.tenant_id = $1 AND a.child_id = c.id
			AND a.withdrawn_at IS NULL AND a.first_day <= $3::date AND a.last_day >= $3::date) AS absent
	FROM (SELECT child_id, group_id, bool_or(expected) AS expected FROM (
			SELECT p.child_id, p.group_id, true AS expected FROM placement p JOIN placement_day d ON d.tenant_id = p.tenant_id AND d.placement_id = p.id
				WHERE p.tenant_id = $1 AND p.cancelled_at IS NULL AND p.starts_on <= $3::date AND (p.ends_on IS NULL OR p.ends_on >= $3::date)
				AND d.weekday = extract(isodow FROM $3::date) AND {open}
			UNION ALL SELECT r.child_id, r.group_id, false FROM care_record r
				WHERE r.tenant_id = $1 AND r.care_on = $3::date AND r.kind = 'stay' AND r.withdrawn_at IS NULL) AS both_ GROUP BY 1, 2) AS x
	JOIN care_group g ON g.tenant_id = $1 AND g.id = x.group_id AND g.location_id IN ({locations})
	JOIN child c ON c.tenant_id = $1 AND c.id = x.child_id
	LEFT JOIN LATERAL (SELECT r.began_at, r.ended_at FROM care_record r WHERE r.tenant_id = $1 AND r.child_id = x.child_id AND r.group_id = x.group_id
		AND r.care_on = $3::date AND r.kind = 'stay' AND r.withdrawn_at IS NULL ORDER BY r.began_at DESC, r.id DESC LIMIT 1) AS s ON true`

func presentSQL(who actor.Actor) string {
	return strings.NewReplacer("{open}", agenda.OpenSQL("$3"), "{locations}", children.LocationsSQL(who.Role, 1, 2, 3)).Replace(present)
}

// PresenceToday asks for the numbers of each location of the actor, together with whatever else a page asks.
func (s *Service) PresenceToday(ctx context.Context, into *[]Presence) tenants.Question {
	who := actor.From(ctx)
	query := `SELECT l.id, l.name, count(*) FILTER (WHERE x.expected), count(*) FILTER (WHERE x.arrived_at IS NOT NULL AND x.left_at IS NULL), count(*) FILTER (WHERE x.absent)
		FROM location l LEFT JOIN (` + presentSQL(who) + `) AS x ON x.location_id = l.id
		WHERE l.tenant_id = $1 AND l.id IN (` + children.LocationsSQL(who.Role, 1, 2, 3) + `) AND (l.closed_on IS NULL OR l.closed_on >= $3::date) AND $2::uuid IS NOT NULL GROUP BY l.id, l.name ORDER BY l.name, l.id`
	return tenants.Question{SQL: query, Args: s.asked(ctx), Filters: true, Scan: func(rows pgx.Rows) error {
		for rows.Next() {
			var p Presence
			if err := rows.Scan(&p.LocationID, &p.Location, &p.Expected, &p.Present, &p.Absent); err != nil {
				return err
			}
			*into = append(*into, p)
		}
		return nil
	}}
}

// Present is a child that is to be at a location today, or was.
type Present struct {
	ChildID   ids.ID
	Name      string
	Face      int
	Group     string
	Expected  bool
	Absent    bool
	ArrivedAt *time.Time
	LeftAt    *time.Time
}

// PresentAt gives the children behind the numbers of a location of the actor, by group and name; NotFound for any other location.
func (s *Service) PresentAt(ctx context.Context, location ids.ID) (name string, list []Present, err error) {
	who := actor.From(ctx)
	whose := tenants.Question{SQL: `SELECT name FROM location WHERE tenant_id = $1 AND id = $4 AND id IN (` + children.LocationsSQL(who.Role, 1, 2, 3) + `)`, Args: append(s.asked(ctx), location),
		Scan: func(rows pgx.Rows) error {
			for rows.Next() {
				if err := rows.Scan(&name); err != nil {
					return err
				}
			}
			return nil
		}}
	there := tenants.Question{SQL: `SELECT x.child_id, x.name, x.face, x."group", x.expected, x.absent, x.arrived_at, x.left_at FROM (` + presentSQL(who) + `) AS x
		WHERE x.location_id = $4 AND $2::uuid IS NOT NULL ORDER BY x."group", x.name, x.child_id`, Args: append(s.asked(ctx), location), Filters: true, Scan: func(rows pgx.Rows) error {
		for rows.Next() {
			var p Present
			if err := rows.Scan(&p.ChildID, &p.Name, &p.Face, &p.Group, &p.Expected, &p.Absent, &p.ArrivedAt, &p.LeftAt); err != nil {
				return err
			}
			list = append(list, p)
		}
		return nil
	}}
	if err := s.db.Ask(ctx, whose, there); err != nil {
		return "", nil, fmt.Errorf("care: who is there: %w", err)
	}
	if name == "" {
		return "", nil, fault.NotFound()
	}
	return name, list, nil
}

// asked are the parameters of a query that is asked: tenant, person, today.
func (s *Service) asked(ctx context.Context) []any {
	tenant, _ := tenants.From(ctx)
	return []any{tenant.ID, actor.From(ctx).PersonID, string(tenant.DateOf(s.db.Clock().Now()))}
}
