package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

var switchForm = regexp.MustCompile(`/accounts/[0-9a-f-]{36}`)

func TestSeveralAccountsInOneBrowser(t *testing.T) {
	p := start(t)
	eva := p.person(t, identitytest.Named("Eva", "Bos"))
	jan := p.person(t, identitytest.Named("Jan", "Kok"), identitytest.WithApp())
	b := p.browser(t, p.e.A)
	signIn(b, eva, identitytest.Password).GoesTo("/")
	b.Get("/overig").Has("Account toevoegen").Lacks("Uitloggen uit alle accounts", "Jan Kok")
	b.Post("/accounts").GoesTo("/inloggen?account=nieuw")
	b.Get("/inloggen?account=nieuw").Is(http.StatusOK).Has(`name="account" value="nieuw"`)
	signIn(b, jan, identitytest.Password, "account", "nieuw").GoesTo("/inloggen/code?account=nieuw")
	b.Get("/overig").Has(eva.Email) // until the code is right Eva goes on
	b.Post("/inloggen/code", "code", identitytest.Code(t, p.e), "account", "nieuw").GoesTo("/")
	page := b.Get("/overig").Is(http.StatusOK).Has("Eva Bos", "Jan Kok", "Uitloggen uit alle accounts", "Wisselen naar Eva")

	t.Run("change over without a password", func(t *testing.T) {
		token := b.Cookie(identity.Cookie)
		toEva := switchForm.FindString(page.Body)
		b.Post(toEva).GoesTo("/").HasHeader("Clear-Site-Data", `"cache"`)
		require.NotEqual(t, token, b.Cookie(identity.Cookie))
		b.Get("/overig").Has("Wisselen naar Jan", eva.Email)
		for _, path := range []string{"/accounts/" + ids.New().String(), toEva} {
			stranger := p.browser(t, p.e.A)
			signIn(stranger, p.person(t), identitytest.Password)
			stranger.Post(path).Is(http.StatusNotFound)
		}
		thief := p.browser(t, p.e.A)
		signIn(thief, p.person(t), identitytest.Password)
		thief.SetCookie(identity.BrowserCookie, b.Cookie(identity.BrowserCookie))
		thief.Get("/overig").Lacks("Eva Bos", "Jan Kok")
		thief.Post(toEva).Is(http.StatusNotFound)
	})
	t.Run("leave one and go on as the other", func(t *testing.T) {
		before := b.Cookie(identity.Cookie)
		b.Post("/uitloggen").GoesTo("/")
		b.Get("/overig").Has("Je gaat verder met het andere account", jan.Email).Lacks("Uitloggen uit alle accounts", "Eva Bos")
		old := p.browser(t, p.e.A)
		old.SetCookie(identity.Cookie, before)
		old.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		b.Post("/uitloggen").GoesTo("/inloggen")
		require.Empty(t, b.Cookie(identity.Cookie))
		b.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
	})
	t.Run("leave all", func(t *testing.T) {
		b, third := p.browser(t, p.e.A), p.person(t)
		signIn(b, eva, identitytest.Password).GoesTo("/")
		evas := b.Cookie(identity.Cookie)
		b.Post("/accounts")
		signIn(b, third, identitytest.Password, "account", "nieuw").GoesTo("/")
		elsewhere := p.browser(t, p.e.A)
		signIn(elsewhere, eva, identitytest.Password)
		b.Post("/uitloggen/alle").GoesTo("/inloggen")
		b.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		b.SetCookie(identity.Cookie, evas)
		b.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		elsewhere.Get("/overig").Is(http.StatusOK)
	})
	t.Run("but signing in afresh ends what was there", func(t *testing.T) {
		b := p.browser(t, p.e.A)
		signIn(b, eva, identitytest.Password)
		b.Post("/accounts")
		evas := b.Cookie(identity.Cookie)
		signIn(b, p.person(t), identitytest.Password).GoesTo("/")
		b.SetCookie(identity.Cookie, evas)
		b.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
	})
}

