package children

import (
	"context"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// ChildDraft is what somebody typed about a child.
type ChildDraft struct {
	GivenName  string
	FamilyName string
	BirthOn    tenants.Date
	Version    int // of the row that was on the screen; 0 for a new child
}

const (
	oldestAge  = 18 // years; above it a day of birth is a slip of the pen
	monthsYear = 12
)

// Check cleans the draft, and tells everything that is wrong with it.
func (d *ChildDraft) Check(today tenants.Date) error {
	var problems fault.Fields
	d.GivenName, d.FamilyName = tidy(d.GivenName), tidy(d.FamilyName)
	identity.CheckNames(&problems, d.GivenName, d.FamilyName)
	switch {
	case !d.BirthOn.Valid():
		problems.Add("birth_on", "children.error.day")
	case d.BirthOn > today.Add(300):
		problems.Add("birth_on", "children.error.birth_far")
	case monthsBetween(d.BirthOn, today) > oldestAge*monthsYear:
		problems.Add("birth_on", "children.error.birth_old")
	}
	return problems.Err()
}

// AddChild adds a child, with its first placement unless that is nil. A manager must give one: without it the child would be
// at none of the manager's locations.
func (s *Service) AddChild(ctx context.Context, draft ChildDraft, first *PlacementDraft) (id ids.ID, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		problem := draft.Check(tx.Today())
		if first != nil {
			problem = joined(problem, first.Check())
		} else if who := actor.From(ctx); who.Role != actor.Admin && who.Role != actor.System {
			problem = joined(problem, oneField("group", "children.error.group_required"))
		}
		if problem != nil {
			return problem
		}
		if err := mustHaveRoom(ctx, tx, 1); err != nil {
			return err
		}
		child := &Child{TenantID: tx.Tenant().ID, ID: ids.New(), GivenName: draft.GivenName, FamilyName: draft.FamilyName, BirthOn: draft.BirthOn, CreatedAt: tx.Now()}
		child.Face = FaceOf(child.ID)
		if err := insert(ctx, tx, child); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, "children.add_child", child.ID, nil); err != nil {
			return err
		}
		if first != nil {
			if _, err := place(ctx, tx, child, *first); err != nil {
				return err
			}
		}
		id = child.ID
		return TellChanged(ctx, tx, child.ID)
	})
	return id, err
}

// EditChild changes a child. A draft of another version than the row's is a Conflict.
func (s *Service) EditChild(ctx context.Context, id ids.ID, draft ChildDraft) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		child, err := lockChild(ctx, tx, id)
		if err != nil {
			return err
		}
		return editChild(ctx, tx, child, draft)
	})
}

// editChild makes a locked child what the draft says.
func editChild(ctx context.Context, tx tenants.Writer, child *Child, draft ChildDraft) error {
	if err := draft.Check(tx.Today()); err != nil {
		return err
	}
	if child.Version != draft.Version {
		return stale()
	}
	changes := changed(change{"given_name", child.GivenName, draft.GivenName}, change{"family_name", child.FamilyName, draft.FamilyName}, change{"birth_on", child.BirthOn, draft.BirthOn})
	if len(changes) == 0 {
		return nil
	}
	child.GivenName, child.FamilyName, child.BirthOn = draft.GivenName, draft.FamilyName, draft.BirthOn
	child.Version++
	if err := update(ctx, tx, child, audit.Fields(changes)...); err != nil {
		return err
	}
	if err := TellChanged(ctx, tx, child.ID); err != nil {
		return err
	}
	return audit.RecordEdit(ctx, tx, "children.edit_child", child.ID, nil, changes)
}

// faceSeeds is the number of drawn faces; see internal/ui.
const faceSeeds = 10000

// FaceOf is the drawn face of somebody new.
func FaceOf(id ids.ID) int { return (int(id[14])<<8 | int(id[15])) % faceSeeds }

func oneField(name, key string) error {
	var problems fault.Fields
	problems.Add(name, key)
	return problems.Err()
}

// joined puts the fields of two refusals together; anything else than a refusal wins.
func joined(a, b error) error {
	first, ok := fault.As(a)
	second, too := fault.As(b)
	switch {
	case a == nil:
		return b
	case b == nil || !ok:
		return a
	case !too:
		return b
	}
	all := *first
	all.Fields = append(append([]fault.Field(nil), first.Fields...), second.Fields...)
	return &all
}
