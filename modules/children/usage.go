package children

import (
	"context"
	"errors"
	"fmt"

	"ouderportaal/internal/fault"
	"ouderportaal/tenants"
)

// CountCared tells how many children of the organisation are cared for or will be: those who have not gone. It is what a limit on
// children counts.
func CountCared(ctx context.Context, tx tenants.Reader) (n int, err error) {
	err = tx.NewRaw(`SELECT count(*) FROM child c WHERE c.tenant_id = ?0 AND (NOT EXISTS (SELECT FROM placement p WHERE p.tenant_id = ?0 AND p.child_id = c.id AND p.cancelled_at IS NULL)
		OR EXISTS (SELECT FROM placement p WHERE p.tenant_id = ?0 AND p.child_id = c.id AND p.cancelled_at IS NULL AND (p.ends_on IS NULL OR p.ends_on >= ?1::date)))`,
		tx.Tenant().ID, string(tx.Today())).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("children: count: %w", err)
	}
	return n, nil
}

// ErrFull says that the organisation may have no more children.
var ErrFull = errors.New("children: no room for more")

// mustHaveRoom refuses more children than the organisation may have, however many are added at once: Invalid.
func mustHaveRoom(ctx context.Context, tx tenants.Writer, more int) error {
	limit := tx.Tenant().ChildLimit
	if limit == 0 || more == 0 {
		return nil
	}
	if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended('children ' || ?, 0))", tx.Tenant().ID.String()).Exec(ctx); err != nil {
		return fmt.Errorf("children: wait for room: %w", err)
	}
	n, err := CountCared(ctx, tx)
	if err != nil {
		return err
	}
	if n+more > limit {
		return fault.New(fault.Invalid, "children.error.limit").With(map[string]any{"Limit": limit}).Wrap(ErrFull)
	}
	return nil
}
