package tenants

import (
	"context"
	"fmt"

	"ouderportaal/internal/fault"
)

// SetLimits bounds the organisation of a transaction of Platform: children, and bytes of storage; 0 is no limit.
func SetLimits(ctx context.Context, tx Writer, children int, storage int64) error {
	_, err := tx.NewRaw("UPDATE tenant SET child_limit = ?, storage_limit = ?, changed_at = ? WHERE id = ?", children, storage, tx.Now(), tx.Tenant().ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("tenants: set limits: %w", err)
	}
	return Announce(ctx, tx, tx.Tenant().Slug)
}

// MustHaveRoom refuses a file for which the organisation has no storage left: Invalid. What is used was counted some minutes ago, so a
// limit can be passed by what comes in between.
func MustHaveRoom(ctx context.Context, tx Reader, bytes int64) error {
	limit := tx.Tenant().StorageLimit
	if limit == 0 {
		return nil
	}
	var used int64
	err := tx.NewRaw("SELECT coalesce((SELECT storage_bytes FROM tenant_usage WHERE tenant_id = ?), 0)", tx.Tenant().ID).Scan(ctx, &used)
	if err != nil {
		return fmt.Errorf("tenants: read usage: %w", err)
	}
	if used+bytes > limit {
		return fault.New(fault.Invalid, "tenant.error.storage_full")
	}
	return nil
}
