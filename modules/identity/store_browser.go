package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

type browser struct {
	bun.BaseModel `bun:"table:browser"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	TokenHash     []byte
	UsedAt        time.Time
}

func insertBrowser(ctx context.Context, tx tenants.Writer, b *browser) error {
	if _, err := tx.NewInsert().Model(b).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert browser: %w", err)
	}
	return nil
}

// findBrowser gives the browser with a token; ids.Nil when there is none.
func findBrowser(ctx context.Context, tx tenants.Reader, token string) (ids.ID, error) {
	return browserID(ctx, tx.NewSelect().Model((*browser)(nil)).Column("id").Where("tenant_id = ?", tx.Tenant().ID).Where("token_hash = ?", ids.HashToken(token)))
}

// findBrowserOf is findBrowser for who has a session in it, or had it until its last renewal: also one that has ended, so that a
// sign-out that comes twice leaves nobody behind.
func findBrowserOf(ctx context.Context, tx tenants.Reader, session []byte, token string) (ids.ID, error) {
	return browserID(ctx, tx.NewSelect().TableExpr("browser AS b").ColumnExpr("b.id").Where("b.tenant_id = ?", tx.Tenant().ID).Where("b.token_hash = ?", ids.HashToken(token)).
		Where("EXISTS (SELECT FROM session s WHERE s.tenant_id = b.tenant_id AND s.browser_id = b.id AND (s.token_hash = ?0 OR s.former_token_hash = ?0))", session))
}

// findBrowserUsedBy is findBrowser for who ever had a session in it.
func findBrowserUsedBy(ctx context.Context, tx tenants.Reader, person ids.ID, token string) (ids.ID, error) {
	return browserID(ctx, tx.NewSelect().TableExpr("browser AS b").ColumnExpr("b.id").Where("b.tenant_id = ?", tx.Tenant().ID).Where("b.token_hash = ?", ids.HashToken(token)).
		Where("EXISTS (SELECT FROM session s WHERE s.tenant_id = b.tenant_id AND s.browser_id = b.id AND s.person_id = ?)", person))
}

func browserID(ctx context.Context, q *bun.SelectQuery) (id ids.ID, err error) {
	if err = q.Scan(ctx, &id); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return ids.Nil, fmt.Errorf("identity: find browser: %w", err)
	}
	return id, nil
}

func joinBrowser(ctx context.Context, tx tenants.Writer, id, at ids.ID) error {
	_, err := tx.NewUpdate().Model((*session)(nil)).Set("browser_id = ?", at).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: join browser: %w", err)
	}
	return noteBrowser(ctx, tx, at)
}

// noteBrowser notes that a browser is used: one that is not goes with the sweep.
func noteBrowser(ctx context.Context, tx tenants.Writer, at ids.ID) error {
	_, err := tx.NewUpdate().Model((*browser)(nil)).Set("used_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", at).Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: note use of browser: %w", err)
	}
	return nil
}

// livingIn narrows a query over session s, person p and membership m to sessions of a browser that would pass a request now.
func livingIn(tx tenants.Reader, at ids.ID) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.TableExpr("session AS s").
			Join("JOIN person AS p ON p.tenant_id = s.tenant_id AND p.id = s.person_id AND p.deactivated_at IS NULL").
			Join("JOIN membership AS m ON m.tenant_id = s.tenant_id AND m.id = s.membership_id AND "+strings.ReplaceAll(holds, "{today}", "?0"), string(tx.Today())).
			Where("s.tenant_id = ?", tx.Tenant().ID).Where("s.browser_id = ?", at).
			Where("s.ended_at IS NULL").Where("s.idle_until > ?", tx.Now()).Where("s.expires_at > ?", tx.Now()).Apply(used(tx))
	}
}

// accountsIn lists the living sessions of a browser, last used first.
func accountsIn(ctx context.Context, tx tenants.Reader, at ids.ID) ([]BrowserAccount, error) {
	var rows []struct {
		ID         ids.ID
		GivenName  string
		FamilyName string
		Face       int
		Role       string
		Strong     bool
	}
	err := tx.NewSelect().Apply(livingIn(tx, at)).ColumnExpr("s.id, p.given_name, p.family_name, p.face, m.role, s.strong").
		OrderExpr("s.used_at DESC, s.id").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("identity: list accounts: %w", err)
	}
	list := make([]BrowserAccount, len(rows))
	for i, r := range rows {
		list[i] = BrowserAccount{SessionID: r.ID, Name: fullName(r.GivenName, r.FamilyName), Face: r.Face, Role: actsAs(tx.Tenant().SignIn, r.Role, r.Strong)}
	}
	return list, nil
}

// lockInBrowser finds a living session of a browser, and keeps it from changing until the transaction ends.
func lockInBrowser(ctx context.Context, tx tenants.Writer, at, id ids.ID) (*session, *Person, error) {
	row := new(session)
	err := tx.NewSelect().Apply(livingIn(tx, at)).ColumnExpr("s.*").Where("s.id = ?", id).For("UPDATE OF s").Scan(ctx, row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, fault.NotFound()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("identity: lock session: %w", err)
	}
	p, err := getPerson(ctx, tx, row.PersonID)
	return row, p, err
}

// endInBrowser ends the sessions in a browser: of one person, or of everybody when person is ids.Nil.
func endInBrowser(ctx context.Context, tx tenants.Writer, at, person ids.ID) error {
	q := tx.NewUpdate().Model((*session)(nil)).Set("ended_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).Where("browser_id = ?", at).Where("ended_at IS NULL")
	if person != ids.Nil {
		q = q.Where("person_id = ?", person)
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("identity: end sessions of browser: %w", err)
	}
	return nil
}

type accountLink struct {
	bun.BaseModel  `bun:"table:account_link"`
	TenantID       ids.ID `bun:",pk,type:uuid"`
	ID             ids.ID `bun:",pk,type:uuid"`
	BrowserID      ids.ID `bun:"type:uuid"`
	OtherSlug      string
	OtherBrowserID ids.ID `bun:"type:uuid"` // at the other organisation
	CreatedAt      time.Time
}

type linkRequest struct {
	bun.BaseModel  `bun:"table:account_link_request"`
	TenantID       ids.ID `bun:",pk,type:uuid"`
	ID             ids.ID `bun:",pk,type:uuid"`
	TokenHash      []byte
	BrowserID      ids.ID `bun:"type:uuid"`
	OtherSlug      string
	OtherBrowserID ids.ID `bun:"type:uuid,nullzero"` // once the other side agreed
	ExpiresAt      time.Time
}

func insertLinkRequest(ctx context.Context, tx tenants.Writer, r *linkRequest) error {
	if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert link request: %w", err)
	}
	return nil
}

// takeLinkRequest gives the browser that asked to be linked with the organisation called slug, which nobody there agreed to yet,
// and deletes the request.
func takeLinkRequest(ctx context.Context, tx tenants.Writer, slug string, hash []byte) (ids.ID, error) {
	r, err := oneLinkRequest(ctx, tx, slug, hash, func(q *bun.DeleteQuery) *bun.DeleteQuery { return q.Where("other_browser_id IS NULL") })
	return r.BrowserID, err
}

// takeAgreedRequest gives the browser at the organisation called slug that agreed to be linked with this one, and deletes the request.
func takeAgreedRequest(ctx context.Context, tx tenants.Writer, slug string, hash []byte, browser ids.ID) (ids.ID, error) {
	r, err := oneLinkRequest(ctx, tx, slug, hash, func(q *bun.DeleteQuery) *bun.DeleteQuery {
		return q.Where("other_browser_id IS NOT NULL").Where("browser_id = ?", browser)
	})
	return r.OtherBrowserID, err
}

func oneLinkRequest(ctx context.Context, tx tenants.Writer, slug string, hash []byte, which func(*bun.DeleteQuery) *bun.DeleteQuery) (linkRequest, error) {
	var r linkRequest
	err := tx.NewDelete().Model(&r).Where("tenant_id = ?", tx.Tenant().ID).Where("token_hash = ?", hash).Where("other_slug = ?", slug).
		Where("expires_at > ?", tx.Now()).Apply(which).Returning("browser_id, other_browser_id").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return r, linkGone()
	}
	if err != nil {
		return r, fmt.Errorf("identity: take link request: %w", err)
	}
	return r, nil
}

func upsertLink(ctx context.Context, tx tenants.Writer, l *accountLink) error {
	_, err := tx.NewInsert().Model(l).On("CONFLICT (tenant_id, browser_id, other_slug) DO UPDATE").Set("other_browser_id = EXCLUDED.other_browser_id").Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: insert account link: %w", err)
	}
	return nil
}

func linksOf(ctx context.Context, tx tenants.Reader, browser ids.ID) ([]accountLink, error) {
	var list []accountLink
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("browser_id = ?", browser).Order("other_slug").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("identity: list account links: %w", err)
	}
	return list, nil
}

// removeLink takes one side of a link away, and leaves a newer one with another browser there.
func removeLink(ctx context.Context, tx tenants.Writer, browser ids.ID, slug string, other ids.ID) error {
	_, err := tx.NewDelete().Model((*accountLink)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("browser_id = ?", browser).Where("other_slug = ?", slug).
		Where("other_browser_id = ?", other).Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: remove account link: %w", err)
	}
	return nil
}
