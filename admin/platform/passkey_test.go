package platform_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/stretchr/testify/require"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
)

const console = "https://beheer.ouderportaal.test"

// phone has one passkey, as seen at the console.
type phone struct {
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func newPhone() *phone {
	return &phone{rp: virtualwebauthn.RelyingParty{Name: platform.Name, ID: "beheer.ouderportaal.test", Origin: console}, auth: virtualwebauthn.NewAuthenticator(),
		key: virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA)}
}

func (p *phone) make(t *testing.T, options any) string {
	t.Helper()
	raw, err := json.Marshal(options)
	require.NoError(t, err)
	asked, err := virtualwebauthn.ParseAttestationOptions(string(raw))
	require.NoError(t, err)
	return virtualwebauthn.CreateAttestationResponse(p.rp, p.auth, p.key, *asked)
}

func (p *phone) sign(t *testing.T, options any) string {
	t.Helper()
	raw, err := json.Marshal(options)
	require.NoError(t, err)
	asked, err := virtualwebauthn.ParseAssertionOptions(string(raw))
	require.NoError(t, err)
	p.key.Counter++
	return virtualwebauthn.CreateAssertionResponse(p.rp, p.auth, p.key, *asked)
}

// register puts a passkey of whoever has the session of token on a phone.
func (d *desk) register(t *testing.T, token string) (*phone, context.Context) {
	t.Helper()
	who, err := d.Resolve(t.Context(), token)
	require.NoError(t, err)
	ctx, p := actor.With(t.Context(), who), newPhone()
	options, err := d.AskToAdd(ctx, token)
	require.NoError(t, err)
	require.NoError(t, d.AddPasskey(ctx, token, "  Telefoon van  Ruud ", p.make(t, options)))
	p.auth.Options.UserHandle = who.PersonID[:]
	return p, ctx
}

func (d *desk) wait(t *testing.T, email string) string {
	t.Helper()
	wait, err := d.SignIn(t.Context(), platform.Credentials{Email: email, Password: password, IP: here})
	require.NoError(t, err)
	return wait
}

func TestAPasskeyIsASecondStep(t *testing.T) {
	d := newDesk(t)
	d.ServeAt(console)
	ctx := t.Context()
	const ruud, fenna = "ruud@platform.example", "fenna@platform.example"
	require.NoError(t, d.Recall(ctx, fenna, "Fenna de Wit", password, secret))
	keys, err := d.Waits(ctx, d.wait(t, ruud))
	require.NoError(t, err)
	require.False(t, keys, "none is offered that is not there")
	token := d.signIn(t)
	p, as := d.register(t, token)
	list, err := d.Passkeys(as)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "Telefoon van Ruud", list[0].Name)
	require.Nil(t, list[0].UsedAt)

	wait := d.wait(t, ruud)
	keys, err = d.Waits(ctx, wait)
	require.NoError(t, err)
	require.True(t, keys)
	options, err := d.AskToProve(ctx, wait)
	require.NoError(t, err)
	answer := p.sign(t, options)
	entered, err := d.ProveByPasskey(ctx, wait, answer)
	require.NoError(t, err)
	who, err := d.Resolve(ctx, entered)
	require.NoError(t, err)
	require.Equal(t, "Ruud Hofstede", who.Name)
	_, err = d.ProveByPasskey(ctx, wait, answer)
	require.Equal(t, fault.Gone, fault.CodeOf(err), "the password was for one session")
	list, err = d.Passkeys(as)
	require.NoError(t, err)
	require.NotNil(t, list[0].UsedAt)

	refused := func(name, email string, change func(wait string, options any) string) {
		t.Run("is refused "+name, func(t *testing.T) {
			d.Clock.Advance(16 * time.Minute) // tries are counted
			wait := d.wait(t, email)
			options, err := d.AskToProve(ctx, wait)
			require.NoError(t, err)
			_, err = d.ProveByPasskey(ctx, wait, change(wait, options))
			require.Equal(t, fault.Invalid, fault.CodeOf(err), "%v", err)
			require.ErrorContains(t, err, "identity.error.passkey")
		})
	}
	refused("after the password of another operator", fenna, func(_ string, options any) string { return p.sign(t, options) })
	refused("when it answers what was asked before", ruud, func(wait string, options any) string {
		_, err := d.AskToProve(ctx, wait)
		require.NoError(t, err)
		return p.sign(t, options)
	})
	refused("when it was asked elsewhere", ruud, func(_ string, options any) string {
		elsewhere := *p
		elsewhere.rp.Origin = "https://beheer.evil.example"
		return elsewhere.sign(t, options)
	})
	refused("when it is too late", ruud, func(_ string, options any) string {
		d.Clock.Advance(identity.ChallengeTime)
		return p.sign(t, options)
	})
	refused("when it is no answer", ruud, func(string, any) string { return `{"id":"x"}` })

	t.Run("and opens nothing without a password", func(t *testing.T) {
		_, err := d.AskToProve(ctx, "geen wachtwoord")
		require.Equal(t, fault.Gone, fault.CodeOf(err))
		_, err = d.AskToProve(ctx, entered)
		require.Equal(t, fault.Gone, fault.CodeOf(err), "nor in a session that is open")
		_, err = d.ProveByPasskey(ctx, "geen wachtwoord", answer)
		require.Equal(t, fault.Gone, fault.CodeOf(err))
	})
}

func TestPasskeysAreAddedAndRemovedByWhoProvedLately(t *testing.T) {
	d := newDesk(t)
	d.ServeAt(console)
	ctx := t.Context()
	token := d.signIn(t)
	p, as := d.register(t, token)
	options, err := d.AskToAdd(as, token)
	require.NoError(t, err)
	require.ErrorContains(t, d.AddPasskey(as, token, " ", p.make(t, options)), "identity.error.passkey_name")
	require.ErrorContains(t, d.AddPasskey(as, token, "Nog eens", p.make(t, options)), "identity.error.passkey_known")
	require.ErrorContains(t, d.AddPasskey(as, token, "Zonder vraag", newPhone().make(t, options)), "identity.error.passkey")
	list, err := d.Passkeys(as)
	require.NoError(t, err)
	require.Len(t, list, 1)

	d.Clock.Advance(identity.FreshTime + time.Second)
	_, err = d.AskToAdd(as, token)
	require.True(t, identity.NeedsProof(err), "%v", err)
	require.True(t, identity.NeedsProof(d.RemovePasskey(as, list[0].ID)))
	require.ErrorContains(t, d.Confirm(as, "000000"), "identity.error.code")
	require.NoError(t, d.Confirm(as, d.code(t)))
	who, err := d.Resolve(ctx, token)
	require.NoError(t, err)
	as = actor.With(ctx, who)

	const fenna = "fenna@platform.example"
	require.NoError(t, d.Recall(ctx, fenna, "Fenna de Wit", password, secret))
	hers, err := d.Prove(ctx, d.wait(t, fenna), d.code(t))
	require.NoError(t, err)
	she, err := d.Resolve(ctx, hers)
	require.NoError(t, err)
	require.Equal(t, fault.Missing, fault.CodeOf(d.RemovePasskey(actor.With(ctx, she), list[0].ID)), "of another operator")
	require.NoError(t, d.RemovePasskey(as, list[0].ID))
	require.Equal(t, fault.Missing, fault.CodeOf(d.RemovePasskey(as, list[0].ID)))
}
