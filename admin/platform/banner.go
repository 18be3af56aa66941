package platform

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Banner is a sentence on the pages of every organisation.
type Banner struct {
	ID               ids.ID
	Level            string // info or warning
	WordsNL, WordsEN string
	StartsAt, EndsAt time.Time
}

// BannerDraft is what is filled in; moments are local, as 2006-01-02T15:04. No start is now.
type BannerDraft struct{ Level, Dutch, English, Starts, Ends string }

const (
	maxBanner  = 300
	momentForm = "2006-01-02T15:04"
)

// Zone is where those who run the platform are.
var Zone = tenants.Tenant{TimeZone: "Europe/Amsterdam"}

// SayToAll puts a sentence on the pages of every organisation, from one moment until another.
func (s *Service) SayToAll(ctx context.Context, d BannerDraft) error {
	var problems fault.Fields
	b := Banner{ID: ids.New(), Level: "info", WordsNL: strings.Join(strings.Fields(d.Dutch), " "), WordsEN: strings.Join(strings.Fields(d.English), " "), StartsAt: s.now()}
	if d.Level == "warning" {
		b.Level = d.Level
	}
	for _, w := range []struct{ field, words string }{{"dutch", b.WordsNL}, {"english", b.WordsEN}} {
		switch {
		case w.words == "":
			problems.Add(w.field, "platform.error.words")
		case utf8.RuneCountInString(w.words) > maxBanner:
			problems.Add(w.field, "identity.error.too_long", map[string]any{"Max": maxBanner})
		}
	}
	var err error
	if d.Starts != "" {
		if b.StartsAt, err = time.ParseInLocation(momentForm, d.Starts, Zone.Location()); err != nil {
			problems.Add("starts", "platform.error.moment")
		}
	}
	switch b.EndsAt, err = time.ParseInLocation(momentForm, d.Ends, Zone.Location()); {
	case err != nil:
		problems.Add("ends", "platform.error.moment")
	case !b.EndsAt.After(b.StartsAt) || !b.EndsAt.After(s.now()):
		problems.Add("ends", "platform.error.ends")
	}
	if err := problems.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		_, err := tx.NewRaw("INSERT INTO system_banner (id, level, words_nl, words_en, starts_at, ends_at, made_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			b.ID, b.Level, b.WordsNL, b.WordsEN, b.StartsAt, b.EndsAt, orNull(actor.From(ctx).PersonID), tx.Now()).Exec(ctx)
		if err != nil {
			return fmt.Errorf("platform: insert banner: %w", err)
		}
		if err := recordDeed(ctx, tx, "platform.say_to_all", map[string]any{"banner": b.ID}); err != nil {
			return err
		}
		return tenants.Announce(ctx, tx, "")
	})
}

// Unsay takes a sentence away; once more does nothing.
func (s *Service) Unsay(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		ended, err := tx.NewRaw("UPDATE system_banner SET ended_at = ? WHERE id = ? AND ended_at IS NULL", tx.Now(), id).Exec(ctx)
		if err != nil {
			return fmt.Errorf("platform: end banner: %w", err)
		}
		if n, _ := ended.RowsAffected(); n == 0 {
			return fault.NotFound()
		}
		if err := recordDeed(ctx, tx, "platform.unsay", map[string]any{"banner": id}); err != nil {
			return err
		}
		return tenants.Announce(ctx, tx, "")
	})
}

// Banners lists what is said now or will be, the first to begin first.
func (s *Service) Banners(ctx context.Context) (list []Banner, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewRaw("SELECT id, level, words_nl, words_en, starts_at, ends_at FROM system_banner WHERE ended_at IS NULL AND ends_at > ? ORDER BY starts_at, id LIMIT 50", tx.Now()).Scan(ctx, &list)
		if err != nil {
			return fmt.Errorf("platform: list banners: %w", err)
		}
		return nil
	})
	return list, err
}
