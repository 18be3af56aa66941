package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
)

// What an admin writes is read by whom it is for and by nobody else, on every page that shows it.
func TestAnAdminPublishesNews(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	eva := p.a.AddParent("Eva", p.a.AddChild("Mila", p.a.Group))
	elsewhere := p.a.AddParent("Ruben", p.a.AddChild("Noud", p.a.AddLocation("Kerkstraat")))
	admin, parent, other := p.browser(p.a.Admin, p.e.A), p.browser(eva, p.e.A), p.browser(elsewhere, p.e.A)
	admin.Get("/beheer/nieuws").Is(200).Has("Er is nog niets geschreven")
	parent.Get("/nieuws").Is(200).Has("Er is nog geen nieuws")
	parent.Get("/informatie/kader").Is(200).Has(`<turbo-frame id="information" target="_top"></turbo-frame>`)

	path := admin.Post("/beheer/nieuws", "kind", "news").Is(303).Header.Get("Location")
	id := strings.TrimPrefix(path, "/beheer/nieuws/")
	admin.Get(path).Is(200).Has("Concept", "bereikt 2 ouders", "Hele organisatie", "Dorpsstraat", "Kikkers")
	admin.Post(path+"/publicatie", "revision", "1", "title", "", "body", "<b>vet</b>", "guardians", "1", "location", p.a.Location.String()).Is(422).Has("Fout:", "Vul een titel in.", "&lt;strong&gt;vet")
	admin.Post(path+"/publicatie", "revision", "1", "title", "x", "body", "y", "guardians", "1", "group", "nee").Is(http.StatusBadRequest)
	admin.Get("/beheer/nieuws/bereik?guardians=1&staff=1&location=" + p.a.Location.String()).Is(200).Has("bereikt 1 ouder · en 2 medewerkers")
	admin.Post(path+"/publicatie", "revision", "1", "title", "Voorlees<week>", "body", "Neem je boek mee.\n\nTot <b>maandag</b>", "guardians", "1", "staff", "1", "location", p.a.Location.String()).Is(303)
	admin.Post(path, "revision", "1", "title", "Van gisteren", "body", "z").Is(409).Has("Iemand anders heeft dit", "Van gisteren")
	admin.Get("/beheer/nieuws?q=voorlees&soort=news&staat=published&sorteer=titel").Is(200).Has("Voorlees&lt;week&gt;", "Gepubliceerd", "Dorpsstraat")
	admin.Get("/beheer/nieuws?q=anders").Is(200).Has("Niets gevonden")
	admin.Get(path+"/voorbeeld").Is(200).Has("Op de telefoon van een ouder", "Als mail", "Neem je boek mee.")
	admin.Get(path + "/versies/1").Is(200).Has("Tot <strong>maandag</strong>")
	admin.Get(path + "/versies/2").Is(404)

	read := "/nieuws/" + id
	parent.Get("/nieuws").Is(200).Has("Voorlees&lt;week&gt;", "Neem je boek mee.", read, "Dorpsstraat", "Nieuw")
	parent.Get("/nieuws/kader?locatie="+p.a.Location.String()).Is(200).Has(`<turbo-frame id="news"`, "Alle bekijken", read)
	parent.Get("/nieuws/teaser").Is(200).Has("Voorlees&lt;week&gt;")
	parent.Get(read).Is(200).Has("Tot <strong>maandag</strong>", "Afdrukken", read+"/gelezen")
	parent.Get("/nieuwsbrieven/" + id).Is(404)
	unknown := parent.Get("/nieuws/" + ids.New().String()).Is(404)
	for _, answer := range []string{other.Get(read).Is(404).Body, p.browser(p.b.Admin, p.e.B).Get(read).Is(404).Body} {
		require.NotContains(t, answer, "Voorlees")
	}
	require.NotEmpty(t, unknown.Body)
	for _, page := range []string{"/nieuws", "/nieuws/kader", "/nieuws/teaser", "/nieuws/kader?locatie=" + p.a.Location.String()} {
		other.Get(page).Is(200).Lacks("Voorlees")
	}
	p.browser(p.a.Staff, p.e.A).Get(read).Is(200).Has("Voorlees&lt;week&gt;")
	p.browser(p.a.Staff, p.e.A).Get("/meldingen").Has(`href="/nieuws"`)
	admin.Get(path+"/gelezen").Is(200).Has("0 hebben het gelezen", "Eva")
	parent.Post(read+"/gelezen", "x", "y").Is(http.StatusNoContent)
	other.Post(read+"/gelezen", "x", "y").Is(404)
	parent.Get("/nieuws/teaser").Is(200).Lacks("Voorlees")
	admin.Get(path+"/gelezen").Is(200).Has("1 heeft het gelezen", "Eva")
	p.browser(p.b.Admin, p.e.B).Get(path).Is(404)
	p.browser(p.b.Admin, p.e.B).Post(path+"/intrekking", "x", "y").Is(404)

	admin.Post(path+"/intrekking", "x", "y").Is(303)
	parent.Get(read).Is(404)
	parent.Get("/nieuws").Lacks("Voorlees")
	admin.Get(path).Has("Ingetrokken")

	later := admin.Post("/beheer/nieuws", "kind", "newsletter").Is(303).Header.Get("Location")
	form := []string{"revision", "1", "title", "Kerst", "body", "Tot dan", "guardians", "1", "everywhere", "1", "time", "09:00", "day"}
	admin.Post(later+"/planning", append(form, "2001-01-01")...).Is(422).Has("Kies een dag en tijd die nog komen", `value="2001-01-01"`)
	admin.Post(later+"/planning", append(form, string(p.e.A.DateOf(p.e.Clock.Now()).Add(3)))...).Is(303)
	admin.Get(later).Has("Ingepland", "Wordt gepubliceerd op", "09:00", "bereikt 2 ouders")
	admin.Post(later+"/planning/einde", "x", "y").Is(303)
	admin.Post(later+"/planning/einde", "x", "y").Is(303)
	admin.Get(later).Has("Concept", "niet meer ingepland")
	admin.Post(later+"/einde", "x", "y").Is(303)
	admin.Get(later).Is(404)
}

