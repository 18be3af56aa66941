package diary

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// The kinds of news that the diary makes.
const (
	reportItem        = "photo_report"
	entryItem         = "diary"
	photoItem         = "photos"
	dayItem           = "day_report"
	notSharedItem     = "not_shared"
	homeNotSharedItem = "home_not_shared"
	heartItem         = "heart"
	homeHeartItem     = "home_heart"
)

// News tells guardians of new entries, and authors of what came of nothing.
type News struct {
	db            *tenants.DB
	notifications *notifications.Service
}

// NewNews offers its items to n.
func NewNews(db *tenants.DB, n *notifications.Service) *News {
	news := &News{db: db, notifications: n}
	path := func(id ids.ID) string { return "/dagboek/" + id.String() }
	n.Offer(
		notifications.Item{Name: entryItem, For: notifications.Guardians, Calm: true, Label: "diary.item.entry", Line: "diary.line.entry", Path: path, Compose: compose, Describe: describe},
		notifications.Item{Name: photoItem, For: notifications.Guardians, Calm: true, Label: "diary.item.photos", Line: "diary.line.photos", Path: path, Compose: compose, Describe: describe},
		notifications.Item{Name: dayItem, For: notifications.Guardians, Calm: true, Label: "diary.item.day", Line: "diary.line.day", Path: path, Compose: compose, Describe: describe},
		notifications.Item{Name: notSharedItem, For: notifications.Staff, Line: "diary.line.not_shared", Path: func(group ids.ID) string { return "/groep/" + group.String() }},
		notifications.Item{Name: reportItem, For: notifications.Staff, Label: "diary.item.report", Line: "diary.line.report", Path: path, Compose: composeReport},
		notifications.Item{Name: homeNotSharedItem, For: notifications.Guardians, Feature: tenants.HomeDiary, Line: "diary.line.not_shared", Path: func(ids.ID) string { return "/dagboek/schrijven" }},
		notifications.Item{Name: heartItem, For: notifications.Staff, Calm: true, Line: "diary.line.heart", Path: path, Describe: describeHearts},
		notifications.Item{Name: homeHeartItem, For: notifications.Guardians, Calm: true, Line: "diary.line.heart", Path: path, Describe: describeHearts},
	)
	return news
}

// Subscriptions are the events that the diary hears of.
func (n *News) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("diary.notify", outbox.Urgent, n.published),
		outbox.On("diary.notify_author", outbox.Normal, n.notShared),
		outbox.On("diary.notify_of_report", outbox.Normal, n.reported),
		outbox.On("diary.notify_loved", outbox.Normal, n.loved),
	}
}

// notShared tells the author, where they can write it again.
func (n *News) notShared(ctx context.Context, event ids.ID, e EntryNotShared) error {
	item := notSharedItem
	if e.FromHome {
		item = homeNotSharedItem
	}
	return n.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return n.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: item, SubjectID: e.GroupID, Recipients: []ids.ID{e.AuthorID}})
	})
}

// loved tells the author of the first heart; the others they see at the entry.
func (n *News) loved(ctx context.Context, event ids.ID, e EntryLoved) error {
	item := heartItem
	if e.FromHome {
		item = homeHeartItem
	}
	return n.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return n.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: item, SubjectID: e.EntryID, Recipients: []ids.ID{e.AuthorID}})
	})
}

// published tells the guardians of an entry's children, each once. The rows are unique per event: a second run adds none.
func (n *News) published(ctx context.Context, event ids.ID, e EntryPublished) error {
	return n.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		entries, err := selectEntries(ctx, tx, []ids.ID{e.EntryID})
		if err != nil || len(entries) == 0 {
			return err // withdrawn before anybody was told
		}
		entry := entries[e.EntryID]
		ties, err := children.Guardians(ctx, tx, children.IDsOf(entry.Children))
		if err != nil {
			return err
		}
		var recipients []ids.ID
		for _, tie := range ties { // ordered by person
			if entry.FromHome && tie.PersonID == entry.AuthorID {
				continue
			}
			if len(recipients) == 0 || recipients[len(recipients)-1] != tie.PersonID {
				recipients = append(recipients, tie.PersonID)
			}
		}
		return n.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: entry.item(), SubjectID: e.EntryID, Recipients: recipients, Queue: outbox.Normal})
	})
}

// item is the kind of news that an entry is to guardians.
func (e *Entry) item() string {
	switch e.Kind {
	case Post:
		return photoItem
	case DayPost:
		return dayItem
	}
	return entryItem
}

func selectEntries(ctx context.Context, tx tenants.Reader, entryIDs []ids.ID) (map[ids.ID]*Entry, error) {
	var list []Entry
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", bun.List(entryIDs)).Where("withdrawn_at IS NULL").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("diary: select entries: %w", err)
	}
	byID := make(map[ids.ID]*Entry, len(list))
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	return byID, nil
}

