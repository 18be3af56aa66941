package absences

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Opening leaves of comings those that are on days on which the place gives care: it knows of days on which it is closed.
type Opening func(ctx context.Context, tx tenants.Reader, comings []children.Coming, from, to tenants.Date) ([]children.Coming, error)

// Service is what can be done with absences.
type Service struct {
	db      *tenants.DB
	opening Opening
}

// New works on db; opening may be nil: then no place is ever closed.
func New(db *tenants.DB, opening Opening) *Service { return &Service{db: db, opening: opening} }

// Done is what came of a draft.
type Done struct {
	Reported int  // children of whom something was reported; 0: all of it stood already
	Late     bool // some of it after the deadline
}

// Report reports children of the actor, a guardian, absent. A day on which none of them comes, and a child that comes on none of
// the days, are Invalid with words; so are days that were reported for another reason, unless they are to be replaced, and days
// that have become too late since the form was made.
func (s *Service) Report(ctx context.Context, d Draft) (Done, error) {
	if err := d.Check(); err != nil {
		return Done{}, err
	}
	var done Done
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		before, repeated, err := formkey.Once(ctx, tx, d.FormKey, d.fingerprint())
		if err != nil {
			return err
		}
		if repeated {
			_, err := fmt.Sscan(before, &done.Reported, &done.Late)
			return err
		}
		if done, err = s.report(ctx, tx, d); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, d.FormKey, fmt.Sprint(done.Reported, done.Late))
	})
	return done, err
}

func (d *Draft) fingerprint() []byte {
	parts := append(ids.Texts(d.ChildIDs), string(d.From), string(d.To), string(d.Reason), d.Note, strconv.FormatBool(d.Replace), string(d.ToldLate))
	for _, day := range d.Days {
		parts = append(parts, string(day))
	}
	return formkey.Hash(parts...)
}

func (s *Service) report(ctx context.Context, tx tenants.Writer, d Draft) (Done, error) {
	var done Done
	if actor.From(ctx).Role != actor.Parent {
		return done, fault.NotFound()
	}
	about, err := children.MustSee(ctx, tx, d.ChildIDs)
	if err != nil {
		return done, err
	}
	if err := hold(ctx, tx, d.ChildIDs); err != nil {
		return done, err
	}
	settings, err := selectSettings(ctx, tx)
	if err != nil {
		return done, err
	}
	if err := settings.within(tx, &d); err != nil {
		return done, err
	}
	days, standing, err := s.surroundings(ctx, tx, &d)
	if err != nil {
		return done, err
	}
	late := settings.LateUntil(tx)
	if err := d.meets(actor.From(ctx).PersonID, about, days, standing, late); err != nil {
		return done, err
	}
	for _, child := range about {
		told, err := reportOne(ctx, tx, &d, child.ID, days, standing[child.ID], late)
		if err != nil {
			return done, err
		}
		if len(told) > 0 {
			done.Reported++
		}
		done.Late = done.Late || slices.ContainsFunc(told, func(a Absence) bool { return a.Late() })
	}
	return done, nil
}

// surroundings gives all days on which the children come within what the draft and what it meets are about, and what stands of each.
func (s *Service) surroundings(ctx context.Context, tx tenants.Reader, d *Draft) (*calendar, map[ids.ID][]Absence, error) {
	first, last := d.span()
	list, err := selectStanding(ctx, tx, d.ChildIDs, first, last)
	if err != nil {
		return nil, nil, err
	}
	standing := map[ids.ID][]Absence{}
	for _, a := range list {
		standing[a.ChildID] = append(standing[a.ChildID], a)
		first, last = min(first, a.FirstDay), max(last, a.LastDay)
	}
	days, err := s.readCalendar(ctx, tx, d.ChildIDs, first, last)
	return days, standing, err
}

