package tenants

import (
	"context"
	"fmt"
)

// SignIn is how strictly people of an organisation sign in.
type SignIn struct {
	ParentFactor     bool // parents, like everybody else, do nothing without a second factor
	ParentIdleDays   int  // after which a parent who did nothing signs in again: 14 at most
	StaffIdleMinutes int  // after which anybody else does: 60 at most
}

// SignInOf gives the rules of the organisation of tx as they are now.
func SignInOf(ctx context.Context, tx Reader) (SignIn, error) { return selectSignIn(ctx, tx, "") }

func selectSignIn(ctx context.Context, tx Reader, lock string) (rules SignIn, err error) {
	err = tx.NewRaw("SELECT parent_factor, parent_idle_days, staff_idle_minutes FROM tenant WHERE id = ?"+lock, tx.Tenant().ID).
		Scan(ctx, &rules.ParentFactor, &rules.ParentIdleDays, &rules.StaffIdleMinutes)
	if err != nil {
		return rules, fmt.Errorf("tenants: find rules: %w", err)
	}
	return rules, nil
}

// SetSignIn gives the organisation of tx other rules, and tells whether it still had those of before: if not, nothing is changed. Every process
// hears of it at the commit.
func SetSignIn(ctx context.Context, tx Writer, before, rules SignIn) (done bool, err error) {
	now, err := selectSignIn(ctx, tx, " FOR UPDATE")
	if err != nil || now != before {
		return false, err
	}
	row := &own{ID: tx.Tenant().ID, ParentFactor: rules.ParentFactor, ParentIdleDays: rules.ParentIdleDays, StaffIdleMinutes: rules.StaffIdleMinutes, ChangedAt: tx.Now()}
	return true, changeOwn(ctx, tx, row, "parent_factor", "parent_idle_days", "staff_idle_minutes", "changed_at")
}
