package tenants

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/singleflight"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/pgnotify"
)

// ErrUnknown means that no organisation has this name.
var ErrUnknown = errors.New("tenants: unknown")

const (
	// changedChannel is notified with the slug whenever a tenant changes.
	changedChannel = "tenant_changed"
	// keepFor bounds how stale a process can be that hears no notifications.
	keepFor = 30 * time.Second
	// keepMost bounds the memory that made-up names can take.
	keepMost = 10_000
)

// Directory finds tenants by name. It remembers them, and forgets at once in every process when one changes.
type Directory struct {
	db *DB

	mu      sync.RWMutex
	known   map[string]remembered
	heard   int // how often something was to be forgotten
	banners *banners
	flight  singleflight.Group
}

type remembered struct {
	tenant Tenant
	found  bool
	until  time.Time
}

// NewDirectory reads through db.
func NewDirectory(db *DB) *Directory {
	return &Directory{db: db, known: map[string]remembered{}}
}

// Changes is where the directory hears what to forget because it changed elsewhere; see DB.Listen.
func (d *Directory) Changes() pgnotify.Channel {
	return pgnotify.Channel{Name: changedChannel, Connected: func() { d.forget("") }, Notified: d.forget}
}

func (d *Directory) forget(slug string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heard++
	if slug == "" {
		clear(d.known)
		d.banners = nil
		return
	}
	d.flight.Forget(slug) // whoever asks from now on must not get what was read before
	delete(d.known, slug)
}

// Forget makes this process ask anew for the organisation called slug. Others hear of a change by themselves; the one that made it
// need not wait for that.
func (d *Directory) Forget(slug string) { d.forget(slug) }

// Find gives the tenant called slug, suspended ones too, or ErrUnknown.
func (d *Directory) Find(ctx context.Context, slug string) (Tenant, error) {
	now := d.db.clock.Now()
	d.mu.RLock()
	r, ok := d.known[slug]
	d.mu.RUnlock()
	if !ok || now.After(r.until) {
		v, err, _ := d.flight.Do(slug, func() (any, error) { return d.load(ctx, slug, now) })
		if err != nil {
			return Tenant{}, err
		}
		r = v.(remembered)
	}
	if !r.found {
		return Tenant{}, ErrUnknown
	}
	return r.tenant, nil
}

func (d *Directory) load(ctx context.Context, slug string, now time.Time) (remembered, error) {
	r := remembered{until: now.Add(keepFor)}
	// Others wait for this load: one of them going away must not fail it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	d.mu.RLock()
	heard := d.heard
	d.mu.RUnlock()
	tenant, err := findTenant(ctx, d.db.pool, "slug = $1", slug)
	switch {
	case err == nil:
		r.tenant, r.found = tenant, true
	case !errors.Is(err, ErrUnknown):
		return r, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.heard != heard { // it may have changed since it was read
		return r, nil
	}
	if len(d.known) >= keepMost {
		clear(d.known)
	}
	d.known[slug] = r
	return r, nil
}

// ByID gives a tenant whose id came from a row of ours, such as a job's. It is not remembered.
func (d *Directory) ByID(ctx context.Context, id ids.ID) (Tenant, error) {
	return findTenant(ctx, d.db.pool, "id = $1", id)
}

// Ending gives the tenants whose id ends in these twelve characters: one, or none. They are not remembered.
func (d *Directory) Ending(ctx context.Context, tail string) ([]Tenant, error) {
	return listTenants(ctx, d.db.pool, "WHERE right(id::text, 12) = $1", tail)
}

type querier interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
}

const tenantColumns = "id, slug, name, status, status_reason, time_zone, language, brand_hue, brand_chroma, address, phone, email, " +
	"coalesce(logo_id, '00000000-0000-0000-0000-000000000000'), words, security_contact, features_off, languages, child_limit, storage_limit, example, " +
	"parent_factor, parent_idle_days, staff_idle_minutes"

func findTenant(ctx context.Context, q querier, where string, arg any) (Tenant, error) {
	list, err := listTenants(ctx, q, "WHERE "+where, arg)
	if err != nil {
		return Tenant{}, err
	}
	if len(list) == 0 {
		return Tenant{}, ErrUnknown
	}
	return list[0], nil
}

func listTenants(ctx context.Context, q querier, tail string, args ...any) ([]Tenant, error) {
	rows, err := q.Query(ctx, "SELECT "+tenantColumns+" FROM tenant "+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("tenants: find: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Tenant])
	if err != nil {
		return nil, fmt.Errorf("tenants: find: %w", err)
	}
	return list, nil
}
