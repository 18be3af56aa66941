package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/internal/webtest"
)

// L1, C1: who runs a location says when it is open, and a guardian reads it.
func TestAnAdminSaysWhenALocationIsOpen(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	eva := p.browser(p.a.AddParent("Eva", p.a.AddChild("Mila", p.a.Group)), p.e.A)
	admin, path := p.browser(p.a.Admin, p.e.A), "/beheer/locaties/"+p.a.Location.String()
	admin.Get(path).Is(200).Has("Openingstijden", "Andere tijden op een dag", "Ons team", "Sanne de Groot")
	admin.Post(path+"/openingstijden", "version", "0", "from_1", "07:30", "to_1", "12:30", "again_from_1", "12:00", "again_to_1", "18:30").Is(422).
		Has("Fout:", "Deze tijden vallen over elkaar.", `href="#day_1"`, `value="07:30"`, `value="12:00"`, `value="18:30"`, "Dorpsstraat")
	admin.Post(path+"/openingstijden", "version", "0", "from_1", "07:30", "to_1", "08:30", "again_from_1", "14:00", "again_to_1", "18:30").GoesTo(path)
	eva.Get("/locatie").Has("7:30–8:30, 14:00–18:30")
	admin.Post(path+"/openingstijden", "version", "0", "from_1", "09:00", "to_1", "10:00").Is(409).Has("Iemand anders heeft dit net veranderd", `value="09:00"`)

	admin.Post(path+"/andere-tijden", "on_day", "31 dec", "from_time", "07:30", "to_time", "16:00", "reason", "Oudejaarsdag").Is(422).Has(`href="#on_day"`, `value="31 dec"`, `value="Oudejaarsdag"`)
	day := string(p.e.A.DateOf(p.e.Clock.Now()).Add(20))
	admin.Post(path+"/andere-tijden", "on_day", day, "from_time", "07:30", "to_time", "16:00", "reason", "Oudejaarsdag").GoesTo(path)
	eva.Get("/locatie").Has("open 7:30–16:00 · Oudejaarsdag")
	drop := regexp.MustCompile(`/beheer/andere-tijden/[^"]+/einde`).FindString(admin.Get(path).Body)
	p.browser(p.b.Admin, p.e.B).Post(drop).Is(404)
	p.browser(p.b.Admin, p.e.B).Post(path+"/openingstijden", "version", "1").Is(404)
	admin.Post(drop).GoesTo(path)
	eva.Get("/locatie").Lacks("Oudejaarsdag")
	p.browser(p.a.Staff, p.e.A).Post(path+"/openingstijden", "version", "1").Is(403)
	admin.Get("/beheer/logboek").Is(200).Has("Openingstijden ingesteld", "Andere openingstijden weggehaald")
}

