package consents

import (
	"context"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// settledAtOnce is how many children are settled in one run.
const settledAtOnce = 50

// Subscriptions are the events after which it is found anew what holds, and after which guardians are told that they are asked.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("consents.settle_families", outbox.Normal, s.settleFamilies),
		outbox.On("consents.forget_families", outbox.Urgent, s.forgetFamilies),
		outbox.On("consents.settle_definition", outbox.Bulk, s.settleDefinition),
		outbox.On("consents.ask", outbox.Normal, s.ask),
		outbox.On("consents.notify", outbox.Normal, s.notify),
	}
}

// settleFamilies looks at children who got or lost a guardian: where every guardian is asked, another may have to answer.
func (s *Service) settleFamilies(ctx context.Context, _ ids.ID, e children.FamilyChanged) error {
	var list []Definition
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		list, err = definitionsOf(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range list {
		for _, id := range e.ChildIDs {
			if d.Required == One { // an answer holds, whoever has authority now
				continue
			}
			if err := s.settleAgain(ctx, d.Purpose, id, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetFamilies forgets what guardians of the children were told, who may have nothing to answer any more. It does so at once: of a tie that
// is blocked and given back the bell is settled meanwhile, and who is to answer once more must hear of it.
func (s *Service) forgetFamilies(ctx context.Context, _ ids.ID, e children.FamilyChanged) error {
	told, err := s.whoWasTold(ctx, toldAbout(e.ChildIDs...))
	if err != nil {
		return err
	}
	return s.forgetAll(ctx, told)
}

// settleAgain finds what holds for one child in a transaction of its own, so that nobody who answers waits for long. turned has
// the followers look in any case.
func (s *Service) settleAgain(ctx context.Context, purpose Purpose, childID ids.ID, turned bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := sharePurpose(ctx, tx, purpose); err != nil {
			return err
		}
		if err := lockAnswers(ctx, tx, []ids.ID{childID}); err != nil {
			return err
		}
		d, err := definitionOf(ctx, tx, purpose)
		if err != nil {
			return err
		}
		changed, err := s.settle(ctx, tx, d, childID)
		if err != nil || changed || !turned {
			return err
		}
		return s.follow(ctx, tx, purpose, childID)
	})
}

// settleDefinition looks at so many children about whom there is an answer, and leaves the others to an event of their own. After the last
// it forgets who was told of what is not waited for any more, and tells who has to answer now.
func (s *Service) settleDefinition(ctx context.Context, _ ids.ID, e DefinitionChanged) error {
	var about []ids.ID
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		about, err = selectAnswered(ctx, tx, e.Purpose, e.After, settledAtOnce)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range about {
		if err := s.settleAgain(ctx, e.Purpose, id, e.Turned); err != nil {
			return err
		}
	}
	if len(about) < settledAtOnce {
		told, err := s.whoWasTold(ctx, toldOf(e.Purpose))
		if err != nil {
			return err
		}
		if err := s.forgetAll(ctx, told); err != nil {
			return err
		}
		return s.AskLatecomers(ctx)
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return outbox.Record(ctx, tx, DefinitionChanged{Purpose: e.Purpose, Turned: e.Turned, After: about[len(about)-1]})
	})
}

// turnedWithin is for how many days back the sweep looks for ties that began or ended on a day that was known before.
const turnedWithin = 7

// Sweep begins and ends what is asked from a day or until one. A photo is kept back from the moment of the change; the entries
// that show it follow. It also looks at children whose guardians changed by the calendar. It is run on a schedule.
func (s *Service) Sweep(ctx context.Context) error {
	if err := s.turn(ctx); err != nil {
		return err
	}
	var turned []ids.ID
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		turned, err = children.AuthorityTurned(ctx, tx, turnedWithin)
		return err
	})
	if err != nil || len(turned) == 0 {
		return err
	}
	families := children.FamilyChanged{ChildIDs: turned}
	if err := s.settleFamilies(ctx, ids.Nil, families); err != nil {
		return err
	}
	return s.forgetFamilies(ctx, ids.Nil, families)
}

func (s *Service) turn(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		list, err := selectDefinitions(ctx, tx)
		if err != nil {
			return err
		}
		for _, d := range list {
			if d.Running == runs(tx.Today(), d.StartsOn, d.EndsOn) {
				continue
			}
			if err := lockPurpose(ctx, tx, d.Purpose); err != nil {
				return err
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
			if err := outbox.Record(ctx, tx, DefinitionChanged{Purpose: now.Purpose, Turned: true}); err != nil {
				return err
			}
		}
		return nil
	})
}
