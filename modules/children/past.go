package children

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Managed is a location that the manager of a membership manages.
type Managed struct {
	bun.BaseModel `bun:"table:membership_location"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	MembershipID  ids.ID `bun:",pk,type:uuid"`
	LocationID    ids.ID `bun:",pk,type:uuid"`
}

// Recall keeps a roster that another administration had, and who manages its locations, within tx.
func Recall(ctx context.Context, tx tenants.Writer, r Roster, managed []Managed) error {
	if err := insertRoster(ctx, tx, r); err != nil {
		return err
	}
	if len(managed) > 0 {
		if _, err := tx.NewInsert().Model(&managed).Exec(ctx); err != nil {
			return fmt.Errorf("children: insert managed locations: %w", err)
		}
	}
	return audit.Record(ctx, tx, "children.recall", ids.Nil, map[string]any{"children": len(r.Children), "placements": len(r.Placements)})
}

// Any tells whether the organisation knows any child.
func Any(ctx context.Context, tx tenants.Reader) (bool, error) {
	some, err := tx.NewSelect().Model((*Child)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("children: look for any: %w", err)
	}
	return some, nil
}
