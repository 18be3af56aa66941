package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// device is somebody's phone with one passkey on it, as seen at an organisation.
type device struct {
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func withHosts(t *testing.T, e *dbtest.Env) *identity.Service {
	t.Helper()
	hosts, err := tenants.NewHosts("ouderportaal.test", "https", 0)
	require.NoError(t, err)
	return identity.New(e.DB, identity.Config{Keys: identitytest.Keys, Hosts: hosts})
}

func phone(t *testing.T, at tenants.Tenant) *device {
	t.Helper()
	host := at.Slug + ".ouderportaal.test"
	return &device{rp: virtualwebauthn.RelyingParty{Name: at.Name, ID: host, Origin: "https://" + host}, auth: virtualwebauthn.NewAuthenticator(),
		key: virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeEC2, signingKey(t))}
}

// signingKey makes a key as a phone has it. virtualwebauthn leaves out the zeros that a coordinate of one key in 128 begins
// with, and such a point is rightly refused (RFC 9053, 7.1.1: they must be kept); so it is given one of the others.
func signingKey(t *testing.T) []byte {
	t.Helper()
	for {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		point, err := key.PublicKey.Bytes() // 4, x, y
		require.NoError(t, err)
		if point[1] == 0 || point[33] == 0 {
			continue
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		require.NoError(t, err)
		return der
	}
}

// options is a challenge as the browser gets it.
func options(t *testing.T, c identity.Challenge) string {
	t.Helper()
	raw, err := json.Marshal(c.Options)
	require.NoError(t, err)
	return string(raw)
}

func (d *device) make(t *testing.T, c identity.Challenge) identity.Answer {
	t.Helper()
	asked, err := virtualwebauthn.ParseAttestationOptions(options(t, c))
	require.NoError(t, err)
	return identity.Answer{Challenge: c.Token, Response: virtualwebauthn.CreateAttestationResponse(d.rp, d.auth, d.key, *asked)}
}

func (d *device) sign(t *testing.T, c identity.Challenge) identity.Answer {
	t.Helper()
	asked, err := virtualwebauthn.ParseAssertionOptions(options(t, c))
	require.NoError(t, err)
	d.key.Counter++
	return identity.Answer{Challenge: c.Token, Response: virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.key, *asked)}
}

// register puts a passkey of the actor's on a phone, in the session of token.
func register(t *testing.T, e *dbtest.Env, s *identity.Service, token string) (*device, identity.SignedIn, []string) {
	t.Helper()
	ctx, d := visit(t, e, s, token), phone(t, e.A)
	asked, err := s.AskToAdd(ctx)
	require.NoError(t, err)
	who := actor.From(ctx).PersonID
	signed, codes, err := s.AddPasskey(ctx, token, "Telefoon", d.make(t, asked))
	require.NoError(t, err)
	d.auth.Options.UserHandle = who[:]
	return d, signed, codes
}

