package agenda

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

const entryColumns = `e.tenant_id, e.id, e.kind, e.location_id, e.group_id, e.first_day, e.last_day, coalesce(to_char(e.from_time, 'HH24:MI'), '') AS from_time,
	coalesce(to_char(e.to_time, 'HH24:MI'), '') AS to_time, e.title, e.place, e.version`

// mustBeAt answers NotFound unless the location, and the group in it, are among those that locations selects.
func mustBeAt(ctx context.Context, tx tenants.Reader, locations *bun.RawQuery, location, group ids.ID) error {
	var n int
	err := tx.NewRaw(`SELECT count(*) FROM location l WHERE l.tenant_id = ?0 AND l.id = ?1 AND l.id IN (?3)
		AND (?2::uuid IS NULL OR EXISTS (SELECT FROM care_group g WHERE g.tenant_id = ?0 AND g.id = ?2 AND g.location_id = l.id))`,
		tx.Tenant().ID, location, orNull(group), locations).Scan(ctx, &n)
	if err != nil {
		return fmt.Errorf("agenda: find place: %w", err)
	}
	if n == 0 {
		return fault.NotFound()
	}
	return nil
}

func orNull(id ids.ID) any {
	if id == ids.Nil {
		return nil
	}
	return id
}

func insertEntry(ctx context.Context, tx tenants.Writer, e *Entry) error {
	if _, err := tx.NewInsert().Model(e).Exec(ctx); err != nil {
		return fmt.Errorf("agenda: insert entry: %w", err)
	}
	return nil
}

func updateEntry(ctx context.Context, tx tenants.Writer, e *Entry) error {
	e.Version++
	if _, err := tx.NewUpdate().Model(e).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("agenda: update entry: %w", err)
	}
	return nil
}

// selectEntry gives an entry that stands; hold keeps others from changing it.
func selectEntry(ctx context.Context, tx tenants.Reader, id ids.ID, hold bool) (*Entry, error) {
	e := new(Entry)
	query := `SELECT ` + entryColumns + ` FROM agenda_entry e WHERE e.tenant_id = ?0 AND e.id = ?1 AND e.withdrawn_at IS NULL`
	if hold {
		query += " FOR UPDATE"
	}
	err := tx.NewRaw(query, tx.Tenant().ID, id).Scan(ctx, e)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("agenda: select entry: %w", err)
	}
	return e, nil
}

func selectKept(ctx context.Context, tx tenants.Reader, locations *bun.RawQuery, from tenants.Date) ([]Entry, error) {
	var list []Entry
	err := tx.NewRaw(`SELECT `+entryColumns+` FROM agenda_entry e WHERE e.tenant_id = ?0 AND e.withdrawn_at IS NULL AND e.last_day >= ?1::date
		AND (e.location_id IS NULL OR e.location_id IN (?2)) ORDER BY e.first_day, e.from_time NULLS FIRST, e.id LIMIT 500`, tx.Tenant().ID, string(from), locations).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("agenda: select kept entries: %w", err)
	}
	return list, nil
}

// selectSeen gives what there is from one day to another at the places of the actor's children, while they are placed there.
func selectSeen(ctx context.Context, tx tenants.Reader, from, to tenants.Date) ([]Entry, error) {
	var list []Entry
	err := tx.NewRaw(`SELECT `+entryColumns+` FROM agenda_entry e WHERE e.tenant_id = ?0 AND e.withdrawn_at IS NULL AND e.last_day >= ?1::date AND e.first_day <= ?2::date
		AND EXISTS (SELECT FROM placement p JOIN care_group g ON g.tenant_id = ?0 AND g.id = p.group_id WHERE p.tenant_id = ?0 AND p.child_id IN (?3) AND p.cancelled_at IS NULL
			AND p.starts_on <= e.last_day AND (p.ends_on IS NULL OR p.ends_on >= e.first_day)
			AND (e.location_id IS NULL OR e.location_id = g.location_id) AND (e.group_id IS NULL OR e.group_id = g.id))
		ORDER BY e.first_day, e.from_time NULLS FIRST, e.id`, tx.Tenant().ID, string(from), string(to), children.VisibleTo(tx, actor.From(ctx))).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("agenda: select seen entries: %w", err)
	}
	return list, nil
}

