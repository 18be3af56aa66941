package identity_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
)

// locked is the service with keys, as the program has it.
func locked(e *dbtest.Env, keys ...[]byte) *identity.Service {
	if len(keys) == 0 {
		keys = identitytest.Keys
	}
	return identity.New(e.DB, identity.Config{Keys: keys})
}

// waiting types the password of somebody with a second factor.
func waiting(t *testing.T, e *dbtest.Env, s *identity.Service, who identitytest.Someone) string {
	t.Helper()
	signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	require.NotEmpty(t, signed.Wait)
	require.Empty(t, signed.Token, "a password alone opened a session")
	return signed.Wait
}

func prove(e *dbtest.Env, s *identity.Service, wait, code string) (identity.SignedIn, error) {
	return s.Prove(in(e.A), identity.Proof{Wait: wait, Code: code, IP: home})
}

// visit is the context of a request with this token.
func visit(t *testing.T, e *dbtest.Env, s *identity.Service, token string) context.Context {
	t.Helper()
	v, err := s.Resolve(in(e.A), token)
	require.NoError(t, err)
	return actor.With(in(e.A), v.Actor)
}

// enrol sets up an app in the session of token.
func enrol(t *testing.T, e *dbtest.Env, s *identity.Service, token string) (identity.SignedIn, *otp.Key, []string) {
	t.Helper()
	ctx := visit(t, e, s, token)
	offer, err := s.OfferTOTP(ctx, "")
	require.NoError(t, err)
	key, err := otp.NewKeyFromURL(offer.URL)
	require.NoError(t, err)
	code, err := totp.GenerateCode(key.Secret(), e.Clock.Now())
	require.NoError(t, err)
	signed, codes, err := s.ConfirmTOTP(ctx, token, offer.Sealed, code)
	require.NoError(t, err)
	return signed, key, codes
}

func TestEnrolment(t *testing.T) {
	e := dbtest.New(t)
	s := locked(e)
	who := parent(t, e)
	first, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	elsewhere, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	ctx := visit(t, e, s, first.Token)

	t.Run("needs a code of the secret that was shown in this session", func(t *testing.T) {
		offer, err := s.OfferTOTP(ctx, "")
		require.NoError(t, err)
		_, _, err = s.ConfirmTOTP(ctx, first.Token, offer.Sealed, "000000")
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
		same, err := s.Offered(ctx, offer.Sealed)
		require.NoError(t, err)
		require.Equal(t, offer, same)
		same, err = s.OfferTOTP(ctx, offer.Sealed)
		require.NoError(t, err)
		require.Equal(t, offer, same, "a page that is loaded anew")
		other, err := s.OfferTOTP(visit(t, e, s, elsewhere.Token), offer.Sealed)
		require.NoError(t, err)
		require.NotEqual(t, offer.Secret, other.Secret)
		_, err = s.Offered(visit(t, e, s, elsewhere.Token), offer.Sealed)
		require.Equal(t, fault.Gone, fault.CodeOf(err), "another session opened the offer")
		_, err = s.Offered(ctx, offer.Sealed[:40]+"AAAA"+offer.Sealed[44:])
		require.Equal(t, fault.Gone, fault.CodeOf(err))
		e.Clock.Advance(15*time.Minute + time.Second)
		defer e.Clock.Advance(-15*time.Minute - time.Second)
		_, err = s.Offered(ctx, offer.Sealed)
		require.Equal(t, fault.Gone, fault.CodeOf(err), "an old offer")
	})
	signed, key, codes := enrol(t, e, s, first.Token)
	t.Run("gives the app what it needs", func(t *testing.T) {
		require.Equal(t, e.A.Name, key.Issuer())
		require.Equal(t, who.Email, key.AccountName())
		require.Len(t, codes, 10)
	})
	t.Run("renews the session and ends the others", func(t *testing.T) {
		require.NotEqual(t, first.Token, signed.Token)
		_, err := s.Resolve(in(e.A), first.Token)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
		_, err = s.Resolve(in(e.A), elsewhere.Token)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
		_, err = s.Resolve(in(e.A), signed.Token)
		require.NoError(t, err)
	})
	t.Run("leaves nothing in the database that gives the secret or a code away", func(t *testing.T) {
		var sealed, hashes string
		owner := e.Owner(t)
		require.NoError(t, owner.QueryRow(t.Context(), "SELECT encode(sealed, 'escape') FROM totp WHERE tenant_id = $1 AND person_id = $2", e.A.ID, who.ID).Scan(&sealed))
		require.NotContains(t, sealed, key.Secret())
		require.NoError(t, owner.QueryRow(t.Context(), "SELECT string_agg(encode(code_hash, 'hex'), ' ') FROM recovery_code WHERE tenant_id = $1 AND person_id = $2", e.A.ID, who.ID).Scan(&hashes))
		require.Len(t, strings.Fields(hashes), 10)
	})
	t.Run("spends the code that confirmed it", func(t *testing.T) {
		code, err := totp.GenerateCode(key.Secret(), e.Clock.Now())
		require.NoError(t, err)
		_, err = prove(e, s, waiting(t, e, s, who), code)
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})
	t.Run("is read with an old key and sealed with the new one", func(t *testing.T) {
		e.Clock.Advance(time.Minute)
		code, err := totp.GenerateCode(key.Secret(), e.Clock.Now())
		require.NoError(t, err)
		fresh := []byte("ffffffffffffffffffffffffffffffff")
		_, err = prove(e, locked(e, fresh), waiting(t, e, s, who), code)
		require.Equal(t, fault.Internal, fault.CodeOf(err), "opened without its key")
		_, err = prove(e, locked(e, fresh, identitytest.Keys[0]), waiting(t, e, s, who), code)
		require.NoError(t, err)
		_, err = prove(e, locked(e, fresh, identitytest.Keys[0]), waiting(t, e, s, who), codes[0])
		require.NoError(t, err, "a recovery code of before the rotation")
		e.Clock.Advance(time.Minute)
		code, err = totp.GenerateCode(key.Secret(), e.Clock.Now())
		require.NoError(t, err)
		_, err = prove(e, locked(e, fresh), waiting(t, e, s, who), code)
		require.NoError(t, err, "using the app did not seal it with the new key")
	})
}

