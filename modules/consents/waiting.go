package consents

import (
	"cmp"
	"context"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// tell has guardians told which of their answers to the questions are missing about children in care whom the actor keeps, and gives to how
// many that is news. Of the same words nobody hears a second time, unless remind says so; and who still has
// to answer a question hears of it once a day.
func tell(ctx context.Context, tx tenants.Writer, definitions []Definition, remind bool) (people int, err error) {
	if err := tenants.ForMany(ctx, tx); err != nil {
		return 0, err
	}
	news := AnswersMissed{Batch: ids.New()}
	told, err := noteTold(ctx, tx, definitions, children.InCare(tx, actor.From(ctx)), telling{news.Batch, tx.Today(), remind})
	if err != nil || len(told) == 0 {
		return 0, err
	}
	// What they were told before is in the new notification, and in no list any more.
	if err := settleBells(ctx, tx, told); err != nil {
		return 0, err
	}
	return len(told), outbox.Record(ctx, tx, news)
}

// Nobody is told for the first time at night, by the organisation's clock: hours.
const dayBegins, dayEnds = 8, 21

// AskLatecomers tells who has not heard of what they are asked, because they came, got their account or have to answer since. It is run on a
// schedule, and when questions begin or are asked of others; run again it tells nobody, nor does it at night.
func (s *Service) AskLatecomers(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if hour := tx.Now().In(tx.Tenant().Location()).Hour(); hour < dayBegins || hour >= dayEnds {
			return nil
		}
		definitions, err := definitionsOf(ctx, tx)
		if err == nil {
			_, err = tell(ctx, tx, definitions, false)
		}
		return err
	})
}

// Remind tells guardians of the children in care whom the actor keeps that their answer to a question is waited for, and gives how many
// hear of it. Who was told today already does not hear of it again.
func (s *Service) Remind(ctx context.Context, purpose Purpose) (people int, err error) {
	if role := actor.From(ctx).Role; role != actor.Admin && role != actor.Manager {
		return 0, fault.NotFound()
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		d, err := definitionOf(ctx, tx, purpose)
		if err != nil {
			return err
		}
		if !d.Running {
			return fault.New(fault.Conflict, "consents.error.not_running")
		}
		people, err = tell(ctx, tx, []Definition{*d}, true)
		if err != nil || people == 0 {
			return err
		}
		return audit.Record(ctx, tx, "consents.remind", ids.Nil, map[string]any{"purpose": purpose, "people": people})
	})
	return people, err
}

// forget lets people be told anew of what they do not have to answer any more, should they ever have to again, and lets no bell of theirs
// count it. Two that forget for the same person wait for each other, so that the last one finds a notification with nothing left in it. The
// caller holds the questions.
func forget(ctx context.Context, tx tenants.Writer, definitions []Definition, people []ids.ID) error {
	if len(people) == 0 {
		return nil
	}
	if err := tx.Lock(ctx, "consent_told", ids.Texts(people)...); err != nil {
		return err
	}
	for _, d := range inOrder(definitions) {
		if err := deleteTold(ctx, tx, &d, people); err != nil {
			return err
		}
	}
	return settleBells(ctx, tx, people)
}

// inOrder is that in which rows of several questions are taken, so that no two wait for each other.
func inOrder(definitions []Definition) []Definition {
	return slices.SortedFunc(slices.Values(definitions), func(a, b Definition) int { return cmp.Compare(a.Purpose, b.Purpose) })
}

// settleBells lets the bells of people count nothing that their lists do not show any more.
func settleBells(ctx context.Context, tx tenants.Writer, people []ids.ID) error {
	return notifications.SettleBut(ctx, tx, item, people, batchesTold(tx))
}

// forgottenInOne is for how many people it is looked in one transaction what they still have to answer.
const forgottenInOne = 200

// forgetAll is forget for people of whom there may be thousands, and for every question. It opens its own transactions.
func (s *Service) forgetAll(ctx context.Context, people []ids.ID) error {
	for some := range slices.Chunk(people, forgottenInOne) {
		err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
			definitions, err := holdDefinitions(ctx, tx)
			if err != nil {
				return err
			}
			return forget(ctx, tx, definitions, some)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) whoWasTold(ctx context.Context, of those) (people []ids.ID, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		people, err = selectTold(ctx, tx, of)
		return err
	})
	return people, err
}
