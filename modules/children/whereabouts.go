package children

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Whereabouts is where a group is.
type Whereabouts struct {
	GroupID  ids.ID
	Group    string
	Location string
	City     string
}

// WhereGroupsAre tells where groups are; one that the organisation does not know is left out.
func WhereGroupsAre(ctx context.Context, tx tenants.Reader, groupIDs []ids.ID) (map[ids.ID]Whereabouts, error) {
	found := make(map[ids.ID]Whereabouts, len(groupIDs))
	if len(groupIDs) == 0 {
		return found, nil
	}
	var list []Whereabouts
	err := tx.NewRaw(`SELECT g.id AS group_id, g.name AS "group", l.name AS location, l.city FROM care_group g JOIN location l ON l.tenant_id = g.tenant_id AND l.id = g.location_id
		WHERE g.tenant_id = ?0 AND g.id IN (?1)`, tx.Tenant().ID, bun.List(groupIDs)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select whereabouts: %w", err)
	}
	for _, w := range list {
		found[w.GroupID] = w
	}
	return found, nil
}

// WholePlacement is a placement with its days, and where its group is.
type WholePlacement struct {
	Placement
	Days  []CareDay
	Where Whereabouts
}

// Placements gives all of a child of whom the actor may know, also past, coming and cancelled ones, in their order.
func Placements(ctx context.Context, tx tenants.Reader, childID ids.ID) ([]WholePlacement, error) {
	var rows []Placement
	err := tx.NewSelect().Model(&rows).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id = ?", childID).Where("child_id IN (?)", VisibleTo(tx, actor.From(ctx))).
		Order("starts_on", "id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("children: select placements: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	groups, all := make([]ids.ID, len(rows)), make([]ids.ID, len(rows))
	for i, p := range rows {
		groups[i], all[i] = p.GroupID, p.ID
	}
	where, err := WhereGroupsAre(ctx, tx, groups)
	if err != nil {
		return nil, err
	}
	list := make([]WholePlacement, len(rows))
	at := make(map[ids.ID]*WholePlacement, len(rows))
	for i, p := range rows {
		list[i] = WholePlacement{Placement: p, Days: []CareDay{}, Where: where[p.GroupID]}
		at[p.ID] = &list[i]
	}
	var days []struct {
		PlacementID ids.ID
		CareDay
	}
	err = tx.NewRaw(`SELECT placement_id, weekday, to_char(from_time, 'HH24:MI') AS "from", to_char(to_time, 'HH24:MI') AS "to" FROM placement_day
		WHERE tenant_id = ? AND placement_id IN (?) ORDER BY placement_id, weekday`, tx.Tenant().ID, bun.List(all)).Scan(ctx, &days)
	if err != nil {
		return nil, fmt.Errorf("children: select days of placements: %w", err)
	}
	for _, d := range days {
		at[d.PlacementID].Days = append(at[d.PlacementID].Days, d.CareDay)
	}
	return list, nil
}

// Own gives every child of whom the actor may know, oldest first. It is for guardians, who have a few.
func Own(ctx context.Context, tx tenants.Reader) ([]Named, error) {
	var list []Named
	err := tx.NewSelect().Model((*Child)(nil)).Column("id", "given_name", "face").Where("tenant_id = ?", tx.Tenant().ID).
		Where("id IN (?)", VisibleTo(tx, actor.From(ctx))).Order("birth_on", "id").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select own: %w", err)
	}
	return list, nil
}

// Find gives the row of a child of whom the actor may know; NotFound for any other.
func Find(ctx context.Context, tx tenants.Reader, id ids.ID) (*Child, error) {
	child := new(Child)
	err := tx.NewSelect().Model(child).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Where("id IN (?)", VisibleTo(tx, actor.From(ctx))).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("children: select child: %w", err)
	}
	return child, nil
}

// Leaver is a guardian whose child has had its last day of care.
type Leaver struct {
	PersonID, ChildID ids.ID
	LastOn            tenants.Date
}

// Leavers gives, for children whose last day of all care was within a period, the guardians who may know of the child today.
func Leavers(ctx context.Context, tx tenants.Reader, from, to tenants.Date) ([]Leaver, error) {
	var list []Leaver
	err := tx.NewRaw(`SELECT g.person_id, l.child_id, l.last_on FROM (
			SELECT p.child_id, max(p.ends_on) AS last_on FROM placement p WHERE p.tenant_id = ?0 AND p.cancelled_at IS NULL
			GROUP BY p.child_id HAVING bool_and(p.ends_on IS NOT NULL) AND max(p.ends_on) BETWEEN ?1::date AND ?2::date) l
		JOIN guardianship g ON g.tenant_id = ?0 AND g.child_id = l.child_id
		WHERE g.kind IN ('gezag', 'informatierecht') AND g.blocked_at IS NULL AND g.valid_from <= ?3::date AND (g.valid_to IS NULL OR g.valid_to >= ?3::date)
		ORDER BY 2, 1`, tx.Tenant().ID, string(from), string(to), string(tx.Today())).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select leavers: %w", err)
	}
	return list, nil
}