// OpenSQL tells in a query that the group of the placement p gives care on a day; today is the parameter of the day, as "$3".
func OpenSQL(today string) string {
	return `NOT EXISTS (SELECT FROM agenda_entry e JOIN care_group g ON g.tenant_id = e.tenant_id AND g.id = p.group_id WHERE e.tenant_id = p.tenant_id AND e.kind = 'closed' AND e.withdrawn_at IS NULL
		AND e.last_day >= ` + today + `::date AND e.first_day <= ` + today + `::date AND (e.location_id IS NULL OR e.location_id = g.location_id))`
}

// selectClosed gives the days in a period on which places are closed, whoever asks.
func selectClosed(ctx context.Context, tx tenants.Reader, from, to tenants.Date) ([]Entry, error) {
	var list []Entry
	err := tx.NewRaw(`SELECT `+entryColumns+` FROM agenda_entry e WHERE e.tenant_id = ?0 AND e.kind = 'closed' AND e.withdrawn_at IS NULL
		AND e.last_day >= ?1::date AND e.first_day <= ?2::date`, tx.Tenant().ID, string(from), string(to)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("agenda: select closed days: %w", err)
	}
	return list, nil
}

// mostClosures is how many periods Closures tells of, and closuresAhead how many days ahead.
const (
	mostClosures  = 20
	closuresAhead = 365
)

// Closures gives what is closed of a location from today on, for a year, by day. The caller has asked whether the actor may know of it.
func Closures(ctx context.Context, tx tenants.Reader, location ids.ID) ([]Entry, error) {
	var list []Entry
	err := tx.NewRaw(`SELECT `+entryColumns+` FROM agenda_entry e WHERE e.tenant_id = ?0 AND e.kind = 'closed' AND e.withdrawn_at IS NULL
		AND e.last_day >= ?1::date AND e.first_day <= ?2::date AND (e.location_id IS NULL OR e.location_id = ?3) ORDER BY e.first_day, e.id LIMIT ?4`,
		tx.Tenant().ID, string(tx.Today()), string(tx.Today().Add(closuresAhead)), location, mostClosures).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("agenda: select closures: %w", err)
	}
	return list, nil
}

// Open leaves of comings those that are on days on which the place gives care.
func Open(ctx context.Context, tx tenants.Reader, comings []children.Coming, from, to tenants.Date) ([]children.Coming, error) {
	closed, err := selectClosed(ctx, tx, from, to)
	if err != nil || len(closed) == 0 {
		return comings, err
	}
	var list []children.Coming
	for _, c := range comings {
		open := true
		for i := range closed {
			if closed[i].has(c.Day) && (closed[i].LocationID == ids.Nil || closed[i].LocationID == c.LocationID) {
				open = false
			}
		}
		if open {
			list = append(list, c)
		}
	}
	return list, nil
}

func saveFeed(ctx context.Context, tx tenants.Writer, f *feed) error {
	_, err := tx.NewInsert().Model(f).On("CONFLICT (tenant_id, person_id) DO UPDATE").Set("secret_hash = EXCLUDED.secret_hash").Set("made_at = EXCLUDED.made_at").Exec(ctx)
	if err != nil {
		return fmt.Errorf("agenda: save feed: %w", err)
	}
	return nil
}

func deleteFeed(ctx context.Context, tx tenants.Writer, person ids.ID) (some bool, err error) {
	done, err := tx.NewDelete().Model((*feed)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("agenda: delete feed: %w", err)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

func hasFeed(ctx context.Context, tx tenants.Reader, person ids.ID) (bool, error) {
	some, err := tx.NewSelect().Model((*feed)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("agenda: look for feed: %w", err)
	}
	return some, nil
}

// selectFed gives whose feed it is, and their language, while they may sign in as a guardian.
func selectFed(ctx context.Context, tx tenants.Reader, hash []byte) (person ids.ID, language string, err error) {
	err = tx.NewRaw(`SELECT f.person_id, p.language FROM agenda_feed f JOIN person p ON p.tenant_id = f.tenant_id AND p.id = f.person_id
		WHERE f.tenant_id = ?0 AND f.secret_hash = ?1 AND p.deactivated_at IS NULL AND EXISTS (SELECT FROM membership m WHERE m.tenant_id = ?0 AND m.person_id = p.id
			AND m.role = 'parent' AND m.valid_from <= ?2::date AND (m.valid_to IS NULL OR m.valid_to >= ?2::date))`, tx.Tenant().ID, hash, string(tx.Today())).Scan(ctx, &person, &language)
	if errors.Is(err, sql.ErrNoRows) {
		return ids.Nil, "", fault.NotFound()
	}
	if err != nil {
		return ids.Nil, "", fmt.Errorf("agenda: find feed: %w", err)
	}
	return person, language, nil
}
