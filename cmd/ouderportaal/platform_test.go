package main

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/authz"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

const operatorPassword = "een zin die niemand raadt"

var operatorApp = []byte("twintig tekens lang!")

// platformRoutes are what the console of the platform answers.
func (p *portal) platformRoutes() []web.Route {
	server, err := p.app.platformServer(nil, prometheus.NewRegistry())
	require.NoError(p.t, err)
	return server.Routes().All()
}

// operator is signed in at the platform's host.
func (p *portal) operator() *webtest.Browser {
	p.t.Helper()
	require.NoError(p.t, p.app.platform.Recall(context.Background(), "ruud@platform.example", "Ruud Hofstede", operatorPassword, operatorApp))
	b := p.site.Browser(tenants.Operator + "." + testDomain)
	require.Equal(p.t, "/inloggen/code", b.Post("/inloggen", "username", "ruud@platform.example", "password", operatorPassword, "next", "/").Is(303).Header.Get("Location"))
	require.Equal(p.t, "/", b.Post("/inloggen/code", "code", p.operatorCode(), "next", "/").Is(303).Header.Get("Location"))
	return b
}

// operatorCode is one that was not used before.
func (p *portal) operatorCode() string {
	p.t.Helper()
	p.e.Clock.Advance(31 * time.Second)
	code, err := identity.CodeAt(operatorApp, p.e.Clock.Now())
	require.NoError(p.t, err)
	return code
}

// R10: the console of the platform and the portals of organisations know nothing of each other's sessions and pages.
func TestThePlatformHasAHostOfItsOwn(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	operator := p.operator()
	routes := p.platformRoutes()
	known := map[string]bool{}
	for _, route := range routes {
		known[route.Path] = true
	}
	t.Run("where a page of a portal does not exist", func(t *testing.T) {
		for _, route := range p.routes {
			if known[route.Path] || strings.HasPrefix(route.Path, "/begin/") {
				continue
			}
			answer := ask(operator, route.Method, address(route, ids.New()))
			require.Contains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, answer.Status, "%s %s", route.Method, route.Path)
		}
	})
	t.Run("and a page of it does not exist at a portal", func(t *testing.T) {
		portalPaths := map[string]bool{}
		for _, route := range p.routes {
			portalPaths[route.Path] = true
		}
		admin := p.browser(p.a.Admin, p.e.A)
		for _, route := range routes {
			if portalPaths[route.Path] || strings.HasPrefix(route.Path, signInPrefix) {
				continue
			}
			answer := ask(admin, route.Method, address(route, p.e.A.ID))
			require.Contains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, answer.Status, "%s %s", route.Method, route.Path)
		}
	})
	t.Run("where nobody of an organisation is anybody", func(t *testing.T) {
		visitor := p.site.Browser(tenants.Operator + "." + testDomain)
		cookie := identitytest.SignedIn(t, p.e, p.a.Admin)
		visitor.SetCookie(cookie.Name, cookie.Value)
		visitor.SetCookie(platform.Cookie, cookie.Value)
		for _, route := range routes {
			if route.Permission == web.Public {
				continue
			}
			answer := ask(visitor, route.Method, address(route, p.e.A.ID))
			if route.Method == http.MethodGet {
				require.Equal(t, http.StatusSeeOther, answer.Status, route.Path)
				require.True(t, strings.HasPrefix(answer.Header.Get("Location"), "/inloggen"), route.Path)
				continue
			}
			require.Equal(t, http.StatusUnauthorized, answer.Status, route.Path)
		}
	})
	t.Run("and an operator is nobody at a portal", func(t *testing.T) {
		b := p.site.Browser(p.e.A.Slug + "." + testDomain)
		b.SetCookie(identity.Cookie, operator.Cookie(platform.Cookie))
		b.SetCookie(platform.Cookie, operator.Cookie(platform.Cookie))
		require.Equal(t, http.StatusSeeOther, b.Get("/beheer").Status)
	})
	t.Run("and other reserved names are nobody's", func(t *testing.T) {
		for _, name := range []string{"admin", "www", "platform", "api"} {
			require.Equal(t, http.StatusMisdirectedRequest, p.site.Browser(name+"."+testDomain).Get("/").Status, name)
		}
	})
	t.Run("with the headers of every page", func(t *testing.T) {
		header := operator.Get("/").Is(200).Header
		require.Equal(t, web.ContentSecurityPolicy, header.Get("Content-Security-Policy"))
		require.Equal(t, "no-store", header.Get("Cache-Control"))
	})
	t.Run("and an address for who finds a hole", func(t *testing.T) {
		console := tenants.Operator + "." + testDomain
		p.site.Browser(console).Get("/.well-known/security.txt").Is(200).Has("Contact: mailto:security@"+testDomain+"\n", "Canonical: http://"+console+"/.well-known/security.txt\n", "Expires: ").Lacks("Policy:")
	})
	t.Run("and no form from elsewhere", func(t *testing.T) {
		for _, route := range routes {
			if route.Method != http.MethodPost {
				continue
			}
			for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "", "Origin": "http://" + p.e.A.Slug + "." + testDomain}, {"Sec-Fetch-Site": "", "Origin": ""}} {
				answer := operator.Do(http.MethodPost, address(route, p.e.A.ID), strings.NewReader(""), "application/x-www-form-urlencoded", header)
				require.Equal(t, http.StatusForbidden, answer.Status, "%s with %v", route.Path, header)
			}
		}
	})
	t.Run("and answers of an unknown organisation tell nothing", func(t *testing.T) {
		for _, route := range routes {
			if strings.Contains(route.Path, ":id") {
				require.Equal(t, http.StatusNotFound, ask(operator, route.Method, address(route, ids.New())).Status, route.Path)
			}
		}
	})
}

