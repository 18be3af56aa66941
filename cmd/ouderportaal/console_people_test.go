package main

import (
	"context"
	"net/netip"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/invitations"
	"ouderportaal/tenants"
)

func TestAnOpenScreenOfAnAdministrator(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	sanne := "/beheer/medewerkers/" + p.a.Staff.ID.String()
	eva := p.a.AddParent("Eva", p.a.AddChild("Mila", p.a.Group))
	p.e.Clock.Advance(identity.FreshTime + time.Second)
	admin.Get("/beheer/medewerkers/nieuw").GoesTo("/bevestigen?next=%2Fbeheer%2Fmedewerkers%2Fnieuw")
	admin.Get(sanne).Is(200).Has(`data-qa="change-roles"`).Lacks(`data-qa="appoint"`, `data-qa="dismiss-staff"`)
	admin.Get(sanne + "/rollen").GoesTo("/bevestigen?next=" + url.QueryEscape(sanne+"/rollen"))
	jan := identitytest.NewPerson(t, p.e, p.e.A, identitytest.Named("Jan", "Jansen"), identitytest.Role(actor.Parent))
	admin.Get("/beheer/ouders/" + jan.ID.String() + "/wijzigen").GoesTo("/bevestigen?next=" + url.QueryEscape("/beheer/ouders/"+jan.ID.String()+"/wijzigen"))
	proved := p.browser(p.a.Admin, p.e.A)
	proved.Get(sanne + "/rollen").GoesTo(sanne)
	proved.Get(sanne).Has(`data-qa="appoint"`, `data-qa="dismiss-staff"`).Lacks(`data-qa="change-roles"`)
	admin.Get("/beheer/ouders/" + eva.ID.String() + "/wijzigen").GoesTo("/bevestigen?next=%2Fbeheer%2Fouders%2F" + eva.ID.String() + "%2Fwijzigen")
	for path, form := range map[string][]string{
		sanne + "/rollen":                                 {"role", "admin", "valid_from", "2026-11-23"},
		sanne + "/toegang/einde":                          nil,
		"/beheer/medewerkers":                             {"given_name", "Ilse", "email", "ilse@a.example", "valid_from", "2026-11-23"},
		"/beheer/ouders/" + eva.ID.String() + "/wijzigen": {"given_name", "Eva", "family_name", "Jansen", "email", "ander@a.example", "version", "1"},
	} {
		require.Regexp(t, "^/bevestigen", admin.Post(path, form...).Is(303).Header.Get("Location"), path)
	}
	p.browser(p.a.Admin, p.e.A).Post(sanne+"/rollen", "role", "admin", "valid_from", "2026-11-23").GoesTo(sanne)
}

func TestAColleagueIsInvitedFromTheConsole(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	path := admin.Post("/beheer/medewerkers", "given_name", "Ilse", "email", "ilse@a.example", "group", p.a.Group.String(), "valid_from", "2026-11-23").Is(303).Header.Get("Location")
	admin.Get(path).Is(200).Has("Uitnodiging", "Geen account", `data-qa="invite"`)
	admin.Post(path + "/uitnodiging").GoesTo(path)
	admin.Get(path).Has("Onderweg", "De mail wordt nu verstuurd.").Lacks(`data-qa="invite"`)
	admin.Post(path + "/uitnodiging").GoesTo(path)
	admin.Get(path).Has("Er is nu niets te versturen.")
	p.browser(p.a.AddManager("Mo"), p.e.A).Post(path + "/uitnodiging").Is(403)
	manager := p.browser(p.a.AddManager("Mia"), p.e.A)
	manager.Get(path).Is(200).Lacks(`data-qa="invited"`)
	p.browser(p.b.Admin, p.e.B).Post(path + "/uitnodiging").Is(404)
}

