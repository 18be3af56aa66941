package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// emailChange is a row; its hashes are only written and looked for, never read.
type emailChange struct {
	bun.BaseModel `bun:"table:email_change"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	SessionID     ids.ID `bun:"type:uuid"`
	OldEmail      string
	NewEmail      string
	CreatedAt     time.Time
	ExpiresAt     time.Time
	ConfirmedAt   *time.Time
	UndoneAt      *time.Time
}

func insertEmailChange(ctx context.Context, tx tenants.Writer, c *emailChange) error {
	if _, err := tx.NewInsert().Model(c).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert email change: %w", err)
	}
	return nil
}

func getEmailChange(ctx context.Context, tx tenants.Reader, id ids.ID) (*emailChange, error) {
	return oneEmailChange(ctx, tx, tx.NewSelect().Where("id = ?", id))
}

// openEmailChange finds what a link confirms, or takes back, that still can be.
func openEmailChange(ctx context.Context, tx tenants.Reader, link EmailLink, hash []byte) (*emailChange, error) {
	q := tx.NewSelect().Where("? = ANY (?)", hash, bun.Ident(link.column()))
	if link == ConfirmLink {
		q = q.Where("confirmed_at IS NULL").Where("expires_at > ?", tx.Now())
	} else {
		q = q.Where("confirmed_at > ?", tx.Now().Add(-UndoTime))
	}
	q = q.Where("undone_at IS NULL")
	return oneEmailChange(ctx, tx, q)
}

func oneEmailChange(ctx context.Context, tx tenants.Reader, q *bun.SelectQuery) (*emailChange, error) {
	c := new(emailChange)
	err := q.Model(c).Where("tenant_id = ?", tx.Tenant().ID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, linkGone()
	}
	if err != nil {
		return nil, fmt.Errorf("identity: find email change: %w", err)
	}
	return c, nil
}

// addEmailLink lets one more link do what link does.
func addEmailLink(ctx context.Context, tx tenants.Writer, id ids.ID, link EmailLink, hash []byte) error {
	done, err := tx.NewUpdate().Model((*emailChange)(nil)).Set("?0 = array_append(?0, ?1)", bun.Ident(link.column()), hash).
		Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Exec(ctx)
	return mustTouchOne(done, err, "identity: add email link")
}

func updateEmailChange(ctx context.Context, tx tenants.Writer, c *emailChange, column string) error {
	if _, err := tx.NewUpdate().Model(c).Column(column).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("identity: update email change: %w", err)
	}
	return nil
}

// dropEmailChanges lets nobody confirm what a person asked for outside the session keep, which may be ids.Nil: whoever else
// was in the account asked for it.
func dropEmailChanges(ctx context.Context, tx tenants.Writer, person, keep ids.ID) error {
	_, err := tx.NewUpdate().Model((*emailChange)(nil)).Set("undone_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).
		Where("session_id <> ?", keep).Where("confirmed_at IS NULL").Where("undone_at IS NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: drop email changes: %w", err)
	}
	return nil
}

// undoEmailChanges takes back c and whatever was changed since, so that the links about that are worth nothing.
func undoEmailChanges(ctx context.Context, tx tenants.Writer, c *emailChange) error {
	_, err := tx.NewUpdate().Model((*emailChange)(nil)).Set("undone_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", c.PersonID).
		Where("created_at >= ?", c.CreatedAt).Where("undone_at IS NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: undo email changes: %w", err)
	}
	return nil
}

// emailKnown tells whether somebody has this address.
func emailKnown(ctx context.Context, tx tenants.Reader, email string) (bool, error) {
	known, err := tx.NewSelect().Model((*Person)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("email = ?", email).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("identity: find address: %w", err)
	}
	return known, nil
}
