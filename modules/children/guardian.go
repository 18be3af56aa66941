package children

import (
	"context"
	"strings"
	"unicode/utf8"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Kinds lists the kinds of ties in the order in which they are offered.
var Kinds = []Kind{Authority, Information, Collector, Relative}

// Informed tells whether the kind gives a right to know how the child fares: the diary, photos, messages, the file. Who may
// only collect, and relatives, see nothing of it.
func (k Kind) Informed() bool { return k == Authority || k == Information }

// Households is how many households of one child can be told apart.
const Households = 9

// TieDraft is what somebody typed about what a person is to a child.
type TieDraft struct {
	Kind      Kind
	Household int
	ValidFrom tenants.Date
	ValidTo   tenants.Date // last day; empty until further notice
	Version   int          // of the row that was on the screen; 0 for a new tie
}

// Check tells everything that is wrong with the draft.
func (d *TieDraft) Check() error {
	var problems fault.Fields
	switch d.Kind {
	case Authority, Information, Collector, Relative:
	default:
		problems.Add("kind", "children.error.kind")
	}
	if d.Household < 1 || d.Household > Households {
		problems.Add("household", "children.error.household")
	}
	if !d.ValidFrom.Valid() {
		problems.Add("valid_from", "children.error.day")
	}
	switch {
	case d.ValidTo == "":
	case !d.ValidTo.Valid():
		problems.Add("valid_to", "children.error.day")
	case d.ValidFrom.Valid() && d.ValidTo < d.ValidFrom:
		problems.Add("valid_to", "children.error.ends_before")
	}
	return problems.Err()
}

// AddGuardian ties a person to a child of the actor: a new person, or the one known already of a child of the actor. Who gets
// a right to information gets the role of a parent with it. The actor must be fresh: a tie gives a stranger's address a child's photos.
func (s *Service) AddGuardian(ctx context.Context, childID ids.ID, person identity.Draft, known ids.ID, draft TieDraft) (tie ids.ID, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if _, err := lockChild(ctx, tx, childID); err != nil {
			return err
		}
		if err := identity.MustBeFresh(ctx, tx); err != nil {
			return err
		}
		problem := draft.Check()
		if known == ids.Nil {
			problem = joined(problem, person.Check())
		}
		if problem != nil {
			return problem
		}
		if known == ids.Nil {
			added, err := identity.Add(ctx, tx, person)
			if err != nil {
				return err
			}
			known = added.ID
		} else if err := mustKeep(ctx, tx, known); err != nil {
			return err
		}
		g := &Guardianship{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: childID, PersonID: known, Kind: draft.Kind, Household: draft.Household, ValidFrom: draft.ValidFrom, ValidTo: draft.ValidTo}
		if err := noOther(ctx, tx, g); err != nil {
			return err
		}
		if err := insert(ctx, tx, g); err != nil {
			return err
		}
		tie = g.ID
		return s.told(ctx, tx, g, deed{action: "children.add_guardian", detail: map[string]any{"kind": g.Kind, "household": g.Household}})
	})
	return tie, err
}

// EditTie changes what a person is to a child of the actor. A draft of another version than the row's is a Conflict.
func (s *Service) EditTie(ctx context.Context, id ids.ID, draft TieDraft) error {
	return s.changeTie(ctx, id, draft.Version, func(_ context.Context, _ tenants.Writer, g *Guardianship) (deed, error) { return g.edit(draft) })
}

func (g *Guardianship) edit(draft TieDraft) (deed, error) {
	if err := draft.Check(); err != nil {
		return deed{}, err
	}
	changes := changed(change{"kind", g.Kind, draft.Kind}, change{"household", g.Household, draft.Household}, change{"valid_from", g.ValidFrom, draft.ValidFrom}, change{"valid_to", g.ValidTo, draft.ValidTo})
	if len(changes) == 0 {
		return deed{}, nil
	}
	g.Kind, g.Household, g.ValidFrom, g.ValidTo = draft.Kind, draft.Household, draft.ValidFrom, draft.ValidTo
	return deed{action: "children.edit_guardian", detail: map[string]any{"kind": g.Kind, "household": g.Household}, changes: changes}, nil
}

// EndTie makes last the last day of a tie; an empty one opens the end again.
func (s *Service) EndTie(ctx context.Context, id ids.ID, last tenants.Date, version int) error {
	return s.changeTie(ctx, id, version, func(_ context.Context, _ tenants.Writer, g *Guardianship) (deed, error) {
		if last != "" && (!last.Valid() || last < g.ValidFrom) {
			return deed{}, oneField("valid_to", "children.error.ends_before")
		}
		g.ValidTo = last
		return deed{action: "children.end_guardian", detail: map[string]any{"last": last}}, nil
	})
}

