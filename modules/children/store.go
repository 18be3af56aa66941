package children

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

func insertRoster(ctx context.Context, tx tenants.Writer, r Roster) error {
	// In the order of the foreign keys.
	for _, rows := range []any{&r.Locations, &r.Cares, &r.Groups, &r.Children, &r.Guardianships, &r.Assignments, &r.Placements, &r.PlacementDays, &r.Mentorships} {
		if reflect.ValueOf(rows).Elem().Len() == 0 {
			continue
		}
		if _, err := tx.NewInsert().Model(rows).Exec(ctx); err != nil {
			return fmt.Errorf("children: insert %T: %w", rows, err)
		}
	}
	return nil
}

// inGroupSQL are the placements of InGroup.
const inGroupSQL = `FROM placement p WHERE p.tenant_id = ?0 AND p.group_id = ?1 AND p.cancelled_at IS NULL
	AND p.starts_on <= ?2::date + 14 AND (p.ends_on IS NULL OR p.ends_on >= ?2::date)`

// inGroup selects the ids of the children of InGroup.
func inGroup(tx tenants.Reader, groupID ids.ID) *bun.RawQuery {
	return tx.NewRaw("SELECT p.child_id "+inGroupSQL, tx.Tenant().ID, groupID, string(tx.Today()))
}

func selectPlaced(ctx context.Context, tx tenants.Reader, groupID ids.ID) ([]Placed, error) {
	var list []Placed
	err := tx.NewRaw(`SELECT c.id, c.given_name, c.face, c.birth_on, placed.starts_on, placed.starts_on > ?2::date AS later
		FROM child c JOIN (SELECT p.child_id, min(p.starts_on) AS starts_on `+inGroupSQL+` GROUP BY p.child_id) AS placed ON placed.child_id = c.id
		WHERE c.tenant_id = ?0 ORDER BY later, c.given_name, c.id`, tx.Tenant().ID, groupID, string(tx.Today())).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select of group: %w", err)
	}
	return list, nil
}

// selectGroupsByChild gives the groups of GroupsByChild.
func selectGroupsByChild(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) (map[ids.ID][]Group, error) {
	if len(childIDs) == 0 {
		return nil, nil
	}
	var list []struct {
		Group
		ChildID ids.ID
	}
	err := tx.NewRaw(`SELECT c.*, placed.child_id FROM care_group c JOIN (SELECT p.child_id, p.group_id, min(p.starts_on) AS since FROM placement p WHERE p.tenant_id = ?0
			AND p.child_id IN (?1) AND p.cancelled_at IS NULL AND p.starts_on <= ?2::date + 14 AND (p.ends_on IS NULL OR p.ends_on >= ?2::date) GROUP BY 1, 2) AS placed
		ON c.id = placed.group_id WHERE c.tenant_id = ?0 ORDER BY placed.since, c.name, c.id`, tx.Tenant().ID, bun.List(childIDs), string(tx.Today())).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select groups of children: %w", err)
	}
	groups := make(map[ids.ID][]Group, len(childIDs))
	for _, row := range list {
		groups[row.ChildID] = append(groups[row.ChildID], row.Group)
	}
	return groups, nil
}

func selectNamed(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, within ...*bun.RawQuery) ([]Named, error) {
	if len(childIDs) == 0 {
		return nil, nil
	}
	var list []Named
	q := tx.NewSelect().Model((*Child)(nil)).Column("id", "given_name", "face").Where("tenant_id = ?", tx.Tenant().ID).
		Where("id IN (?)", bun.List(childIDs))
	for _, allowed := range within {
		q = q.Where("id IN (?)", allowed)
	}
	if err := q.Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("children: select names: %w", err)
	}
	return list, nil
}

func selectWorkplaces(ctx context.Context, tx tenants.Reader, within *bun.RawQuery) ([]Workplace, error) {
	var list []Workplace
	err := tx.NewRaw(`SELECT c.id, c.name, c.symbol, l.name AS location_name, count(DISTINCT p.child_id) AS children
		FROM care_group c
		JOIN location l ON l.tenant_id = c.tenant_id AND l.id = c.location_id
		LEFT JOIN placement p ON p.tenant_id = c.tenant_id AND p.group_id = c.id AND p.cancelled_at IS NULL
			AND p.starts_on <= ?1::date AND (p.ends_on IS NULL OR p.ends_on >= ?1::date)
		WHERE c.tenant_id = ?0 AND c.id IN (?2)
		GROUP BY c.id, c.name, c.symbol, l.name
		ORDER BY l.name, c.name`, tx.Tenant().ID, string(tx.Today()), within).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select groups: %w", err)
	}
	return list, nil
}

// missing makes "no row" the neutral NotFound and wraps anything else.
func missing(err error, doing string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound()
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// selectTies reads the ties of these kinds that hold today and are not blocked.
func selectTies(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, kinds ...Kind) ([]Tie, error) {
	return tiesOf(ctx, tx.NewSelect(), tx, childIDs, kinds...)
}

func tiesOf(ctx context.Context, q *bun.SelectQuery, tx tenants.Reader, childIDs []ids.ID, kinds ...Kind) ([]Tie, error) {
	if len(childIDs) == 0 {
		return nil, nil
	}
	var ties []Tie
	err := q.Model((*Guardianship)(nil)).Column("person_id", "child_id").Where("tenant_id = ?", tx.Tenant().ID).
		Where("child_id IN (?)", bun.List(childIDs)).Where("kind IN (?)", bun.List(kinds)).Where("blocked_at IS NULL").
		Where("valid_from <= ?", string(tx.Today())).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("valid_to IS NULL").WhereOr("valid_to >= ?", string(tx.Today()))
		}).
		Order("person_id", "child_id").Scan(ctx, &ties)
	if err != nil {
		return nil, fmt.Errorf("children: select guardians: %w", err)
	}
	return ties, nil
}

func selectTurned(ctx context.Context, tx tenants.Reader, days int) ([]ids.ID, error) {
	var list []ids.ID
	today := string(tx.Today())
	err := tx.NewRaw(`SELECT DISTINCT child_id FROM guardianship WHERE tenant_id = ?0 AND kind = ?1 AND blocked_at IS NULL
		AND (valid_from BETWEEN ?2::date - ?3 AND ?2::date OR valid_to BETWEEN ?2::date - 1 - ?3 AND ?2::date - 1)`, tx.Tenant().ID, Authority, today, days).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select ties that turned: %w", err)
	}
	return list, nil
}

// selectHouseholdTies gives the informed ties that hold today, by child and household.
func selectHouseholdTies(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) ([]HouseholdTie, error) {
	var list []HouseholdTie
	if len(childIDs) == 0 {
		return nil, nil
	}
	err := tx.NewSelect().Model((*Guardianship)(nil)).ColumnExpr("DISTINCT person_id, child_id, household").Where("tenant_id = ?", tx.Tenant().ID).Where("child_id IN (?)", bun.List(childIDs)).
		Where("kind IN (?)", bun.List([]Kind{Authority, Information})).Where("blocked_at IS NULL").Where("valid_from <= ?::date", string(tx.Today())).
		Where("(valid_to IS NULL OR valid_to >= ?::date)", string(tx.Today())).OrderExpr("child_id, household, person_id").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select households: %w", err)
	}
	return list, nil
}
