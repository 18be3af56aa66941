package messages

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// MaxWords is the longest sentence about when messages are read, in characters.
const MaxWords = 200

// Hours are when messages to the groups of a location are read: what parents are told, and the times of the week by which the next
// time is reckoned.
type Hours struct {
	bun.BaseModel `bun:"table:message_hours,alias:h"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	LocationID    ids.ID `bun:",pk,type:uuid"`
	Words         string
	Days          []children.CareDay `bun:"days,type:jsonb"`
}

// None tells whether nothing was chosen: parents are told nothing.
func (h *Hours) None() bool { return h.Words == "" && len(h.Days) == 0 }

// Check tidies the hours and says what is wrong with them, at the field it is wrong in.
func (h *Hours) Check() error {
	h.Words = oneLine(h.Words)
	var problems fault.Fields
	switch n := utf8.RuneCountInString(h.Words); {
	case n == 0 && len(h.Days) > 0:
		problems.Add("words", "messages.error.hours_words")
	case n > MaxWords:
		problems.Add("words", "messages.error.hours_words_too_long", map[string]any{"Max": MaxWords})
	case n > 0 && len(h.Days) == 0:
		problems.Add("day_1", "messages.error.hours_days")
	}
	for _, d := range h.Days {
		if !isTime(d.From) || !isTime(d.To) || d.From >= d.To {
			problems.Add(children.DayField(d.Weekday), "messages.error.hours_order")
		}
	}
	return problems.Err()
}

func isTime(text string) bool {
	_, err := time.Parse("15:04", text)
	return err == nil && len(text) == len("15:04")
}

// Reading tells a parent when a message is read.
type Reading struct {
	LocationID ids.ID
	Location   string
	Words      string
	Next       time.Time // when it is read at the earliest; zero: it may be now
}

// PlaceHours are the hours of a location that is run, which may be None.
type PlaceHours struct {
	Hours
	Name string
}

// Hours lists the locations that the actor runs, by name, with when messages are read there.
func (s *Service) Hours(ctx context.Context) (list []PlaceHours, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		list, err = selectPlaceHours(ctx, tx)
		return err
	})
	return list, err
}

// SetHours chooses when messages are read at a location that the actor runs; None tells parents nothing. Any other location is NotFound.
func (s *Service) SetHours(ctx context.Context, h Hours) error {
	if err := h.Check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		places, err := selectPlaceHours(ctx, tx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(places, func(p PlaceHours) bool { return p.LocationID == h.LocationID }) {
			return fault.NotFound()
		}
		if err := saveHours(ctx, tx, h); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "messages.set_hours", h.LocationID, map[string]any{"words": h.Words, "days": len(h.Days)})
	})
}

// ReadingOf tells when messages about children are read, by location: those that say so.
func (s *Service) ReadingOf(ctx context.Context, about []Subject) (list []Reading, err error) {
	var groups []ids.ID
	for _, subject := range about {
		for _, g := range subject.Groups {
			groups = append(groups, g.ID)
		}
	}
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		list, err = readingOf(ctx, tx, groups)
		return err
	})
	return list, err
}

func readingOf(ctx context.Context, tx tenants.Reader, groups []ids.ID) ([]Reading, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	places, err := selectHoursOf(ctx, tx, groups)
	if err != nil {
		return nil, err
	}
	var list []Reading
	for _, p := range places {
		next, err := p.next(ctx, tx)
		if err != nil {
			return nil, err
		}
		list = append(list, Reading{LocationID: p.LocationID, Location: p.Name, Words: p.Words, Next: next})
	}
	return list, nil
}

// looksAhead is how many days are looked at for the next one on which messages are read: past the longest holiday.
const looksAhead = 42

// next is when messages are read at the earliest: zero for now, or when that is further away than can be told. What the agenda says is
// closed counts as such.
func (p *PlaceHours) next(ctx context.Context, tx tenants.Reader) (time.Time, error) {
	today := tx.Today()
	var days []children.Coming
	for n := range looksAhead {
		day := today.Add(n)
		for _, d := range p.Days {
			if d.Weekday == day.Weekday() {
				days = append(days, children.Coming{Day: day, LocationID: p.LocationID, From: d.From, To: d.To})
			}
		}
	}
	open, err := agenda.Open(ctx, tx, days, today, today.Add(looksAhead-1))
	if err != nil {
		return time.Time{}, err
	}
	tenant := tx.Tenant()
	at := func(day tenants.Date, clock string) time.Time {
		moment, _ := time.ParseInLocation("2006-01-02 15:04", string(day)+" "+clock, tenant.Location())
		return moment
	}
	for _, d := range open {
		switch from, to := at(d.Day, d.From), at(d.Day, d.To); {
		case tx.Now().Before(from):
			return from, nil
		case tx.Now().Before(to):
			return time.Time{}, nil
		}
	}
	return time.Time{}, nil
}

func selectPlaceHours(ctx context.Context, tx tenants.Reader) ([]PlaceHours, error) {
	var list []PlaceHours
	err := tx.NewRaw(`SELECT l.id AS location_id, l.name, coalesce(h.words, '') AS words, coalesce(h.days, '[]') AS days FROM location l
		LEFT JOIN message_hours h ON h.tenant_id = l.tenant_id AND h.location_id = l.id WHERE l.tenant_id = ? AND l.id IN (?) ORDER BY l.name, l.id`,
		tx.Tenant().ID, children.LocationsOf(tx, actor.From(ctx))).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("messages: select hours: %w", err)
	}
	return list, nil
}

// selectHoursOf gives the hours of the locations that groups are of, where there are any.
func selectHoursOf(ctx context.Context, tx tenants.Reader, groups []ids.ID) ([]PlaceHours, error) {
	var list []PlaceHours
	err := tx.NewRaw(`SELECT l.id AS location_id, l.name, h.words, h.days FROM message_hours h JOIN location l ON l.tenant_id = h.tenant_id AND l.id = h.location_id
		WHERE h.tenant_id = ?0 AND EXISTS (SELECT FROM care_group g WHERE g.tenant_id = ?0 AND g.location_id = l.id AND g.id IN (?1)) ORDER BY l.name, l.id`,
		tx.Tenant().ID, bun.List(groups)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("messages: select hours of groups: %w", err)
	}
	return list, nil
}

func saveHours(ctx context.Context, tx tenants.Writer, h Hours) (err error) {
	h.TenantID = tx.Tenant().ID
	if h.None() {
		_, err = tx.NewDelete().Model((*Hours)(nil)).Where("h.tenant_id = ?", h.TenantID).Where("h.location_id = ?", h.LocationID).Exec(ctx)
	} else {
		_, err = tx.NewInsert().Model(&h).On("CONFLICT (tenant_id, location_id) DO UPDATE").Set("words = EXCLUDED.words").Set("days = EXCLUDED.days").Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("messages: save hours: %w", err)
	}
	return nil
}
