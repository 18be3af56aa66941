package tenants

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
)

// Locales holds the sentences of what can go wrong with an organisation's name.
//
//go:embed locales
var Locales embed.FS

// Platform creates and suspends organisations. It connects with a role of its own.
type Platform struct {
	pool  *pgxpool.Pool
	clock clock.Clock
}

// OpenPlatform connects as the platform role.
func OpenPlatform(ctx context.Context, url string, clk clock.Clock) (*Platform, error) {
	pool, err := openPool(ctx, url, 2)
	if err != nil {
		return nil, err
	}
	return &Platform{pool: pool, clock: clk}, nil
}

// Close ends its connections.
func (p *Platform) Close() { p.pool.Close() }

// NewTenant is what an organisation starts with. Empty fields get the defaults of the schema.
type NewTenant struct {
	Slug, Name            string
	BrandHue, BrandChroma float64 // both zero: the default colour
	Address, Phone, Email string
	Language              string
}

const (
	defaultHue    = 163
	defaultChroma = 0.085
)

// Create adds an organisation. A name that is taken, reserved or not a host label is Invalid at the field slug.
func (p *Platform) Create(ctx context.Context, n NewTenant) (Tenant, error) {
	var problems fault.Fields
	n.Slug, n.Name = strings.TrimSpace(n.Slug), strings.TrimSpace(n.Name)
	if !ValidSlug(n.Slug) {
		problems.Add("slug", "tenant.error.slug")
	}
	if n.Name == "" || len(n.Name) > 120 {
		problems.Add("name", "tenant.error.name")
	}
	if err := problems.Err(); err != nil {
		return Tenant{}, err
	}
	if n.BrandHue == 0 && n.BrandChroma == 0 {
		n.BrandHue, n.BrandChroma = defaultHue, defaultChroma
	}
	if n.Language == "" {
		n.Language = "nl"
	}
	id := ids.New()
	_, err := p.pool.Exec(ctx, `INSERT INTO tenant (id, slug, name, brand_hue, brand_chroma, address, phone, email, language, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
		id, n.Slug, n.Name, n.BrandHue, n.BrandChroma, n.Address, n.Phone, n.Email, n.Language, p.clock.Now())
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == "23505" {
		problems.Add("slug", "tenant.error.slug_taken")
		return Tenant{}, problems.Err()
	}
	if err != nil {
		return Tenant{}, fmt.Errorf("tenants: create: %w", err)
	}
	if err := p.announce(ctx, n.Slug); err != nil {
		return Tenant{}, err
	}
	return findTenant(ctx, p.pool, "id = $1", id)
}

// List gives every organisation, by name.
func (p *Platform) List(ctx context.Context) ([]Tenant, error) {
	return listTenants(ctx, p.pool, "ORDER BY name, slug")
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
	tag, err := p.pool.Exec(ctx, "UPDATE tenant SET status = $2, status_reason = $3, changed_at = $4 WHERE slug = $1", slug, string(s), reason, p.clock.Now())
	if err != nil {
		return fmt.Errorf("tenants: set status: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrUnknown
	}
	return p.announce(ctx, slug)
}

func (p *Platform) announce(ctx context.Context, slug string) error {
	if _, err := p.pool.Exec(ctx, "SELECT pg_notify($1, $2)", changedChannel, slug); err != nil {
		return fmt.Errorf("tenants: announce: %w", err)
	}
	return nil
}
