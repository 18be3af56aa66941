package tenants

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
)

// Words are what an organisation says in its own words, by language; empty where ours are enough.
type Words struct {
	SignIn   map[string]string `json:"sign_in,omitempty"`   // on the sign-in page
	MailFoot map[string]string `json:"mail_foot,omitempty"` // at the foot of every mail
}

// Look is what an organisation chooses of how its portal and mails look.
type Look struct {
	Hue, Chroma float64
	Logo        ids.ID // Nil: our own mark
	Words       Words
}

// own is the part of the directory that an organisation changes itself; the database refuses any other column and row.
type own struct {
	bun.BaseModel `bun:"table:tenant"`
	ID            ids.ID   `bun:",pk,type:uuid"`
	BrandHue      float64  `bun:"brand_hue"`
	BrandChroma   float64  `bun:"brand_chroma"`
	LogoID        ids.ID   `bun:"logo_id,type:uuid,nullzero"`
	Words         Words    `bun:"words,type:jsonb"`
	Security      string   `bun:"security_contact"`
	Off           []string `bun:"features_off,array"`
	Languages     []string `bun:"languages,array"`
	Language      string   `bun:"language"`
	Example       bool     `bun:"example"`

	ParentFactor     bool `bun:"parent_factor"`
	ParentIdleDays   int  `bun:"parent_idle_days"`
	StaffIdleMinutes int  `bun:"staff_idle_minutes"`

	ChangedAt time.Time `bun:"changed_at"`
}

// Restyle gives the organisation of tx another look. Every process hears of it at the commit.
func Restyle(ctx context.Context, tx Writer, l Look) error {
	row := &own{ID: tx.Tenant().ID, BrandHue: l.Hue, BrandChroma: l.Chroma, LogoID: l.Logo, Words: l.Words, ChangedAt: tx.Now()}
	return changeOwn(ctx, tx, row, "brand_hue", "brand_chroma", "logo_id", "words", "changed_at")
}

// SetSecurityContact says where weak spots of the organisation's portal are reported: a URI, or empty for that of the installation.
func SetSecurityContact(ctx context.Context, tx Writer, uri string) error {
	return changeOwn(ctx, tx, &own{ID: tx.Tenant().ID, Security: uri, ChangedAt: tx.Now()}, "security_contact", "changed_at")
}

// NoExample says that the data of the organisation are not made up after all.
func NoExample(ctx context.Context, tx Writer) error {
	return changeOwn(ctx, tx, &own{ID: tx.Tenant().ID, Example: false, ChangedAt: tx.Now()}, "example", "changed_at")
}

func changeOwn(ctx context.Context, tx Writer, row *own, columns ...string) error {
	result, err := tx.NewUpdate().Model(row).Column(columns...).WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("tenants: change: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("tenants: change: %d rows: %w", n, err)
	}
	if _, err := tx.NewRaw("SELECT pg_notify(?, ?)", changedChannel, tx.Tenant().Slug).Exec(ctx); err != nil {
		return fmt.Errorf("tenants: announce: %w", err)
	}
	return nil
}