func reportOne(ctx context.Context, tx tenants.Writer, d *Draft, child ids.ID, days *calendar, standing []Absence, late tenants.Date) ([]Absence, error) {
	b := newBook(days.of(child), standing)
	reportID := ids.New()
	some := false
	for _, r := range runsOf(b.cares, d.wants) {
		a := Absence{TenantID: tx.Tenant().ID, ID: ids.New(), ReportID: reportID, ChildID: child, FirstDay: r.first, LastDay: r.last,
			Reason: d.Reason, Note: d.Note, ReportedBy: actor.From(ctx).PersonID, ReportedAt: tx.Now()}
		if late >= r.first {
			a.LateUntil = min(late, r.last)
		}
		some = b.put(a) || some
	}
	if !some {
		return nil, nil
	}
	if err := keep(ctx, tx, b); err != nil {
		return nil, err
	}
	told := slices.DeleteFunc(b.added(), func(a Absence) bool { return a.ReportID != reportID })
	first, last := told[0].FirstDay, told[len(told)-1].LastDay
	if err := audit.Record(ctx, tx, "absences.report", child, map[string]any{"report": reportID, "from": first, "last": last, "periods": len(told)}); err != nil {
		return nil, err
	}
	if err := outbox.Record(ctx, tx, Reported{ReportID: reportID, ChildID: child}); err != nil {
		return nil, err
	}
	return told, live.Signal(ctx, tx, append(live.Groups(days.groups(child, first, last)), live.Child(child))...)
}

// meets says in words what stands in the way of a draft: days without care, days that stand for another reason, and a deadline
// that passed while the form was open.
func (d *Draft) meets(by ids.ID, about []children.Named, days *calendar, standing map[ids.ID][]Absence, late tenants.Date) error {
	var problems fault.Fields
	var names, free named
	wanted := map[tenants.Date]bool{}
	for _, child := range about {
		names = append(names, child.GivenName)
		runs := runsOf(days.of(child.ID), d.wants)
		if len(runs) == 0 {
			free = append(free, child.GivenName)
		}
		for _, day := range days.of(child.ID) {
			wanted[day] = wanted[day] || d.wants(day)
		}
	}
	single := slices.Clone(d.Days)
	if d.From != "" && d.From == d.last() {
		single = append(single, d.From)
	}
	for _, day := range single {
		if !wanted[day] {
			problems.Add(d.fieldOf(day), "absences.error.not_here", map[string]any{"Names": names, "Count": len(names), "Day": said(day)})
		}
	}
	if problems.Err() == nil && len(free) > 0 {
		first, _ := d.span()
		problems.Add(d.fieldOf(first), "absences.error.none", map[string]any{"Names": free, "Count": len(free)})
	}
	for day, is := range wanted {
		if is && day <= late && day > d.ToldLate && problems.Err() == nil {
			problems.Add(d.fieldOf(day), "absences.error.late_now", map[string]any{"Day": said(late)})
		}
	}
	if problems.Err() == nil && !d.Replace {
		d.meetsOthers(by, &problems, about, days, standing)
	}
	return problems.Err()
}

// meetsOthers offers to replace what stands for another reason; it names that to who reported it.
func (d *Draft) meetsOthers(by ids.ID, problems *fault.Fields, about []children.Named, days *calendar, standing map[ids.ID][]Absence) {
	for _, child := range about {
		b := newBook(days.of(child.ID), standing[child.ID])
		for _, r := range runsOf(b.cares, d.wants) {
			if met := b.others(r, d.Reason); len(met) > 0 {
				words := map[string]any{"Name": child.GivenName, "Day": said(max(r.first, met[0].FirstDay))}
				if met[0].ReportedBy != by {
					problems.Add("replace", "absences.error.other_report", words)
					return
				}
				words["Reason"] = why(met[0].Reason)
				problems.Add("replace", "absences.error.other_reason", words)
				return
			}
		}
	}
}

// fieldOf is where a day was chosen.
func (d *Draft) fieldOf(day tenants.Date) string {
	if slices.Contains(d.Days, day) {
		return "days"
	}
	return "from"
}

