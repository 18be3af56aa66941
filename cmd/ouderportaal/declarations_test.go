package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/particulars"
)

// From the console to the form of a guardian and back, over HTTP.
func TestADeclarationIsBuiltFilledInAndRead(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	eva, admin := p.browser(p.a.AddParent("Eva", mila), p.e.A), p.browser(p.a.Admin, p.e.A)

	page := admin.Get("/beheer/verklaringen/nieuw").Is(200).Has("Nieuwe verklaring", "Vraag 1")
	key := regexp.MustCompile(`name="form_key" value="([^"]+)"`).FindStringSubmatch(page.Body)[1]
	post := func(options string) (string, []string) {
		return "/beheer/verklaringen", []string{"form_key", key, "title", "Naar <b>het zwembad", "answerers", "one", "required", "ja", "audience", "all", "remind_days", "7",
			declarations.FieldName(0, "label"), "Mag het?", declarations.FieldName(0, "kind"), "choice", declarations.FieldName(0, "options"), options, declarations.FieldName(0, "required"), "ja",
			declarations.FieldName(1, "kind"), "choice", declarations.FieldName(2, "kind"), "signature"}
	}
	path, form := post("")
	for range 2 {
		admin.Post(path, form...).Is(422).Has("Typ de keuzes", "Naar &lt;b&gt;het zwembad", "Vraag 3").Lacks("Vraag 4")
	}
	path, form = post("Ja\r\n=SOM(1)")
	at := admin.Post(path, form...).Is(303).Header.Get("Location")
	admin.Get(at).Is(200).Has("Concept", "Ouders van 1 kind krijgen de vraag.", "Eén keuze: Ja · =SOM(1)<")
	admin.Get(at+"/wijzigen").Is(200).Has("Vraag 4", `data-audience="groups"`).Lacks("Vraag 5")
	eva.Get("/verklaringen").Is(200).Lacks("het zwembad")
	admin.Post(at + "/publicatie").Is(303)

	asked := eva.Get("/verklaringen").Is(200).Has("Naar &lt;b&gt;het zwembad", "Actie nodig").Lacks("<b>het zwembad")
	where := regexp.MustCompile(`href="(/verklaringen/[0-9a-f-]{36}/[0-9a-f-]{36})"`).FindStringSubmatch(asked.Body)[1]
	empty := eva.Get(where).Is(200).Has("Over Mila").Body
	field := regexp.MustCompile(`name="(veld_[0-9a-z]+)"`).FindStringSubmatch(empty)[1]
	key = regexp.MustCompile(`name="form_key" value="([^"]+)"`).FindStringSubmatch(empty)[1]
	eva.Post(where, "form_key", key, "words", "1").Is(422).Has("Kies een antwoord bij")
	eva.Post(where, "form_key", key, "words", "1", field, "=SOM(1)").Is(303)
	eva.Get("/verklaringen").Is(200).Has("Ingevuld door Eva", "=SOM(1)").Lacks("Actie nodig")
	p.browser(p.b.Admin, p.e.B).Get(at).Is(404)
	admin.Get(at).Is(200).Has("1 van 1 kinderen klaar", "Ingevuld door Eva Jansen")
	answer := admin.Post(at+"/bestand", "soort", "csv").Is(200).Has("Eva Jansen", "'=SOM(1)")
	require.Contains(t, answer.Header.Get("Content-Disposition"), "attachment")
	admin.Get(at + "/wijzigen").Is(200).Has("Iedereen opnieuw vragen")
}

