package declarations

import (
	"context"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// item is the kind of news that an answer is waited for.
const item = "declaration"

func (s *Service) offer() {
	s.notifications.Offer(notifications.Item{Name: item, For: notifications.Guardians, Asks: true, Label: "declarations.item", Line: "declarations.line",
		Path: func(ids.ID) string { return "/verklaringen" }, Compose: s.compose, Describe: s.describe})
}

// Subscriptions are the events after which guardians are told, and files are worked on.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("declarations.develop", outbox.Media, s.develop),
		outbox.On("declarations.delete_objects", outbox.Bulk, s.deleteObjects),
		outbox.On("declarations.ask", outbox.Normal, s.ask),
		outbox.On("declarations.notify", outbox.Normal, s.notify),
	}
}

// ask tells everybody whose answer is waited for, after a declaration was published or changed. Who was told today is not told again, so
// that a second run, or three changes in an hour, tell nobody twice.
func (s *Service) ask(ctx context.Context, _ ids.ID, e Published) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return s.due(ctx, tx, e.DeclarationID)
	})
}

// notify tells those of a batch. The rows of notifications are unique per event: a second run adds none.
func (s *Service) notify(ctx context.Context, event ids.ID, e Asked) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		people, err := selectBatch(ctx, tx, e.Batch)
		if err != nil {
			return err
		}
		return s.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: item, SubjectID: e.DeclarationID, Recipients: people})
	})
}

// Sweep asks who came later, reminds who has not answered where the organisation wants that, and forgets files that no answer came to
// hold. It is run on a schedule; run again on the same day it tells nobody.
func (s *Service) Sweep(ctx context.Context) error {
	if err := s.forgetUnsent(ctx); err != nil {
		return err
	}
	var all []Declaration
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		all, err = selectAll(ctx, tx, true)
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range all {
		err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return s.due(ctx, tx, d.ID) })
		if err != nil {
			return err
		}
	}
	return nil
}

// due tells those who have to answer and have not heard of it, of one of the children or of the words that they are to answer now; of
// what has to be answered also those who heard of it so many days ago. Who was told today hears the rest on another day.
func (s *Service) due(ctx context.Context, tx tenants.Writer, id ids.ID) error {
	d, err := selectOne(ctx, tx, id, "")
	if fault.CodeOf(err) == fault.Missing || err == nil && !d.Asked() {
		return nil
	}
	if err != nil {
		return err
	}
	rows, err := respondents(ctx, tx, d, scope{among: children.InCare(tx, actor.From(ctx))})
	if err != nil {
		return err
	}
	before, err := selectHeard(ctx, tx, id)
	if err != nil {
		return err
	}
	waiting := slices.DeleteFunc(waitingIn(rows), func(w open) bool {
		of := before[w.person]
		if slices.ContainsFunc(w.children, func(child ids.ID) bool { return of.words[child] < d.AskedVersion }) {
			return false
		}
		return !d.Required || d.RemindDays == 0 || of.on.Add(d.RemindDays) > tx.Today()
	})
	_, err = s.tell(ctx, tx, d, waiting)
	return err
}

// waitingFor gives, of the declarations, for which of their children each of the people still has to answer, by given name. It is asked
// at every list of notifications, and reads of nobody else's children.
func waitingFor(ctx context.Context, tx tenants.Reader, subjects, people []ids.ID) (map[ids.ID]map[ids.ID][]string, map[ids.ID]*Declaration, error) {
	open, known := map[ids.ID]map[ids.ID][]string{}, map[ids.ID]*Declaration{}
	as := actor.With(ctx, actor.ForSystem(tx.Tenant().ID))
	for _, id := range ids.Once(subjects) {
		d, err := selectOne(as, tx, id, "")
		if fault.CodeOf(err) == fault.Missing {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		rows, err := respondents(as, tx, d, scope{among: children.TiedTo(tx, people)})
		if err != nil {
			return nil, nil, err
		}
		known[id], open[id] = d, map[ids.ID][]string{}
		for _, r := range rows {
			for _, g := range r.Waiting {
				open[id][g.ID] = append(open[id][g.ID], r.Child.GivenName)
			}
		}
	}
	return open, known, nil
}

// describe says in the list of notifications what is waited for. What is answered by now is not shown any more.
func (s *Service) describe(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error) {
	open, known, err := waitingFor(ctx, tx, subjects, []ids.ID{who.PersonID})
	if err != nil {
		return nil, err
	}
	words := map[ids.ID]string{}
	for id, d := range known {
		if names := open[id][who.PersonID]; len(names) > 0 {
			words[id] = i18n.T(ctx, "declarations.told", "Title", d.Title, "Names", i18n.List(ctx, names))
		}
	}
	return words, nil
}

// compose writes to guardians whose answer is still waited for at this moment.
func (s *Service) compose(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	subjects, people := make([]ids.ID, len(to)), make([]ids.ID, len(to))
	for i, t := range to {
		subjects[i], people[i] = t.SubjectID, t.Person.PersonID
	}
	open, known, err := waitingFor(ctx, tx, subjects, ids.Once(people))
	if err != nil {
		return nil, err
	}
	letters := map[ids.ID]notifications.Letter{}
	for _, t := range to {
		names := open[t.SubjectID][t.Person.PersonID]
		if len(names) == 0 {
			continue
		}
		d, say := known[t.SubjectID], t.Words
		l := notifications.Letter{Title: say.T("declarations.mail.title", "Title", d.Title), ButtonText: say.T("declarations.mail.button")}
		l.Paragraphs = []string{say.T("declarations.mail.text", "Title", d.Title, "Names", say.List(names))}
		l.Subject, l.Preheader = l.Title, l.Paragraphs[0]
		letters[t.DeliveryID] = l
	}
	return letters, nil
}