func TestSecondStep(t *testing.T) {
	e := dbtest.New(t)
	s := locked(e)
	with := func() identitytest.Someone { return parent(t, e, identitytest.WithApp()) }

	t.Run("opens a session", func(t *testing.T) {
		who := with()
		signed, err := prove(e, s, waiting(t, e, s, who), identitytest.Code(t, e))
		require.NoError(t, err)
		require.Equal(t, who.ID, actor.From(visit(t, e, s, signed.Token)).PersonID)
	})
	t.Run("takes a clock that is one step off, and no more", func(t *testing.T) {
		for _, off := range []int{-2, -1, 0, 1, 2} {
			who := with()
			e.Clock.Advance(time.Duration(off) * 30 * time.Second)
			code := identitytest.Code(t, e)
			e.Clock.Advance(time.Duration(-off) * 30 * time.Second)
			_, err := prove(e, s, waiting(t, e, s, who), code)
			require.Equal(t, off < -1 || off > 1, err != nil, "%d steps off: %v", off, err)
		}
	})
	t.Run("refuses a code a second time, also an older one, however many try at once", func(t *testing.T) {
		who := with()
		before := identitytest.Code(t, e)
		e.Clock.Advance(30 * time.Second)
		code := identitytest.Code(t, e)
		var entered atomic.Int64
		var group sync.WaitGroup
		for i := range 8 {
			wait := waiting(t, e, s, who)
			group.Go(func() {
				if _, err := s.Prove(in(e.A), identity.Proof{Wait: wait, Code: code, IP: netip.MustParseAddr(fmt.Sprintf("192.0.2.%d", i))}); err == nil {
					entered.Add(1)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 1, entered.Load())
		_, err := prove(e, s, waiting(t, e, s, who), before)
		require.Equal(t, fault.Invalid, fault.CodeOf(err), "the code before the one that was used")
	})
	t.Run("takes a recovery code once, however it is typed", func(t *testing.T) {
		who := parent(t, e)
		signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		_, _, codes := enrol(t, e, s, signed.Token)
		other := with()
		_, err = prove(e, s, waiting(t, e, s, other), codes[0])
		require.Equal(t, fault.Invalid, fault.CodeOf(err), "somebody else's code")
		_, err = prove(e, s, waiting(t, e, s, who), " "+strings.ToLower(strings.ReplaceAll(codes[0], "-", " ")))
		require.NoError(t, err)
		_, err = prove(e, s, waiting(t, e, s, who), codes[0])
		require.Equal(t, fault.Invalid, fault.CodeOf(err), "used twice")
		_, err = prove(e, s, waiting(t, e, s, who), codes[1])
		require.NoError(t, err)
	})
	t.Run("ends after five codes or ten minutes", func(t *testing.T) {
		who := with()
		wait := waiting(t, e, s, who)
		for range 5 {
			_, err := prove(e, s, wait, "000000")
			require.Equal(t, fault.Invalid, fault.CodeOf(err))
		}
		_, err := prove(e, s, wait, identitytest.Code(t, e))
		require.Equal(t, fault.Gone, fault.CodeOf(err))
		wait = waiting(t, e, s, who)
		e.Clock.Advance(10 * time.Minute)
		_, err = prove(e, s, wait, identitytest.Code(t, e))
		require.Equal(t, fault.Gone, fault.CodeOf(err))
		require.Equal(t, fault.Gone, fault.CodeOf(s.Waits(in(e.A), wait)))
	})
	t.Run("is limited for an account, whatever the address", func(t *testing.T) {
		who := with()
		var last error
		for i := range 5 {
			wait := waiting(t, e, s, who)
			for j := range 5 {
				_, last = s.Prove(in(e.A), identity.Proof{Wait: wait, Code: "000000", IP: netip.MustParseAddr(fmt.Sprintf("198.51.%d.%d", i, j))})
			}
		}
		require.Equal(t, fault.TooMany, fault.CodeOf(last))
	})
	t.Run("does not outlive a new password, nor its organisation", func(t *testing.T) {
		who := with()
		wait := waiting(t, e, s, who)
		_, err := s.Prove(in(e.B), identity.Proof{Wait: wait, Code: identitytest.Code(t, e), IP: home})
		require.Equal(t, fault.Gone, fault.CodeOf(err))
		require.NoError(t, s.SetPassword(in(e.A), who.ID, "vandaag regent het in Bathmen niet"))
		_, err = prove(e, s, wait, identitytest.Code(t, e))
		require.Equal(t, fault.Gone, fault.CodeOf(err))
	})
	t.Run("is not one for somebody who was shut out meanwhile", func(t *testing.T) {
		who := with()
		wait := waiting(t, e, s, who)
		require.NoError(t, s.Deactivate(system(e.A), who.ID))
		_, err := prove(e, s, wait, identitytest.Code(t, e))
		require.Equal(t, fault.Gone, fault.CodeOf(err))
	})
	t.Run("is never a session", func(t *testing.T) {
		wait := waiting(t, e, s, with())
		_, err := s.Resolve(in(e.A), wait)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
	})
}

// R34: in a role that asks for a second factor nobody does anything before there is one.
func TestRolesThatAskForAFactor(t *testing.T) {
	e := dbtest.New(t)
	s := locked(e)
	for _, role := range []actor.Role{actor.Staff, actor.Manager, actor.Admin} {
		who := identitytest.NewPerson(t, e, e.A, identitytest.Role(role), identitytest.WithPassword())
		signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		require.Equal(t, actor.Enrolling, signed.Actor.Role)
		require.Equal(t, actor.Enrolling, actor.From(visit(t, e, s, signed.Token)).Role)
		require.NoError(t, s.StillIn(visit(t, e, s, signed.Token)))
		again, err := s.SwitchRole(in(e.A), signed.Token, role)
		require.NoError(t, err)
		require.Equal(t, actor.Enrolling, again.Actor.Role, "changing over went around it")
		done, _, _ := enrol(t, e, s, again.Token)
		require.Equal(t, role, done.Actor.Role)
		require.Equal(t, role, actor.From(visit(t, e, s, done.Token)).Role)
	}
	t.Run("nor in a session of before the role", func(t *testing.T) {
		who := parent(t, e)
		signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		_, err = s.AddMembership(in(e.A), who.ID, actor.Admin, "", "")
		require.NoError(t, err)
		other, err := s.SwitchRole(in(e.A), signed.Token, actor.Admin)
		require.NoError(t, err)
		require.Equal(t, actor.Enrolling, actor.From(visit(t, e, s, other.Token)).Role)
		back, err := s.SwitchRole(in(e.A), other.Token, actor.Parent)
		require.NoError(t, err)
		require.Equal(t, actor.Parent, actor.From(visit(t, e, s, back.Token)).Role)
	})
	t.Run("nor in a session that lay unused for longer than one in that role may", func(t *testing.T) {
		who := identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Admin), identitytest.Role(actor.Manager), identitytest.Role(actor.Parent), identitytest.WithPassword(), identitytest.WithApp())
		signed, err := prove(e, s, waiting(t, e, s, who), identitytest.Code(t, e))
		require.NoError(t, err)
		change := func(role actor.Role) error {
			visit(t, e, s, signed.Token) // a request notes use before anything else
			other, err := s.SwitchRole(in(e.A), signed.Token, role)
			if err == nil {
				signed = other
			}
			return err
		}
		e.Clock.Advance(50 * time.Minute)
		require.NoError(t, change(actor.Manager))
		e.Clock.Advance(50 * time.Minute)
		require.NoError(t, change(actor.Admin), "the session of a manager had to be used as well")
		require.NoError(t, change(actor.Parent))
		e.Clock.Advance(61 * time.Minute)
		require.True(t, identity.NeedsProof(change(actor.Admin)))
		require.NoError(t, change(actor.Parent))
		signed, err = s.Confirm(visit(t, e, s, signed.Token), signed.Token, identity.Confirmation{Code: identitytest.Code(t, e), IP: home})
		require.NoError(t, err)
		require.NoError(t, change(actor.Admin))
		require.Equal(t, actor.Admin, signed.Actor.Role)
	})
}
