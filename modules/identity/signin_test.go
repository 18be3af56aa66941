package identity_test

import (
	"context"
	"net/netip"
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

var home = netip.MustParseAddr("192.0.2.7")

func in(t tenants.Tenant) context.Context { return tenants.With(context.Background(), t) }

func credentials(email, password string) identity.Credentials {
	return identity.Credentials{Email: email, Password: password, IP: home, Device: "Firefox · Linux"}
}

// parent is somebody with a password, in each test's first organisation.
func parent(t testing.TB, e *dbtest.Env, options ...identitytest.Option) identitytest.Someone {
	return identitytest.NewPerson(t, e, e.A, append([]identitytest.Option{identitytest.Role(actor.Parent), identitytest.WithPassword()}, options...)...)
}

func TestSignIn(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{Keys: identitytest.Keys})
	who := parent(t, e, identitytest.Email("mila@example.test"))

	t.Run("opens a session that tells who visits", func(t *testing.T) {
		signed, err := s.SignIn(in(e.A), credentials(" Mila@Example.TEST ", identitytest.Password))
		require.NoError(t, err)
		visit, err := s.Resolve(in(e.A), signed.Token)
		require.NoError(t, err)
		require.Equal(t, who.ID, visit.Actor.PersonID)
		require.Equal(t, e.A.ID, visit.Actor.TenantID)
		require.Equal(t, actor.Parent, visit.Actor.Role)
		require.Equal(t, "Sanne de Boer", visit.Actor.Name)
		require.Equal(t, signed.Actor.SessionID, visit.Actor.SessionID)
	})
	t.Run("is worth nothing at another organisation", func(t *testing.T) {
		signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		_, err = s.Resolve(in(e.B), signed.Token)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
		require.NoError(t, s.SignOut(in(e.B), signed.Token))
		_, err = s.Resolve(in(e.A), signed.Token)
		require.NoError(t, err, "B signed out somebody of A")
		_, err = s.SignIn(in(e.B), credentials(who.Email, identitytest.Password))
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})
	t.Run("says the same whatever is wrong", func(t *testing.T) {
		gone := parent(t, e)
		require.NoError(t, s.Deactivate(system(e.A), gone.ID))
		none := identitytest.NewPerson(t, e, e.A, identitytest.WithPassword())
		past := identitytest.NewPerson(t, e, e.A, identitytest.WithPassword(), identitytest.RoleBetween(actor.Parent, "2026-01-01", "2026-11-22"))
		future := identitytest.NewPerson(t, e, e.A, identitytest.WithPassword(), identitytest.RoleBetween(actor.Parent, "2026-11-24", ""))
		without := identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Parent))
		_, unknown := s.SignIn(in(e.A), credentials("nobody@example.test", identitytest.Password))
		require.Equal(t, fault.Invalid, fault.CodeOf(unknown))
		for name, c := range map[string]identity.Credentials{
			"wrong password": credentials(who.Email, "not this one at all"),
			"deactivated":    credentials(gone.Email, identitytest.Password),
			"no role":        credentials(none.Email, identitytest.Password),
			"role ended":     credentials(past.Email, identitytest.Password),
			"role to come":   credentials(future.Email, identitytest.Password),
			"no password":    credentials(without.Email, ""),
			"not an address": credentials("mila", identitytest.Password),
			"very long":      credentials(who.Email, string(make([]byte, 2000))),
			"not text":       credentials(who.Email, "\xff\xfe"),
			"NUL":            credentials("a\x00@example.test", "x"),
		} {
			_, err := s.SignIn(in(e.A), c)
			require.Equal(t, unknown, err, name)
		}
	})
	t.Run("takes the first role of several, and switches", func(t *testing.T) {
		both := parent(t, e, identitytest.Role(actor.Staff), identitytest.WithApp())
		signed, err := s.SignIn(in(e.A), credentials(both.Email, identitytest.Password))
		require.NoError(t, err)
		signed, err = s.Prove(in(e.A), identity.Proof{Wait: signed.Wait, Code: identitytest.Code(t, e), IP: home})
		require.NoError(t, err)
		require.Equal(t, actor.Staff, signed.Actor.Role)
		visit, err := s.Resolve(in(e.A), signed.Token)
		require.NoError(t, err)
		open, works, err := s.Open(actor.With(in(e.A), visit.Actor))
		require.NoError(t, err)
		require.Len(t, open, 1)
		require.Equal(t, actor.Parent, open[0].Role())
		require.True(t, works)
		strict := e.A
		strict.SignIn.ParentFactor = true
		open, _, err = s.Open(actor.With(in(strict), visit.Actor))
		require.NoError(t, err)
		require.Empty(t, open)

		other, err := s.SwitchRole(in(e.A), signed.Token, actor.Parent)
		require.NoError(t, err)
		require.NotEqual(t, signed.Token, other.Token)
		visit, err = s.Resolve(in(e.A), other.Token)
		require.NoError(t, err)
		require.Equal(t, actor.Parent, visit.Actor.Role)
		_, err = s.Resolve(in(e.A), signed.Token)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err), "the old token lives on")

		_, err = s.SwitchRole(in(e.A), other.Token, actor.Admin)
		require.Equal(t, fault.Missing, fault.CodeOf(err))

		e.Clock.Advance(13 * time.Hour)
		defer e.Clock.Advance(-13 * time.Hour)
		_, err = s.SwitchRole(in(e.A), other.Token, actor.Staff)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err), "staff must have typed a password within twelve hours")
	})
	t.Run("ends what the browser had before", func(t *testing.T) {
		first, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		again := credentials(who.Email, identitytest.Password)
		again.Before = first.Token
		_, err = s.SignIn(in(e.A), again)
		require.NoError(t, err)
		_, err = s.Resolve(in(e.A), first.Token)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
	})
}
