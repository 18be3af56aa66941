package main

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/invitations"
	"ouderportaal/tenants"
)

func TestTheInvitationOnThePageOfAGuardian(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	today := p.e.A.DateOf(p.e.Clock.Now())
	eva := identitytest.NewPerson(t, p.e, p.e.A, identitytest.Named("Eva", "Bos"), identitytest.Role(actor.Parent))
	page := "/beheer/ouders/" + eva.ID.String()
	admin, manager := p.browser(p.a.Admin, p.e.A), p.browser(p.a.AddManager("Mo"), p.e.A)
	for _, name := range []string{"Noor", "Sem"} {
		p.a.Tie(eva, p.a.AddNewcomer(name, p.a.Group, today.Add(100), ""), children.Authority, today.Add(-1), "")
	}
	admin.Get(page).Is(200).Has("Er is nog geen uitnodiging.")
	system := actor.With(tenants.With(context.Background(), p.e.A), actor.ForSystem(p.e.A.ID))
	require.NoError(t, p.app.modules.invitations.Sweep(system))
	for _, who := range []string{"Noor Jansen", "Sem Jansen", "Gepland", "Nu versturen", "Eerste dag 3 mrt 2027", "op 20 jan 2027 om 09:00"} {
		admin.Get(page).Is(200).Has(who)
		manager.Get(page).Is(200).Has(who)
	}
	send := regexp.MustCompile(`/beheer/uitnodigingen/[0-9a-f-]{36}/mail`)
	require.Len(t, send.FindAllString(admin.Get(page).Body, -1), 1, "one mail for both")
	list := admin.Get("/beheer/uitnodigingen").Is(200).Has("In dezelfde mail")
	require.Equal(t, 1, strings.Count(list.Body, `data-qa="send"`))
	p.browser(p.b.Admin, p.e.B).Post(send.FindString(list.Body)).Is(404)

	form := []string{"terug", page, "seen", "00000000-0000-0000-0000-000000000000"}
	manager.Post(send.FindString(list.Body), form...).GoesTo(page)
	manager.Get(page).Has("De uitnodiging wordt nu verstuurd.", "Onderweg").Lacks(`data-qa="send"`)
	admin.Post(send.FindString(list.Body), form...).GoesTo(page)
	admin.Get(page).Has("Er ging net al een uitnodiging uit.")
	admin.Get("/beheer/uitnodigingen?stand=sent").Has("Eva Bos", "Onderweg")
	p.browser(p.a.Staff, p.e.A).Get(page).Is(403)
}

func TestAnOldActivationLinkSaysWhereTheNewMailWent(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	eva := identitytest.NewPerson(t, p.e, p.e.A, identitytest.Named("Eva", "Bos"), identitytest.Role(actor.Parent))
	system := actor.With(tenants.With(context.Background(), p.e.A), actor.ForSystem(p.e.A.ID))
	write := func(do func(ctx context.Context, tx tenants.Writer) error) {
		require.NoError(t, p.e.DB.Write(system, do))
	}
	link := func() (token string) {
		write(func(ctx context.Context, tx tenants.Writer) (err error) {
			token, _, err = identity.MakeActivation(ctx, tx, eva.ID, invitations.LinkTime)
			return err
		})
		return "/activeren/" + token
	}
	visitor := p.site.Browser(p.e.A.Slug + "." + testDomain)
	first := link()
	visitor.Get(first).Is(200)
	p.e.Clock.Advance(invitations.LinkTime + time.Hour)
	visitor.Get(first).Is(410).Has("verlopen of ingetrokken").Lacks(eva.Email)
	second := link()
	visitor.Get(first).Is(410).Has("Op 7 dec 2026 om", "ging er een nieuwe mail naar "+eva.Email, "Nieuwe link sturen")
	visitor.Get(second).Is(200)
	write(func(ctx context.Context, tx tenants.Writer) error {
		return identity.VoidActivations(ctx, tx, []ids.ID{eva.ID})
	})
	link()
	visitor.Get(second).Is(410).Has("naar het e-mailadres dat je organisatie nu van je heeft").Lacks(eva.Email)
}