const signInPrefix = "/inloggen"

// Nobody but operators may do what the platform offers, and operators may do nothing of an organisation.
func TestOperatorsMayRunThePlatformAndNoMore(t *testing.T) {
	console, err := authz.New(platform.Policy)
	require.NoError(t, err)
	require.Equal(t, []string{"platform.run"}, console.Permissions())
	portal, err := authz.New(policies()...)
	require.NoError(t, err)
	for role := range permitted {
		require.False(t, console.May(role, "platform.run"), role)
	}
	require.True(t, console.May("role:operator", "platform.run"))
	for _, permission := range portal.Permissions() {
		require.False(t, portal.May("role:operator", permission), permission)
	}
}

func TestAnOperatorSuspendsAnOrganisation(t *testing.T) {
	p := newPortal(t, dbtest.NewAlone(t))
	operator := p.operator()
	operator.Get("/").Is(200).Has("Kinderopvang A", "Kinderopvang B", "Ruud Hofstede", "Actief").Lacks("Opgeschort</span>")
	page := "/organisaties/" + p.e.A.ID.String()
	operator.Get(page).Is(200).Has("http://" + p.e.A.Slug)
	operator.Post(page+"/opschorten", "reason", " ").Is(422).Has("Vul een reden in.")
	operator.Post(page+"/opschorten", "reason", "Rekening <b>niet</b> betaald").Is(303)
	operator.Get(page).Is(200).Has("Rekening &lt;b&gt;niet", "Portaal opgeschort", "Hervatten")
	operator.Get("/?stand=suspended").Is(200).Has("Kinderopvang A").Lacks("Kinderopvang B")
	p.app.Directory.Changes().Notified(p.e.A.Slug) // no process listens in this test
	admin := p.browser(p.a.Admin, p.e.A)
	admin.Get("/beheer").Is(503).Lacks("Rekening")
	p.browser(p.b.Admin, p.e.B).Get("/beheer").Is(200)
	operator.Post(page + "/hervatten").Is(303)
	p.app.Directory.Changes().Notified(p.e.A.Slug)
	admin.Get("/beheer/logboek").Is(200).Has("Portaal opgeschort", "Rekening &lt;b&gt;niet", "Ruud Hofstede", "het platform")
	require.Empty(t, p.operatorSignsOut(operator))
}

