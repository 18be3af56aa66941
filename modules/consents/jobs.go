package consents

import (
	"context"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// settledAtOnce is how many children are settled in one transaction.
const settledAtOnce = 50

// Subscriptions are the events after which it is found anew what holds.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("consents.settle_families", outbox.Normal, s.settleFamilies),
		outbox.On("consents.settle_definition", outbox.Bulk, s.settleDefinition),
	}
}

// settleFamilies looks at children who got or lost a guardian: where every guardian is asked, another may have to answer.
func (s *Service) settleFamilies(ctx context.Context, _ ids.ID, e children.FamilyChanged) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		list, err := definitionsOf(ctx, tx)
		if err != nil {
			return err
		}
		if err := lockAnswers(ctx, tx, e.ChildIDs); err != nil {
			return err
		}
		for i := range list {
			if list[i].Required == One { // an answer holds, whoever has authority now
				continue
			}
			if err := s.settle(ctx, tx, &list[i], e.ChildIDs); err != nil {
				return err
			}
		}
		return nil
	})
}

// settleDefinition looks at so many children about whom there is an answer, and leaves the others to an event of their own.
// That a purpose runs no longer, or again, is nothing that a child's state tells: the followers look at every child.
func (s *Service) settleDefinition(ctx context.Context, _ ids.ID, e DefinitionChanged) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		d, err := definitionOf(ctx, tx, e.Purpose)
		if fault.CodeOf(err) == fault.Missing {
			return nil
		}
		if err != nil {
			return err
		}
		about, err := selectAnswered(ctx, tx, e.Purpose, e.After, settledAtOnce)
		if err != nil || len(about) == 0 {
			return err
		}
		if err := lockAnswers(ctx, tx, about); err != nil {
			return err
		}
		if err := s.settle(ctx, tx, d, about); err != nil {
			return err
		}
		for _, id := range about {
			if err := s.follow(ctx, tx, d.Purpose, id); err != nil {
				return err
			}
		}
		if len(about) < settledAtOnce {
			return nil
		}
		return outbox.Record(ctx, tx, DefinitionChanged{Purpose: e.Purpose, After: about[len(about)-1]})
	})
}

// Sweep begins and ends what is asked from a day or until one. A photo is kept back from the moment of the change; the entries
// that show it follow. It is run on a schedule.
func (s *Service) Sweep(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		list, err := selectDefinitions(ctx, tx)
		if err != nil {
			return err
		}
		for _, d := range list {
			if d.Running == runs(tx.Today(), d.StartsOn, d.EndsOn) {
				continue
			}
			now, err := lockDefinition(ctx, tx, d.Purpose)
			if err != nil {
				return err
			}
			if now.Running == runs(tx.Today(), now.StartsOn, now.EndsOn) {
				continue
			}
			now.Running = !now.Running
			if err := updateDefinition(ctx, tx, now); err != nil {
				return err
			}
			action := "consents.end"
			if now.Running {
				action = "consents.begin"
			}
			if err := audit.Record(ctx, tx, action, ids.Nil, map[string]any{"purpose": now.Purpose}); err != nil {
				return err
			}
			if err := outbox.Record(ctx, tx, DefinitionChanged{Purpose: now.Purpose}); err != nil {
				return err
			}
		}
		return nil
	})
}
