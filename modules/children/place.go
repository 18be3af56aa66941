package children

import (
	"context"
	"strconv"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// PlacementDraft is what somebody typed about a placement.
type PlacementDraft struct {
	GroupID  ids.ID
	StartsOn tenants.Date
	EndsOn   tenants.Date // last day of care; empty while it is open
	Days     []CareDay
	Version  int // of the row that was on the screen; 0 for a new placement
}

// DayField is the name of the field of a weekday in forms and refusals.
func DayField(weekday int) string { return "day_" + strconv.Itoa(weekday) }

// Check tells everything that is wrong with the draft by itself.
func (d *PlacementDraft) Check() error {
	var problems fault.Fields
	if d.GroupID == ids.Nil {
		problems.Add("group", "children.error.group_required")
	}
	if !d.StartsOn.Valid() {
		problems.Add("starts_on", "children.error.day")
	}
	switch {
	case d.EndsOn == "":
	case !d.EndsOn.Valid():
		problems.Add("ends_on", "children.error.day")
	case d.StartsOn.Valid() && d.EndsOn < d.StartsOn:
		problems.Add("ends_on", "children.error.ends_before")
	}
	if len(d.Days) == 0 {
		problems.Add(DayField(1), "children.error.days_required")
	}
	for _, day := range d.Days {
		from, fromErr := time.Parse("15:04", day.From)
		to, toErr := time.Parse("15:04", day.To)
		switch {
		case day.Weekday < 1 || day.Weekday > 7 || fromErr != nil || toErr != nil:
			problems.Add(DayField(day.Weekday), "children.error.time")
		case !to.After(from):
			problems.Add(DayField(day.Weekday), "children.error.time_order")
		}
	}
	return problems.Err()
}

// Place gives a child of the actor a placement in a group of the actor's locations.
func (s *Service) Place(ctx context.Context, childID ids.ID, draft PlacementDraft) (id ids.ID, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		child, err := lockChild(ctx, tx, childID)
		if err != nil {
			return err
		}
		if err := draft.Check(); err != nil {
			return err
		}
		if id, err = place(ctx, tx, child, draft); err != nil {
			return err
		}
		return TellChanged(ctx, tx, childID)
	})
	return id, err
}

// place keeps a checked draft as a placement of a locked child.
func place(ctx context.Context, tx tenants.Writer, child *Child, draft PlacementDraft) (ids.ID, error) {
	group, err := fits(ctx, tx, child, ids.Nil, draft)
	if err != nil {
		return ids.Nil, err
	}
	p := &Placement{TenantID: child.TenantID, ID: ids.New(), ChildID: child.ID, GroupID: group.ID, CareType: group.CareType, StartsOn: draft.StartsOn, EndsOn: draft.EndsOn, CreatedAt: tx.Now()}
	if err := insert(ctx, tx, p); err != nil {
		return ids.Nil, err
	}
	if err := setDays(ctx, tx, p.ID, draft.Days); err != nil {
		return ids.Nil, err
	}
	return p.ID, audit.Record(ctx, tx, "children.place", p.ID, map[string]any{"child": child.ID, "group": group.ID, "starts_on": p.StartsOn, "ends_on": p.EndsOn})
}

// EditPlacement changes a placement. A draft of another version than the row's is a Conflict; a cancelled one cannot be changed.
func (s *Service) EditPlacement(ctx context.Context, id ids.ID, draft PlacementDraft) error {
	return s.changePlacement(ctx, id, draft.Version, func(ctx context.Context, tx tenants.Writer, child *Child, p *Placement) (deed, error) {
		return editPlacement(ctx, tx, child, p, draft)
	})
}

func editPlacement(ctx context.Context, tx tenants.Writer, child *Child, p *Placement, draft PlacementDraft) (deed, error) {
	if err := joined(p.mustHold(), draft.Check()); err != nil {
		return deed{}, err
	}
	group, err := fits(ctx, tx, child, p.ID, draft)
	if err != nil {
		return deed{}, err
	}
	before, err := daysOf(ctx, tx, p.ID)
	if err != nil {
		return deed{}, err
	}
	changes := changed(change{"group_id", p.GroupID, group.ID}, change{"starts_on", p.StartsOn, draft.StartsOn}, change{"ends_on", p.EndsOn, draft.EndsOn},
		change{"days", DaysText(before), DaysText(draft.Days)})
	if len(changes) == 0 {
		return deed{}, nil
	}
	p.GroupID, p.CareType, p.StartsOn, p.EndsOn = group.ID, group.CareType, draft.StartsOn, draft.EndsOn
	if err := setDays(ctx, tx, p.ID, draft.Days); err != nil {
		return deed{}, err
	}
	return deed{"children.edit_placement", map[string]any{"group": group.ID, "starts_on": p.StartsOn, "ends_on": p.EndsOn}, changes}, nil
}

// EndPlacement makes last the last day of care; an empty one opens the end again. A later end must fit as a new placement
// must. A cancelled placement cannot be ended.
func (s *Service) EndPlacement(ctx context.Context, id ids.ID, last tenants.Date, version int) error {
	return s.changePlacement(ctx, id, version, func(ctx context.Context, tx tenants.Writer, child *Child, p *Placement) (deed, error) {
		if err := p.mustHold(); err != nil {
			return deed{}, err
		}
		switch {
		case last != "" && !last.Valid():
			return deed{}, oneField("ends_on", "children.error.day")
		case last != "" && last < p.StartsOn:
			return deed{}, oneField("ends_on", "children.error.ends_before")
		case p.EndsOn != "" && (last == "" || last > p.EndsOn):
			days, err := daysOf(ctx, tx, p.ID)
			if err != nil {
				return deed{}, err
			}
			if _, err := fits(ctx, tx, child, p.ID, PlacementDraft{GroupID: p.GroupID, StartsOn: p.StartsOn, EndsOn: last, Days: days}); err != nil {
				return deed{}, err
			}
		}
		p.EndsOn = last
		return deed{action: "children.end_placement", detail: map[string]any{"last": last}}, nil
	})
}

