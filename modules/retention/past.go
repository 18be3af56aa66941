package retention

import (
	"context"

	"ouderportaal/tenants"
)

// Past is what an organisation chose, and whom it told, before.
type Past struct {
	Terms   Terms
	Notices []Notice
}

// Recall keeps it within tx. Nobody is told of it now.
func Recall(ctx context.Context, tx tenants.Writer, p Past) error {
	p.Terms.TenantID, p.Terms.Version = tx.Tenant().ID, 1
	if err := saveTerms(ctx, tx, &p.Terms); err != nil {
		return err
	}
	return insertNotices(ctx, tx, p.Notices)
}
