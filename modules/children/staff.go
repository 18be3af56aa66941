package children

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Hire adds somebody who works in a group from a day on. The actor must be fresh. Who may say who works here asks this (identity.manage).
func (s *Service) Hire(ctx context.Context, draft identity.Draft, group ids.ID, from tenants.Date) (person ids.ID, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := identity.MustBeFresh(ctx, tx); err != nil {
			return err
		}
		problem := draft.Check()
		if !from.Valid() {
			problem = joined(problem, oneField("valid_from", "children.error.day"))
		}
		if draft.Email == "" {
			problem = joined(problem, oneField("email", "children.error.email_required"))
		}
		if problem != nil {
			return problem
		}
		p, err := identity.Add(ctx, tx, draft)
		if err != nil {
			return err
		}
		if _, err := identity.Appoint(ctx, tx, p.ID, actor.Staff, from, ""); err != nil {
			return err
		}
		person = p.ID
		if group == ids.Nil {
			return nil
		}
		return assign(ctx, tx, p.ID, group, from)
	})
	return person, err
}

// Assign lets a member of staff work in a group of the actor's locations from a day on.
func (s *Service) Assign(ctx context.Context, person, group ids.ID, from tenants.Date) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		works, err := identity.Works(ctx, tx, person)
		if err != nil {
			return err
		}
		if !works {
			return fault.NotFound()
		}
		if !from.Valid() {
			return oneField("valid_from", "children.error.day")
		}
		return assign(ctx, tx, person, group, from)
	})
}

func assign(ctx context.Context, tx tenants.Writer, person, group ids.ID, from tenants.Date) error {
	g, err := managedGroup(ctx, tx, group)
	if fault.CodeOf(err) == fault.Missing {
		return oneField("group", "children.error.group_unknown")
	}
	if err != nil {
		return err
	}
	if g.ClosedOn != "" && g.ClosedOn < from {
		var problems fault.Fields
		problems.Add("group", "children.error.group_closed", map[string]any{"Group": g.Name})
		return problems.Err()
	}
	there, err := tx.NewSelect().Model((*Assignment)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("group_id = ?", group).
		Where("coalesce(valid_to, 'infinity') >= ?::date", string(from)).Exists(ctx)
	if err != nil {
		return fmt.Errorf("children: look for assignment: %w", err)
	}
	if there {
		return oneField("group", "children.error.assigned_already")
	}
	a := &Assignment{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: person, GroupID: group, ValidFrom: from}
	if err := insert(ctx, tx, a); err != nil {
		return err
	}
	return audit.Record(ctx, tx, "children.assign", person, map[string]any{"group": group, "from": from})
}

// Unassign makes last the last day of an assignment to a group of the actor's locations; an empty one opens the end again. A
// version other than the row's is a Conflict.
func (s *Service) Unassign(ctx context.Context, id ids.ID, last tenants.Date, version int) (person ids.ID, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		a := new(Assignment)
		err := tx.NewSelect().Model(a).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).For("NO KEY UPDATE").Scan(ctx)
		if err != nil {
			return missing(err, "children: lock assignment")
		}
		if _, err := managedGroup(ctx, tx, a.GroupID); err != nil {
			return err
		}
		person = a.PersonID
		if a.Version != version {
			return stale()
		}
		if last != "" && (!last.Valid() || last < a.ValidFrom) {
			return oneField("last", "children.error.ends_before")
		}
		a.ValidTo = last
		a.Version++
		if err := update(ctx, tx, a, "valid_to"); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "children.unassign", a.PersonID, map[string]any{"group": a.GroupID, "last": last})
	})
	return person, err
}

// Appoint gives a person a role from a day on; a manager gets the locations with it. Who may say who has which role asks this.
func (s *Service) Appoint(ctx context.Context, person ids.ID, role actor.Role, from, to tenants.Date, locations []ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		var problems fault.Fields
		if !from.Valid() {
			problems.Add("valid_from", "children.error.day")
		}
		if to != "" && (!to.Valid() || to < from) {
			problems.Add("valid_to", "children.error.ends_before")
		}
		if role == actor.Manager && len(locations) == 0 {
			problems.Add("locations", "children.error.locations_required")
		}
		if err := problems.Err(); err != nil {
			return err
		}
		m, err := identity.Appoint(ctx, tx, person, role, from, to)
		if err != nil || role != actor.Manager {
			return err
		}
		known, err := tx.NewSelect().Model((*Location)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", bun.List(locations)).Count(ctx)
		if err != nil {
			return fmt.Errorf("children: count locations: %w", err)
		}
		if int(known) != len(locations) {
			return fault.NotFound()
		}
		rows := make([]Managed, len(locations))
		for i, l := range locations {
			rows[i] = Managed{TenantID: tx.Tenant().ID, MembershipID: m.ID, LocationID: l}
		}
		if err := insert(ctx, tx, &rows); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "children.set_locations", person, map[string]any{"membership": m.ID, "locations": locations})
	})
}
