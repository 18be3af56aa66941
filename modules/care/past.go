package care

import (
	"context"
	"fmt"
	"slices"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Recall keeps days of the past within tx, each record written by the person of the same place in by. Nobody is told.
func Recall(ctx context.Context, tx tenants.Writer, records []Record, by []ids.ID) error {
	if len(records) == 0 {
		return nil
	}
	changes := make([]Change, len(records))
	for i := range records {
		r := &records[i]
		at := r.BeganAt
		if r.EndedAt != nil {
			at = *r.EndedAt
		}
		changes[i] = changeOf(r, ids.New(), at, by[i])
	}
	// A row has a dozen parameters, and a statement at most 65,535.
	for part := range slices.Chunk(records, 1000) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("care: insert past records: %w", err)
		}
	}
	for part := range slices.Chunk(changes, 1000) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("care: insert past changes: %w", err)
		}
	}
	return audit.Record(ctx, tx, "care.recall", ids.Nil, map[string]any{"records": len(records)})
}
