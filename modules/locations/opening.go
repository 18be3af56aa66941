package locations

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// PerDay is how many times a day a location can open: out-of-school care does in the morning and in the afternoon.
const PerDay = 2

// MaxReason is the longest reason for other times, in characters.
const MaxReason = 80

// Times are one time on a weekday that a location is open.
type Times = children.CareDay

// Opening is when a location is open in an ordinary week. Without days nobody said.
type Opening struct {
	bun.BaseModel `bun:"table:location_opening,alias:o"`
	TenantID      ids.ID  `bun:",pk,type:uuid"`
	LocationID    ids.ID  `bun:",pk,type:uuid"`
	Days          []Times `bun:"days,type:jsonb"`
	Version       int
}

// On gives the times of a weekday, first those that begin first.
func (o *Opening) On(weekday int) []Times {
	var list []Times
	for _, d := range o.Days {
		if d.Weekday == weekday {
			list = append(list, d)
		}
	}
	return list
}

// Check sorts the times and says what is wrong with them, at the field of their day.
func (o *Opening) Check() error {
	var problems fault.Fields
	slices.SortStableFunc(o.Days, func(a, b Times) int { return strings.Compare(a.From, b.From) })
	for weekday := 1; weekday <= 7; weekday++ {
		if key := checkDay(o.On(weekday)); key != "" {
			problems.Add(children.DayField(weekday), key, map[string]any{"Max": PerDay})
		}
	}
	if slices.ContainsFunc(o.Days, func(d Times) bool { return d.Weekday < 1 || d.Weekday > 7 }) {
		problems.Add(children.DayField(1), "locations.error.time")
	}
	return problems.Err()
}

func checkDay(times []Times) (key string) {
	for i, t := range times {
		switch {
		case !isTime(t.From) || !isTime(t.To):
			return "locations.error.time"
		case t.To <= t.From:
			return "locations.error.time_order"
		case i > 0 && t.From < times[i-1].To:
			return "locations.error.overlap"
		}
	}
	if len(times) > PerDay {
		return "locations.error.times_too_many"
	}
	return ""
}

func isTime(text string) bool {
	_, err := time.Parse("15:04", text)
	return err == nil && len(text) == len("15:04")
}

// Exception is a day on which a location is open at times of its own. Days on which it is closed are in the agenda, which everything
// that reckons with care days asks.
type Exception struct {
	bun.BaseModel `bun:"table:location_exception,alias:x"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	ID            ids.ID       `bun:",pk,type:uuid"`
	LocationID    ids.ID       `bun:"type:uuid"`
	OnDay         tenants.Date `bun:"type:date"`
	FromTime      string
	ToTime        string
	Reason        string
}

// Check tidies the exception and says what is wrong with it by itself.
func (e *Exception) Check() error {
	var problems fault.Fields
	e.Reason = strings.Join(strings.Fields(plaintext.Of(e.Reason)), " ")
	if !e.OnDay.Valid() {
		problems.Add("on_day", "locations.error.day")
	}
	if !isTime(e.FromTime) {
		problems.Add("from_time", "locations.error.time")
	}
	if !isTime(e.ToTime) {
		problems.Add("to_time", "locations.error.time")
	} else if isTime(e.FromTime) && e.ToTime <= e.FromTime {
		problems.Add("to_time", "locations.error.time_order")
	}
	if utf8.RuneCountInString(e.Reason) > MaxReason {
		problems.Add("reason", "locations.error.too_long", map[string]any{"Max": MaxReason})
	}
	return problems.Err()
}

// Kept is what who runs a location keeps of it for guardians.
type Kept struct {
	Opening    Opening
	Exceptions []Exception // from today on
	Team       []Colleague
}

// Kept gives it for a location that the actor runs; any other is NotFound.
func (s *Service) Kept(ctx context.Context, location ids.ID) (*Kept, error) {
	k := &Kept{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if err = mustRun(ctx, tx, location); err != nil {
			return err
		}
		if k.Opening, err = selectOpening(ctx, tx, location); err != nil {
			return err
		}
		if k.Exceptions, err = selectExceptions(ctx, tx, location); err != nil {
			return err
		}
		k.Team, err = selectTeam(ctx, tx, children.Team(tx, actor.From(ctx)), location)
		return err
	})
	return k, err
}

// SetOpening says when a location of the actor is open. An opening of another version than the one that is kept is a Conflict.
func (s *Service) SetOpening(ctx context.Context, o Opening) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := mustRun(ctx, tx, o.LocationID); err != nil {
			return err
		}
		if err := o.Check(); err != nil {
			return err
		}
		saved, err := saveOpening(ctx, tx, o)
		if err != nil {
			return err
		}
		if !saved {
			return fault.New(fault.Conflict, "locations.error.stale")
		}
		return audit.Record(ctx, tx, "locations.set_opening", o.LocationID, map[string]any{"times": len(o.Days)})
	})
}

// Except opens a location of the actor at other times on one day. A day that has other times already is a mistake at the field.
func (s *Service) Except(ctx context.Context, e Exception) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := mustRun(ctx, tx, e.LocationID); err != nil {
			return err
		}
		problem := e.Check()
		if problem == nil && e.OnDay < tx.Today() {
			problem = oneField("on_day", "locations.error.day_over")
		}
		if problem != nil {
			return problem
		}
		e.TenantID, e.ID = tx.Tenant().ID, ids.New()
		added, err := insertException(ctx, tx, &e)
		if err != nil {
			return err
		}
		if !added {
			return oneField("on_day", "locations.error.day_taken")
		}
		return audit.Record(ctx, tx, "locations.add_exception", e.LocationID, map[string]any{"day": e.OnDay})
	})
}

// DropException takes an exception of a location of the actor away, and gives the location.
func (s *Service) DropException(ctx context.Context, id ids.ID) (location ids.ID, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		e, err := deleteException(ctx, tx, id)
		if err != nil {
			return err
		}
		location = e.LocationID
		return audit.Record(ctx, tx, "locations.drop_exception", e.LocationID, map[string]any{"day": e.OnDay})
	})
	return location, err
}

func oneField(field, key string) error {
	var problems fault.Fields
	problems.Add(field, key)
	return problems.Err()
}
