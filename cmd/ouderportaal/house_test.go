package main

import (
	"bytes"
	"html"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/webtest"
)

func redLogo(t *testing.T) []byte {
	t.Helper()
	p := image.NewNRGBA(image.Rect(0, 0, 300, 100))
	for i := 0; i < len(p.Pix); i += 4 {
		p.Pix[i], p.Pix[i+3] = 0xff, 0xff
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, p))
	return b.Bytes()
}

func TestAnAdminChoosesTheHouseStyle(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin, visitor, elsewhere := p.browser(p.a.Admin, p.e.A), p.site.Browser(p.e.A.Slug+"."+testDomain), p.site.Browser(p.e.B.Slug+"."+testDomain)
	const path = "/beheer/huisstijl"
	before := elsewhere.Get("/inloggen").Is(200).Body
	old := regexp.MustCompile(`/t/[^"]+\.css`).FindString(visitor.Get("/inloggen").Is(200).Body)
	admin.Get(path).Is(200).Has("Huisstijl", "Zoals het begon", "voorbeeld.css")
	admin.Get("/beheer").Has(path)

	t.Run("and sees it before it is kept", func(t *testing.T) {
		admin.Get(path+"/voorbeeld?colour=%23ffd400&mail_foot_nl=Bel%20ons").Is(200).Has("niet goed te lezen: contrast 1,4", "Bel ons", "#ffd400", "<html")
		admin.Get(path+"/voorbeeld.css?colour=%23ffd400").Is(200).HasHeader("Content-Type", "text/css; charset=utf-8").Has(".sample--dark{color-scheme:dark", "--primary:#")
		admin.Get(path + "/voorbeeld.css?colour=red;}").Is(404)
		require.Equal(t, old, regexp.MustCompile(`/t/[^"]+\.css`).FindString(visitor.Get("/inloggen").Body))
	})
	t.Run("and a form that is not right comes back with what was typed", func(t *testing.T) {
		admin.Post(path, "version", "0", "colour", "rood", "sign_in_nl", "Dag <b>allemaal</b>").Is(422).Has("Kies een kleur.", "Fout:", "Dag &lt;b&gt;allemaal").Lacks("<b>allemaal")
	})
	admin.Post(path, "version", "0", "colour", "#1e88e5", "sign_in_nl", "Dag <b>allemaal</b>", "sign_in_en", "Hello all", "mail_foot_nl", "Bel ons tussen 9 en 12.").Is(303)
	page := visitor.Get("/inloggen").Is(200).Has("Dag &lt;b&gt;allemaal&lt;/b&gt;").Lacks(old)
	visitor.Get(regexp.MustCompile(`/t/[^"]+\.css`).FindString(page.Body)).Is(200).Has("--brand-h:25")
	require.Equal(t, before, elsewhere.Get("/inloggen").Body)
	admin.Get(path).Has("De huisstijl is opgeslagen", `action="/beheer/huisstijl/herstel?version=2&amp;to=1"`)
	admin.Post(path, "version", "1", "colour", "#000000").Is(409).Has("Iemand anders heeft de huisstijl intussen veranderd", "#000000", `name="version" value="2"`)

	t.Run("and a logo, which the icons and the manifest follow", func(t *testing.T) {
		mark := visitor.Get("/app-icoon/192.png").Is(200).Body
		admin.PostFiles(path+"/logo", url.Values{"version": {"2"}}, webtest.File{Field: "logo", Name: "logo.svg", Body: []byte(`<svg onload="x"/>`)}).Is(422).Has("Dit is geen PNG, JPEG of WebP.", `id="logo-fout"`)
		admin.PostFiles(path+"/logo", url.Values{"version": {"2"}}, webtest.File{Field: "logo", Name: "logo.png", Body: redLogo(t)}).Is(303)
		href := regexp.MustCompile(`/logo/[0-9a-f-]{36}`).FindString(visitor.Get("/inloggen").Is(200).Body)
		require.NotEmpty(t, href)
		visitor.Get(href).Is(200).HasHeader("Content-Type", "image/png").HasHeader("Cache-Control", "public, max-age=31536000, immutable")
		elsewhere.Get(href).Is(404)
		icon := visitor.Get("/app-icoon/192.png").Is(200)
		require.NotEqual(t, mark, icon.Body)
		drawn, err := png.Decode(bytes.NewReader([]byte(icon.Body)))
		require.NoError(t, err)
		require.Equal(t, color.RGBA{0xff, 0, 0, 0xff}, color.RGBAModel.Convert(drawn.At(96, 96)))
		require.Equal(t, color.RGBA{0xff, 0xff, 0xff, 0xff}, color.RGBAModel.Convert(drawn.At(96, 20)))
		manifest := visitor.Get("/app.webmanifest").Is(200).Has(href[len("/logo/"):])
		visitor.Get(regexp.MustCompile(`/app-icoon/512\.png\?v=[^"]+`).FindString(manifest.Body)).Is(200)
		admin.Post(path+"/logo/verwijdering", "version", "3").Is(303)
		visitor.Get("/inloggen").Lacks("/logo/")
		require.Equal(t, mark, visitor.Get("/app-icoon/192.png").Body)
	})
	t.Run("and goes back", func(t *testing.T) {
		admin.Post(path+"/herstel?version=4&to=1", "x", "y").Is(303)
		visitor.Get("/inloggen").Is(200).Has(old).Lacks("Dag &lt;b&gt;")
		admin.Post(path+"/herstel", "version", "5", "to", "77").Is(404)
	})
	for _, who := range []string{"staff", "manager", "parent"} {
		b := map[string]*webtest.Browser{"staff": p.browser(p.a.Staff, p.e.A), "manager": p.browser(p.a.AddManager("Karin"), p.e.A), "parent": p.browser(p.a.AddParent("Eva", p.a.AddChild("Mila", p.a.Group)), p.e.A)}[who]
		b.Get(path).Is(403)
		b.Post(path, "version", "5", "colour", "#000000").Is(403)
	}
}

