package identity

import (
	"context"
	"time"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// tamperTime is how long before a new address was asked for somebody may have been in an account already: who means to stay in
// it sets up a factor first.
const tamperTime = 24 * time.Hour

// dropFactorsSince takes away what was set up in an account while somebody else was in it, and tells its owner.
func dropFactorsSince(ctx context.Context, tx tenants.Writer, person ids.ID, since time.Time) error {
	dropped, err := removeFactorsSince(ctx, tx, person, since)
	if err != nil || !dropped {
		return err
	}
	if err := dropIdleCodes(ctx, tx, person); err != nil {
		return err
	}
	return recordFactor(ctx, tx, person, "factors_taken_back")
}

// dropIdleCodes removes the recovery codes of who has no factor any more that they could stand in for.
func dropIdleCodes(ctx context.Context, tx tenants.Writer, person ids.ID) error {
	f, err := factorsOf(ctx, tx, person)
	if err != nil || f.any() {
		return err
	}
	return removeCodes(ctx, tx, person)
}
