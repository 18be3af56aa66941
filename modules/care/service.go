package care

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Follower brings what it keeps of the days of children in line with them, in the transaction of the change. The days are held.
type Follower interface {
	CareChanged(ctx context.Context, tx tenants.Writer, childIDs []ids.ID, on tenants.Date) error
}

// Service is what can be done with the day of a group.
type Service struct {
	db        *tenants.DB
	followers []Follower
}

// New works on db and tells the followers of each change.
func New(db *tenants.DB, followers ...Follower) *Service {
	return &Service{db: db, followers: followers}
}

// Done is what an action came to: its id, for Undo, and for how many children it made a difference.
type Done struct {
	ActionID ids.ID
	Children int
}

// Arrive notes that children are in the group from now on. Who is there already stays as they are; who was in another group
// has left it. The form with this key is carried out once.
func (s *Service) Arrive(ctx context.Context, key, group ids.ID, childIDs []ids.ID) (Done, error) {
	return s.do(ctx, "care.arrive", key, group, childIDs, nil, func(ctx context.Context, tx tenants.Writer, about []children.Named) ([]Record, error) {
		there, err := selectDay(ctx, tx, tx.Today(), childIDs, Stay)
		if err != nil {
			return nil, err
		}
		now := minute(tx.Now())
		var changed []Record
		for _, child := range about {
			at := now
			here := false
			for _, r := range there {
				switch {
				case r.ChildID != child.ID:
				case r.Open() && r.GroupID == group:
					here = true
				case r.Open():
					at = latest(at, r.BeganAt)
					end := at
					r.EndedAt = &end
					changed = append(changed, r)
				default:
					at = latest(at, *r.EndedAt)
				}
			}
			if !here {
				r := newRecord(tx, group, child.ID, Stay, tx.Today())
				r.BeganAt = at
				changed = append(changed, r)
			}
		}
		return changed, nil
	})
}

// Collect notes that children have left the group by now; who slept is awake. Who is not there stays as they are.
func (s *Service) Collect(ctx context.Context, key, group ids.ID, childIDs []ids.ID) (Done, error) {
	return s.do(ctx, "care.collect", key, group, childIDs, nil, func(ctx context.Context, tx tenants.Writer, _ []children.Named) ([]Record, error) {
		list, err := selectDay(ctx, tx, tx.Today(), childIDs, Stay, Sleep)
		if err != nil {
			return nil, err
		}
		var changed []Record
		for _, r := range list {
			if r.Open() && r.GroupID == group {
				end := latest(minute(tx.Now()), r.BeganAt)
				r.EndedAt = &end
				changed = append(changed, r)
			}
		}
		return changed, nil
	})
}

// Note writes the same down for one or more children, also of one of the last DaysBack days. A sleep of today without an end
// lasts. Who slept at that time already is named as Invalid.
func (s *Service) Note(ctx context.Context, d Draft) (Done, error) {
	if err := d.Check(); err != nil {
		return Done{}, err
	}
	typed := []string{string(d.On), string(d.Kind), d.From, d.To, d.Amount, d.Choice, d.Words}
	return s.do(ctx, "care.note", d.FormKey, d.GroupID, d.ChildIDs, typed, func(ctx context.Context, tx tenants.Writer, about []children.Named) ([]Record, error) {
		on, err := DayOf(tx, d.On)
		if err != nil {
			return nil, err
		}
		others, err := selectDay(ctx, tx, on, d.ChildIDs, Sleep, Stay)
		if err != nil {
			return nil, err
		}
		var list []Record
		var meets, early []string
		for _, child := range about {
			r := newRecord(tx, d.GroupID, child.ID, d.Kind, on)
			if err := d.fill(tx, &r); err != nil {
				return nil, err
			}
			if slices.ContainsFunc(others, func(o Record) bool { return r.meets(&o) }) {
				meets = append(meets, child.GivenName)
			}
			if came := r.before(others); came != nil {
				early = append(early, arrived(tx, child.GivenName, came.BeganAt))
			}
			list = append(list, r)
		}
		if err := notThereYet(early); err != nil {
			return nil, err
		}
		return list, asleepAlready(meets)
	})
}

