package notifications

import (
	"context"
	"fmt"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Recall keeps lines that people were told elsewhere, or long ago, within tx, where their moment puts them in the list. No mail goes out
// for them.
func Recall(ctx context.Context, tx tenants.Writer, told []Notification) error {
	if len(told) == 0 {
		return nil
	}
	for i := range told {
		told[i].ID = ids.At(told[i].CreatedAt)
	}
	if _, err := tx.NewInsert().Model(&told).Exec(ctx); err != nil {
		return fmt.Errorf("notifications: insert past notifications: %w", err)
	}
	return nil
}
