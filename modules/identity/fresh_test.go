package identity_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
)

func TestConfirming(t *testing.T) {
	e := dbtest.New(t)
	s := withHosts(t, e)
	confirm := func(token string, c identity.Confirmation) (identity.SignedIn, error) {
		c.IP = home
		return s.Confirm(visit(t, e, s, token), token, c)
	}
	t.Run("takes the password of who has nothing else", func(t *testing.T) {
		_, _, signed := entered(t, e, s)
		e.Clock.Advance(identity.FreshTime + time.Second)
		_, err := confirm(signed.Token, identity.Confirmation{Password: "niet goed"})
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
		again, err := confirm(signed.Token, identity.Confirmation{Password: identitytest.Password})
		require.NoError(t, err)
		require.NotEqual(t, signed.Token, again.Token)
		require.NoError(t, s.Fresh(visit(t, e, s, again.Token)))
	})
	for name, add := range map[string]func(token string) identity.SignedIn{
		"an app":    func(token string) identity.SignedIn { in, _, _ := enrol(t, e, s, token); return in },
		"a passkey": func(token string) identity.SignedIn { _, in, _ := register(t, e, s, token); return in },
	} {
		t.Run("does not take the password of who has "+name, func(t *testing.T) {
			_, _, signed := entered(t, e, s)
			signed = add(signed.Token)
			e.Clock.Advance(identity.FreshTime + time.Second)
			ctx := visit(t, e, s, signed.Token)
			_, err := confirm(signed.Token, identity.Confirmation{Password: identitytest.Password})
			require.Equal(t, fault.Invalid, fault.CodeOf(err), "%v", err)
			_, err = s.MayChangePassword(ctx)
			require.True(t, identity.NeedsProof(err))
			_, err = s.ChangePassword(ctx, signed.Token, identitytest.Password, fresh)
			require.True(t, identity.NeedsProof(err), "%v", err)
		})
	}
	t.Run("by a new password makes nothing fresh for who has a second factor", func(t *testing.T) {
		_, _, signed := entered(t, e, s)
		signed, _, _ = enrol(t, e, s, signed.Token)
		e.Clock.Advance(identity.FreshTime - time.Second)
		signed, err := s.ChangePassword(visit(t, e, s, signed.Token), signed.Token, identitytest.Password, fresh)
		require.NoError(t, err)
		e.Clock.Advance(2 * time.Second)
		require.True(t, identity.NeedsProof(s.Fresh(visit(t, e, s, signed.Token))))
	})
	t.Run("is limited in a session, and keeps nobody from signing in elsewhere", func(t *testing.T) {
		who := parent(t, e, identitytest.WithApp())
		signed, err := prove(e, s, waiting(t, e, s, who), identitytest.Code(t, e))
		require.NoError(t, err)
		ctx := visit(t, e, s, signed.Token)
		for i := range 20 {
			_, err = s.Confirm(ctx, signed.Token, identity.Confirmation{Code: "000000", IP: netip.MustParseAddr(fmt.Sprintf("198.51.100.%d", i))})
			require.Equal(t, fault.Invalid, fault.CodeOf(err))
		}
		_, err = s.Confirm(ctx, signed.Token, identity.Confirmation{Code: "000000", IP: netip.MustParseAddr("198.51.100.99")})
		require.Equal(t, fault.TooMany, fault.CodeOf(err))
		e.Clock.Advance(time.Minute)
		_, err = s.Prove(in(e.A), identity.Proof{Wait: waiting(t, e, s, who), Code: identitytest.Code(t, e), IP: netip.MustParseAddr("192.0.2.77")})
		require.NoError(t, err, "who sits in a stolen session kept the owner out")
	})
	t.Run("does not count for who gets it right", func(t *testing.T) {
		_, _, signed := entered(t, e, s)
		for range 12 {
			var err error
			signed, err = confirm(signed.Token, identity.Confirmation{Password: identitytest.Password})
			require.NoError(t, err)
		}
	})
}
