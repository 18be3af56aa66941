package consents

import (
	"context"
	"fmt"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Recall keeps answers that were given elsewhere, within tx: the newest about a child holds, the rest is its history.
// It is for children about whom nothing is kept yet; nobody is told, and photos that are here already are not looked at.
func Recall(ctx context.Context, tx tenants.Writer, answers []Answer) error {
	if len(answers) == 0 {
		return nil
	}
	type subject struct {
		child   ids.ID
		purpose Purpose
	}
	newest := map[subject]Answer{}
	var order []subject
	for _, a := range answers {
		about := subject{a.ChildID, a.Purpose}
		before, seen := newest[about]
		if !seen {
			order = append(order, about)
		}
		if !seen || a.AnsweredAt.After(before.AnsweredAt) {
			newest[about] = a
		}
	}
	states := make([]state, len(order))
	for i, about := range order {
		a := newest[about]
		states[i] = state{TenantID: a.TenantID, ChildID: a.ChildID, Purpose: a.Purpose, Granted: a.Granted, AnswerID: a.ID}
	}
	if _, err := tx.NewInsert().Model(&answers).Exec(ctx); err != nil {
		return fmt.Errorf("consents: insert answers: %w", err)
	}
	if _, err := tx.NewInsert().Model(&states).Exec(ctx); err != nil {
		return fmt.Errorf("consents: insert states: %w", err)
	}
	return audit.Record(ctx, tx, "consents.recall", ids.Nil, map[string]any{"answers": len(answers)})
}