// Who comes back to a browser where others were signed in as well does not find them there.
func TestSigningInAfreshAmongOthers(t *testing.T) {
	p := start(t)
	eva, jan := p.person(t, identitytest.Named("Eva", "Bos")), p.person(t, identitytest.Named("Jan", "Kok"))
	b := p.browser(t, p.e.A)
	signIn(b, eva, identitytest.Password).GoesTo("/")
	b.Post("/accounts")
	signIn(b, jan, identitytest.Password, "account", "nieuw").GoesTo("/")
	jans := b.Cookie(identity.Cookie)
	b.Post("/accounts")
	signIn(b, p.person(t), identitytest.Password, "account", "nieuw").GoesTo("/")
	signIn(b, eva, identitytest.Password).GoesTo("/")
	b.Get("/overig").Is(http.StatusOK).Has("Eva Bos").Lacks("Jan Kok", "Uitloggen uit alle accounts")
	old := p.browser(t, p.e.A)
	old.SetCookie(identity.Cookie, jans)
	old.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
}

func TestAccountsAtTwoOrganisations(t *testing.T) {
	p := start(t)
	atA, atB := p.person(t), identitytest.NewPerson(t, p.e, p.e.B, identitytest.Role(actor.Parent), identitytest.WithPassword())
	a, b := p.browser(t, p.e.A), p.browser(t, p.e.B) // one browser: cookies are kept for each host
	signIn(a, atA, identitytest.Password).GoesTo("/")
	leads := func(t *testing.T, page *webtest.Answer, to tenants.Tenant) string {
		t.Helper()
		page.Is(http.StatusOK).HasHeader("Referrer-Policy", "strict-origin").Has(to.Name)
		found := regexp.MustCompile(`href="` + p.hosts.URL(to.Slug) + `(/accounts/koppelen/[^"]+)"`).FindStringSubmatch(page.Body)
		require.NotNil(t, found)
		return found[1]
	}
	way := func(t *testing.T) string {
		t.Helper()
		return leads(t, a.Post("/accounts/koppelen", "organisation", "http://"+p.hosts.Host(p.e.B.Slug)+"/inloggen"), p.e.B)
	}
	back := func(t *testing.T, path string) string {
		t.Helper()
		return leads(t, b.Post(path), p.e.A)
	}
	for _, wrong := range []string{p.e.A.Slug, "niemand", "www", "", "../", "a.b"} {
		a.Post("/accounts/koppelen", "organisation", wrong).Is(http.StatusUnprocessableEntity).Has("<title>Fout: Accounts koppelen", "<h1>Accounts koppelen</h1>", "geen andere organisatie")
	}

	path := way(t)
	b.Get(path).GoesTo("/inloggen?next=" + url.QueryEscape(path))
	signIn(b, atB, identitytest.Password, "next", path).GoesTo(path)
	b.Get(path).Is(http.StatusOK).Has(p.e.A.Name, "Koppelen").HasHeader("Referrer-Policy", "strict-origin")
	home := back(t, path)
	a.Get("/overig").Is(http.StatusOK).Lacks(p.e.B.Name, "Uitloggen uit alle accounts") // one side alone is no link
	b.Get("/overig").Is(http.StatusOK).Lacks(p.e.A.Name, "Uitloggen uit alle accounts")
	t.Run("are not linked with who sent somebody else on the way", func(t *testing.T) {
		other := p.browser(t, p.e.A)
		signIn(other, p.person(t), identitytest.Password).GoesTo("/")
		other.Post("/accounts")
		other.Get(home).Is(http.StatusOK)
		other.Post(home).GoesTo("/accounts/koppelen")
		other.Get("/overig").Lacks(p.e.B.Name)
		a.Post(strings.TrimSuffix(home, "/afronden")).GoesTo("/accounts/koppelen")
	})
	a.Get(home).Is(http.StatusOK).Has(p.e.B.Name, "Koppelen").HasHeader("Referrer-Policy", "strict-origin")
	a.Post(home).GoesTo("/overig")
	a.Get("/overig").Has(p.e.B.Name, p.hosts.URL(p.e.B.Slug), "Je accounts zijn gekoppeld.", "Uitloggen uit alle accounts").Lacks(atB.Email)
	b.Get("/overig").Has(p.e.A.Name, p.hosts.URL(p.e.A.Slug), "Uitloggen uit alle accounts").Lacks(atA.Email)
	for _, secret := range []string{path[len(path)-43:], strings.TrimSuffix(home, "/afronden")[len(home)-len("/afronden")-43:]} {
		require.NotContains(t, p.log.String(), secret, "a token stands in the log")
	}

	t.Run("are linked by a link once, in time, and by the organisation it was made for", func(t *testing.T) {
		b.Post(path).GoesTo("/accounts/koppelen")
		b.Get("/accounts/koppelen").Has("gebruikt of verlopen")
		a.Post(home).GoesTo("/accounts/koppelen")
		late := way(t)
		p.e.Clock.Advance(identity.LinkTime)
		b.Post(late).GoesTo("/accounts/koppelen")
		p.e.Clock.Advance(-identity.LinkTime)
		late = back(t, way(t))
		p.e.Clock.Advance(identity.LinkTime)
		a.Post(late).GoesTo("/accounts/koppelen")
		p.e.Clock.Advance(-identity.LinkTime)
		a.Post(strings.Replace(way(t), p.e.A.Slug, p.e.B.Slug, 1)).GoesTo("/accounts/koppelen")
		b.Post(strings.Replace(way(t), p.e.A.Slug, "niemand", 1)).Is(http.StatusNotFound)
	})
	t.Run("carry no rights", func(t *testing.T) {
		thief := p.browser(t, p.e.B)
		thief.SetCookie(identity.Cookie, a.Cookie(identity.Cookie))
		thief.SetCookie(identity.BrowserCookie, a.Cookie(identity.BrowserCookie))
		thief.Get("/overig").Is(http.StatusNotFound)
		thief.Post("/uitloggen/alle").GoesTo("/inloggen")
		b.Get("/overig").Is(http.StatusOK)
	})
	t.Run("end together, and other browsers go on", func(t *testing.T) {
		elsewhere := p.browser(t, p.e.B)
		signIn(elsewhere, atB, identitytest.Password)
		a.Post("/uitloggen/alle").GoesTo("/inloggen")
		a.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		b.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		elsewhere.Get("/overig").Is(http.StatusOK)
	})
	t.Run("end together also after each was signed in to anew", func(t *testing.T) {
		for _, out := range []string{"/uitloggen", "/uitloggen/alle", ""} {
			if out != "" {
				a.Post(out)
				b.Post(out)
			}
			signIn(a, atA, identitytest.Password).GoesTo("/")
			signIn(b, atB, identitytest.Password).GoesTo("/")
			a.Get("/overig").Has(p.e.B.Name, "Uitloggen uit alle accounts")
			b.Get("/overig").Has(p.e.A.Name, "Uitloggen uit alle accounts")
			a.Post("/uitloggen/alle").GoesTo("/inloggen")
			b.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		}
	})
	t.Run("are nothing to who uses the browser next", func(t *testing.T) {
		signIn(a, p.person(t), identitytest.Password).GoesTo("/")
		a.Get("/overig").Is(http.StatusOK).Lacks(p.e.B.Name, "Uitloggen uit alle accounts")
		signIn(b, atB, identitytest.Password).GoesTo("/")
		a.Post("/uitloggen/alle").GoesTo("/inloggen")
		b.Get("/overig").Is(http.StatusOK)
	})
	t.Run("are linked no more on one side when the other is linked with a newer browser", func(t *testing.T) {
		signIn(a, atA, identitytest.Password)
		signIn(b, atB, identitytest.Password)
		a.Get("/overig").Has(p.e.B.Name)
		tablet := p.browser(t, p.e.A)
		signIn(tablet, atA, identitytest.Password)
		path := leads(t, tablet.Post("/accounts/koppelen", "organisation", p.e.B.Slug), p.e.B)
		tablet.Post(back(t, path)).GoesTo("/overig")
		tablet.Get("/overig").Has(p.e.B.Name)
		a.Get("/overig").Lacks(p.e.B.Name)
		a.Post("/uitloggen/alle").GoesTo("/inloggen")
		b.Get("/overig").Is(http.StatusOK)
		tablet.Post("/uitloggen/alle").GoesTo("/inloggen")
		b.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
	})
	t.Run("can be parted", func(t *testing.T) {
		signIn(a, atA, identitytest.Password)
		path := way(t)
		signIn(b, atB, identitytest.Password)
		a.Post(back(t, path)).GoesTo("/overig")
		a.Post("/accounts/koppelen/verwijderen", "organisation", "niemand").Is(http.StatusNotFound)
		a.Get("/accounts/koppelen").Has("Koppeling met " + p.e.B.Name)
		a.Post("/accounts/koppelen/verwijderen", "organisation", p.e.B.Slug).GoesTo("/accounts/koppelen")
		a.Get("/overig").Lacks(p.e.B.Name)
		b.Get("/overig").Lacks(p.e.A.Name)
		a.Post("/uitloggen/alle")
		b.Get("/overig").Is(http.StatusOK)
	})
}
