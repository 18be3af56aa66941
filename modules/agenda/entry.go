package agenda

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// The kinds of what an organisation puts in the agenda. Closed is days on which there is no care, Activity something to do.
const (
	Closed   Kind = "closed"
	Activity Kind = "activity"
)

// Limits of an entry.
const (
	MaxTitle = 80 // characters, and of a place
	mostDays = 60 // of one entry
)

// Entry is what an organisation put in the agenda.
type Entry struct {
	bun.BaseModel `bun:"table:agenda_entry"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	Kind          Kind
	LocationID    ids.ID       `bun:"type:uuid,nullzero"` // Nil: all of the organisation
	GroupID       ids.ID       `bun:"type:uuid,nullzero"` // Nil: all of the location
	FirstDay      tenants.Date `bun:"type:date"`
	LastDay       tenants.Date `bun:"type:date"`
	FromTime      string       `bun:",nullzero"` // 15:04 of an Activity; empty: the whole day
	ToTime        string       `bun:",nullzero"`
	Title         string
	Place         string
	Version       int
	WithdrawnAt   *time.Time
}

func (e *Entry) has(day tenants.Date) bool { return e.FirstDay <= day && day <= e.LastDay }

// Draft is what somebody typed about an entry.
type Draft struct {
	FormKey             ids.ID // of the form it was written in: sent twice, it is added once
	Kind                Kind
	LocationID, GroupID ids.ID // both Nil: all of the organisation
	FirstDay, LastDay   tenants.Date
	FromTime, ToTime    string
	Title, Place        string
	Version             int // of the entry that is changed
}

// Check tidies the draft, drops what its kind does not have, and says everything that is wrong with it by itself.
func (d *Draft) Check() error {
	var problems fault.Fields
	d.Title, d.Place = plaintext.Of(d.Title), plaintext.Of(d.Place)
	if d.LastDay == "" {
		d.LastDay = d.FirstDay
	}
	if d.Kind == Closed {
		d.GroupID, d.FromTime, d.ToTime, d.Place = ids.Nil, "", "", "" // a house is closed, not a group
	}
	if d.Kind != Closed && d.Kind != Activity {
		problems.Add("kind", "agenda.error.kind")
	}
	if n := utf8.RuneCountInString(d.Title); n == 0 {
		problems.Add("title", "agenda.error.title_required")
	} else if n > MaxTitle {
		problems.Add("title", "agenda.error.too_long", map[string]any{"Max": MaxTitle})
	}
	if utf8.RuneCountInString(d.Place) > MaxTitle {
		problems.Add("place", "agenda.error.too_long", map[string]any{"Max": MaxTitle})
	}
	switch {
	case !d.FirstDay.Valid():
		problems.Add("first_day", "agenda.error.day")
	case !d.LastDay.Valid():
		problems.Add("last_day", "agenda.error.day")
	case d.LastDay < d.FirstDay:
		problems.Add("last_day", "agenda.error.end_first")
	case d.LastDay > d.FirstDay.Add(mostDays):
		problems.Add("last_day", "agenda.error.days_too_many", map[string]any{"Max": mostDays})
	}
	d.checkTimes(&problems)
	return problems.Err()
}

func (d *Draft) checkTimes(problems *fault.Fields) {
	for field, typed := range map[string]*string{"from_time": &d.FromTime, "to_time": &d.ToTime} {
		if *typed == "" {
			continue
		}
		at, err := time.Parse("15:04", *typed)
		if err != nil {
			problems.Add(field, "agenda.error.time")
			return
		}
		*typed = at.Format("15:04")
	}
	if d.ToTime != "" && d.ToTime <= d.FromTime || d.FromTime == "" && d.ToTime != "" {
		problems.Add("to_time", "agenda.error.time_order")
	}
}

func (d *Draft) fill(e *Entry) {
	e.Kind, e.LocationID, e.GroupID, e.FirstDay, e.LastDay = d.Kind, d.LocationID, d.GroupID, d.FirstDay, d.LastDay
	e.FromTime, e.ToTime, e.Title, e.Place = d.FromTime, d.ToTime, d.Title, d.Place
}

// mayKeep answers NotFound unless the actor keeps the agenda of the place: a manager that of their locations, an admin all of it.
func mayKeep(ctx context.Context, tx tenants.Reader, location, group ids.ID) error {
	who := actor.From(ctx)
	if location == ids.Nil && group == ids.Nil {
		if who.Role != actor.Admin {
			return fault.NotFound()
		}
		return nil
	}
	return mustBeAt(ctx, tx, children.LocationsOf(tx, who), location, group)
}

func (d *Draft) fingerprint() []byte {
	return formkey.Hash(string(d.Kind), d.LocationID.String(), d.GroupID.String(), string(d.FirstDay), string(d.LastDay), d.FromTime, d.ToTime, d.Title, d.Place)
}

// Add puts an entry in the agenda, and gives its id. The form with its key is carried out once.
func (s *Service) Add(ctx context.Context, d Draft) (ids.ID, error) {
	id := ids.New()
	if err := d.Check(); err != nil {
		return id, err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := mayKeep(ctx, tx, d.LocationID, d.GroupID); err != nil {
			return err
		}
		before, repeated, err := formkey.Once(ctx, tx, d.FormKey, d.fingerprint())
		if err != nil {
			return err
		}
		if repeated {
			id, _ = ids.Parse(before)
			return nil
		}
		e := Entry{TenantID: tx.Tenant().ID, ID: id, Version: 1}
		d.fill(&e)
		if err := insertEntry(ctx, tx, &e); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, "agenda.add", id, map[string]any{"from": d.FirstDay, "last": d.LastDay}); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, d.FormKey, id.String())
	})
	return id, err
}

// Change changes an entry. A draft of another version than the entry's is a Conflict.
func (s *Service) Change(ctx context.Context, id ids.ID, d Draft) error {
	if err := d.Check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		e, err := selectEntry(ctx, tx, id, true)
		if err != nil {
			return err
		}
		for _, at := range [][2]ids.ID{{e.LocationID, e.GroupID}, {d.LocationID, d.GroupID}} {
			if err := mayKeep(ctx, tx, at[0], at[1]); err != nil {
				return err
			}
		}
		if e.Version != d.Version {
			return fault.New(fault.Conflict, "agenda.error.stale")
		}
		d.fill(e)
		if err := updateEntry(ctx, tx, e); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "agenda.change", id, map[string]any{"from": d.FirstDay, "last": d.LastDay})
	})
}

// Remove takes an entry out of the agenda.
func (s *Service) Remove(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		e, err := selectEntry(ctx, tx, id, true)
		if err != nil {
			return err
		}
		if err := mayKeep(ctx, tx, e.LocationID, e.GroupID); err != nil {
			return err
		}
		now := tx.Now()
		e.WithdrawnAt = &now
		if err := updateEntry(ctx, tx, e); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "agenda.remove", id, map[string]any{"from": e.FirstDay, "last": e.LastDay})
	})
}

// Kept gives what is in the agenda from today on of the places that the actor keeps it for, and of all of the organisation, by day.
func (s *Service) Kept(ctx context.Context) ([]Entry, error) {
	var list []Entry
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		list, err = selectKept(ctx, tx, children.LocationsOf(tx, actor.From(ctx)), tx.Today())
		return err
	})
	return list, err
}

// Find gives an entry that the actor may change.
func (s *Service) Find(ctx context.Context, id ids.ID) (*Entry, error) {
	var e *Entry
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if e, err = selectEntry(ctx, tx, id, false); err != nil {
			return err
		}
		return mayKeep(ctx, tx, e.LocationID, e.GroupID)
	})
	return e, err
}