func TestPasskey(t *testing.T) {
	e := dbtest.New(t)
	s := withHosts(t, e)
	who := parent(t, e)
	first, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	d, signed, codes := register(t, e, s, first.Token)
	require.NotEqual(t, first.Token, signed.Token)
	require.Len(t, codes, 10)
	ask := func(at tenants.Tenant) identity.Challenge {
		c, err := s.AskToProve(in(at), home, "")
		require.NoError(t, err)
		return c
	}
	enter := func(at tenants.Tenant, answer identity.Answer) (identity.SignedIn, error) {
		return s.SignInByPasskey(in(at), identity.PasskeyVisit{Answer: answer, IP: home})
	}

	t.Run("signs in without anything else", func(t *testing.T) {
		got, err := enter(e.A, d.sign(t, ask(e.A)))
		require.NoError(t, err)
		require.Equal(t, who.ID, actor.From(visit(t, e, s, got.Token)).PersonID)
	})
	t.Run("counts as both factors", func(t *testing.T) {
		waiting(t, e, s, who)
		boss := identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Admin), identitytest.WithPassword())
		one, err := s.SignIn(in(e.A), credentials(boss.Email, identitytest.Password))
		require.NoError(t, err)
		require.Equal(t, actor.Enrolling, one.Actor.Role)
		_, done, _ := register(t, e, s, one.Token)
		require.Equal(t, actor.Admin, done.Actor.Role)
	})
	t.Run("answers a challenge once, however many try", func(t *testing.T) {
		answer := d.sign(t, ask(e.A))
		var entered atomic.Int64
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if _, err := enter(e.A, answer); err == nil {
					entered.Add(1)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 1, entered.Load())
	})
	refused := func(name string, at tenants.Tenant, answer identity.Answer) {
		t.Run("is refused "+name, func(t *testing.T) {
			_, err := enter(at, answer)
			require.Equal(t, fault.Invalid, fault.CodeOf(err), "%v", err)
		})
	}
	elsewhere := *d
	elsewhere.rp.Origin = "https://evil.example"
	refused("when it was asked at another origin", e.A, elsewhere.sign(t, ask(e.A)))
	d.key.Counter = elsewhere.key.Counter
	elsewhere = *d
	elsewhere.rp.Origin = strings.Replace(d.rp.Origin, "https:", "http:", 1)
	refused("when it was asked without encryption", e.A, elsewhere.sign(t, ask(e.A)))
	elsewhere = *d
	elsewhere.rp.Origin += ":8443"
	refused("when it was asked at another port", e.A, elsewhere.sign(t, ask(e.A)))
	elsewhere = *d
	elsewhere.rp.ID = "ouderportaal.test"
	refused("when it is of the base domain", e.A, elsewhere.sign(t, ask(e.A)))
	refused("at another organisation", e.B, d.sign(t, ask(e.B)))
	refused("with the challenge of another organisation", e.B, d.sign(t, ask(e.A)))
	lazy := *d
	lazy.auth.Options.UserNotVerified = true
	refused("when the device did not check who it is", e.A, lazy.sign(t, ask(e.A)))
	d.key.Counter += 10
	_, err = enter(e.A, d.sign(t, ask(e.A)))
	require.NoError(t, err)
	d.key.Counter -= 5
	refused("when it counted back", e.A, d.sign(t, ask(e.A)))
	d.key.Counter += 10
	stranger := phone(t, e.A)
	stranger.auth.Options.UserHandle = who.ID[:]
	refused("when nobody knows it", e.A, stranger.sign(t, ask(e.A)))
	refused("when it is no answer at all", e.A, identity.Answer{Challenge: ask(e.A).Token, Response: `{"id":"x"}`})
	late := d.sign(t, ask(e.A))
	e.Clock.Advance(5 * time.Minute)
	refused("after five minutes", e.A, late)

	t.Run("of somebody who is shut out opens nothing", func(t *testing.T) {
		require.NoError(t, s.Deactivate(system(e.A), who.ID))
		_, err := enter(e.A, d.sign(t, ask(e.A)))
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
		require.NoError(t, s.Activate(system(e.A), who.ID))
		_, err = enter(e.A, d.sign(t, ask(e.A)))
		require.NoError(t, err)
	})
}

