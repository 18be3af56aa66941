package photos

import (
	"context"
	"fmt"

	"ouderportaal/tenants"
)

// StorageUsed tells how many bytes the photos of the organisation take: what was sent, or what the largest version takes where that
// is known to be more.
func StorageUsed(ctx context.Context, tx tenants.Reader) (bytes int64, err error) {
	err = tx.NewRaw("SELECT coalesce(sum(greatest(bytes, full_bytes)), 0)::bigint FROM photo WHERE tenant_id = ?", tx.Tenant().ID).Scan(ctx, &bytes)
	if err != nil {
		return 0, fmt.Errorf("photos: sum storage: %w", err)
	}
	return bytes, nil
}
