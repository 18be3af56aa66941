package identity

import (
	"context"
	"fmt"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Recall keeps people and what they are, as another administration knew them, within tx. PasswordHash comes from a Hasher.
func Recall(ctx context.Context, tx tenants.Writer, people []Person, memberships []Membership) error {
	if _, err := tx.NewInsert().Model(&people).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert people: %w", err)
	}
	if _, err := tx.NewInsert().Model(&memberships).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert memberships: %w", err)
	}
	return audit.Record(ctx, tx, "identity.recall", ids.Nil, map[string]any{"people": len(people), "memberships": len(memberships)})
}