// R47: what is pasted or sent by hand into the editor comes out as text, on the page of who reads and on that of who writes.
func TestNothingInAnArticleRuns(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	eva := p.a.AddParent("Eva", p.a.AddChild("Mila", p.a.Group))
	admin, parent := p.browser(p.a.Admin, p.e.A), p.browser(eva, p.e.A)
	rich := regexp.MustCompile(`(?s)<div class="rich" data-qa="rich">(.*?)</div>`)
	bad := regexp.MustCompile(`(?i)<(script|style|iframe|object|form|input|svg|turbo|template|link|meta|base)|\s(on\w+|style|class|id|data-[\w-]+|formaction|srcdoc)\s*=|javascript:|data:`)
	for _, in := range []string{
		`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<a href="javascript:alert(1)">a</a>`, `<a href=" java&#10;script:alert(1)">a</a>`, `<svg onload=alert(1)>`, `<iframe srcdoc="<script>alert(1)</script>">`,
		`<div data-controller="seen" data-seen-url-value="/uitloggen">a</div>`, `<a href="/x" data-turbo-method="post" data-turbo-confirm="?">a</a>`, `<turbo-frame id="news" src="/beheer">a</turbo-frame>`,
		`<turbo-stream action="replace" target="inhoud"><template><script>alert(1)</script></template></turbo-stream>`, `<form action="/uitloggen" method="post"><button formaction="/x">a</button></form>`, `<p style="position:fixed" class="modal" id="inhoud">a</p>`,
		`<style>*{display:none}</style><link rel=stylesheet href=//x><base href=//x><meta http-equiv=refresh content=0>`, `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
		`<img src="data:image/png;base64,` + strings.Repeat("A", 5000) + `">`, `<table>` + strings.Repeat("<tr onclick=x><td style=x>a<td>b", 300) + `</table>`, `<!--[if mso]><script>alert(1)</script><![endif]--><o:p class=MsoNormal>Word</o:p>`,
	} {
		path := admin.Post("/beheer/nieuws", "kind", "news").Is(303).Header.Get("Location")
		admin.Post(path+"/publicatie", "revision", "1", "title", "Titel", "body", "<p>begin</p>"+in, "guardians", "1", "everywhere", "1").Is(303)
		page := parent.Get("/nieuws/" + strings.TrimPrefix(path, "/beheer/nieuws/")).Is(200)
		require.Equal(t, web.ContentSecurityPolicy, page.Header.Get("Content-Security-Policy"))
		for _, body := range []string{page.Body, admin.Get(path + "/versies/1").Is(200).Body} {
			shown := rich.FindStringSubmatch(body)
			require.NotNil(t, shown, in)
			require.Contains(t, shown[1], "begin")
			require.NotRegexp(t, bad, shown[1], in)
		}
	}
}