// Wake ends the sleep of children now. Who is awake stays as they are.
func (s *Service) Wake(ctx context.Context, key, group ids.ID, childIDs []ids.ID) (Done, error) {
	return s.do(ctx, "care.wake", key, group, childIDs, nil, func(ctx context.Context, tx tenants.Writer, _ []children.Named) ([]Record, error) {
		list, err := selectDay(ctx, tx, tx.Today(), childIDs, Sleep)
		if err != nil {
			return nil, err
		}
		var changed []Record
		for _, r := range list {
			if end := minute(tx.Now()); r.Open() && r.GroupID == group && end.After(r.BeganAt) {
				r.EndedAt = &end
				changed = append(changed, r)
			}
		}
		return changed, nil
	})
}

// do carries out one action for children of a group: the records, their history, the event and the log, or nothing.
func (s *Service) do(ctx context.Context, action string, key, group ids.ID, childIDs []ids.ID, typed []string,
	change func(ctx context.Context, tx tenants.Writer, about []children.Named) ([]Record, error)) (Done, error) {
	childIDs = ids.Once(childIDs)
	done := Done{ActionID: key}
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		_, before, err := formkey.Once(ctx, tx, key, formkey.Hash(append(typed, append(ids.Texts(childIDs), action, group.String())...)...))
		if err != nil {
			return err
		}
		if before {
			done.Children = len(childIDs)
			return nil
		}
		if _, err := children.MustWorkIn(ctx, tx, group); err != nil {
			return err
		}
		about, err := children.MustSeeIn(ctx, tx, group, childIDs)
		if err != nil {
			return err
		}
		if err := HoldDays(ctx, tx, childIDs); err != nil {
			return err
		}
		list, err := change(ctx, tx, about)
		if err != nil {
			return err
		}
		if done.Children, err = s.keepAll(ctx, tx, action, key, group, list); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, key, "/groep/"+group.String())
	})
	return done, err
}

// keepAll keeps what an action made of records of one day, and tells how many children it is about.
func (s *Service) keepAll(ctx context.Context, tx tenants.Writer, action string, actionID, group ids.ID, list []Record) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	topics := []string{live.Group(group)}
	var about []ids.ID
	for i := range list {
		if err := keep(ctx, tx, actionID, &list[i]); err != nil {
			return 0, err
		}
		about = append(about, list[i].ChildID)
		if list[i].GroupID != group {
			topics = append(topics, live.Group(list[i].GroupID))
		}
	}
	about = ids.Once(about)
	for _, child := range about {
		topics = append(topics, live.Child(child))
	}
	if err := audit.RecordEach(ctx, tx, action, about, map[string]any{"group": group, "action": actionID, "kind": string(list[0].Kind), "day": list[0].CareOn}); err != nil {
		return 0, err
	}
	for _, f := range s.followers {
		if err := f.CareChanged(ctx, tx, about, list[0].CareOn); err != nil {
			return 0, fmt.Errorf("care: follow: %w", err)
		}
	}
	if err := outbox.Record(ctx, tx, Recorded{ActionID: actionID, GroupID: group}); err != nil {
		return 0, err
	}
	return len(about), live.Signal(ctx, tx, topics...)
}

