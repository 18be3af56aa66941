package main

import (
	"context"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/modules/consents"
)

func TestABlockIsForOneChild(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	noor, sem := p.a.AddChild("Noor", p.a.Group), p.a.AddChild("Sem", p.a.Group)
	eva := p.a.AddParent("Eva", noor, sem)
	page := "/beheer/ouders/" + eva.ID.String()
	tie := regexp.MustCompile(`/beheer/banden/[0-9a-f-]{36}`).FindString(admin.Get("/beheer/kinderen/" + noor.String()).Is(200).Body)
	admin.Get(tie).Is(200).Has("Een blokkade geldt alleen voor Noor, niet voor Sem.", "/beheer/kinderen/"+sem.String())
	admin.Get(tie + "/deblokkade").GoesTo(tie)
	admin.Post(tie+"/blokkade", "reason", "uitspraak rechter").Is(303)
	admin.Get(tie).Is(200).Has("Geblokkeerd voor Noor; voor Sem niet.", "/beheer/kinderen/"+sem.String(), "Niet geblokkeerd", `href="`+tie+`/deblokkade"`, "<dialog")
	admin.Get(page).Is(200).Has("Geblokkeerd voor Noor; voor Sem niet.")
	admin.Get(tie+"/deblokkade").Is(200).Has("Blokkade van Eva Jansen opheffen?", "uitspraak rechter", `data-qa="unblock-form"`)
	p.browser(eva, p.e.A).Get("/").Is(200).Has("Sem").Lacks("Noor")
	admin.Get("/beheer/ouders").Is(200).Has("Eva Jansen").Lacks("Geblokkeerd")
	other := regexp.MustCompile(`/beheer/banden/[0-9a-f-]{36}`).FindString(admin.Get("/beheer/kinderen/" + sem.String()).Is(200).Body)
	admin.Post(other+"/blokkade", "reason", "uitspraak rechter").Is(303)
	admin.Get("/beheer/ouders").Is(200).Has("Eva Jansen", "Geblokkeerd")
	admin.Get("/beheer/ouders?status=gone").Is(200).Lacks("Eva Jansen")
	admin.Post(other + "/deblokkade").Is(303)
	admin.Post(tie + "/deblokkade").Is(303)
	admin.Get(page).Lacks("Geblokkeerd voor")
	p.browser(eva, p.e.A).Get("/").Is(200).Has("Noor")
}

func TestAnotherGuardianBeginsInTheHouseholdThatIsThere(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	noor := p.a.AddChild("Noor", p.a.Group)
	form := "/beheer/kinderen/" + noor.String() + "/ouders/nieuw"
	admin.Get(form).Is(200).Has(`<option value="1" selected>Huishouden 1</option>`)
	eva := p.a.AddParent("Eva", noor)
	_, err := p.e.Owner(t).Exec(context.Background(), "UPDATE guardianship SET household = 3 WHERE tenant_id = $1 AND person_id = $2", p.e.A.ID, eva.ID)
	require.NoError(t, err)
	admin.Get(form).Is(200).Has(`<option value="3" selected>Huishouden 3: Eva Jansen</option>`, `<option value="1">Ander huishouden (1)</option>`).Lacks(`<option value="2"`, `<option value="4"`)
}

func TestWhoStartsLaterStandsApartInTheGroup(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	today := p.e.A.DateOf(p.e.Clock.Now())
	p.a.AddChild("Mila", p.a.Group)
	staff, desk := p.browser(p.a.Staff, p.e.A), "/groep/"+p.a.Group.String()
	staff.Get(desk).Is(200).Has("Mila").Lacks("Start binnenkort")
	p.a.AddNewcomer("Abel", p.a.Group, today.Add(7), "")
	p.a.AddNewcomer("Vera", p.a.Group, today.Add(15), "")
	page := staff.Get(desk).Is(200).Has("Start binnenkort", "Start 30 nov 2026").Lacks("Vera")
	require.Regexp(t, `(?s)Mila.*Start binnenkort.*Abel.*Start 30 nov`, page.Body, "although Abel comes before Mila in the alphabet")
	staff.Get(desk+"/dagboek/nieuw").Is(200).Has("Abel", "Start 30 nov 2026")
	staff.Get(desk+"/zorg").Is(200).Has("Abel", "Start 30 nov 2026")
}

func TestAnAnswerOnPaperToAQuestionThatEnded(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	noor := p.a.AddChild("Noor", p.a.Group)
	file := "/beheer/kinderen/" + noor.String()
	admin.Get(file).Is(200).Has(file + "/toestemmingen/photos")
	today := p.e.A.DateOf(p.e.Clock.Now())
	require.NoError(t, p.app.modules.consents.Revise(p.a.Admin.Ctx(), consents.Photos, consents.Draft{Title: "Foto's", Body: "Mogen wij foto's van je kind delen?", Required: consents.One, StartsOn: today.Add(-30), EndsOn: today.Add(-1)}))
	admin.Post(file+"/toestemmingen/photos", "answer", "ja").GoesTo(file + "#vraag-photos")
	require.Equal(t, "!consents.error.not_running", admin.Cookie("__Host-melding"))
	admin.Get(file).Is(200).Has("toast--problem", "Deze vraag wordt nu niet gesteld.")
}

func TestTheLogSaysWhomAnEntryIsAbout(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	publish(t, p, p.a.AddChild("Noor", p.a.Group))
	p.browser(p.a.Admin, p.e.A).Get("/beheer/logboek?actie=diary.publish").Is(200).Has("Noor")
}
