package main

import (
	"html"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/webtest"
)

var undoForm = regexp.MustCompile(`action="([^"]+/wijzigen/herstel\?version=\d+)"`)

// undo is where the toast of a page leads to.
func undo(t *testing.T, a *webtest.Answer) string {
	t.Helper()
	m := undoForm.FindStringSubmatch(a.Body)
	require.NotNil(t, m, a.Body)
	return html.UnescapeString(m[1])
}

func TestAnEditIsToldWithWhatItChangedAndCanBeUndone(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	mila := p.a.AddChild("Mila", p.a.Group)
	eva := p.a.AddParent("Eva", mila)
	file, person := "/beheer/kinderen/"+mila.String(), "/beheer/ouders/"+eva.ID.String()
	first := func(pattern string) string {
		return regexp.MustCompile(pattern).FindString(admin.Get(file).Is(200).Body)
	}

	t.Run("of a child", func(t *testing.T) {
		form := []string{"version", "1", "given_name", "Mila", "family_name", "Bakker", "birth_on", "13-9-2024"}
		admin.Post(file, form...).GoesTo(file)
		page := admin.Get(file).Is(200).Has("Achternaam: van Jansen naar Bakker", "Geboortedatum: van 14 sep 2024 naar 13 sep 2024", "Ongedaan maken")
		way := undo(t, page)
		p.browser(p.b.Admin, p.e.B).Post(way).Is(404)
		admin.Post(way).GoesTo(file)
		admin.Get(file).Is(200).Has("De wijziging is ongedaan gemaakt.", "<h1>Mila Jansen</h1>", "Achternaam: van Bakker naar Jansen")
		admin.Post(way).GoesTo(file)
		admin.Get(file).Has("Ongedaan maken kan niet meer", "<h1>Mila Jansen</h1>")
		form[1] = "3"
		form[5], form[7] = "Jansen", "14-9-2024"
		admin.Post(file, form...).GoesTo(file)
		admin.Get(file).Has("Bewaard.").Lacks("Ongedaan maken")
	})
	t.Run("of a guardian, whose address goes back as well", func(t *testing.T) {
		form := []string{"version", "1", "given_name", "Eva", "family_name", "Jansen", "email", "nieuw@a.example", "phone", "0612345678", "postcode", "7437aa"}
		admin.Post(person+"/wijzigen", form...).GoesTo(person)
		page := admin.Get(person).Is(200).Has("E-mailadres: van "+eva.Email+" naar nieuw@a.example", "Telefoon: van leeg naar 0612345678", "Postcode: van leeg naar 7437 AA")
		admin.Get("/beheer/logboek?actie=identity.edit_person").Is(200).Has("Telefoon: van leeg naar 0612345678")
		way := undo(t, page)
		admin.Post(person+"/wijzigen", "version", "2", "given_name", "Eva", "family_name", "Smit", "email", "nieuw@a.example", "phone", "0612345678", "postcode", "7437 AA").GoesTo(person)
		admin.Post(way).GoesTo(person)
		admin.Get(person).Has("Ongedaan maken kan niet meer", "Eva Smit")
		admin.Post(person + "/wijzigen/herstel?version=3").GoesTo(person)
		admin.Get(person).Has("Eva Jansen", "nieuw@a.example")
	})
	t.Run("of a tie and of a placement", func(t *testing.T) {
		tie := first(`/beheer/banden/[0-9a-f-]{36}`)
		admin.Post(tie, "version", version(t, admin.Get(tie)), "kind", "informatierecht", "household", "2", "valid_from", "2026-01-05").GoesTo(file)
		way := undo(t, admin.Get(file).Has("Soort: van gezag naar recht op informatie", "Huishouden: van 1 naar 2"))
		admin.Post(way).GoesTo(file)
		admin.Get(tie).Is(200).Has(`<option value="gezag" selected>`)

		placement := first(`/beheer/plaatsingen/[0-9a-f-]{36}`)
		group := p.a.AddGroup("Padden")
		change := func(group ids.ID, day, from string) {
			t.Helper()
			admin.Post(placement, "version", version(t, admin.Get(placement)), "group", group.String(), "starts_on", "2026-01-05", "day_"+day, "1", "from_"+day, from, "to_"+day, "18:00").GoesTo(file)
		}
		change(p.a.Group, "1", "07:30")
		change(group, "2", "08:00")
		page := admin.Get(file).Has("Groep: van Kikkers naar Padden", "Dagen: van maandag 07:30–18:00 naar dinsdag 08:00–18:00")
		admin.Post(undo(t, page)).GoesTo(file)
		admin.Get(file).Has("Groep: van Padden naar Kikkers", "Dagen: van dinsdag 08:00–18:00 naar maandag 07:30–18:00")
	})
	t.Run("is not told to who may not change the row", func(t *testing.T) {
		sanne := "/beheer/medewerkers/" + p.a.Staff.ID.String()
		admin.Post(sanne+"/wijzigen", "version", version(t, admin.Get(sanne+"/wijzigen").Is(200)), "given_name", "Sanne", "family_name", "de Groot", "email", p.a.Staff.Email, "street", "Geheimlaan 1").GoesTo(sanne)
		admin.Get(sanne).Has("naar Geheimlaan 1")
		p.browser(p.a.AddManager("Mo"), p.e.A).Get(sanne).Is(200).Lacks("Geheimlaan")
	})
	t.Run("until it is forgotten, and the chain holds", func(t *testing.T) {
		p.e.Clock.Advance(2*365*24*time.Hour + 48*time.Hour)
		require.NoError(t, p.e.DB.Write(p.a.Admin.Ctx(), audit.Forget))
		admin = p.browser(p.a.Admin, p.e.A)
		admin.Get("/beheer/logboek?actie=identity.edit_person").Is(200).Has("telefoon").Lacks("0612345678")
		admin.Get("/beheer/logboek/keten").Is(200).Has("regels klopt")
	})
}
