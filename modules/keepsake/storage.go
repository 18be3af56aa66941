package keepsake

import (
	"context"

	"ouderportaal/tenants"
)

// Storage asks how many bytes the files take that are ready or being made, together with whatever else a page asks.
func (s *Service) Storage(ctx context.Context, into *int64) tenants.Question {
	tenant, _ := tenants.From(ctx)
	return tenants.Sum("SELECT coalesce(sum(bytes), 0)::bigint FROM keepsake_part WHERE tenant_id = $1", into, tenant.ID)
}
