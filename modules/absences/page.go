package absences

import (
	"context"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// calendar is when children come.
type calendar struct{ list []children.Coming }

// readCalendar leaves out the days on which the place is closed.
func (s *Service) readCalendar(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, from, to tenants.Date) (*calendar, error) {
	list, err := children.Comings(ctx, tx, childIDs, from, to)
	if err == nil && s.opening != nil {
		list, err = s.opening(ctx, tx, list, from, to)
	}
	return &calendar{list}, err
}

// of gives the days of care of a child, in order.
func (c *calendar) of(child ids.ID) []tenants.Date {
	var days []tenants.Date
	for _, coming := range c.list {
		if coming.ChildID == child {
			days = append(days, coming.Day)
		}
	}
	return slices.Compact(days)
}

// groups are where a child comes from one day to another.
func (c *calendar) groups(child ids.ID, from, to tenants.Date) []ids.ID {
	var list []ids.ID
	for _, coming := range c.list {
		if coming.ChildID == child && from <= coming.Day && coming.Day <= to {
			list = append(list, coming.GroupID)
		}
	}
	return ids.Once(list)
}

// pastDays is how far back the page tells what was reported.
const pastDays = 90

// Page is what a guardian sees of the absences of their children.
type Page struct {
	Children []children.Named
	Today    tenants.Date
	Days     []Day // the next Shown days, from a Monday on
	Settings Settings
	Late     tenants.Date // the last day of which a report is too late now
	Coming   []Told       // as the guardian may know them
	Past     []Told       // newest first
}

// Named is a child of the guardian.
type Named = children.Named

// Day is one to choose.
type Day struct {
	On     tenants.Date
	Comes  []children.Named // who of the children comes
	Absent []children.Named // who of them is reported absent
}

// Open gives the page of the actor, a guardian.
func (s *Service) Open(ctx context.Context) (*Page, error) {
	p := &Page{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if actor.From(ctx).Role != actor.Parent {
			return fault.NotFound()
		}
		p.Today = tx.Today()
		if p.Children, err = children.Own(ctx, tx); err != nil {
			return err
		}
		about := make([]ids.ID, len(p.Children))
		for i, child := range p.Children {
			about[i] = child.ID
		}
		if p.Settings, err = selectSettings(ctx, tx); err != nil {
			return err
		}
		p.Late = p.Settings.LateUntil(tx)
		list, err := selectOf(ctx, tx, about, p.Today.Add(-pastDays))
		if err != nil {
			return err
		}
		for _, a := range list {
			a.Narrow(actor.From(ctx).PersonID)
			if a.LastDay >= p.Today {
				p.Coming = append(p.Coming, a)
			} else {
				p.Past = append(p.Past, a)
			}
		}
		slices.Reverse(p.Past)
		return s.fillDays(ctx, tx, p, about)
	})
	return p, err
}

func (s *Service) fillDays(ctx context.Context, tx tenants.Reader, p *Page, about []ids.ID) error {
	first := monday(p.Today.Add(-p.Settings.DaysBack))
	days, err := s.readCalendar(ctx, tx, about, first, p.Today.Add(Shown-1))
	if err != nil {
		return err
	}
	for day := first; day < p.Today.Add(Shown); day = day.Add(1) {
		d := Day{On: day}
		for _, child := range p.Children {
			if slices.Contains(days.of(child.ID), day) {
				d.Comes = append(d.Comes, child)
				if on := func(a Told) bool { return a.ChildID == child.ID && a.Has(day) }; slices.ContainsFunc(p.Coming, on) || slices.ContainsFunc(p.Past, on) {
					d.Absent = append(d.Absent, child)
				}
			}
		}
		p.Days = append(p.Days, d)
	}
	return nil
}

// Choosable tells that a day can be reported.
func (p *Page) Choosable(d *Day) bool {
	return len(d.Comes) > 0 && d.On >= p.Today.Add(-p.Settings.DaysBack)
}

// Withdrawable tells that a day of an absence can still be withdrawn.
func (p *Page) Withdrawable(a *Told) bool { return a.from(p.Late) <= a.LastDay }

// Name is the first name of a child of the guardian's.
func (p *Page) Name(child ids.ID) string {
	for _, c := range p.Children {
		if c.ID == child {
			return c.GivenName
		}
	}
	return ""
}

// monday is the first day of the week of a day.
func monday(day tenants.Date) tenants.Date { return day.Add(1 - day.Weekday()) }
