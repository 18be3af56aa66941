// Package agenda shows guardians, day by day, when their children come and what there is to do.
package agenda

import (
	"context"
	"slices"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/tenants"
)

// Service is what can be done with the agenda.
type Service struct {
	db    *tenants.DB
	words *i18n.Bundle
}

// New works on db, and writes calendars with words.
func New(db *tenants.DB, words *i18n.Bundle) *Service { return &Service{db: db, words: words} }

// Kind tells what an item is of.
type Kind string

// The kinds. Care is a day on which a child comes, Absent one on which it was to come and was reported absent. Birthday is of an own child, or
// of one beside it in a group about which its guardians allow that.
const (
	Care     Kind = "care"
	Absent   Kind = "absent"
	Birthday Kind = "birthday"
)

// Item is one thing of a day.
type Item struct {
	Kind     Kind
	Child    children.Named // of Care, Absent and Birthday
	Age      int            // of an own child on its Birthday; 0 of another: it is not told
	Group    string         // where the child comes
	GroupID  ids.ID
	From, To string // times of the day as 15:04; empty: the whole day
	ID       ids.ID // of Closed and Activity, as are
	Title    string
	Place    string
}

// Day is a day with what there is, by time.
type Day struct {
	On    tenants.Date
	Items []Item
}

// Page is one month of a guardian.
type Page struct {
	First          tenants.Date // of the month
	Today          tenants.Date
	Before, Beyond tenants.Date // the first day of the months beside it; empty where the agenda ends
	Days           []Day        // every day of the month
	Children       []children.Named
	Feed           bool // the guardian has an address for a calendar program
}

// reach is how many months before and after this one can be leafed to.
const reach = 12

// Open gives the month of the actor, a guardian, that a day is in; empty is this month. One too far away is NotFound.
func (s *Service) Open(ctx context.Context, in tenants.Date) (*Page, error) {
	p := &Page{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if actor.From(ctx).Role != actor.Parent {
			return fault.NotFound()
		}
		if err := p.turnTo(tx.Today(), in); err != nil {
			return err
		}
		if p.Children, err = children.Own(ctx, tx); err != nil {
			return err
		}
		if p.Feed, err = hasFeed(ctx, tx, actor.From(ctx).PersonID); err != nil {
			return err
		}
		p.Days, err = read(ctx, tx, p.Children, p.First, month(p.First, 1).Add(-1))
		return err
	})
	return p, err
}

func (p *Page) turnTo(today, in tenants.Date) error {
	p.Today = today
	if in == "" {
		in = today
	}
	if !in.Valid() {
		return fault.NotFound()
	}
	p.First = month(in, 0)
	oldest, newest := month(today, -reach), month(today, reach)
	if p.First < oldest || p.First > newest {
		return fault.NotFound()
	}
	if p.First > oldest {
		p.Before = month(p.First, -1)
	}
	if p.First < newest {
		p.Beyond = month(p.First, 1)
	}
	return nil
}

// month is the first day of the month that lies n months after that of a day.
func month(day tenants.Date, n int) tenants.Date {
	at, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return day
	}
	return tenants.Date(time.Date(at.Year(), at.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
}

// read gives every day from one to another with what there is of the children. The caller has asked whether the actor may know
// of them.
func read(ctx context.Context, tx tenants.Reader, about []children.Named, from, to tenants.Date) ([]Day, error) {
	names := map[ids.ID]children.Named{}
	var childIDs []ids.ID
	for _, child := range about {
		names[child.ID] = child
		childIDs = append(childIDs, child.ID)
	}
	comings, err := children.Comings(ctx, tx, childIDs, from, to)
	if err != nil {
		return nil, err
	}
	if comings, err = Open(ctx, tx, comings, from, to); err != nil {
		return nil, err
	}
	entries, err := selectSeen(ctx, tx, from, to)
	if err != nil {
		return nil, err
	}
	away, err := absences.Between(ctx, tx, childIDs, from, to)
	if err != nil {
		return nil, err
	}
	birthdays, err := readBirthdays(ctx, tx, childIDs, from, to)
	if err != nil {
		return nil, err
	}
	var days []Day
	for on := from; on <= to; on = on.Add(1) {
		d := Day{On: on}
		for i := range entries {
			if e := &entries[i]; e.has(on) {
				d.Items = append(d.Items, Item{Kind: e.Kind, ID: e.ID, From: e.FromTime, To: e.ToTime, Title: e.Title, Place: e.Place})
			}
		}
		for _, b := range birthdays {
			if b.Day == on {
				d.Items = append(d.Items, Item{Kind: Birthday, Child: b.Named, Age: b.Age})
			}
		}
		for _, c := range comings {
			if c.Day != on {
				continue
			}
			item := Item{Kind: Care, Child: names[c.ChildID], Group: c.Group, GroupID: c.GroupID, From: c.From, To: c.To}
			if slices.ContainsFunc(away, func(a absences.Absence) bool { return a.ChildID == c.ChildID && a.Has(on) }) {
				item.Kind = Absent
			}
			d.Items = append(d.Items, item)
		}
		days = append(days, d)
	}
	return days, nil
}

// readBirthdays gives the birthdays of own children, and of those beside them in a group of whom the consent for it holds now.
func readBirthdays(ctx context.Context, tx tenants.Reader, own []ids.ID, from, to tenants.Date) ([]children.Birthday, error) {
	all, err := children.Birthdays(ctx, tx, own, from, to)
	if err != nil {
		return nil, err
	}
	var others []ids.ID
	for _, b := range all {
		if !b.Own {
			others = append(others, b.ID)
		}
	}
	allowed, err := consents.Granted(ctx, tx, consents.Birthdays, others)
	if err != nil {
		return nil, err
	}
	var list []children.Birthday
	for _, b := range all {
		if !b.Own {
			b.Age = 0
		}
		if b.Own || allowed[b.ID] {
			list = append(list, b)
		}
	}
	return list, nil
}
