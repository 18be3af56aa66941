package identity_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// An organisation may let sessions lie unused less long, also those that were begun or used before it said so.
func TestAnOrganisationMayAskMoreOfASession(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	const day = 24 * time.Hour
	strict := e.A
	strict.SignIn = tenants.SignIn{ParentFactor: true, ParentIdleDays: 2, StaffIdleMinutes: 10}
	lenient := e.A
	lenient.SignIn = tenants.SignIn{ParentIdleDays: 99, StaffIdleMinutes: 6000}
	for _, c := range []struct {
		name string
		at   tenants.Tenant
		role actor.Role
		idle time.Duration
	}{
		{"a parent", strict, actor.Parent, 2 * day},
		{"staff", strict, actor.Staff, 10 * time.Minute},
		{"nobody has more than we allow", lenient, actor.Parent, 14 * day},
		{"nor has anybody else", lenient, actor.Admin, time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			who := identitytest.NewPerson(t, e, e.A, identitytest.Role(c.role), identitytest.WithPassword())
			open := func(at tenants.Tenant) string {
				signed, err := s.SignIn(in(at), credentials(who.Email, identitytest.Password))
				require.NoError(t, err)
				return signed.Token
			}
			unused, used := open(e.A), open(c.at)
			e.Clock.Advance(c.idle - time.Second)
			require.True(t, alive(s, c.at, used))
			e.Clock.Advance(time.Second)
			require.False(t, alive(s, c.at, unused), "not used for %s", c.idle)
			_, err := s.SwitchRole(in(c.at), unused, c.role)
			require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
			require.True(t, alive(s, c.at, used))
			e.Clock.Advance(c.idle)
			require.False(t, alive(s, c.at, used), "not used for that long again")
		})
	}
	t.Run("who works without a break stays in", func(t *testing.T) {
		who := identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Staff), identitytest.WithPassword())
		signed, err := s.SignIn(in(strict), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		for range 10 {
			e.Clock.Advance(59 * time.Second) // not noted
			require.True(t, alive(s, strict, signed.Token))
			e.Clock.Advance(9 * time.Minute)
			require.True(t, alive(s, strict, signed.Token))
		}
	})
}

// Who took their last factor away is not in a session that a factor opened, whatever is asked of parents later.
func TestASessionWithoutAFactorIsNotStrong(t *testing.T) {
	e := dbtest.New(t)
	s := locked(e)
	strict := e.A
	strict.SignIn.ParentFactor = true
	who := parent(t, e)
	signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	done, _, _ := enrol(t, e, s, signed.Token)
	visit, err := s.Resolve(in(strict), done.Token)
	require.NoError(t, err)
	require.Equal(t, actor.Parent, visit.Actor.Role)
	gone, err := s.RemoveApp(actor.With(in(e.A), visit.Actor), done.Token)
	require.NoError(t, err)
	visit, err = s.Resolve(in(strict), gone.Token)
	require.NoError(t, err)
	require.Equal(t, actor.Enrolling, visit.Actor.Role)
	require.Error(t, s.StillIn(actor.With(in(strict), done.Actor)), "what streams to them stops")
	e.Clock.Advance(18 * time.Hour)
	_, err = s.Resolve(in(strict), gone.Token)
	require.NoError(t, err, "and they have the time of any parent to set up another")
}
