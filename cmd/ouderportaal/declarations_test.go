package main

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
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
			declarations.FieldName(0, "label"), "Mag het?", declarations.FieldName(0, "kind"), "choice", declarations.FieldName(0, "options"), options, declarations.FieldName(0, "required"), "ja"}
	}
	path, form := post("")
	admin.Post(path, form...).Is(422).Has("Typ de keuzes", "Naar &lt;b&gt;het zwembad")
	path, form = post("Ja\r\n=SOM(1)")
	at := admin.Post(path, form...).Is(303).Header.Get("Location")
	admin.Get(at).Is(200).Has("Concept", "Ouders van 1 kind krijgen de vraag.")
	eva.Get("/verklaringen").Is(200).Lacks("het zwembad")
	admin.Post(at + "/publicatie").Is(303)

	asked := eva.Get("/verklaringen").Is(200).Has("Naar &lt;b&gt;het zwembad", "Actie nodig").Lacks("<b>het zwembad")
	where := regexp.MustCompile(`href="(/verklaringen/[0-9a-f-]{36}/[0-9a-f-]{36})"`).FindStringSubmatch(asked.Body)[1]
	field := regexp.MustCompile(`name="(veld_[0-9a-z]+)"`).FindStringSubmatch(eva.Get(where).Is(200).Has("Over Mila").Body)[1]
	eva.Post(where, "words", "1").Is(422).Has("Kies een antwoord bij")
	eva.Post(where, "words", "1", field, "=SOM(1)").Is(303)
	eva.Get("/verklaringen").Is(200).Has("Ingevuld door Eva", "=SOM(1)").Lacks("Actie nodig")
	p.browser(p.b.Admin, p.e.B).Get(at).Is(404)
	admin.Get(at).Is(200).Has("1 van 1 kinderen klaar", "Ingevuld door Eva Jansen")
	answer := admin.Post(at+"/bestand", "soort", "csv").Is(200).Has("Eva Jansen", "'=SOM(1)")
	require.Contains(t, answer.Header.Get("Content-Disposition"), "attachment")
	admin.Get(at + "/wijzigen").Is(200).Has("Iedereen opnieuw vragen")
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