func TestAnOperatorStartsAnOrganisation(t *testing.T) {
	p := newPortal(t, dbtest.NewAlone(t))
	operator := p.operator()
	operator.Get("/organisaties/nieuw").Is(200).Has("klaproos." + testDomain)
	free := func(slug string) *webtest.Answer {
		return operator.Get("/organisaties/nieuw/adres?slug=" + slug).Is(200)
	}
	free("ZonneBloem").Has("Vrij: http://zonnebloem." + testDomain)
	free("beheer").Has("niet is gereserveerd").Lacks("Vrij")
	free(p.e.A.Slug).Has("al in gebruik").Lacks("Vrij")
	free("%00<b>").Lacks("Vrij", "<b>")
	operator.Post("/organisaties/nieuw", "name", "", "slug", "beheer", "given_name", "Sanne", "family_name", "", "email", "geen adres").Is(422).
		Has("niet is gereserveerd", `value="Sanne"`, `value="geen adres"`, "Geef een naam")
	operator.Post("/organisaties/nieuw", "name", "Dubbel", "slug", p.e.A.Slug, "given_name", "S", "family_name", "T", "email", "s@x.example").Is(422).Has("al in gebruik")
	to := operator.Post("/organisaties/nieuw", "name", "De Zonnebloem", "slug", "Zonnebloem ", "given_name", "Sanne", "family_name", "Terpstra", "email", "Sanne@zonnebloem.example").Is(303).Header.Get("Location")
	operator.Get(to).Is(200).Has("De Zonnebloem", "http://zonnebloem."+testDomain, "Organisatie gestart")
	again := func(email, code string) *webtest.Answer {
		return operator.Post(to+"/beheerder", "given_name", "Sanne", "family_name", "Terpstra", "email", email, "code", code)
	}
	operator.Get(to).Is(200).Has("/beheerder", "Beheerder uitgenodigd door het platform")
	operator.Get(to+"/beheerder").Is(200).Has("Zolang nog niemand", `name="code"`)
	again("sanne@zonnebloem.example", p.operatorCode()).Is(422).Has("Er is al iemand met dit e-mailadres.")
	again("terpstra@zonnebloem.example", "000000").Is(422).Has(`value="terpstra@zonnebloem.example"`)

	made, err := p.app.Directory.Find(context.Background(), "zonnebloem")
	require.NoError(t, err)
	ctx := tenants.With(context.Background(), made)
	require.NoError(t, p.e.DB.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		var email, role string
		var events int
		require.NoError(t, tx.NewRaw("SELECT p.email, m.role FROM person p JOIN membership m ON m.tenant_id = p.tenant_id AND m.person_id = p.id").Scan(ctx, &email, &role))
		require.Equal(t, "sanne@zonnebloem.example", email)
		require.Equal(t, "admin", role)
		require.NoError(t, tx.NewRaw("SELECT count(*) FROM event WHERE name = 'identity.staff_joined'").Scan(ctx, &events))
		require.Equal(t, 1, events, "from which the invitation follows")
		return nil
	}))
	p.site.Browser("zonnebloem." + testDomain).Get("/inloggen").Is(200).Has("De Zonnebloem")
	require.NoError(t, p.e.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		_, err := tx.NewRaw("UPDATE person SET password_hash = 'x', password_set_at = now()").Exec(ctx)
		return err
	}))
	again("ruud@platform.example", p.operatorCode()).Is(409).Has("Alleen een beheerder van de organisatie zelf")
	operator.Get(to + "/beheerder").Is(409).Has("Alleen een beheerder van de organisatie zelf")
	operator.Get(to).Is(200).Lacks("/beheerder")

	_, err = p.e.Owner(t).Exec(t.Context(), "UPDATE tenant SET example = true WHERE id = $1", made.ID)
	require.NoError(t, err)
	operator.Get(to).Is(200).Has("/beheerder") // an admin who is made up is none
	operator.Get(to + "/beheerder").Is(200)
	operator.Get(to).Is(200).Has("zijn verzonnen")

	_, err = p.e.Owner(t).Exec(t.Context(), "UPDATE tenant SET example = false WHERE id = $1", made.ID)
	require.NoError(t, err)
	_, err = p.e.Owner(t).Exec(t.Context(), "INSERT INTO example_data (tenant_id, state, changed_at) VALUES ($1, 'skipped', now())", made.ID)
	require.NoError(t, err)
	operator.Get(to).Is(200).Has("Er is niets ingevuld: de organisatie had al kinderen.").Lacks("zijn verzonnen")
	operator.Do(http.MethodGet, to+"/voorbeeld", nil, "", map[string]string{"Turbo-Frame": "voorbeeld"}).Is(200).Has("Er is niets ingevuld").Lacks("<progress")
}

