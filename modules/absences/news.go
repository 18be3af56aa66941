package absences

import (
	"context"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// The kinds of news that absences make.
const (
	guardiansItem = "absence"
	groupItem     = "absence_group"
)

// News tells the other guardians of a child, and who works in its group.
type News struct {
	db            *tenants.DB
	notifications *notifications.Service
}

// NewNews offers its items to n.
func NewNews(db *tenants.DB, n *notifications.Service) *News {
	n.Offer(
		notifications.Item{Name: guardiansItem, For: notifications.Guardians, Feature: tenants.Absences, Label: "absences.item", Line: "absences.line", Path: func(ids.ID) string { return "/afwezig" }, Compose: compose, Describe: describe},
		notifications.Item{Name: groupItem, For: notifications.Staff, Feature: tenants.Absences, Line: "absences.line", Path: func(ids.ID) string { return "/groep" }, Describe: describe},
	)
	return &News{db: db, notifications: n}
}

// Subscriptions are the events that it hears of. Of each, one handler tells guardians and staff in one transaction: all of them or,
// until it is tried again, none.
func (n *News) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("absences.notify", outbox.Urgent, func(ctx context.Context, event ids.ID, e Reported) error {
			return n.tell(ctx, event, e.ReportID, e.ChildID)
		}),
		outbox.On("absences.notify_withdrawn", outbox.Urgent, func(ctx context.Context, event ids.ID, e Withdrawn) error {
			return n.tell(ctx, event, e.AbsenceID, e.ChildID)
		}),
	}
}

// tell tells the guardians who did not do it themselves, and who works in the groups. Who is both is told as a guardian. The
// rows are unique per event: a second run adds none.
func (n *News) tell(ctx context.Context, event, subject, child ids.ID) error {
	return n.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		rows, err := selectTold(ctx, tx, []ids.ID{subject})
		if err != nil || len(rows) == 0 {
			return err
		}
		by := []ids.ID{rows[0].ReportedBy}
		if rows[0].ID == subject {
			by = []ids.ID{rows[0].WithdrawnBy}
		}
		ties, err := children.Guardians(ctx, tx, []ids.ID{child})
		if err != nil {
			return err
		}
		var family []ids.ID
		for _, tie := range ties {
			family = append(family, tie.PersonID)
		}
		others := slices.DeleteFunc(ids.Once(family), func(id ids.ID) bool { return slices.Contains(by, id) })
		if err := n.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: guardiansItem, SubjectID: subject, Recipients: others}); err != nil {
			return err
		}
		days, err := children.Comings(ctx, tx, []ids.ID{child}, rows[0].FirstDay, rows[len(rows)-1].LastDay)
		if err != nil {
			return err
		}
		staff, err := children.AtWorkIn(ctx, tx, (&calendar{days}).groups(child, rows[0].FirstDay, rows[len(rows)-1].LastDay))
		if err != nil {
			return err
		}
		staff = slices.DeleteFunc(staff, func(id ids.ID) bool { return slices.Contains(family, id) })
		return n.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: groupItem, SubjectID: subject, Recipients: staff})
	})
}

// telling is what there is to say about one subject.
type telling struct {
	child     ids.ID
	by        string
	reason    Reason
	withdrawn bool
	runs      []run
}

// tellings are what there is to say about subjects. Of a report of which nothing stands any more it is that it was withdrawn;
// what others took the place of is told as it was.
func tellings(rows []Told, subjects []ids.ID) map[ids.ID]telling {
	list := map[ids.ID]telling{}
	for _, subject := range subjects {
		var of []Told
		for _, a := range rows {
			if a.ID == subject || a.ReportID == subject {
				of = append(of, a)
			}
		}
		standing := slices.DeleteFunc(slices.Clone(of), func(a Told) bool { return a.WithdrawnAt != nil && a.ID != subject })
		if len(standing) == 0 {
			replaced := slices.DeleteFunc(slices.Clone(of), func(a Told) bool { return !a.Replaced })
			if standing = replaced; len(replaced) == 0 {
				standing = of
			}
		}
		if len(standing) == 0 {
			continue
		}
		a := standing[0]
		t := telling{child: a.ChildID, by: a.Reporter, reason: a.Reason, withdrawn: a.WithdrawnAt != nil && !a.Replaced}
		for _, s := range standing {
			t.runs = append(t.runs, run{s.FirstDay, s.LastDay})
		}
		list[subject] = t
	}
	return list
}

func childrenIn(rows []Told) []ids.ID {
	list := make([]ids.ID, len(rows))
	for i, a := range rows {
		list[i] = a.ChildID
	}
	return ids.Once(list)
}

// describe says in the list of notifications who does not come when, to who may still know. Only who works here reads why.
func describe(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error) {
	rows, err := selectTold(ctx, tx, subjects)
	if err != nil {
		return nil, err
	}
	names, err := children.NamedTo(ctx, tx, who, childrenIn(rows))
	if err != nil {
		return nil, err
	}
	words := map[ids.ID]string{}
	for subject, t := range tellings(rows, subjects) {
		child, known := names[t.child]
		if !known {
			continue
		}
		switch when := periodsIn(ctx, t.runs); {
		case t.withdrawn:
			words[subject] = i18n.T(ctx, "absences.told.withdrawn", "Name", child.GivenName, "When", when)
		case who.Role == actor.Parent:
			words[subject] = i18n.T(ctx, "absences.told.guardians", "Name", child.GivenName, "When", when)
		default:
			words[subject] = i18n.T(ctx, "absences.told.group", "Name", child.GivenName, "When", when, "Reason", ReasonWords(ctx, t.reason))
		}
	}
	return words, nil
}

// compose writes to guardians whose tie still holds at this moment. Why the child does not come stays behind the sign-in.
func compose(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	subjects := make([]ids.ID, len(to))
	for i, t := range to {
		subjects[i] = t.SubjectID
	}
	rows, err := selectTold(ctx, tx, subjects)
	if err != nil {
		return nil, err
	}
	about := tellings(rows, subjects)
	names, err := children.NamedTo(ctx, tx, actor.ForSystem(tx.Tenant().ID), childrenIn(rows))
	if err != nil {
		return nil, err
	}
	ties, err := children.Guardians(ctx, tx, childrenIn(rows))
	if err != nil {
		return nil, err
	}
	letters := map[ids.ID]notifications.Letter{}
	for _, t := range to {
		a, known := about[t.SubjectID]
		if known && slices.Contains(ties, children.Tie{PersonID: t.Person.PersonID, ChildID: a.child}) {
			letters[t.DeliveryID] = a.letter(t.Words, names[a.child].GivenName)
		}
	}
	return letters, nil
}

func (t telling) letter(say *i18n.Localizer, name string) notifications.Letter {
	kind := "absences.mail.reported"
	if t.withdrawn {
		kind = "absences.mail.withdrawn"
	}
	l := notifications.Letter{Title: say.T(kind+".title", "Name", name), ButtonText: say.T("absences.mail.button")}
	l.Paragraphs = []string{say.T(kind+".text", "Name", name, "By", t.by, "When", periodsWords(say, t.runs))}
	l.Subject, l.Preheader = l.Title, l.Paragraphs[0]
	return l
}
