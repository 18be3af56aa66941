// Package audit keeps who did what, in the transaction in which it was done. The app role can add and read, not change.
package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

type entry struct {
	bun.BaseModel `bun:"table:audit_entry"`
	TenantID      ids.ID         `bun:",pk,type:uuid"`
	ID            ids.ID         `bun:",pk,type:uuid"`
	At            time.Time      `bun:"at"`
	ActorID       ids.ID         `bun:"actor_id,type:uuid,nullzero"`
	ActorRole     string         `bun:"actor_role"`
	Action        string         `bun:"action"`
	SubjectID     ids.ID         `bun:"subject_id,type:uuid,nullzero"`
	Detail        map[string]any `bun:"detail,type:jsonb"`
}

// Record notes that the actor in ctx did action ("diary.publish") to subject. detail holds ids, counts and reasons,
// never the text of a child's file.
func Record(ctx context.Context, tx tenants.Writer, action string, subject ids.ID, detail map[string]any) error {
	_, err := record(ctx, tx, action, subject, detail)
	return err
}

func record(ctx context.Context, tx tenants.Writer, action string, subject ids.ID, detail map[string]any) (ids.ID, error) {
	who := actor.From(ctx)
	if detail == nil {
		detail = map[string]any{}
	}
	e := &entry{TenantID: tx.Tenant().ID, ID: ids.New(), At: tx.Now(), ActorID: who.PersonID, ActorRole: roleOf(who), Action: action, SubjectID: subject, Detail: detail}
	if _, err := tx.NewInsert().Model(e).Exec(ctx); err != nil {
		return ids.Nil, fmt.Errorf("audit: record %s: %w", action, err)
	}
	return e.ID, nil
}
