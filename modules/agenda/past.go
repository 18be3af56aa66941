package agenda

import (
	"context"

	"ouderportaal/tenants"
)

// Recall keeps entries within tx. Nobody is told.
func Recall(ctx context.Context, tx tenants.Writer, list []Entry) error {
	for i := range list {
		if err := insertEntry(ctx, tx, &list[i]); err != nil {
			return err
		}
	}
	return nil
}
