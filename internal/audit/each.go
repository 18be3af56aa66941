package audit

import (
	"context"
	"fmt"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// RecordEach is Record for many subjects of one action, some hundred in a statement. Each is a link of the chain, which
// others wait for at the commit: for what somebody will look for at the subject, not for everything that an import touched.
func RecordEach(ctx context.Context, tx tenants.Writer, action string, subjects []ids.ID, detail map[string]any) error {
	who := actor.From(ctx)
	if detail == nil {
		detail = map[string]any{}
	}
	for part := range slices.Chunk(subjects, 500) {
		rows := make([]entry, len(part))
		for i, subject := range part {
			rows[i] = entry{TenantID: tx.Tenant().ID, ID: ids.New(), At: tx.Now(), ActorID: who.PersonID, ActorRole: roleOf(who), Action: action, SubjectID: subject, Detail: detail}
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return fmt.Errorf("audit: record %s: %w", action, err)
		}
	}
	return nil
}

func roleOf(who actor.Actor) string {
	if who.Role == "" {
		return "anonymous"
	}
	return string(who.Role)
}