// L2: nothing that another made of somebody is shown before they agree.
func TestAManagerHelpsAColleagueWithTheirProfile(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	eva, sanne := p.browser(p.a.AddParent("Eva", p.a.AddChild("Mila", p.a.Group)), p.e.A), p.browser(p.a.Staff, p.e.A)
	manager, path := p.browser(p.a.AddManager("Karin"), p.e.A), "/beheer/team/"+p.a.Staff.ID.String()
	who := "/locatie/team/" + p.a.Staff.ID.String()
	manager.Get(path).Is(200).Has("Profiel van Sanne de Groot")
	manager.Post(path, "version", "0", "title", strings.Repeat("x", 81), "introduction", "Zij is Sanne.").Is(422).Has(`href="#title"`, "Zij is Sanne.")
	manager.Post(path, "version", "0", "title", "Teamleider", "introduction", "Zij is Sanne.").GoesTo(path)
	manager.Get(path).Has("Deze tekst wacht op het akkoord van Sanne.")
	manager.Get("/beheer/locaties/" + p.a.Location.String()).Has("wacht op akkoord")
	eva.Get(who).Is(200).Has("Teamleider").Lacks("Zij is Sanne.")
	sanne.Get("/overig/profiel").Is(200).Has("Zij is Sanne.", "Dit mag getoond worden")
	sanne.Post("/overig/profiel/voorstel", "version", "1", "agree", "1").GoesTo("/overig/profiel")
	eva.Get(who).Has("Zij is Sanne.")

	manager.PostFiles(path+"/foto", nil).Is(422).Has("Kies eerst een foto.")
	manager.PostFiles(path+"/foto", nil, webtest.File{Field: "photo", Name: "s.jpg", ContentType: "image/jpeg", Body: mediatest.Photo(60, 40, 1)}).GoesTo(path)
	sanne.Get("/overig/profiel").Has("Een foto van jou")

	manager.Post(path+"/zichtbaar", "version", "2", "hide", "1").GoesTo(path)
	eva.Get("/locatie").Is(200).Lacks("Teamleider")
	eva.Get(who).Is(404)
	sanne.Get("/overig/profiel").Has("heeft je profiel verborgen")
	manager.Post(path+"/zichtbaar", "version", "3").GoesTo(path)
	eva.Get(who).Is(200)

	for _, other := range []string{path, "/beheer/team/" + p.a.Admin.ID.String(), "/beheer/team/" + ids.New().String()} {
		p.browser(p.b.Admin, p.e.B).Get(other).Is(404)
		p.browser(p.b.Admin, p.e.B).Post(other, "version", "3", "introduction", "Kwaad.").Is(404)
	}
	youssef := p.a.AddStaff("Youssef", p.a.AddLocation("Noord"))
	manager.Get("/beheer/team/" + youssef.ID.String()).Is(404)
	manager.Post("/beheer/team/"+youssef.ID.String()+"/zichtbaar", "version", "0", "hide", "1").Is(404)
	log := p.browser(p.a.Admin, p.e.A).Get("/beheer/logboek").Is(200).Body
	for _, words := range []string{"Introductie van collega voorgesteld", "Introductie goedgekeurd", "Foto van collega voorgesteld", "Profiel verborgen", "Profiel weer getoond"} {
		require.Contains(t, log, words)
	}
}

// A photo of a colleague is a file like any other: it counts, and it needs room.
func TestPhotosOfColleaguesTakeStorage(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	photo := mediatest.Photo(60, 40, 1)
	sent := webtest.File{Field: "photo", Name: "s.jpg", ContentType: "image/jpeg", Body: photo}
	sanne, admin, path := p.browser(p.a.Staff, p.e.A), p.browser(p.a.Admin, p.e.A), "/beheer/team/"+p.a.Staff.ID.String()
	sanne.PostFiles("/overig/profiel/foto", nil, sent).GoesTo("/overig/profiel")
	require.NoError(t, platform.Count(p.a.Admin.Ctx(), p.app.DB, counters))
	var used int64
	require.NoError(t, p.e.Owner(t).QueryRow(t.Context(), "SELECT storage_bytes FROM tenant_usage WHERE tenant_id = $1", p.e.A.ID).Scan(&used))
	require.EqualValues(t, len(photo), used)

	_, err := p.e.Owner(t).Exec(t.Context(), "UPDATE tenant SET storage_limit = $2 WHERE id = $1", p.e.A.ID, 2*len(photo)-1)
	require.NoError(t, err)
	p.app.Directory.Changes().Notified(p.e.A.Slug) // no process listens in this test
	full := []string{`href="#photo"`, "De opslag van jullie organisatie is vol. Vraag de beheerder om meer ruimte."}
	sanne.PostFiles("/overig/profiel/foto", nil, sent).Is(422).Has(full...)
	admin.PostFiles(path+"/foto", nil, sent).Is(422).Has(full...)
	var kept int
	require.NoError(t, p.e.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM staff_photo WHERE tenant_id = $1", p.e.A.ID).Scan(&kept))
	require.Equal(t, 1, kept)
}
