package children

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Managers gives who manages the locations of the groups today, by group. Where a location has no manager it is the admins of
// the organisation.
func Managers(ctx context.Context, tx tenants.Reader, groupIDs []ids.ID) (map[ids.ID][]ids.ID, error) {
	byGroup := map[ids.ID][]ids.ID{}
	if len(groupIDs) == 0 {
		return byGroup, nil
	}
	var rows []struct{ GroupID, PersonID ids.ID }
	err := tx.NewRaw(`WITH held AS (
			SELECT m.id, m.person_id, m.role FROM membership m
			WHERE m.tenant_id = ?0 AND m.valid_from <= ?2::date AND (m.valid_to IS NULL OR m.valid_to >= ?2::date)),
		managing AS (
			SELECT g.id AS group_id, h.person_id FROM care_group g
			JOIN membership_location l ON l.tenant_id = g.tenant_id AND l.location_id = g.location_id JOIN held h ON h.id = l.membership_id AND h.role = 'manager'
			WHERE g.tenant_id = ?0 AND g.id IN (?1))
		SELECT group_id, person_id FROM managing
		UNION SELECT g.id, h.person_id FROM care_group g JOIN held h ON h.role = 'admin'
			WHERE g.tenant_id = ?0 AND g.id IN (?1) AND NOT EXISTS (SELECT FROM managing m WHERE m.group_id = g.id)
		ORDER BY 1, 2`, tx.Tenant().ID, bun.List(groupIDs), string(tx.Today())).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("children: select managers: %w", err)
	}
	for _, r := range rows {
		byGroup[r.GroupID] = append(byGroup[r.GroupID], r.PersonID)
	}
	return byGroup, nil
}
