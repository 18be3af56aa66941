package house

import (
	"context"
	"fmt"
	"slices"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// How long sessions may lie unused, of parents in days and of anybody else in minutes: what an organisation chooses from.
var (
	ParentIdleDays   = []int{1, 2, 7, 14}
	StaffIdleMinutes = []int{10, 15, 30, 60}
)

// SignIn gives how strictly people sign in, to an actor who is fresh: nobody fills in a form that is refused then.
func (s *Service) SignIn(ctx context.Context) (rules tenants.SignIn, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if err := identity.MustBeFresh(ctx, tx); err != nil {
			return err
		}
		rules, err = tenants.SignInOf(ctx, tx)
		return err
	})
	return rules, err
}

// SetSignIn says how strictly people sign in from now on, also those who are signed in. The actor must be fresh; when somebody else has
// changed the rules of before since, it is a Conflict.
func (s *Service) SetSignIn(ctx context.Context, before, rules tenants.SignIn) error {
	if !slices.Contains(ParentIdleDays, rules.ParentIdleDays) || !slices.Contains(StaffIdleMinutes, rules.StaffIdleMinutes) {
		return fault.NotFound()
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := identity.MustBeFresh(ctx, tx); err != nil {
			return err
		}
		done, err := tenants.SetSignIn(ctx, tx, before, rules)
		if err != nil {
			return err
		}
		if !done {
			return fault.New(fault.Conflict, "house.error.rules_changed")
		}
		return audit.Record(ctx, tx, "house.set_sign_in", ids.Nil, map[string]any{"parent_factor": rules.ParentFactor,
			"parent_idle_days": rules.ParentIdleDays, "staff_idle_minutes": rules.StaffIdleMinutes})
	})
	if err != nil {
		return fmt.Errorf("house: set rules of signing in: %w", err)
	}
	s.forget(ctx)
	return nil
}