func TestWhatAManagerReadsOfColleaguesAndOfWhoMovedOn(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	today := p.e.A.DateOf(p.e.Clock.Now())
	_, err := p.e.Owner(t).Exec(context.Background(), "UPDATE person SET street = 'Laan 1' WHERE id = $1", p.a.Staff.ID)
	require.NoError(t, err)
	_, err = p.app.modules.identity.SignIn(tenants.With(context.Background(), p.e.A), identity.Credentials{Email: p.a.Staff.Email, Password: identitytest.Password, IP: netip.MustParseAddr("192.0.2.9")})
	require.NoError(t, err)
	page := "/beheer/medewerkers/" + p.a.Staff.ID.String()
	p.browser(p.a.Admin, p.e.A).Get(page).Is(200).Has("Laan 1", "Ingelogd")
	manager := p.browser(p.a.AddManager("Mo"), p.e.A)
	manager.Get(page).Is(200).Has("Sanne").Lacks("Laan 1", "Ingelogd")

	mila := p.a.AddNewcomer("Mila", p.a.Group, today.Add(-400), today.Add(-30))
	p.a.Place(mila, p.a.AddLocation("Elders"), today.Add(-29), "")
	p.a.AddParent("Eva", mila)
	file := "/beheer/kinderen/" + mila.String()
	manager.Get(file).Is(200).Has("Dit kind is naar een andere locatie gegaan.", "Eva Jansen").Lacks(`data-qa="edit-child"`, `data-qa="edit-placement"`, "/beheer/banden/", "/mentor", "/plaatsingen/nieuw", "/ouders/nieuw")
	for _, form := range []string{"/wijzigen", "/mentor", "/plaatsingen/nieuw", "/ouders/nieuw"} {
		manager.Get(file + form).Is(404)
	}
	require.Equal(t, []string{"0", "0", "1"}, numbersOf(manager.Get("/beheer").Is(200)), "for this location the child has left")
	require.Empty(t, namesIn(manager.Get("/beheer/kinderen").Is(200)))
	require.Equal(t, []string{"Mila Jansen"}, namesIn(manager.Get("/beheer/kinderen?status=gone").Is(200)))
	admin := p.browser(p.a.Admin, p.e.A)
	require.Equal(t, []string{"1", "0", "0"}, numbersOf(admin.Get("/beheer").Is(200)))
	admin.Get(file).Is(200).Has(`data-qa="edit-child"`, "/mentor")
	manager.Get(regexp.MustCompile(`/beheer/banden/[0-9a-f-]{36}`).FindString(admin.Get(file).Body)).Is(404)
}

// An undo that is offered can be done.
func TestAnEndIsUndoneByWhoKeepsTheChild(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	today, elsewhere := p.e.A.DateOf(p.e.Clock.Now()), p.a.AddLocation("Elders")
	manager := p.browser(p.a.AddManager("Mo"), p.e.A)
	for days, offered := range map[int]bool{3: true, 20: false} {
		mila := p.a.AddChild("Mila", p.a.Group)
		file := "/beheer/kinderen/" + mila.String()
		placement := regexp.MustCompile(`/beheer/plaatsingen/[0-9a-f-]{36}`).FindString(manager.Get(file).Is(200).Body)
		p.a.Place(mila, elsewhere, today.Add(-30), "")
		manager.Post(placement+"/einde", "last", string(today.Add(-days)), "version", "1").GoesTo(file)
		page := manager.Get(file).Is(200)
		if !offered {
			page.Lacks("Ongedaan maken")
			continue
		}
		page.Has("Ongedaan maken")
		manager.Post(placement + "/einde?undo=1&version=2&last=").GoesTo(file)
		manager.Get(file).Is(200).Has(`data-qa="edit-placement"`)
	}
}

func TestTheOverviewTellsWhoStartsUnreached(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	today := p.e.A.DateOf(p.e.Clock.Now())
	elsewhere := p.a.AddLocation("Elders")
	admin, manager := p.browser(p.a.Admin, p.e.A), p.browser(p.a.AddManager("Mo"), p.e.A)
	admin.Get("/beheer").Is(200).Lacks("zonder ouder met een account")
	p.a.AddNewcomer("Saar", p.a.Group, today.Add(42), "")
	p.a.AddNewcomer("Laat", p.a.Group, today.Add(43), "")
	p.a.AddChild("Hier", p.a.Group)
	again := p.a.AddNewcomer("Terug", elsewhere, today.Add(-300), today.Add(-100))
	p.a.Place(again, elsewhere, today.Add(5), "")
	reached := p.a.AddNewcomer("Bereikt", p.a.Group, today.Add(10), "")
	p.a.AddParent("Eva", reached)
	p.a.Tie(identitytest.NewPerson(t, p.e, p.e.A, identitytest.Named("Jan", "Jansen"), identitytest.Role(actor.Parent)), again, "gezag", today.Add(-300), "")

	admin.Get("/beheer").Has("2 kinderen starten binnen 6 weken zonder ouder met een account.", "/beheer/kinderen?status=soon&amp;account=1&amp;start=1")
	require.Equal(t, []string{"Saar Jansen", "Terug Jansen"}, namesIn(admin.Get("/beheer/kinderen?status=soon&account=1&start=1").Is(200)))
	require.Equal(t, []string{"Bereikt Jansen", "Saar Jansen", "Terug Jansen"}, namesIn(admin.Get("/beheer/kinderen?start=1").Is(200)))
	require.Equal(t, []string{"Bereikt Jansen", "Saar Jansen", "Terug Jansen"}, namesIn(admin.Get("/beheer/kinderen?start=1&status=here").Is(200)), "whatever tab was open")
	manager.Get("/beheer").Has("1 kind start binnen 6 weken zonder ouder met een account.")
	require.NoError(t, p.app.modules.invitations.Choose(p.a.Admin.Ctx(), invitations.Settings{LeadDays: 10, SentFrom: "09:00"}))
	admin.Get("/beheer").Has("1 kind start binnen 10 dagen zonder ouder met een account.")
	require.Equal(t, []string{"Bereikt Jansen", "Terug Jansen"}, namesIn(admin.Get("/beheer/kinderen?start=1").Is(200)), "as the organisation invites")
}
