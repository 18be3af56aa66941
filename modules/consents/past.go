package consents

import (
	"context"
	"fmt"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Recall keeps answers that were given elsewhere, within tx, to questions that are kept by now. It is for children about whom
// nothing is kept yet; nobody is told, and photos that are here already are not looked at.
func Recall(ctx context.Context, tx tenants.Writer, answers []Answer) error {
	if len(answers) == 0 {
		return nil
	}
	type subject struct {
		child   ids.ID
		purpose Purpose
	}
	about := map[subject][]Answer{}
	var order []subject
	var childIDs []ids.ID
	for _, a := range answers {
		of := subject{a.ChildID, a.Purpose}
		if _, seen := about[of]; !seen {
			order = append(order, of)
		}
		about[of] = append(about[of], a)
		childIDs = append(childIDs, a.ChildID)
	}
	ties, err := children.WithAuthority(ctx, tx, ids.Once(childIDs))
	if err != nil {
		return err
	}
	guardians := map[ids.ID][]ids.ID{}
	for _, t := range ties {
		guardians[t.ChildID] = append(guardians[t.ChildID], t.PersonID)
	}
	required := map[Purpose]Required{}
	states := make([]state, len(order))
	for i, of := range order {
		if required[of.purpose] == "" {
			d, err := definitionOf(ctx, tx, of.purpose)
			if err != nil {
				return err
			}
			required[of.purpose] = d.Required
		}
		slices.SortStableFunc(about[of], func(a, b Answer) int { return b.AnsweredAt.Compare(a.AnsweredAt) })
		now := weigh(required[of.purpose], guardians[of.child], about[of])
		states[i] = state{TenantID: tx.Tenant().ID, ChildID: of.child, Purpose: of.purpose, Granted: now.granted, TextVersion: now.textVersion, AnswerID: now.newest}
	}
	if _, err := tx.NewInsert().Model(&answers).Exec(ctx); err != nil {
		return fmt.Errorf("consents: insert answers: %w", err)
	}
	if _, err := tx.NewInsert().Model(&states).Exec(ctx); err != nil {
		return fmt.Errorf("consents: insert states: %w", err)
	}
	return audit.Record(ctx, tx, "consents.recall", ids.Nil, map[string]any{"answers": len(answers)})
}

// RecallTold notes that everybody has heard by now of what they are asked, within tx: nobody is told of what was asked elsewhere.
func RecallTold(ctx context.Context, tx tenants.Writer) error {
	definitions, err := definitionsOf(ctx, tx)
	if err != nil {
		return err
	}
	_, err = noteTold(ctx, tx, definitions, children.InCare(tx, actor.ForSystem(tx.Tenant().ID)), telling{ids.New(), tx.Today().Add(-1), false})
	return err
}

// RecallQuestion keeps a question that was asked elsewhere, within tx, in the words of now.
func RecallQuestion(ctx context.Context, tx tenants.Writer, d Definition, by ids.ID) error {
	d.TenantID, d.TextVersion, d.AskedVersion, d.Version = tx.Tenant().ID, 1, 1, 1
	d.Running = runs(tx.Today(), d.StartsOn, d.EndsOn)
	if err := insertDefinition(ctx, tx, &d); err != nil {
		return err
	}
	words := &text{TenantID: d.TenantID, Purpose: d.Purpose, TextVersion: 1, PublishedBy: by, Text: Text{Title: d.Title, Body: d.Body, PublishedAt: d.CreatedAt}}
	if err := insertText(ctx, tx, words); err != nil {
		return err
	}
	return audit.Record(ctx, tx, "consents.ask", ids.Nil, map[string]any{"purpose": d.Purpose, "version": 1, "required": d.Required})
}
