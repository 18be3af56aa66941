package identity

import (
	"context"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// PersonByID gives somebody of the organisation, for a module that signs a row with their name. NotFound when there is nobody.
func PersonByID(ctx context.Context, tx tenants.Reader, id ids.ID) (*Person, error) {
	return getPerson(ctx, tx, id)
}