func TestRemovingFactors(t *testing.T) {
	e := dbtest.New(t)
	s := withHosts(t, e)
	entered := func(options ...identitytest.Option) (identitytest.Someone, identity.SignedIn) {
		who := identitytest.NewPerson(t, e, e.A, append(options, identitytest.WithPassword())...)
		signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		return who, signed
	}
	t.Run("needs a fresh proof", func(t *testing.T) {
		who, signed := entered(identitytest.Role(actor.Parent))
		_, signed, codes := register(t, e, s, signed.Token)
		ctx := visit(t, e, s, signed.Token)
		list, err := s.Security(ctx)
		require.NoError(t, err)
		e.Clock.Advance(identity.FreshTime + time.Second)
		_, err = s.RemovePasskey(ctx, signed.Token, list.Passkeys[0].ID)
		require.True(t, identity.NeedsProof(err), "%v", err)
		_, _, err = s.NewCodes(ctx, signed.Token)
		require.True(t, identity.NeedsProof(err))
		_, err = s.AskToAdd(ctx)
		require.True(t, identity.NeedsProof(err))
		_, err = s.OfferTOTP(ctx, "")
		require.True(t, identity.NeedsProof(err))

		fresh, err := s.Confirm(ctx, signed.Token, identity.Confirmation{Code: codes[0], IP: home})
		require.NoError(t, err)
		require.NotEqual(t, signed.Token, fresh.Token)
		ctx = visit(t, e, s, fresh.Token)
		other, _ := entered(identitytest.Role(actor.Parent))
		_, err = s.RemovePasskey(other.Ctx(), fresh.Token, list.Passkeys[0].ID)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err), "in somebody else's session")
		_, err = s.RemovePasskey(ctx, fresh.Token, list.Passkeys[0].ID)
		require.NoError(t, err)
		again, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		require.NotEmpty(t, again.Token, "still asks for a second factor")
	})
	t.Run("leaves staff their last one", func(t *testing.T) {
		_, signed := entered(identitytest.Role(actor.Staff))
		_, signed, _ = register(t, e, s, signed.Token)
		signed, _, _ = enrol(t, e, s, signed.Token)
		ctx := visit(t, e, s, signed.Token)
		list, err := s.Security(ctx)
		require.NoError(t, err)
		signed, err = s.RemovePasskey(ctx, signed.Token, list.Passkeys[0].ID)
		require.NoError(t, err)
		_, err = s.RemoveApp(ctx, signed.Token)
		require.Equal(t, fault.Conflict, fault.CodeOf(err))
	})
	t.Run("can be confirmed by a code or a passkey of one's own", func(t *testing.T) {
		_, signed := entered(identitytest.Role(actor.Parent))
		_, other := entered(identitytest.Role(actor.Parent))
		foreign, _, _ := register(t, e, s, other.Token)
		d, signed, codes := register(t, e, s, signed.Token)
		e.Clock.Advance(identity.FreshTime + time.Second)
		asked, err := s.AskToProve(in(e.A), home, "")
		require.NoError(t, err)
		_, err = s.Confirm(visit(t, e, s, signed.Token), signed.Token, identity.Confirmation{Passkey: foreign.sign(t, asked), IP: home})
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err), "by somebody else's passkey")
		asked, err = s.AskToProve(in(e.A), home, "")
		require.NoError(t, err)
		signed, err = s.Confirm(visit(t, e, s, signed.Token), signed.Token, identity.Confirmation{Passkey: d.sign(t, asked), IP: home})
		require.NoError(t, err)
		require.NoError(t, s.Fresh(visit(t, e, s, signed.Token)))
		signed, err = s.Confirm(visit(t, e, s, signed.Token), signed.Token, identity.Confirmation{Code: codes[0], IP: home})
		require.NoError(t, err)
		_, err = s.Confirm(visit(t, e, s, signed.Token), signed.Token, identity.Confirmation{Code: codes[0], IP: home})
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})
	t.Run("takes new codes for one session and ends the others", func(t *testing.T) {
		who, signed := entered(identitytest.Role(actor.Parent))
		signed, _, codes := enrol(t, e, s, signed.Token)
		elsewhere, err := prove(e, s, waiting(t, e, s, who), codes[0])
		require.NoError(t, err)
		renewed, fresh, err := s.NewCodes(visit(t, e, s, signed.Token), signed.Token)
		require.NoError(t, err)
		require.Len(t, fresh, 10)
		require.True(t, alive(s, e.A, renewed.Token))
		require.False(t, alive(s, e.A, signed.Token))
		require.False(t, alive(s, e.A, elsewhere.Token), "another session lives on")
		_, err = prove(e, s, waiting(t, e, s, who), codes[1])
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
		_, err = prove(e, s, waiting(t, e, s, who), fresh[1])
		require.NoError(t, err)
	})
}
