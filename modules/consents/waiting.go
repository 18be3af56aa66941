package consents

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// waiting gives those of the guardians of a child whose answer to the question still has to come, by the answers about the child: any of
// them where one is enough.
func (d *Definition) waiting(guardians []ids.ID, answers []Answer) []ids.ID {
	answered := map[ids.ID]bool{}
	for _, a := range answers {
		if a.Purpose == d.Purpose && a.TextVersion >= d.AskedVersion {
			answered[a.AnsweredFor] = true
		}
	}
	if answered[ids.Nil] || d.Required == One && len(answered) > 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(guardians), func(id ids.ID) bool { return answered[id] })
}

// missing is an answer that is waited for.
type missing struct {
	purpose         Purpose
	child, guardian ids.ID
}

// guardiansIn gives who has to answer, each once.
func guardiansIn(list []missing) []ids.ID {
	people := make([]ids.ID, len(list))
	for i, m := range list {
		people[i] = m.guardian
	}
	return ids.Once(people)
}

// askableFor is missingTo of those who have an account to answer with. Others hear of what they are asked once they do: before that they
// get their invitation.
func askableFor(ctx context.Context, tx tenants.Reader, d *Definition, among *bun.RawQuery) ([]missing, error) {
	list, err := missingTo(ctx, tx, d, among)
	if err != nil {
		return nil, err
	}
	accounts, err := selectAccounts(ctx, tx, guardiansIn(list))
	return slices.DeleteFunc(list, func(m missing) bool { return !accounts[m.guardian] }), err
}

// missingTo gives the answers about the children that a question waits for.
func missingTo(ctx context.Context, tx tenants.Reader, d *Definition, among *bun.RawQuery) ([]missing, error) {
	about, err := selectOpen(ctx, tx, d, among)
	if err != nil || len(about) == 0 {
		return nil, err
	}
	ties, err := children.WithAuthority(ctx, tx, about)
	if err != nil {
		return nil, err
	}
	answers, err := selectAnswers(ctx, tx, about, d.Purpose)
	if err != nil {
		return nil, err
	}
	guardians, given := map[ids.ID][]ids.ID{}, map[ids.ID][]Answer{}
	for _, t := range ties {
		guardians[t.ChildID] = append(guardians[t.ChildID], t.PersonID)
	}
	for _, a := range answers {
		given[a.ChildID] = append(given[a.ChildID], a)
	}
	var list []missing
	for _, child := range about {
		for _, guardian := range d.waiting(ids.Once(guardians[child]), given[child]) {
			list = append(list, missing{d.Purpose, child, guardian})
		}
	}
	return list, nil
}

// lastTold gives when the guardians heard of those answers; who is not in it never did.
func lastTold(ctx context.Context, tx tenants.Reader, purpose Purpose, waiting []missing) (map[missing]told, error) {
	var about []ids.ID
	for _, m := range waiting {
		about = append(about, m.child)
	}
	rows, err := selectTold(ctx, tx, purpose, ids.Once(about))
	if err != nil {
		return nil, err
	}
	before := make(map[missing]told, len(rows))
	for _, t := range rows {
		before[missing{purpose, t.ChildID, t.PersonID}] = t
	}
	return before, nil
}

// tell has guardians told which of their answers to the questions are missing about the children, and gives to how many that is news.
// Of the same words nobody hears a second time, unless remind says so, and of one question nobody twice on a day.
func tell(ctx context.Context, tx tenants.Writer, definitions []Definition, among *bun.RawQuery, remind bool) (people int, err error) {
	if err := tx.Lock(ctx, "consent_told", tx.Tenant().ID.String()); err != nil {
		return 0, err
	}
	news := AnswersMissed{Batch: ids.New()}
	var list []told
	var hear []missing
	for _, d := range definitions {
		if !d.Running {
			continue
		}
		waiting, err := askableFor(ctx, tx, &d, among)
		if err != nil {
			return 0, err
		}
		before, err := lastTold(ctx, tx, d.Purpose, waiting)
		if err != nil {
			return 0, err
		}
		for _, m := range waiting {
			last, heard := before[m]
			if heard && (last.ToldOn == tx.Today() || !remind && last.AskedVersion >= d.AskedVersion) {
				continue
			}
			list = append(list, told{TenantID: tx.Tenant().ID, Purpose: d.Purpose, ChildID: m.child, PersonID: m.guardian, AskedVersion: d.AskedVersion, ToldOn: tx.Today(), Batch: news.Batch})
			hear, news.Again = append(hear, m), news.Again || heard
		}
	}
	if len(list) == 0 {
		return 0, nil
	}
	if err := upsertTold(ctx, tx, list); err != nil {
		return 0, err
	}
	return len(guardiansIn(hear)), outbox.Record(ctx, tx, news)
}

// AskLatecomers tells who has not heard of what they are asked, because they came, or got their account, after it was first asked. It is run on a schedule; run
// again it tells nobody.
func (s *Service) AskLatecomers(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		definitions, err := definitionsOf(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tell(ctx, tx, definitions, children.InCare(tx, actor.From(ctx)), false)
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
		people, err = tell(ctx, tx, []Definition{*d}, children.InCare(tx, actor.From(ctx)), true)
		if err != nil || people == 0 {
			return err
		}
		return audit.Record(ctx, tx, "consents.remind", ids.Nil, map[string]any{"purpose": purpose, "people": people})
	})
	return people, err
}