var visitLink = regexp.MustCompile(`/toegang/([A-Za-z0-9_-]{43})`)

// R10: what an operator sees of an organisation is read only, marked on every page, and told to the organisation.
func TestAnOperatorVisitsAnOrganisation(t *testing.T) {
	p := newPortal(t, dbtest.NewAlone(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	operator := p.operator()
	page := "/organisaties/" + p.e.A.ID.String() + "/toegang"
	operator.Get(page).Is(200).Has("Inzage bij")
	operator.Post(page, "reason", "", "code", p.operatorCode()).Is(422).Has("Vul een reden in.")
	ready := operator.Post(page, "reason", "Zoekgeraakte foto", "code", p.operatorCode()).Is(200)
	link := visitLink.FindStringSubmatch(ready.Body)[0]

	visitor := p.site.Browser(p.e.A.Slug + "." + testDomain)
	p.site.Browser(p.e.B.Slug + "." + testDomain).Get(link).Is(410)
	visitor.Get(link).Is(200).Has("Zoekgeraakte foto", "Ruud Hofstede")
	require.Equal(t, "/beheer", visitor.Post(link).Is(303).Header.Get("Location"))
	visitor.Get(link).Is(410)

	writes := map[string]bool{"audit_entry": true, "audit_link": true}
	before := content(t, p.e)
	shown := 0
	for _, route := range p.routes {
		if strings.HasPrefix(route.Path, "/toegang") || route.Kind == web.Stream {
			continue
		}
		for _, id := range []ids.ID{mila, p.a.Group} {
			answer := ask(visitor, route.Method, address(route, id))
			require.Less(t, answer.Status, 500, "%s %s", route.Method, route.Path)
			if route.Method != http.MethodGet {
				require.Equal(t, http.StatusForbidden, answer.Status, "%s %s", route.Method, route.Path)
				continue
			}
			if answer.Status == http.StatusOK {
				require.Contains(t, answer.Header.Get("Content-Type"), "text/html", route.Path)
				if strings.Contains(answer.Body, "<html") {
					shown++
					answer.Has("Inzage door het platform: Ruud Hofstede", `action="/toegang/einde"`)
				}
			}
		}
	}
	require.Greater(t, shown, 25)
	after := content(t, p.e)
	for table, print := range before {
		if !writes[table] {
			require.Equal(t, print, after[table], table)
		}
	}
	visitor.Get("/beheer/kinderen/" + mila.String()).Is(200).Has("Mila")
	visitor.Get("/beheer/huisstijl").Is(200).Has("voorbeeld.css")
	visitor.Get("/beheer/huisstijl/voorbeeld.css?colour=%231e88e5").Is(200).HasHeader("Content-Type", "text/css; charset=utf-8").Has(".sample--dark")
	visitor.Post("/beheer/huisstijl", "version", "0", "colour", "#1e88e5").Is(403).Has("Je kijkt alleen mee. Wijzigen en bestanden openen kan niet.")

	admin := p.browser(p.a.Admin, p.e.A)
	admin.Get("/beheer/logboek?actie=platform.start_visit").Is(200).Has("Zoekgeraakte foto", "Ruud Hofstede")
	admin.Get("/beheer/logboek?actie=platform.open_page").Is(200).Has("/beheer/kinderen/" + mila.String())
	admin.Get("/beheer/logboek?actie=platform.open_page").Is(200).Has("/beheer/huisstijl").Lacks("voorbeeld.css")
	admin.Get("/beheer").Is(200).Lacks("Inzage door het platform")

	visitor.Post("/toegang/einde").Is(303)
	visitor.Get("/beheer").Is(303)
	admin.Get("/beheer/logboek?actie=platform.end_visit").Is(200).Has("Ruud Hofstede")
}

func TestAnOperatorSaysSomethingToEverybody(t *testing.T) {
	p := newPortal(t, dbtest.NewAlone(t))
	operator := p.operator()
	ends := p.e.Clock.Now().Add(3 * time.Hour).In(platform.Zone.Location()).Format("2006-01-02T15:04")
	operator.Post("/melding", "level", "warning", "dutch", "", "english", "Soon", "ends", ends).Is(422).Has("Vul een tekst in.", `value="Soon"`)
	operator.Post("/melding", "level", "warning", "dutch", "Vanavond <i>onderhoud</i>", "english", "Maintenance tonight", "ends", ends).Is(303)
	p.app.Directory.Changes().Notified("")
	for _, b := range []*webtest.Browser{p.browser(p.a.Admin, p.e.A), p.browser(p.b.AddParent("Bo"), p.e.B)} {
		b.Get("/overig").Is(200).Has("Vanavond &lt;i&gt;onderhoud", "/static/strips")
	}
	p.site.Browser(p.e.A.Slug + "." + testDomain).Get("/inloggen").Is(200).Has("Vanavond")
	operator.Get("/").Is(200).Lacks("Vanavond")
	operator.Get("/bezorging").Is(200).Has("Alles is aangekomen.")
	operator.Post("/organisaties/"+p.e.A.ID.String()+"/limieten", "children", "veel", "gigabytes", "").Is(422).Has(`value="veel"`)
	operator.Post("/organisaties/"+p.e.A.ID.String()+"/limieten", "children", "80", "gigabytes", "").Is(303)
	operator.Get("/organisaties/" + p.e.A.ID.String()).Is(200).Has("Kinderen: 80 · opslag: onbeperkt")
}

func TestAnOperatorIsToldOfALimitBelowWhatThereIs(t *testing.T) {
	p := newPortal(t, dbtest.NewAlone(t))
	p.a.AddChild("Mila", p.a.Group)
	p.a.AddChild("Finn", p.a.Group)
	require.NoError(t, platform.Count(p.a.Admin.Ctx(), p.app.DB, counters))
	operator := p.operator()
	page := "/organisaties/" + p.e.A.ID.String()
	operator.Post(page+"/limieten", "children", "1", "gigabytes", "").Is(303)
	const over = "Kinderen: 2, meer dan de limiet van 1. Wie er is, blijft; er kan geen kind bij."
	operator.Get(page).Is(200).Has("De limieten zijn opgeslagen.", over).Lacks("Opslag: ")
	operator.Get(page + "/limieten").Is(200).Has(over)
	operator.Post(page+"/limieten", "children", "2", "gigabytes", "1").Is(303)
	operator.Get(page).Is(200).Lacks("meer dan de limiet")
}

// operatorSignsOut gives what is left in the browser.
func (p *portal) operatorSignsOut(b *webtest.Browser) string {
	token := b.Cookie(platform.Cookie)
	b.Post("/uitloggen").Is(303)
	left := b.Cookie(platform.Cookie)
	b.SetCookie(platform.Cookie, token)
	b.Get("/").Is(303)
	return left
}

func TestAStartLinkInTheBrowser(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	_, link, err := p.app.platform.Create(context.Background(), "fenna"+p.e.A.Slug+"@platform.example", "Fenna de Wit")
	require.NoError(t, err)
	b := p.site.Browser(tenants.Operator + "." + testDomain)
	b.Get("/begin/"+link).Is(200).Has("Dag Fenna de Wit", `<svg class="qr"`).Lacks("style=", "<script>")
	b.Post("/begin/"+link, "password", "kort", "code", "123456").Is(422).Has("Fout:")
	b.Get("/begin/" + link + "x").Is(410)
}
