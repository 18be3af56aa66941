package tenants

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Banner is a sentence for everybody on every portal, such as about work on the servers.
type Banner struct {
	Warning          bool
	Dutch, English   string
	StartsAt, EndsAt time.Time
}

// Words are the sentence in a language: nl or en.
func (b Banner) Words(language string) string {
	if language == "en" {
		return b.English
	}
	return b.Dutch
}

// banners are those of now and later, as they were read; nil is not read yet.
type banners struct {
	list  []Banner
	until time.Time
}

// Banner gives the sentence of this moment, the one that began last; the zero value when there is none. It is remembered like an
// organisation, so a page costs no question, and forgotten in every process when one changes.
func (d *Directory) Banner(ctx context.Context) (Banner, error) {
	now := d.db.clock.Now()
	d.mu.RLock()
	known := d.banners
	d.mu.RUnlock()
	if known == nil || now.After(known.until) {
		v, err, _ := d.flight.Do("", func() (any, error) { return d.loadBanners(ctx, now) })
		if err != nil {
			return Banner{}, err
		}
		known = v.(*banners)
	}
	for _, b := range known.list {
		if !now.Before(b.StartsAt) && now.Before(b.EndsAt) {
			return b, nil
		}
	}
	return Banner{}, nil
}

// mostBanners is more than anybody plans.
const mostBanners = 50

func (d *Directory) loadBanners(ctx context.Context, now time.Time) (*banners, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // others wait for it
	defer cancel()
	rows, err := d.db.pool.Query(ctx, `SELECT level = 'warning', words_nl, words_en, starts_at, ends_at FROM system_banner WHERE ended_at IS NULL AND ends_at > $1
		ORDER BY starts_at DESC, id DESC LIMIT $2`, now, mostBanners)
	if err != nil {
		return nil, fmt.Errorf("tenants: find banners: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Banner])
	if err != nil {
		return nil, fmt.Errorf("tenants: find banners: %w", err)
	}
	known := &banners{list, now.Add(keepFor)}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.banners = known
	return known, nil
}
