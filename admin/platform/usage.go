package platform

import (
	"context"
	"fmt"
	"time"

	"ouderportaal/tenants"
)

// Counters are how modules tell how much there is of what they keep of the organisation of tx.
type Counters struct {
	Children func(ctx context.Context, tx tenants.Reader) (int, error)
	// Storage gives bytes, of each module that keeps files.
	Storage []func(ctx context.Context, tx tenants.Reader) (int64, error)
	Mails   func(ctx context.Context, tx tenants.Reader, since time.Time) (int, error)
	Active  func(ctx context.Context, tx tenants.Reader) (*time.Time, error)
}

// mailTime is the time of which mails are counted.
const mailTime = 30 * 24 * time.Hour

// Count writes down how much there is of the organisation in ctx, as the app role. It is for the schedule: lists of all
// organisations read what it wrote, and count nothing themselves.
func Count(ctx context.Context, db *tenants.DB, c Counters) error {
	return db.Write(ctx, c.keep)
}

// keep is Count in a transaction of somebody else.
func (c Counters) keep(ctx context.Context, tx tenants.Writer) error {
	children, err := c.Children(ctx, tx)
	if err != nil {
		return err
	}
	var storage int64
	for _, count := range c.Storage {
		bytes, err := count(ctx, tx)
		if err != nil {
			return err
		}
		storage += bytes
	}
	mails, err := c.Mails(ctx, tx, tx.Now().Add(-mailTime))
	if err != nil {
		return err
	}
	active, err := c.Active(ctx, tx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`INSERT INTO tenant_usage (tenant_id, children, storage_bytes, mails, active_at, counted_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (tenant_id) DO UPDATE SET children = excluded.children, storage_bytes = excluded.storage_bytes, mails = excluded.mails,
		active_at = greatest(tenant_usage.active_at, excluded.active_at), counted_at = excluded.counted_at`, tx.Tenant().ID, children, storage, mails, active, tx.Now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("platform: keep usage: %w", err)
	}
	return nil
}