// CancelPlacement makes a placement one that never comes about; RestorePlacement takes that back, if it still fits.
func (s *Service) CancelPlacement(ctx context.Context, id ids.ID, version int) error {
	return s.changePlacement(ctx, id, version, func(_ context.Context, tx tenants.Writer, _ *Child, p *Placement) (deed, error) {
		if err := p.mustHold(); err != nil {
			return deed{}, err
		}
		now := tx.Now()
		p.CancelledAt = &now
		return deed{action: "children.cancel_placement"}, nil
	})
}

// mustHold refuses to change what was cancelled: it is restored first.
func (p *Placement) mustHold() error {
	if p.CancelledAt == nil {
		return nil
	}
	return oneField("starts_on", "children.error.cancelled")
}

// RestorePlacement makes a cancelled placement hold again.
func (s *Service) RestorePlacement(ctx context.Context, id ids.ID, version int) error {
	return s.changePlacement(ctx, id, version, func(ctx context.Context, tx tenants.Writer, child *Child, p *Placement) (deed, error) {
		days, err := daysOf(ctx, tx, p.ID)
		if err != nil {
			return deed{}, err
		}
		if _, err := fits(ctx, tx, child, p.ID, PlacementDraft{GroupID: p.GroupID, StartsOn: p.StartsOn, EndsOn: p.EndsOn, Days: days}); err != nil {
			return deed{}, err
		}
		p.CancelledAt = nil
		return deed{action: "children.restore_placement"}, nil
	})
}

// changePlacement runs do on a placement of a child of the actor, at a location of the actor, and keeps what it changed. do
// gives what it did; nothing is kept when that is nothing.
func (s *Service) changePlacement(ctx context.Context, id ids.ID, version int,
	do func(ctx context.Context, tx tenants.Writer, child *Child, p *Placement) (deed, error)) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p := new(Placement)
		child, err := lockPlacement(ctx, tx, p, id)
		if err != nil {
			return err
		}
		if p.Version != version {
			return stale()
		}
		done, err := do(ctx, tx, child, p)
		if err != nil || done.action == "" {
			return err
		}
		p.Version++
		if err := update(ctx, tx, p, "group_id", "care_type", "starts_on", "ends_on", "cancelled_at"); err != nil {
			return err
		}
		if err := TellChanged(ctx, tx, child.ID); err != nil {
			return err
		}
		return done.record(ctx, tx, p.ID, map[string]any{"child": child.ID})
	})
}

// lockPlacement reads a placement at a location of the actor. A child may have others elsewhere: those are not the actor's.
func lockPlacement(ctx context.Context, tx tenants.Writer, p *Placement, id ids.ID) (*Child, error) {
	child, err := lockOf(ctx, tx, p, id)
	if err != nil {
		return nil, err
	}
	if _, err := managedGroup(ctx, tx, p.GroupID); err != nil {
		return nil, err
	}
	return child, nil
}

// managedGroup gives a group at a location of the actor.
func managedGroup(ctx context.Context, tx tenants.Reader, id ids.ID) (*Group, error) {
	group := new(Group)
	err := tx.NewSelect().Model(group).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).
		Where("location_id IN (?)", LocationsOf(tx, actor.From(ctx))).Scan(ctx)
	if err != nil {
		return nil, missing(err, "children: select group")
	}
	return group, nil
}

// fits tells whether a checked draft is possible for the child: the group is the actor's and open, the child is of its age,
// and is not expected elsewhere for the same care at the same time. except is the placement that is changed.
func fits(ctx context.Context, tx tenants.Writer, child *Child, except ids.ID, d PlacementDraft) (*Group, error) {
	group, err := managedGroup(ctx, tx, d.GroupID)
	if fault.CodeOf(err) == fault.Missing {
		return nil, oneField("group", "children.error.group_unknown")
	}
	if err != nil {
		return nil, err
	}
	var problems fault.Fields
	if group.ClosedOn != "" && (d.EndsOn == "" || d.EndsOn > group.ClosedOn) {
		problems.Add("group", "children.error.group_closed", map[string]any{"Group": group.Name})
	}
	words := map[string]any{"Group": group.Name, "From": Age(group.FromAgeMonths), "To": Age(group.ToAgeMonths), "Name": child.GivenName}
	if months := monthsBetween(child.BirthOn, d.StartsOn); months < group.FromAgeMonths || months >= group.ToAgeMonths {
		words["Age"] = Age(months)
		problems.Add("starts_on", "children.error.age", words)
	} else if d.EndsOn != "" && monthsBetween(child.BirthOn, d.EndsOn.Add(-1)) >= group.ToAgeMonths {
		problems.Add("ends_on", "children.error.age_end", words)
	}
	others, err := selectOverlaps(ctx, tx, child.ID, except, group.CareType, d)
	if err != nil {
		return nil, err
	}
	for _, o := range others {
		problems.Add(DayField(o.Weekday), "children.error.overlap", map[string]any{"Name": child.GivenName, "Group": o.Group, "From": o.From, "To": o.To})
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return group, nil
}
