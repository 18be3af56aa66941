package particulars

import (
	"context"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// The kinds of news: to a guardian that somebody decided about a change, and to who decides that one was asked for.
const (
	item      = "change_request"
	askedItem = "change_asked"
)

func (s *Service) offer() {
	s.notifications.Offer(notifications.Item{Name: askedItem, For: notifications.Management, Line: "particulars.asked.line", Path: func(ids.ID) string { return "/beheer/wijzigingen" }, Describe: describeAsked})
	s.notifications.Offer(notifications.Item{Name: item, For: notifications.Guardians, Calm: true, Label: "particulars.item", Line: "particulars.line",
		Path: func(ids.ID) string { return "/gegevens/wijzigingen" }, Compose: compose, Describe: describe})
}

// Subscriptions are the events after which guardians are told, and those who decide.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("particulars.notify", outbox.Normal, s.notify),
		outbox.On("particulars.tell_deciders", outbox.Normal, s.tellDeciders),
	}
}

// tellDeciders tells who manages where the child is, or the children of who asked about themselves; the admins where nobody does. The rows
// of notifications are unique per event: a second run adds none.
func (s *Service) tellDeciders(ctx context.Context, event ids.ID, e Requested) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		rows, err := selectRequests(ctx, tx, byID(e.RequestID))
		if err != nil || len(rows) == 0 || rows[0].State != Pending {
			return err
		}
		people, err := deciders(ctx, tx, &rows[0])
		if err != nil {
			return err
		}
		return s.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: askedItem, SubjectID: e.RequestID, Recipients: people})
	})
}

func deciders(ctx context.Context, tx tenants.Reader, r *Request) ([]ids.ID, error) {
	about := []ids.ID{r.ChildID}
	if r.ChildID == ids.Nil {
		if err := children.TiedTo(tx, []ids.ID{r.PersonID}).Scan(ctx, &about); err != nil {
			return nil, err
		}
	}
	placed, err := children.GroupsByChild(ctx, tx, about...)
	if err != nil {
		return nil, err
	}
	var groups []ids.ID
	for _, list := range placed {
		for _, g := range list {
			groups = append(groups, g.ID)
		}
	}
	managers, err := children.Managers(ctx, tx, ids.Once(groups))
	if err != nil {
		return nil, err
	}
	var people []ids.ID
	for _, list := range managers {
		people = append(people, list...)
	}
	if len(people) == 0 { // of a child that comes later, or has left
		err = children.Admins(tx).Scan(ctx, &people)
	}
	return ids.Once(people), err
}

// describeAsked says in the list of who decides whom a change is about, and whether it waits. What was withdrawn is not shown.
func describeAsked(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error) {
	words := map[ids.ID]string{}
	for _, id := range ids.Once(subjects) {
		rows, err := selectRequests(ctx, tx, decidedBy(tx, who), byID(id))
		if err != nil {
			return nil, err
		}
		asked, err := named(ctx, tx, rows, identity.Names)
		if err != nil {
			return nil, err
		}
		for _, a := range asked {
			if a.State == Withdrawn {
				continue // nobody decided
			}
			key := "particulars.asked.decided"
			if a.State == Pending {
				key = "particulars.asked.waits"
			}
			words[id] = i18n.T(ctx, key, "Name", a.About)
		}
	}
	return words, nil
}

// notify tells who asked. The rows of notifications are unique per event: a second run adds none.
func (s *Service) notify(ctx context.Context, event ids.ID, e Decided) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		rows, err := selectRequests(ctx, tx, byID(e.RequestID))
		if err != nil || len(rows) == 0 {
			return err
		}
		return s.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: item, SubjectID: e.RequestID, Recipients: []ids.ID{rows[0].AskedBy}})
	})
}

// i18n:keys particulars.told.*

// tellable gives, of requests, those that who asked for them may still know about, with the name of whom they are about.
func tellable(ctx context.Context, tx tenants.Reader, subjects []ids.ID) (map[ids.ID]Asked, error) {
	found := map[ids.ID]Asked{}
	for _, id := range ids.Once(subjects) {
		rows, err := selectRequests(ctx, tx, byID(id))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.ChildID != ids.Nil {
				who := actor.Actor{TenantID: tx.Tenant().ID, PersonID: r.AskedBy, Role: actor.Parent}
				seen, err := children.NamedTo(ctx, tx, who, []ids.ID{r.ChildID})
				if err != nil {
					return nil, err
				}
				child, known := seen[r.ChildID]
				if !known {
					continue
				}
				found[id] = Asked{Request: r, About: child.GivenName}
				continue
			}
			found[id] = Asked{Request: r}
		}
	}
	return found, nil
}

// decided tells whether somebody decided about it, and it was not withdrawn since.
func (a *Asked) decided() bool { return a.State != Pending && a.State != Withdrawn }

// told is the end of the key of what came of a request: "child.refused".
func (a *Asked) told() string {
	about := "own"
	if a.ChildID != ids.Nil {
		about = "child"
	}
	return about + "." + a.outcome()
}

// describe says in the list of notifications what came of a request, to who asked.
func describe(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error) {
	found, err := tellable(ctx, tx, subjects)
	if err != nil {
		return nil, err
	}
	words := map[ids.ID]string{}
	for id, a := range found {
		if a.AskedBy == who.PersonID && a.decided() {
			words[id] = i18n.T(ctx, "particulars.told."+a.told(), "Name", a.About, "Day", i18n.CivilLongDate(ctx, string(a.HoldsFrom)))
		}
	}
	return words, nil
}

// compose writes to who asked, without what it was about: that stays behind the sign-in.
func compose(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	subjects := make([]ids.ID, len(to))
	for i, t := range to {
		subjects[i] = t.SubjectID
	}
	found, err := tellable(ctx, tx, subjects)
	if err != nil {
		return nil, err
	}
	letters := map[ids.ID]notifications.Letter{}
	for _, t := range to {
		a, known := found[t.SubjectID]
		if !known || a.AskedBy != t.Person.PersonID || !a.decided() {
			continue
		}
		say := t.Words
		words := say.T("particulars.told."+a.told(), "Name", a.About, "Day", say.LongDate(i18n.Civil(string(a.HoldsFrom))))
		l := notifications.Letter{Title: say.T("particulars.mail.title"), ButtonText: say.T("particulars.mail.button"), Paragraphs: []string{words}}
		l.Subject, l.Preheader = l.Title, words
		letters[t.DeliveryID] = l
	}
	return letters, nil
}
