package photos

import (
	"context"

	"ouderportaal/tenants"
)

// Storage asks how many bytes photos take, together with whatever else a page asks.
func (s *Service) Storage(ctx context.Context, into *int64) tenants.Question {
	tenant, _ := tenants.From(ctx)
	return tenants.Sum("SELECT coalesce(sum(full_bytes), 0)::bigint FROM photo WHERE tenant_id = $1", into, tenant.ID)
}
