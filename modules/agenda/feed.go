package agenda

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// feed is the address of one guardian.
type feed struct {
	bun.BaseModel `bun:"table:agenda_feed"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:",pk,type:uuid"`
	SecretHash    []byte
	MadeAt        time.Time
}

// What a feed holds, in days from today.
const (
	feedBack  = 30
	feedAhead = 365
)

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// MakeFeed makes the secret of the actor's feed, a guardian, in place of the one there was. It cannot be asked for again.
func (s *Service) MakeFeed(ctx context.Context) (secret string, err error) {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	secret = base64.RawURLEncoding.EncodeToString(random[:])
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		if who.Role != actor.Parent {
			return fault.NotFound()
		}
		if err := saveFeed(ctx, tx, &feed{TenantID: tx.Tenant().ID, PersonID: who.PersonID, SecretHash: hashOf(secret), MadeAt: tx.Now()}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "agenda.make_feed", who.PersonID, nil)
	})
	return secret, err
}

// EndFeed makes the address of the actor's feed lead nowhere. Without one, it does nothing.
func (s *Service) EndFeed(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		person := actor.From(ctx).PersonID
		some, err := deleteFeed(ctx, tx, person)
		if err != nil || !some {
			return err
		}
		return audit.Record(ctx, tx, "agenda.end_feed", person, nil)
	})
}

// Feed writes the calendar of whoever has the secret, in their language and as they may see it at this moment. Who may know of no child any more, who
// is shut out and an unknown secret are NotFound alike.
func (s *Service) Feed(ctx context.Context, secret string) (string, error) {
	var calendar string
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		person, language, err := selectFed(ctx, tx, hashOf(secret))
		if err != nil {
			return err
		}
		ctx = actor.With(ctx, actor.Actor{TenantID: tx.Tenant().ID, PersonID: person, Role: actor.Parent})
		ctx = i18n.With(ctx, s.words.For(language)) // a calendar program asks in its own
		about, err := children.Own(ctx, tx)
		if err != nil {
			return err
		}
		if len(about) == 0 {
			return fault.NotFound()
		}
		days, err := read(ctx, tx, about, tx.Today().Add(-feedBack), tx.Today().Add(feedAhead))
		if err != nil {
			return err
		}
		calendar = write(ctx, tx, days)
		return nil
	})
	return calendar, err
}

// write puts days into the form of RFC 5545. Times are in UTC, so that no reader needs to know when clocks change here.
func write(ctx context.Context, tx tenants.Reader, days []Day) string {
	cal := ics.NewCalendarFor("Ouderportaal")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(tx.Tenant().Name)
	for i := range days {
		for j := range days[i].Items {
			item, on := &days[i].Items[j], days[i].On
			e := cal.AddEvent(item.uid(on))
			e.SetDtStampTime(tx.Now())
			e.SetSummary(item.summary(ctx))
			if place := item.Place + item.Group; place != "" {
				e.SetLocation(oneLine(place))
			}
			if item.From == "" {
				day := i18n.Civil(string(on))
				e.SetAllDayStartAt(day)
				e.SetAllDayEndAt(day.AddDate(0, 0, 1))
				continue
			}
			e.SetStartAt(moment(tx, on, item.From))
			if item.To != "" {
				e.SetEndAt(moment(tx, on, item.To))
			}
		}
	}
	return cal.Serialize(ics.WithNewLineWindows)
}

// uid stays the same for the same thing of the same day, so that a program that fetches it again changes what it has.
func (item *Item) uid(on tenants.Date) string {
	of := string(item.Kind) + "-" + item.ID.String()
	switch item.Kind {
	case Birthday:
		of = "birthday-" + item.Child.ID.String()
	case Care, Absent:
		of = "care-" + item.Child.ID.String() + "-" + item.GroupID.String() // also when it is reported absent
	}
	return of + "-" + string(on) + "-" + strings.ReplaceAll(item.From, ":", "") + "@ouderportaal"
}

func (item *Item) summary(ctx context.Context) string {
	switch item.Kind {
	case Closed:
		return i18n.T(ctx, "agenda.feed.closed", "Title", oneLine(item.Title))
	case Activity:
		return oneLine(item.Title)
	case Birthday:
		return item.BirthdayWords(ctx)
	case Absent:
		return i18n.T(ctx, "agenda.absent", "Name", oneLine(item.Child.GivenName))
	}
	return i18n.T(ctx, "agenda.feed.care", "Name", oneLine(item.Child.GivenName))
}

// BirthdayWords say whose birthday it is, and how old an own child gets.
func (item *Item) BirthdayWords(ctx context.Context) string {
	name := oneLine(item.Child.GivenName)
	if item.Age > 0 {
		return i18n.N(ctx, "agenda.birthday.age", item.Age, "Name", name)
	}
	return i18n.T(ctx, "agenda.birthday", "Name", name)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// moment is a time of a local day as an instant.
func moment(tx tenants.Reader, on tenants.Date, at string) time.Time {
	t, _ := time.ParseInLocation(time.DateOnly+" 15:04", string(on)+" "+at, tx.Tenant().Location())
	return t.UTC()
}