// A file goes along from the form of a guardian to the console, and an answer on paper the other way.
func TestAFileAndAnAnswerOnPaper(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	mother := p.a.AddParent("Eva", mila)
	eva, admin, staff, foreign := p.browser(mother, p.e.A), p.browser(p.a.Admin, p.e.A), p.browser(p.a.Staff, p.e.A), p.browser(p.b.Admin, p.e.B)
	key := func(page *webtest.Answer) string {
		return regexp.MustCompile(`name="form_key" value="([^"]+)"`).FindStringSubmatch(page.Body)[1]
	}
	at := admin.Post("/beheer/verklaringen", "form_key", key(admin.Get("/beheer/verklaringen/nieuw").Is(200).Has("Bestand")), "title", "Inentingen", "answerers", "one", "required", "ja", "audience", "all", "remind_days", "7",
		declarations.FieldName(0, "label"), "Welke?", declarations.FieldName(0, "kind"), "line", declarations.FieldName(0, "required"), "ja",
		declarations.FieldName(1, "label"), "Het boekje", declarations.FieldName(1, "kind"), "file", declarations.FieldName(1, "hint"), "Eén bladzijde", declarations.FieldName(1, "required"), "ja").Is(303).Header.Get("Location")
	admin.Post(at + "/publicatie").Is(303)
	where := regexp.MustCompile(`href="(/verklaringen/[0-9a-f-]{36}/[0-9a-f-]{36})"`).FindStringSubmatch(eva.Get("/verklaringen").Is(200).Body)[1]
	form := eva.Get(where).Is(200).Has("Eén bladzijde Een foto of een pdf van hoogstens 20 MB.", `enctype="multipart/form-data"`)
	line, file := regexp.MustCompile(`name="(veld_[0-9a-z]+)"`).FindStringSubmatch(form.Body)[1], regexp.MustCompile(`name="(bestand_[0-9a-z]+)"`).FindStringSubmatch(form.Body)[1]
	chosen := strings.Replace(file, "bestand_", "veld_", 1)
	pdf := func(field string) webtest.File {
		return webtest.File{Field: field, Name: `Boe"kje.exe`, ContentType: "text/html", Body: []byte("%PDF-1.7\n<script>\n%%EOF")}
	}
	eva.PostFiles(where, url.Values{"form_key": {key(form)}, "words": {"1"}, line: {"Alles"}}, webtest.File{Field: file, Name: "x.pdf", ContentType: "application/pdf", Body: []byte("MZ")}).Is(422).Has("Dit is geen foto en geen pdf", `value="Alles"`)
	again := eva.PostFiles(where, url.Values{"form_key": {key(form)}, "words": {"1"}, line: {""}}, pdf(file)).Is(422).Has("Vul in: Welke?", "Meesturen: Boekje.pdf")
	id := regexp.MustCompile(`name="` + chosen + `" value="([^"]+)"`).FindStringSubmatch(again.Body)[1]
	eva.Get("/verklaringen/bestanden/" + id).Is(404)
	for range 2 {
		eva.PostFiles(where, url.Values{"form_key": {key(again)}, "words": {"1"}, line: {"Alles"}, chosen: {id}}).Is(303)
	}
	eva.Get("/verklaringen").Is(200).Has("Boekje.pdf", "/verklaringen/bestanden/"+id).Lacks("eerder antwoord")
	saved := eva.Get("/verklaringen/bestanden/" + id).Is(200)
	require.Equal(t, []string{"attachment; filename=Boekje.pdf", "application/pdf", "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'", "nosniff"},
		[]string{saved.Header.Get("Content-Disposition"), saved.Header.Get("Content-Type"), saved.Header.Get("Content-Security-Policy"), saved.Header.Get("X-Content-Type-Options")})
	admin.Get(at).Is(200).Has("Boekje.pdf", "/beheer/verklaringen/bestanden/"+id)
	admin.Get("/beheer/verklaringen/bestanden/" + id).Is(200).Has("<script>")
	foreign.Get("/beheer/verklaringen/bestanden/" + id).Is(404)
	staff.Get("/beheer/verklaringen/bestanden/" + id).Is(403)
	staff.Get("/verklaringen/bestanden/" + id).Is(403)
	p.browser(p.a.AddParent("Jan", p.a.AddChild("Noor", p.a.Group)), p.e.A).Get("/verklaringen/bestanden/" + id).Is(404)

	paper := at + "/papier/" + mila.String()
	admin.Get(at).Has(`href="` + paper + `"`)
	foreign.Get(paper).Is(404)
	staff.Get(paper).Is(403)
	sheet := admin.Get(paper).Is(200).Has("Antwoord op papier over Mila Jansen", "Eva Jansen", "Scan of foto van het papier")
	today := p.a.Tenant.DateOf(p.e.Clock.Now())
	fields := url.Values{"form_key": {key(sheet)}, "words": {"1"}, "guardian": {mother.ID.String()}, "paper_on": {string(today.Add(1))}, line: {"Alles, op papier"}}
	scan := "bestand_" + declarations.ScanKey
	wrong := admin.PostFiles(paper, fields, pdf(scan)).Is(422).Has("Deze datum moet nog komen", "Meesturen: Boekje.pdf", `value="Alles, op papier"`)
	fields.Set("paper_on", string(today))
	fields.Set("veld_"+declarations.ScanKey, regexp.MustCompile(`name="veld_` + declarations.ScanKey + `" value="([^"]+)"`).FindStringSubmatch(wrong.Body)[1])
	for range 2 {
		admin.PostFiles(paper, fields).Is(303)
	}
	admin.Get(at).Is(200).Has("Eva Jansen, op papier van", "ingevoerd door "+p.a.Admin.Name(), "Het papier zelf")
	eva.Get("/verklaringen").Is(200).Has("Eva, op papier van", "Alles, op papier", "1 eerder antwoord")
	admin.Post(at+"/bestand", "soort", "csv").Is(200).Has("Op papier van " + string(today) + ", ingevoerd door " + p.a.Admin.Name() + ": Boekje.pdf")
	admin.Get("/beheer/logboek").Is(200).Has("Antwoord op papier ingevoerd")
}