// part is what one person may know of an entry: the names of their own children on it and how many photos have one of them.
type part struct {
	names  []string
	photos int
}

func (e *Entry) partFor(own map[ids.ID]bool) part {
	var p part
	for _, child := range e.Children {
		if own[child.ID] {
			p.names = append(p.names, child.GivenName)
		}
	}
	for _, m := range e.Media {
		if anyOf(m.Children, own) {
			p.photos++
		}
	}
	return p
}

// compose writes to those whose tie still holds at this moment; the others are left out, and so get nothing.
func compose(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	subjects := make([]ids.ID, len(to))
	for i, t := range to {
		subjects[i] = t.SubjectID
	}
	entries, err := selectEntries(ctx, tx, subjects)
	if err != nil {
		return nil, err
	}
	var about []ids.ID
	for _, e := range entries {
		about = append(about, children.IDsOf(e.Children)...)
	}
	ties, err := children.Guardians(ctx, tx, about)
	if err != nil {
		return nil, err
	}
	own := map[ids.ID]map[ids.ID]bool{}
	for _, tie := range ties {
		if own[tie.PersonID] == nil {
			own[tie.PersonID] = map[ids.ID]bool{}
		}
		own[tie.PersonID][tie.ChildID] = true
	}
	letters := make(map[ids.ID]notifications.Letter, len(to))
	for _, t := range to {
		entry := entries[t.SubjectID]
		if entry == nil {
			continue
		}
		if p := entry.partFor(own[t.Person.PersonID]); len(p.names) > 0 {
			letters[t.DeliveryID] = entry.letter(t.Words, p)
		}
	}
	return letters, nil
}

// letter says that there is something and from whom. The text of the entry and its photos stay behind the sign-in.
func (e *Entry) letter(say *i18n.Localizer, p part) notifications.Letter {
	names := say.List(p.names)
	l := notifications.Letter{}
	if e.Kind == DayPost {
		l.Title = say.T("diary.mail.title.day", "Names", names)
		l.ButtonText = say.T("diary.mail.button.day")
		l.Paragraphs = []string{e.told(say) + " " + say.T("diary.mail.read_day")}
	} else if p.photos > 0 {
		l.Title = say.N("diary.mail.title.photos", p.photos, "Names", names)
		l.ButtonText = say.T("diary.mail.button.photos")
		l.Paragraphs = []string{e.told(say) + " " + say.T("diary.mail.safe")}
	} else {
		l.Title = say.T("diary.mail.title.entry", "Names", names)
		l.ButtonText = say.T("diary.mail.button.entry")
		l.Paragraphs = []string{e.told(say) + " " + say.T("diary.mail.read")}
	}
	l.Subject, l.Preheader = l.Title, e.told(say)
	return l
}

func (e *Entry) told(say *i18n.Localizer) string {
	if e.FromHome {
		return say.T("diary.mail.from_home", "Author", e.AuthorName)
	}
	if e.Kind == DayPost {
		return say.T("diary.mail.day", "Author", e.AuthorName, "Group", e.GroupName)
	}
	if title := strings.TrimSpace(e.Title); title != "" {
		return say.T("diary.mail.wrote", "Author", e.AuthorName, "Group", e.GroupName, "Title", title)
	}
	return say.T("diary.mail.shared", "Author", e.AuthorName, "Group", e.GroupName)
}

// describe says in the list of notifications what an entry is about, to whoever may still know.
func describe(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error) {
	return describeParts(ctx, tx, who, subjects, func(e *Entry, p part) string {
		names := i18n.List(ctx, p.names)
		if e.Kind == DayPost {
			return i18n.T(ctx, "diary.told.day", "Names", names)
		}
		if p.photos > 0 {
			return i18n.N(ctx, "diary.told.photos", p.photos, "Names", names, "Author", e.AuthorName)
		}
		return i18n.T(ctx, "diary.told.entry", "Names", names, "Author", e.AuthorName)
	})
}

// describeHearts says which entry got its first heart.
func describeHearts(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error) {
	return describeParts(ctx, tx, who, subjects, func(_ *Entry, p part) string {
		return i18n.T(ctx, "diary.told.heart", "Names", i18n.List(ctx, p.names))
	})
}

// describeParts says something of those of the entries that who may still know of.
func describeParts(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID, say func(*Entry, part) string) (map[ids.ID]string, error) {
	entries, err := selectEntries(ctx, tx, subjects)
	if err != nil {
		return nil, err
	}
	var about []ids.ID
	for _, e := range entries {
		about = append(about, children.IDsOf(e.Children)...)
	}
	own, err := children.SeenBy(ctx, tx, who, ids.Once(about))
	if err != nil {
		return nil, err
	}
	said := make(map[ids.ID]string, len(entries))
	for id, e := range entries {
		if p := e.partFor(own); len(p.names) > 0 {
			said[id] = say(e, p)
		}
	}
	return said, nil
}
