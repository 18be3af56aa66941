package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
)

// R31: a password takes fifteen characters, or eight beside a second factor; a short one is never left alone.
func TestShortPasswords(t *testing.T) {
	e := dbtest.New(t)
	p := newPost(t, e)
	const short = "zwaluw8!"
	change := func(token string) (identity.SignedIn, error) {
		return p.ChangePassword(visit(t, e, p.Service, token), token, identitytest.Password, short)
	}
	least := func(token string) int {
		n, err := p.MayChangePassword(visit(t, e, p.Service, token))
		require.NoError(t, err)
		return n
	}
	t.Run("are refused without a second factor", func(t *testing.T) {
		who, _, signed := entered(t, e, p.Service)
		require.Equal(t, identity.MinPassword, least(signed.Token))
		_, err := change(signed.Token)
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
		_, err = p.Reset(in(e.A), identity.Reset{Token: p.link(t, who), Password: short, IP: home})
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})
	t.Run("stand beside one, which stays as long as they do", func(t *testing.T) {
		who, _, signed := entered(t, e, p.Service)
		signed, _, _ = enrol(t, e, p.Service, signed.Token)
		require.Equal(t, identity.MinPasswordWithFactor, least(signed.Token))
		signed, err := change(signed.Token)
		require.NoError(t, err)
		ctx := visit(t, e, p.Service, signed.Token)
		_, err = p.RemoveApp(ctx, signed.Token)
		require.Equal(t, fault.Conflict, fault.CodeOf(err), "a short password was left alone")
		signed, err = p.ChangePassword(ctx, signed.Token, short, fresh)
		require.NoError(t, err)
		_, err = p.RemoveApp(visit(t, e, p.Service, signed.Token), signed.Token)
		require.NoError(t, err)
		again, err := p.SignIn(in(e.A), credentials(who.Email, fresh))
		require.NoError(t, err)
		require.NotEmpty(t, again.Token)
	})
	t.Run("are chosen by a link, but not together with disowning the only factor", func(t *testing.T) {
		who, _, signed := entered(t, e, p.Service)
		enrol(t, e, p.Service, signed.Token)
		link := p.link(t, who)
		n, err := p.LeastByLink(in(e.A), link)
		require.NoError(t, err)
		require.Equal(t, identity.MinPasswordWithFactor, n)
		list, err := p.AddedLately(in(e.A), link)
		require.NoError(t, err)
		_, err = p.Reset(in(e.A), identity.Reset{Token: link, Password: short, IP: home, Disowned: []ids.ID{list[0].ID}})
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
		_, err = p.Reset(in(e.A), identity.Reset{Token: link, Password: short, IP: home})
		require.NoError(t, err)
	})
	t.Run("end with the factor that an admin removes", func(t *testing.T) {
		boss := identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Admin))
		who, _, signed := entered(t, e, p.Service)
		signed, _, _ = enrol(t, e, p.Service, signed.Token)
		_, err := change(signed.Token)
		require.NoError(t, err)
		require.NoError(t, p.RemoveFactors(boss.Ctx(), who.ID, "kwijt"))
		_, err = p.SignIn(in(e.A), credentials(who.Email, short))
		require.Equal(t, fault.Invalid, fault.CodeOf(err), "a short password was left alone")
		_, err = p.Reset(in(e.A), identity.Reset{Token: p.link(t, who), Password: fresh, IP: home})
		require.NoError(t, err)
	})
}
