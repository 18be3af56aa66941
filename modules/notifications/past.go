package notifications

import (
	"context"
	"fmt"

	"ouderportaal/tenants"
)

// Recall keeps lines that people were told elsewhere, or long ago, within tx. No mail goes out for them.
func Recall(ctx context.Context, tx tenants.Writer, told []Notification) error {
	if len(told) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&told).Exec(ctx); err != nil {
		return fmt.Errorf("notifications: insert past notifications: %w", err)
	}
	return nil
}
