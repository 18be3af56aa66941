package tenants

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
)

// Locales holds the sentences of what can go wrong with an organisation's name.
//
//go:embed locales
var Locales embed.FS

// Platform creates and suspends organisations, and keeps what belongs to the installation. It connects with a role of its own,
// which sees of the rows of an organisation how much there is of it and its audit log.
type Platform struct{ db *DB }

// platformConnections are enough for the few who run the platform.
const platformConnections = 4

// OpenPlatform connects as the platform role.
func OpenPlatform(ctx context.Context, url string, clk clock.Clock) (*Platform, error) {
	db, err := Open(ctx, url, platformConnections, clk)
	if err != nil {
		return nil, err
	}
	return &Platform{db: db}, nil
}

// Close ends its connections.
func (p *Platform) Close() { p.db.Close() }

// Ping tells whether the database answers.
func (p *Platform) Ping(ctx context.Context) error { return p.db.Ping(ctx) }

// Clock gives the time that its transactions see.
func (p *Platform) Clock() clock.Clock { return p.db.clock }

// Read is DB.Read for the installation: without a tenant in ctx it sees what belongs to no organisation or to all.
func (p *Platform) Read(ctx context.Context, f func(ctx context.Context, tx Reader) error) error {
	return p.run(ctx, &sql.TxOptions{ReadOnly: true}, func(ctx context.Context, tx transaction) error { return f(ctx, tx) })
}

// Write is DB.Write for the installation. With a tenant in ctx it can also write into the audit log of that organisation.
func (p *Platform) Write(ctx context.Context, f func(ctx context.Context, tx Writer) error) error {
	return p.run(ctx, nil, func(ctx context.Context, tx transaction) error { return f(ctx, tx) })
}

func (p *Platform) run(ctx context.Context, opts *sql.TxOptions, f func(context.Context, transaction) error) error {
	if ctx.Value(openKey{}) != nil {
		return ErrNested
	}
	tenant, _ := From(ctx)
	return p.db.transact(ctx, tenant, opts, f)
}

// NewTenant is what an organisation starts with. Empty fields get the defaults of the schema.
type NewTenant struct {
	Slug, Name            string
	BrandHue, BrandChroma float64 // both zero: the default colour
	Address, Phone, Email string
	Language              string
	Example               bool // begins with made-up data
}

const (
	defaultHue    = 163
	defaultChroma = 0.085
)

// Check cleans what was typed, and tells everything that is wrong with it.
func (n *NewTenant) Check() error {
	var problems fault.Fields
	n.Slug, n.Name = strings.TrimSpace(n.Slug), strings.TrimSpace(n.Name)
	if !ValidSlug(n.Slug) {
		problems.Add("slug", "tenant.error.slug")
	}
	if n.Name == "" || len(n.Name) > 120 {
		problems.Add("name", "tenant.error.name")
	}
	return problems.Err()
}

// Free tells whether an organisation can be called slug: Invalid at the field slug when not.
func (p *Platform) Free(ctx context.Context, slug string) error {
	var problems fault.Fields
	if !ValidSlug(slug) {
		problems.Add("slug", "tenant.error.slug")
		return problems.Err()
	}
	_, err := p.Find(ctx, slug)
	switch {
	case err == nil:
		problems.Add("slug", "tenant.error.slug_taken")
		return problems.Err()
	case errors.Is(err, ErrUnknown):
		return nil
	}
	return err
}

// Create adds an organisation. A name that is taken, reserved or not a host label is Invalid at the field slug.
func (p *Platform) Create(ctx context.Context, n NewTenant) (Tenant, error) {
	return p.CreateWith(ctx, n, func(context.Context, Writer) error { return nil })
}

// CreateWith is Create, and does also in the same transaction.
func (p *Platform) CreateWith(ctx context.Context, n NewTenant, also func(ctx context.Context, tx Writer) error) (Tenant, error) {
	if err := n.Check(); err != nil {
		return Tenant{}, err
	}
	if n.BrandHue == 0 && n.BrandChroma == 0 {
		n.BrandHue, n.BrandChroma = defaultHue, defaultChroma
	}
	if n.Language == "" {
		n.Language = "nl"
	}
	id := ids.New()
	err := p.Write(With(ctx, Tenant{ID: id, Slug: n.Slug, Name: n.Name}), func(ctx context.Context, tx Writer) error {
		_, err := tx.NewRaw(`INSERT INTO tenant (id, slug, name, brand_hue, brand_chroma, address, phone, email, language, example, created_at, changed_at)
			VALUES (?0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)`, id, n.Slug, n.Name, n.BrandHue, n.BrandChroma, n.Address, n.Phone, n.Email, n.Language, n.Example, tx.Now()).Exec(ctx)
		if err != nil {
			return fmt.Errorf("tenants: create: %w", err)
		}
		if err := also(ctx, tx); err != nil {
			return err
		}
		return Announce(ctx, tx, n.Slug)
	})
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == "23505" {
		var problems fault.Fields
		problems.Add("slug", "tenant.error.slug_taken")
		return Tenant{}, problems.Err()
	}
	if err != nil {
		return Tenant{}, err
	}
	return p.ByID(ctx, id)
}

// List gives every organisation, by name.
func (p *Platform) List(ctx context.Context) ([]Tenant, error) {
	return listTenants(ctx, p.db.pool, "ORDER BY name, slug")
}

// Suspend shows a notice instead of the organisation's pages, in every process, and lets its jobs wait.
func (p *Platform) Suspend(ctx context.Context, slug, reason string) error {
	return p.setStatus(ctx, slug, Suspended, reason)
}

// Resume undoes Suspend.
func (p *Platform) Resume(ctx context.Context, slug string) error {
	return p.setStatus(ctx, slug, Active, "")
}

func (p *Platform) setStatus(ctx context.Context, slug string, s Status, reason string) error {
	t, err := p.Find(ctx, slug)
	if err != nil {
		return err
	}
	return p.Write(With(ctx, t), func(ctx context.Context, tx Writer) error { return SetStatus(ctx, tx, s, reason) })
}

// Find gives the organisation called slug, as it stands now.
func (p *Platform) Find(ctx context.Context, slug string) (Tenant, error) {
	return findTenant(ctx, p.db.pool, "slug = $1", slug)
}

// ByID gives an organisation, as it stands now.
func (p *Platform) ByID(ctx context.Context, id ids.ID) (Tenant, error) {
	return findTenant(ctx, p.db.pool, "id = $1", id)
}

// SetStatus suspends or resumes the organisation of a transaction of Platform.
func SetStatus(ctx context.Context, tx Writer, s Status, reason string) error {
	_, err := tx.NewRaw("UPDATE tenant SET status = ?, status_reason = ?, changed_at = ? WHERE id = ?", string(s), reason, tx.Now(), tx.Tenant().ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("tenants: set status: %w", err)
	}
	return Announce(ctx, tx, tx.Tenant().Slug)
}

// Announce has every process forget, at the commit, what it knows of an organisation; of all when slug is empty.
func Announce(ctx context.Context, tx Writer, slug string) error {
	if _, err := tx.NewRaw("SELECT pg_notify(?, ?)", changedChannel, slug).Exec(ctx); err != nil {
		return fmt.Errorf("tenants: announce: %w", err)
	}
	return nil
}
