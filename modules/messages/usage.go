package messages

import (
	"context"
	"fmt"

	"ouderportaal/tenants"
)

// StorageUsed tells how many bytes the attachments of the organisation's messages take.
func StorageUsed(ctx context.Context, tx tenants.Reader) (bytes int64, err error) {
	err = tx.NewRaw("SELECT coalesce(sum(bytes), 0)::bigint FROM message_attachment WHERE tenant_id = ?", tx.Tenant().ID).Scan(ctx, &bytes)
	if err != nil {
		return 0, fmt.Errorf("messages: sum storage: %w", err)
	}
	return bytes, nil
}
