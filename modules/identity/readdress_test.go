package identity_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// system is the program itself in an organisation: it proves nothing.
func system(tenant tenants.Tenant) context.Context {
	return actor.With(in(tenant), actor.ForSystem(tenant.ID))
}

func TestAnAddressThatSomebodyElseChanges(t *testing.T) {
	e := dbtest.New(t)
	p := newPost(t, e)
	old, wanted, set := "oud@example.test", "gevraagd@example.test", "gezet@example.test"
	who, ctx, _ := entered(t, e, p.Service, identitytest.Email(old))
	admin := identitytest.NewPerson(t, e, e.A, identitytest.Named("Bea", "Beheer"), identitytest.Role(actor.Admin))
	require.NoError(t, p.RequestEmail(ctx, wanted))
	p.deliver(t, e.A)
	asked := p.linkTo(t, wanted)
	edit := func(who identitytest.Someone, email string, version int) error {
		return e.DB.Write(admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
			return identity.Edit(ctx, tx, who.ID, identity.Draft{GivenName: who.GivenName, FamilyName: who.FamilyName, Email: email}, version)
		})
	}
	require.NoError(t, edit(who, set, 1))
	p.deliver(t, e.A)
	mails := p.catcher.To(old)
	require.NotEmpty(t, mails, "the old address is told")
	text := mails[len(mails)-1].Parsed().Text
	require.Contains(t, text, "Bea Beheer")
	require.Contains(t, text, "23 november 2026")
	require.NotRegexp(t, emailToken, text, "a stranger who read it gets nothing")
	require.Empty(t, p.catcher.To(set), "whose that is nobody has proved")
	_, err := p.PeekEmail(in(e.A), identity.ConfirmLink, asked)
	require.Equal(t, fault.Gone, fault.CodeOf(err), "what was asked for before counts no more")

	require.NoError(t, edit(who, "", 2))
	p.deliver(t, e.A)
	require.NotEmpty(t, p.catcher.To(set), "that it has no account any more")
	newcomer := parent(t, e, identitytest.Email("nieuw@example.test"))
	_, err = e.Owner(t).Exec(context.Background(), "UPDATE person SET password_hash = NULL WHERE id = $1", newcomer.ID)
	require.NoError(t, err)
	require.NoError(t, edit(newcomer, "nieuwer@example.test", 1))
	p.deliver(t, e.A)
	require.Empty(t, p.catcher.To("nieuw@example.test"), "there was no account to tell of")

	require.ErrorContains(t, edit(identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Staff)), "", 1), "email=identity.error.email_needed")
	require.ErrorContains(t, edit(admin, "", 1), "email=identity.error.own_email")
}
