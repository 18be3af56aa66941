package identity_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
)

// Who learnt a password adds a factor; its owner, who reads the mail, gets in past that one and past no other.
func TestFactorsAddedLately(t *testing.T) {
	e := dbtest.New(t)
	p := newPost(t, e)
	reset := func(token string, disowned ...ids.ID) (identity.SignedIn, error) {
		return p.Reset(in(e.A), identity.Reset{Token: token, Password: fresh, IP: home, Disowned: disowned})
	}
	added := func(t *testing.T, token string) []identity.AddedFactor {
		t.Helper()
		list, err := p.AddedLately(in(e.A), token)
		require.NoError(t, err)
		return list
	}
	t.Run("are removed by who has the mail and says so", func(t *testing.T) {
		who, _, signed := entered(t, e, p.Service)
		signed, _, _ = enrol(t, e, p.Service, signed.Token)
		d, _, _ := register(t, e, p.Service, signed.Token)
		link := p.link(t, who)
		list := added(t, link)
		require.Len(t, list, 2)
		_, err := p.AddedLately(in(e.B), link)
		require.Equal(t, fault.Gone, fault.CodeOf(err))
		got, err := reset(link, list[0].ID, list[1].ID)
		require.NoError(t, err)
		require.NotEmpty(t, got.Token, "the factor of somebody else keeps the owner out")
		_, err = p.SignInByPasskey(in(e.A), identity.PasskeyVisit{Answer: d.sign(t, challenge(t, e, p.Service)), IP: home})
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
		p.deliver(t, e.A)
		told := ""
		for _, m := range p.catcher.To(who.Email) {
			told += m.Parsed().Text
		}
		require.Contains(t, told, "de authenticator-app is verwijderd")
		require.Contains(t, told, "er is een passkey verwijderd")
	})
	t.Run("are asked for when nothing is said", func(t *testing.T) {
		who, _, signed := entered(t, e, p.Service)
		_, _, codes := enrol(t, e, p.Service, signed.Token)
		got, err := reset(p.link(t, who))
		require.NoError(t, err)
		require.Empty(t, got.Token)
		_, err = prove(e, p.Service, got.Wait, codes[0])
		require.NoError(t, err)
	})
	t.Run("go without those that were there before, and take their recovery codes with them", func(t *testing.T) {
		who, _, signed := entered(t, e, p.Service)
		signed, _, old := enrol(t, e, p.Service, signed.Token)
		e.Clock.Advance(identity.DoubtTime + time.Second)
		signed, err := prove(e, p.Service, waiting(t, e, p.Service, who), old[0])
		require.NoError(t, err)
		signed, codes, err := p.NewCodes(visit(t, e, p.Service, signed.Token), signed.Token)
		require.NoError(t, err)
		register(t, e, p.Service, signed.Token)
		link := p.link(t, who)
		list := added(t, link)
		require.Len(t, list, 1, "the old app is for who reads the mail to remove")
		require.Equal(t, "Telefoon", list[0].Passkey)
		var app ids.ID
		require.NoError(t, e.Owner(t).QueryRow(t.Context(), "SELECT id FROM totp WHERE tenant_id = $1 AND person_id = $2", e.A.ID, who.ID).Scan(&app))
		for _, wrong := range []ids.ID{app, ids.New()} {
			_, err = reset(link, list[0].ID, wrong)
			require.Equal(t, fault.Missing, fault.CodeOf(err))
		}
		got, err := reset(link, list[0].ID)
		require.NoError(t, err)
		require.Empty(t, got.Token, "the old app is not asked for")
		_, err = prove(e, p.Service, got.Wait, codes[0])
		require.Equal(t, fault.Invalid, fault.CodeOf(err), "a recovery code of those days")
	})
	t.Run("stay with who must have one", func(t *testing.T) {
		who := identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Staff), identitytest.WithPassword())
		signed, err := p.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		enrol(t, e, p.Service, signed.Token)
		link := p.link(t, who)
		list := added(t, link)
		require.Len(t, list, 1)
		require.True(t, list[0].Stays)
		_, err = reset(link, list[0].ID)
		require.Equal(t, fault.Missing, fault.CodeOf(err), "a mail alone took the second factor of staff away")
	})
}

// Somebody lost the telephone: an admin, who proves who they are, takes the second factor away.
func TestAnAdminRemovesFactors(t *testing.T) {
	e := dbtest.New(t)
	p := newPost(t, e)
	boss := identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Admin))
	who := identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Staff), identitytest.WithPassword(), identitytest.WithApp())
	signed, err := prove(e, p.Service, waiting(t, e, p.Service, who), identitytest.Code(t, e))
	require.NoError(t, err)
	d, signed, codes := register(t, e, p.Service, signed.Token)
	wait := waiting(t, e, p.Service, who)

	for _, reason := range []string{"", "  ", strings.Repeat("x", 501)} {
		require.Equal(t, fault.Invalid, fault.CodeOf(p.RemoveFactors(boss.Ctx(), who.ID, reason)))
	}
	require.Equal(t, fault.Invalid, fault.CodeOf(p.RemoveFactors(who.Ctx(), who.ID, "kwijt")), "one's own, past the last factor")
	require.Equal(t, fault.Missing, fault.CodeOf(p.RemoveFactors(identitytest.NewPerson(t, e, e.B, identitytest.Role(actor.Admin)).Ctx(), who.ID, "kwijt")))
	stale := boss.Actor()
	stale.ProvedAt = stale.ProvedAt.Add(-identity.FreshTime - time.Second)
	require.True(t, identity.NeedsProof(p.RemoveFactors(actor.With(in(e.A), stale), who.ID, "kwijt")))
	require.True(t, alive(p.Service, e.A, signed.Token))

	require.NoError(t, p.RemoveFactors(boss.Ctx(), who.ID, " Telefoon  kwijt "))
	require.False(t, alive(p.Service, e.A, signed.Token))
	_, err = prove(e, p.Service, wait, codes[0])
	require.Equal(t, fault.Gone, fault.CodeOf(err), "who waited for the second step")
	_, err = p.SignInByPasskey(in(e.A), identity.PasskeyVisit{Answer: d.sign(t, challenge(t, e, p.Service)), IP: home})
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	again, err := p.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	require.Equal(t, actor.Enrolling, again.Actor.Role)
	require.Equal(t, fault.Invalid, fault.CodeOf(p.RemoveFactors(boss.Ctx(), who.ID, "kwijt")), "there is none any more")
	var reason string
	require.NoError(t, e.Owner(t).QueryRow(t.Context(), "SELECT detail->>'reason' FROM audit_entry WHERE tenant_id = $1 AND action = 'identity.remove_factors' AND subject_id = $2", e.A.ID, who.ID).Scan(&reason))
	require.Equal(t, "Telefoon kwijt", reason)
	p.deliver(t, e.A)
	mails := p.catcher.To(who.Email)
	require.Contains(t, mails[len(mails)-1].Parsed().Text, "een beheerder heeft je tweede stap verwijderd")
}