func TestThePageOfAChildAndAChangeThatIsAskedFor(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	eva, admin, staff := p.browser(p.a.AddParent("Eva", mila), p.e.A), p.browser(p.a.Admin, p.e.A), p.browser(p.a.Staff, p.e.A)
	child := "/kinderen/" + mila.String()
	eva.Get("/overig").Is(200).Has("Account &amp; Kinderen", "Eva Jansen", `src="/kinderen"`)
	eva.Get("/kinderen").Is(200).Has("Mila", child)
	eva.Get(child).Is(200).Has("Mila Jansen", "Mentor", "Kikkers · Dorpsstraat", "Dagopvang, vanaf", "Iemand toevoegen", `src="/toestemmingen/kind/`+mila.String(), `src="/verklaringen/kind/`+mila.String())
	eva.Header = http.Header{"Turbo-Frame": {"toestemmingen"}}
	eva.Get("/toestemmingen/kind/"+mila.String()).Is(200).Has(`id="toestemmingen"`, "Nog beantwoorden").Lacks("<html")
	eva.Header = nil
	p.browser(p.b.AddParent("Bo"), p.e.B).Get(child).Is(404)

	page := eva.Get(child + "/contacten/nieuw").Is(200)
	key := regexp.MustCompile(`name="form_key" value="([^"]+)"`).FindStringSubmatch(page.Body)[1]
	eva.Post(child+"/contacten", "form_key", key, "name", "Riet", "relation", "oma", "phone", "geen", "emergency", "ja").Is(422).Has("Riet")
	eva.Post(child+"/contacten", "form_key", key, "name", "Riet", "relation", "oma", "phone", "0612345678", "emergency", "ja").Is(303)
	eva.Get(child+"/wijzigen").Is(200).Has("Allergieën", "Vanaf welke dag geldt dit?")
	eva.Post(child+"/wijzigen", string(particulars.Allergies), "Noten", "holds_from", "gisteren").Is(422).Has("Noten", "Kies een dag.")
	eva.Post(child+"/wijzigen", string(particulars.Allergies), "Noten", "holds_from", string(p.a.Tenant.DateOf(p.e.Clock.Now()))).Is(303)
	eva.Get(child).Is(200).Has("Eva gaf op")
	admin.Get("/beheer").Is(200).Has("1 wijziging van een ouder wacht op je.")
	p.work("particulars.tell_deciders")
	admin.Get("/meldingen").Is(200).Has("Een ouder gaf een wijziging door voor Mila")
	list := admin.Get("/beheer/wijzigingen").Is(200).Has("Noten", "Niets", "Goedkeuren")
	request := regexp.MustCompile(`/beheer/wijzigingen/([0-9a-f-]{36})/akkoord`).FindStringSubmatch(list.Body)[1]
	admin.Post("/beheer/wijzigingen/"+request+"/weigering", "reason", "").Is(422).Has("Schrijf waarom niet")
	admin.Post("/beheer/wijzigingen/" + request + "/akkoord").Is(303)
	admin.Get("/beheer/wijzigingen?welke=klaar").Is(200).Has("Doorgevoerd")
	eva.Get("/gegevens/wijzigingen").Is(200).Has("Doorgevoerd", "Noten")
	tomorrow := p.a.Tenant.DateOf(p.e.Clock.Now()).Add(1)
	eva.Post(child+"/wijzigen", string(particulars.Allergies), "Melk", "holds_from", string(tomorrow)).Is(303)
	request = regexp.MustCompile(`/beheer/wijzigingen/([0-9a-f-]{36})/akkoord`).FindStringSubmatch(admin.Get("/beheer/wijzigingen").Is(200).Body)[1]
	admin.Post("/beheer/wijzigingen/" + request + "/akkoord").Is(303)
	admin.Get("/beheer/wijzigingen?welke=klaar").Is(200).Has("Toch niet doorvoeren", request+"/weigering?welke=klaar")
	eva.Get("/gegevens/wijzigingen").Is(200).Has(request + "/intrekking")
	admin.Post("/beheer/wijzigingen/"+request+"/weigering?welke=klaar", "reason", "").Is(422).Has("Schrijf waarom niet", "Goedgekeurd")
	admin.Post("/beheer/wijzigingen/"+request+"/weigering?welke=klaar", "reason", "Bel ons even.").Is(303)
	eva.Get("/gegevens/wijzigingen").Is(200).Has("Bel ons even.").Lacks(request + "/intrekking")
	eva.Get("/gegevens").Is(200).Has("Telefoon")
	eva.Get("/gegevens/wijzigen").Is(200)
	staff.Get("/groep/"+p.a.Group.String()+"/kinderen").Is(200).Has("Mila", "Noten", "Riet (oma)", "tel:0612345678")
	staff.Get("/groep/" + ids.New().String() + "/kinderen").Is(404)
	admin.Header = http.Header{"Turbo-Frame": {"contacten"}}
	admin.Get("/beheer/kinderen/"+mila.String()+"/contacten").Is(200).Has("Noten", "Riet")
}
