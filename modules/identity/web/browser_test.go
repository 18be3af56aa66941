package web_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
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
