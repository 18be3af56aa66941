package children

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Coming is a day on which a child comes to a group by its placement.
type Coming struct {
	ChildID    ids.ID
	Day        tenants.Date
	GroupID    ids.ID
	LocationID ids.ID
	Group      string
	From, To   string // times of that day, as 15:04
}

// Comings gives the days from one to another on which children come, by day and time. The caller has asked whether the actor
// may know of the children, and bounds the period.
func Comings(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, from, to tenants.Date) ([]Coming, error) {
	if len(childIDs) == 0 || to < from {
		return nil, nil
	}
	var list []Coming
	err := tx.NewRaw(`SELECT p.child_id, x.day, p.group_id, g.location_id, g.name AS "group", to_char(d.from_time, 'HH24:MI') AS "from", to_char(d.to_time, 'HH24:MI') AS "to"
		FROM (SELECT ?2::date + n AS day FROM generate_series(0, ?3::date - ?2::date) AS n) AS x
		JOIN placement p ON p.tenant_id = ?0 AND p.starts_on <= x.day AND (p.ends_on IS NULL OR p.ends_on >= x.day)
		JOIN placement_day d ON d.tenant_id = ?0 AND d.placement_id = p.id AND d.weekday = extract(isodow FROM x.day)
		JOIN care_group g ON g.tenant_id = ?0 AND g.id = p.group_id
		WHERE p.child_id IN (?1) AND p.cancelled_at IS NULL ORDER BY x.day, d.from_time, p.child_id, p.id`,
		tx.Tenant().ID, bun.List(childIDs), string(from), string(to)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select comings: %w", err)
	}
	return list, nil
}

// AtWorkIn gives who is assigned today to any of the groups, each once.
func AtWorkIn(ctx context.Context, tx tenants.Reader, groupIDs []ids.ID) ([]ids.ID, error) {
	if len(groupIDs) == 0 {
		return nil, nil
	}
	var list []ids.ID
	err := tx.NewRaw(`SELECT DISTINCT a.person_id FROM group_assignment a WHERE a.tenant_id = ?0 AND a.group_id IN (?1)
		AND a.valid_from <= ?2::date AND (a.valid_to IS NULL OR a.valid_to >= ?2::date) ORDER BY 1`, tx.Tenant().ID, bun.List(groupIDs), string(tx.Today())).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select who works in groups: %w", err)
	}
	return list, nil
}