// Correct changes what a record of today, or of one of the last DaysBack days, says. What it said is kept. A draft of another version than the record's is a
// Conflict; the kind and the child stay what they are.
func (s *Service) Correct(ctx context.Context, id ids.ID, version int, d Draft) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		r, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.Version != version {
			return fault.New(fault.Conflict, "care.error.stale")
		}
		d.Kind = r.Kind
		var problems fault.Fields
		d.check(&problems)
		if err := problems.Err(); err != nil {
			return err
		}
		was := *r
		if err := d.fill(tx, r); err != nil {
			return err
		}
		if same(&was, r) {
			return nil
		}
		others, err := selectDay(ctx, tx, r.CareOn, []ids.ID{r.ChildID}, Sleep, Stay)
		if err != nil {
			return err
		}
		if came := r.before(others); came != nil && was.before(others) == nil {
			about, err := children.MustSee(ctx, tx, []ids.ID{r.ChildID})
			if err != nil {
				return err
			}
			return notThereYet([]string{arrived(tx, about[0].GivenName, came.BeganAt)})
		}
		if slices.ContainsFunc(others, func(o Record) bool { return o.ID != r.ID && r.meets(&o) }) {
			return overlapping()
		}
		_, err = s.keepAll(ctx, tx, "care.correct", ids.New(), r.GroupID, []Record{*r})
		return err
	})
}

// Withdraw takes a record that can be corrected away. It is kept in the history.
func (s *Service) Withdraw(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		r, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		now := tx.Now()
		r.WithdrawnAt = &now
		_, err = s.keepAll(ctx, tx, "care.withdraw", ids.New(), r.GroupID, []Record{*r})
		return err
	})
}

// hold gives a record that can be corrected, and that nobody else changes meanwhile, nor any other of the child's day.
func (s *Service) hold(ctx context.Context, tx tenants.Writer, id ids.ID) (*Record, error) {
	r, err := selectRecord(ctx, tx, id, false)
	if err != nil {
		return nil, err
	}
	if err := HoldDays(ctx, tx, []ids.ID{r.ChildID}); err != nil {
		return nil, err
	}
	return selectRecord(ctx, tx, id, true)
}

// Undo takes back what the actor did in the group with one form today, as far as nobody has changed it since. Again, or of an
// action that is not the actor's, it does nothing.
func (s *Service) Undo(ctx context.Context, group, action ids.ID) (int, error) {
	n := 0
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if _, err := children.MustWorkIn(ctx, tx, group); err != nil {
			return err
		}
		about, err := selectActed(ctx, tx, action)
		if err != nil || len(about) == 0 {
			return err
		}
		if err := HoldDays(ctx, tx, about); err != nil {
			return err
		}
		list, err := selectUndoable(ctx, tx, action)
		if err != nil {
			return err
		}
		if list, err = turnBack(ctx, tx, list, about); err != nil {
			return err
		}
		n, err = s.keepAll(ctx, tx, "care.undo", ids.New(), group, list)
		return err
	})
	return n, err
}

// turnBack gives the records the form that they had before, new ones none. What would then be at the same time as another
// stays as it is.
func turnBack(ctx context.Context, tx tenants.Writer, list []Record, about []ids.ID) ([]Record, error) {
	if len(list) == 0 {
		return nil, nil
	}
	now := tx.Now()
	var changed []Record
	for _, r := range list {
		if r.Version == 1 {
			r.WithdrawnAt = &now
			changed = append(changed, r)
		}
	}
	others, err := selectDay(ctx, tx, list[0].CareOn, about, Stay, Sleep)
	if err != nil {
		return nil, err
	}
	gone := func(o Record) bool {
		return slices.ContainsFunc(changed, func(r Record) bool { return r.ID == o.ID })
	}
	for _, r := range list {
		if r.Version == 1 {
			continue
		}
		before, err := selectChange(ctx, tx, r.ID, r.Version-1)
		if err != nil {
			return nil, err
		}
		r.BeganAt, r.EndedAt, r.Amount, r.Choice, r.Words = before.BeganAt, before.EndedAt, before.Amount, before.Choice, before.Words
		if !slices.ContainsFunc(others, func(o Record) bool { return o.ID != r.ID && !gone(o) && r.meets(&o) }) {
			changed = append(changed, r)
		}
	}
	return changed, nil
}

func newRecord(tx tenants.Reader, group, child ids.ID, kind Kind, on tenants.Date) Record {
	return Record{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: child, GroupID: group, CareOn: on, Kind: kind}
}