func TestWhatAnOrganisationTellsEverybody(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin, visitor, elsewhere := p.browser(p.a.Admin, p.e.A), p.site.Browser(p.e.A.Slug+"."+testDomain), p.site.Browser(p.e.B.Slug+"."+testDomain)
	for path, words := range map[string][2]string{
		"/privacy":                {"Autoriteit Persoonsgegevens", "Privacy statement"},
		"/responsible-disclosure": {"binnen drie werkdagen", "within three working days"},
		"/toegankelijkheid":       {"WCAG 2.2", "screen reader"},
	} {
		visitor.Header = nil
		visitor.Get("/inloggen").Is(200).Has(`href="` + path + `"`)
		visitor.Get(path).Is(200).Has(p.e.A.Name, words[0], "<h2>", "<li>").Lacks(p.e.B.Name, "{{", "# ")
		visitor.Header = http.Header{"Accept-Language": {"en"}}
		visitor.Get(path).Is(200).Has(p.e.A.Name, words[1])
	}
	visitor.Header = nil
	visitor.Get("/privacyverklaring").Is(303).GoesTo("/privacy")
	admin.Get("/overig").Is(200).Has(`href="/privacy"`, `href="/toegankelijkheid"`)

	const path = "/beheer/teksten"
	admin.Get(path).Is(200).Has("Onze tekst", path+"/privacy?taal=nl", path+"/accessibility?taal=en")
	form := admin.Get(path+"/privacy?taal=en").Is(200).Has("# Which data are kept here", p.e.A.Name)
	ours := html.UnescapeString(regexp.MustCompile(`(?s)<textarea[^>]*>(.*?)</textarea>`).FindStringSubmatch(form.Body)[1])
	admin.Post(path+"/privacy", "taal", "en", "version", "0", "body", strings.ReplaceAll(ours, "\n", "\r\n")).Is(303)
	admin.Get(path + "/privacy?taal=en").Is(200).Lacks(`data-qa="version"`)
	text := "# Zuinig <script>alert(1)</script>\r\n\r\n- [klik](javascript:alert(1))\r\n- <img src=x onerror=alert(1)>"
	admin.Post(path+"/privacy", "taal", "nl", "version", "0", "body", text).Is(303)
	visitor.Get("/privacy").Is(200).Has("<h2>Zuinig &lt;script&gt;", "<li>[klik](javascript:alert(1))</li>", "&lt;img src=x").Lacks("<script>alert", "<img src", `href="javascript`, "Autoriteit Persoonsgegevens")
	elsewhere.Get("/privacy").Is(200).Has("Autoriteit Persoonsgegevens").Lacks("Zuinig")
	admin.Post(path+"/privacy", "taal", "nl", "version", "0", "body", "Van een ander").Is(409).Has("intussen veranderd", "Van een ander", `name="version" value="1"`)
	admin.Post(path+"/privacy", "taal", "nl", "version", "1", "body", strings.Repeat("é", 20_001)).Is(422).Has("hoogstens", "ééé")
	admin.Post(path+"/privacy", "taal", "nl", "version", "1", "ours", "1").Is(303)
	visitor.Get("/privacy").Has("Autoriteit Persoonsgegevens")
	admin.Post(path+"/privacy/herstel", "taal", "nl", "version", "2", "to", "1").Is(303)
	visitor.Get("/privacy").Has("Zuinig")
	for _, wrong := range []string{"/cookies?taal=nl", "/privacy?taal=de", "/privacy"} {
		admin.Get(path + wrong).Is(404)
	}

	admin.Post(path+"/beveiliging", "contact", "niets").Is(422).Has("Vul een e-mailadres in", `value="niets"`)
	admin.Post(path+"/beveiliging", "contact", "lek@a.example").Is(303)
	home := "http://" + p.e.A.Slug + "." + testDomain
	visitor.Get("/.well-known/security.txt").Is(200).Has("Contact: mailto:lek@a.example\n", "Canonical: "+home, "Policy: "+home+"/responsible-disclosure\n", "Expires: ", "Preferred-Languages: nl, en\n")
	elsewhere.Get("/.well-known/security.txt").Is(200).Has("Contact: mailto:security@" + testDomain)
	for _, b := range []*webtest.Browser{p.browser(p.a.Staff, p.e.A), p.browser(p.a.AddManager("Karin"), p.e.A)} {
		b.Get(path).Is(403)
		b.Post(path+"/privacy", "taal", "nl", "version", "3", "body", "x").Is(403)
	}
}