// MaxReason of a reason, in characters.
const MaxReason = 500

// Block ends what a tie gives, from the next request on, with the reason kept.
func (s *Service) Block(ctx context.Context, guardianship ids.ID, reason string) error {
	var problems fault.Fields
	switch reason = strings.TrimSpace(plaintext.Of(reason)); {
	case reason == "":
		problems.Add("reason", "children.error.reason_required")
	case utf8.RuneCountInString(reason) > MaxReason:
		problems.Add("reason", "children.error.reason_long", map[string]any{"Max": MaxReason})
	}
	if err := problems.Err(); err != nil {
		return err
	}
	return s.changeTie(ctx, guardianship, 0, func(ctx context.Context, tx tenants.Writer, g *Guardianship) (deed, error) {
		if g.BlockedAt != nil {
			return deed{}, fault.NotFound()
		}
		now := tx.Now()
		g.BlockedAt, g.BlockedBy, g.BlockedReason = &now, actor.From(ctx).PersonID, reason
		return deed{action: "children.block_guardian", detail: map[string]any{"reason": reason}}, nil
	})
}

// Unblock gives back what a tie gives. The reason for the block stays in the log.
func (s *Service) Unblock(ctx context.Context, guardianship ids.ID) error {
	return s.changeTie(ctx, guardianship, 0, func(_ context.Context, _ tenants.Writer, g *Guardianship) (deed, error) {
		if g.BlockedAt == nil {
			return deed{}, fault.NotFound()
		}
		g.BlockedAt, g.BlockedBy, g.BlockedReason = nil, ids.Nil, ""
		return deed{action: "children.unblock_guardian"}, nil
	})
}

// changeTie runs do on a tie to a child of the actor and keeps what it changed, unless it names no action. Version 0 takes
// the row as it is. For a tie that gives what it did not give before, the actor must be fresh.
func (s *Service) changeTie(ctx context.Context, id ids.ID, version int, do func(context.Context, tenants.Writer, *Guardianship) (deed, error)) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		g := new(Guardianship)
		if _, err := lockOf(ctx, tx, g, id); err != nil {
			return err
		}
		if version != 0 && g.Version != version {
			return stale()
		}
		gave := g.gives(tx.Today())
		done, err := do(ctx, tx, g)
		if err != nil || done.action == "" {
			return err
		}
		if !gave && g.gives(tx.Today()) {
			if err := identity.MustBeFresh(ctx, tx); err != nil {
				return err
			}
		}
		if err := noOther(ctx, tx, g); err != nil {
			return err
		}
		g.Version++
		if err := update(ctx, tx, g, "kind", "household", "valid_from", "valid_to", "blocked_at", "blocked_by", "blocked_reason"); err != nil {
			return err
		}
		return s.told(ctx, tx, g, done)
	})
}

// gives tells whether the tie gives access to the child, today or later.
func (g *Guardianship) gives(today tenants.Date) bool {
	return g.Kind.Informed() && g.BlockedAt == nil && (g.ValidTo == "" || g.ValidTo >= today)
}

// told lets everybody know that a tie changed: the log, who plans by it, and the page that its person has open, which asks
// again and gets what it may have now.
func (s *Service) told(ctx context.Context, tx tenants.Writer, g *Guardianship, done deed) error {
	if g.Kind.Informed() && (g.ValidTo == "" || g.ValidTo >= tx.Today()) {
		if err := identity.Enrol(ctx, tx, g.PersonID, actor.Parent); err != nil {
			return err
		}
	}
	if err := live.Signal(ctx, tx, live.Person(g.PersonID)); err != nil {
		return err
	}
	if err := TellChanged(ctx, tx, g.ChildID); err != nil {
		return err
	}
	return done.record(ctx, tx, g.ID, map[string]any{"child": g.ChildID, "person": g.PersonID})
}

// noOther refuses a second tie of the same person to the same child in the same time.
func noOther(ctx context.Context, tx tenants.Writer, g *Guardianship) error {
	twice, err := tx.NewSelect().Model((*Guardianship)(nil)).Where("tenant_id = ?", g.TenantID).Where("child_id = ?", g.ChildID).Where("person_id = ?", g.PersonID).
		Where("id <> ?", g.ID).Where("valid_from <= coalesce(nullif(?, '')::date, 'infinity')", string(g.ValidTo)).
		Where("coalesce(valid_to, 'infinity') >= ?::date", string(g.ValidFrom)).Exists(ctx)
	if err != nil {
		return missing(err, "children: look for other ties")
	}
	if twice {
		return oneField("valid_from", "children.error.tied_already")
	}
	return nil
}
