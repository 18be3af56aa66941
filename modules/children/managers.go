package children

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Managers gives who manages the locations of the groups today, by group. Where a location has no manager who comes in it is the admins of
// the organisation.
func Managers(ctx context.Context, tx tenants.Reader, groupIDs []ids.ID) (map[ids.ID][]ids.ID, error) {
	byGroup := map[ids.ID][]ids.ID{}
	if len(groupIDs) == 0 {
		return byGroup, nil
	}
	var rows []struct{ GroupID, PersonID ids.ID }
	err := tx.NewRaw(`WITH held AS (
			SELECT m.id, m.person_id, m.role FROM membership m JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.person_id AND p.deactivated_at IS NULL
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

// Leaders is who runs a location today.
type Leaders struct {
	Managers []ids.ID // its own
	Admins   []ids.ID // of the organisation, and so of all its locations
}

// LeadersOf gives who runs a location today and has access.
func LeadersOf(ctx context.Context, tx tenants.Reader, location ids.ID) (Leaders, error) {
	var rows []struct {
		PersonID ids.ID
		Role     string
	}
	err := tx.NewRaw(`SELECT DISTINCT m.person_id, m.role FROM membership m JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.person_id AND p.deactivated_at IS NULL
		WHERE m.tenant_id = ?0 AND `+leading+` AND (m.role = 'admin' OR m.role = 'manager' AND EXISTS (SELECT FROM membership_location l
			WHERE l.tenant_id = m.tenant_id AND l.membership_id = m.id AND l.location_id = ?1)) ORDER BY 1`, tx.Tenant().ID, location, string(tx.Today())).Scan(ctx, &rows)
	if err != nil {
		return Leaders{}, fmt.Errorf("children: select who runs a location: %w", err)
	}
	var of Leaders
	for _, r := range rows {
		if r.Role == "admin" {
			of.Admins = append(of.Admins, r.PersonID)
		} else {
			of.Managers = append(of.Managers, r.PersonID)
		}
	}
	return of, nil
}

const leading = `m.valid_from <= ?2::date AND (m.valid_to IS NULL OR m.valid_to >= ?2::date)`

// AdminsSQL selects the ids of the people who are admins today; tenant and today are how its query writes those.
func AdminsSQL(tenant, today string) string {
	return strings.NewReplacer("?0", tenant, "?2", today).Replace(`SELECT m.person_id FROM membership m WHERE m.tenant_id = ?0 AND m.role = 'admin' AND ` + leading)
}

// Admins selects the ids of the people who are admins today.
func Admins(tx tenants.Reader) *bun.RawQuery {
	return tx.NewRaw(`SELECT DISTINCT m.person_id FROM membership m WHERE m.tenant_id = ?0 AND m.role = 'admin' AND `+leading, tx.Tenant().ID, nil, string(tx.Today()))
}