// DayOf gives the day that is meant, or today for none. One that is still to come, or too long ago to write in, is NotFound.
func DayOf(tx tenants.Reader, on tenants.Date) (tenants.Date, error) {
	today := tx.Today()
	switch {
	case on == "":
		return today, nil
	case !on.Valid() || on > today || on < today.Add(-DaysBack):
		return "", fault.NotFound()
	}
	return on, nil
}

// fill puts what was typed into the record, as of its day. What is still to come is Invalid, and so is what of a day that is
// over would last on.
func (d *Draft) fill(tx tenants.Reader, r *Record) error {
	var problems fault.Fields
	r.BeganAt = moment(tx, r.CareOn, d.From)
	if r.BeganAt.After(tx.Now()) {
		problems.Add("from", "care.error.future")
	}
	r.EndedAt = nil
	switch {
	case d.To != "":
		end := moment(tx, r.CareOn, d.To)
		if end.After(tx.Now()) {
			problems.Add("to", "care.error.future")
		}
		r.EndedAt = &end
	case r.Kind.Lasts() && r.CareOn < tx.Today():
		problems.Add("to", "care.error.end_required")
	}
	r.Amount = max(d.amount(), 0)
	r.Choice, r.Words = d.Choice, d.Words
	return problems.Err()
}

// moment is a time of a day as an instant. The time must be one.
func moment(tx tenants.Reader, on tenants.Date, at string) time.Time {
	t, _ := time.ParseInLocation(time.DateOnly+" 15:04", string(on)+" "+at, tx.Tenant().Location())
	return t.UTC()
}

func minute(at time.Time) time.Time { return at.Truncate(time.Minute) }

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func same(a, b *Record) bool {
	ends := a.EndedAt == nil && b.EndedAt == nil || a.EndedAt != nil && b.EndedAt != nil && a.EndedAt.Equal(*b.EndedAt)
	return a.BeganAt.Equal(b.BeganAt) && ends && a.Amount == b.Amount && a.Choice == b.Choice && a.Words == b.Words
}

// Page is the day of a group, as staff write in it.
type Page struct {
	Group    *children.Group
	On       tenants.Date
	Today    tenants.Date
	Children []children.Placed
	States   map[ids.ID]State // of today
	Records  []Record         // of the day, newest first
}

// Open gives a day of a group that the actor works with; empty is today.
func (s *Service) Open(ctx context.Context, group ids.ID, on tenants.Date) (*Page, error) {
	p := &Page{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		p.Today = tx.Today()
		if p.On, err = DayOf(tx, on); err != nil {
			return err
		}
		if p.Group, err = children.MustWorkIn(ctx, tx, group); err != nil {
			return err
		}
		if p.Children, err = children.InGroup(ctx, tx, group); err != nil {
			return err
		}
		about := make([]ids.ID, len(p.Children))
		for i, child := range p.Children {
			about[i] = child.ID
		}
		if p.States, err = States(ctx, tx, group, about); err != nil {
			return err
		}
		p.Records, err = selectDay(ctx, tx, p.On, about)
		p.Records = slices.DeleteFunc(p.Records, func(r Record) bool { return r.GroupID != group })
		slices.Reverse(p.Records)
		return err
	})
	return p, err
}

// File is one record with its child and everything that it ever said.
type File struct {
	Record  *Record
	Child   children.Named
	History []Past
	Today   tenants.Date
}

// Find gives a record that the actor may correct: of today, or of one of the last DaysBack days.
func (s *Service) Find(ctx context.Context, id ids.ID) (*File, error) {
	f := &File{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		f.Today = tx.Today()
		if f.Record, err = selectRecord(ctx, tx, id, false); err != nil {
			return err
		}
		about, err := children.MustSee(ctx, tx, []ids.ID{f.Record.ChildID})
		if err != nil {
			return err
		}
		f.Child = about[0]
		f.History, err = selectHistory(ctx, tx, id)
		return err
	})
	return f, err
}
