package notifications

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Rhythm is when somebody wants mail. Times are those of the organisation's clock, as 07:00.
type Rhythm struct {
	bun.BaseModel `bun:"table:notification_rhythm"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:",pk,type:uuid"`
	// Daily gathers what is only nice to know for one mail a day, at DailyAt.
	Daily   bool
	DailyAt string
	// Quiet holds all mail back from QuietFrom until QuietUntil, which may be on the next day. It is sent then.
	Quiet      bool
	QuietFrom  string
	QuietUntil string
}

// usual is the rhythm of who chose none, with the hours that a form proposes.
var usual = Rhythm{DailyAt: "18:00", QuietFrom: "21:00", QuietUntil: "07:00"}

// Check tells what is wrong with the hours, at their fields.
func (r Rhythm) Check() error {
	var problems fault.Fields
	for _, f := range []struct{ name, hour string }{{"daily_at", r.DailyAt}, {"quiet_from", r.QuietFrom}, {"quiet_until", r.QuietUntil}} {
		if _, ok := minutes(f.hour); !ok {
			problems.Add(f.name, "notifications.rhythm.not_an_hour")
		}
	}
	if r.QuietFrom == r.QuietUntil {
		problems.Add("quiet_until", "notifications.rhythm.no_hours")
	}
	return problems.Err()
}

// minutes reads a time of the day as minutes after midnight.
func minutes(hour string) (int, bool) {
	if len(hour) != len("07:00") || hour[2] != ':' {
		return 0, false
	}
	h, wrongHour := strconv.ParseUint(hour[:2], 10, 8)
	m, wrongMinute := strconv.ParseUint(hour[3:], 10, 8)
	return int(h*60 + m), wrongHour == nil && wrongMinute == nil && h < 24 && m < 60
}

// at is a time of the day so many days after the one of now, in now's zone.
func at(now time.Time, days int, hour string) time.Time {
	m, _ := minutes(hour)
	return time.Date(now.Year(), now.Month(), now.Day()+days, m/60, m%60, 0, 0, now.Location())
}

// quietUntil tells whether the hours around now are quiet, and when they end. now is in the organisation's zone.
func (r Rhythm) quietUntil(now time.Time) (end time.Time, quiet bool) {
	if !r.Quiet {
		return time.Time{}, false
	}
	for _, began := range []int{-1, 0} {
		from, until := at(now, began, r.QuietFrom), at(now, began, r.QuietUntil)
		if r.QuietUntil < r.QuietFrom {
			until = at(now, began+1, r.QuietUntil)
		}
		if !now.Before(from) && now.Before(until) {
			return until, true
		}
	}
	return time.Time{}, false
}

// nextDaily is when the next mail of the day goes.
func (r Rhythm) nextDaily(now time.Time) time.Time {
	if today := at(now, 0, r.DailyAt); today.After(now) {
		return today
	}
	return at(now, 1, r.DailyAt)
}

// Rhythm is when the reader wants mail.
func (s *Service) Rhythm(ctx context.Context) (Rhythm, error) {
	mine := usual
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		person := actor.From(ctx).PersonID
		chosen, err := rhythmsOf(ctx, tx, []ids.ID{person})
		if r, some := chosen[person]; some {
			mine = r
		}
		return err
	})
	return mine, err
}

// SetRhythm keeps when the reader wants mail. What waits already, waits for what was chosen before.
func (s *Service) SetRhythm(ctx context.Context, r Rhythm) error {
	if err := r.Check(); err != nil {
		return err
	}
	r.PersonID = actor.From(ctx).PersonID
	if r.PersonID == ids.Nil {
		return fault.NotFound()
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return setRhythm(ctx, tx, r) })
}