// Withdraw takes back the days of an absence whose deadline is still to come; what is left of it stands. Without such a day it
// is a Conflict, and so is an absence that others took the place of. Withdrawn before, it is done.
func (s *Service) Withdraw(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		a, err := selectOne(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := hold(ctx, tx, []ids.ID{a.ChildID}); err != nil {
			return err
		}
		if a, err = selectOne(ctx, tx, id); err != nil {
			return err
		}
		settings, err := selectSettings(ctx, tx)
		if err != nil {
			return err
		}
		if a.WithdrawnAt != nil {
			return gone(ctx, tx, a, settings.LateUntil(tx))
		}
		back, days, err := s.takeBack(ctx, tx, a, settings.LateUntil(tx))
		if err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, "absences.withdraw", a.ChildID, map[string]any{"report": a.ReportID, "from": back.FirstDay, "last": back.LastDay}); err != nil {
			return err
		}
		if err := outbox.Record(ctx, tx, Withdrawn{AbsenceID: back.ID, ChildID: a.ChildID}); err != nil {
			return err
		}
		return live.Signal(ctx, tx, append(live.Groups(days.groups(a.ChildID, back.FirstDay, back.LastDay)), live.Child(a.ChildID))...)
	})
}

// gone answers who withdraws an absence that stands no more: it is done, unless something stands for its days.
func gone(ctx context.Context, tx tenants.Reader, a *Absence, late tenants.Date) error {
	left, err := selectStanding(ctx, tx, []ids.ID{a.ChildID}, a.from(late), a.LastDay)
	if err == nil && len(left) > 0 {
		return fault.New(fault.Conflict, "absences.error.changed")
	}
	return err
}

// takeBack makes the child come on the days of an absence that are not late, whoever reported them, and gives the row of what was
// withdrawn of it.
func (s *Service) takeBack(ctx context.Context, tx tenants.Writer, a *Absence, late tenants.Date) (*Absence, *calendar, error) {
	out := run{a.from(late), a.LastDay}
	if out.first > out.last {
		return nil, nil, fault.New(fault.Conflict, "absences.error.too_late")
	}
	met, err := selectStanding(ctx, tx, []ids.ID{a.ChildID}, out.first, out.last)
	if err != nil {
		return nil, nil, err
	}
	first, last := a.FirstDay, a.LastDay
	for _, m := range met {
		first, last = min(first, m.FirstDay), max(last, m.LastDay)
	}
	days, err := s.readCalendar(ctx, tx, []ids.ID{a.ChildID}, first, last)
	if err != nil {
		return nil, nil, err
	}
	var back *Absence
	for _, m := range met {
		part, err := takeOut(ctx, tx, m, days, out)
		if err != nil {
			return nil, nil, err
		}
		if m.ID == a.ID {
			back = part
		}
	}
	return back, days, nil
}

// takeOut withdraws the days of a row that are in a run, and gives the row of those.
func takeOut(ctx context.Context, tx tenants.Writer, a Absence, days *calendar, out run) (*Absence, error) {
	if out.first <= a.FirstDay && a.LastDay <= out.last {
		return &a, end(ctx, tx, a.ID, false)
	}
	b := newBook(days.of(a.ChildID), []Absence{a})
	b.cut(a, out)
	now, back := tx.Now(), a
	back.ID, back.FirstDay, back.LastDay, back.LateUntil = ids.New(), max(a.FirstDay, out.first), min(a.LastDay, out.last), ""
	back.WithdrawnAt, back.WithdrawnBy = &now, actor.From(ctx).PersonID
	if err := keep(ctx, tx, b); err != nil {
		return nil, err
	}
	return &back, insert(ctx, tx, []Absence{back})
}

// from is the first day of an absence that can still be withdrawn; late is the last day of which it is too late to.
func (a *Absence) from(late tenants.Date) tenants.Date {
	if late < a.FirstDay {
		return a.FirstDay
	}
	return late.Add(1)
}

// Settings gives the organisation's wishes.
func (s *Service) Settings(ctx context.Context) (wishes Settings, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		wishes, err = selectSettings(ctx, tx)
		return err
	})
	return wishes, err
}

// Choose changes the organisation's wishes. What was reported stays as it was told.
func (s *Service) Choose(ctx context.Context, wishes Settings) error {
	if err := wishes.Check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := saveSettings(ctx, tx, wishes); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "absences.choose", ids.Nil, map[string]any{"days_before": wishes.DaysBefore, "until": wishes.UntilTime, "days_back": wishes.DaysBack})
	})
}
