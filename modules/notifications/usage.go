package notifications

import (
	"context"
	"fmt"
	"time"

	"ouderportaal/tenants"
)

// MailsSince counts the mails about news that went out to people of the organisation since a moment.
func MailsSince(ctx context.Context, tx tenants.Reader, since time.Time) (n int, err error) {
	err = tx.NewRaw("SELECT count(*) FROM delivery WHERE tenant_id = ? AND channel = 'mail' AND state = 'sent' AND finished_at >= ?", tx.Tenant().ID, since).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("notifications: count mails: %w", err)
	}
	return n, nil
}
