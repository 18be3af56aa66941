package locations

import (
	"context"
	"fmt"

	"ouderportaal/tenants"
)

// StorageUsed tells how many bytes the photos of colleagues take, as they were uploaded; of those that were refused nothing is kept.
func StorageUsed(ctx context.Context, tx tenants.Reader) (bytes int64, err error) {
	err = tx.NewRaw("SELECT coalesce(sum(bytes), 0)::bigint FROM staff_photo WHERE tenant_id = ? AND state <> 'refused'", tx.Tenant().ID).Scan(ctx, &bytes)
	if err != nil {
		return 0, fmt.Errorf("locations: sum storage: %w", err)
	}
	return bytes, nil
}
