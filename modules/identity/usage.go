package identity

import (
	"context"
	"fmt"
	"time"

	"ouderportaal/tenants"
)

// LastActive tells when somebody of the organisation last used a session; nil when nobody is known to have.
func LastActive(ctx context.Context, tx tenants.Reader) (at *time.Time, err error) {
	if err := tx.NewRaw("SELECT max(used_at) FROM session WHERE tenant_id = ?", tx.Tenant().ID).Scan(ctx, &at); err != nil {
		return nil, fmt.Errorf("identity: last use: %w", err)
	}
	return at, nil
}
