package web_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/authz"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/mailcatcher"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	identityweb "ouderportaal/modules/identity/web"
	"ouderportaal/tenants"
)

// portal is the module behind a real server, with a mail server beside it.
type portal struct {
	*webtest.Site
	e       *dbtest.Env
	service *identity.Service
	catcher *mailcatcher.Catcher
	log     *logBook
	hosts   tenants.Hosts
}

type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func start(t *testing.T) *portal {
	t.Helper()
	p := &portal{e: dbtest.New(t), log: &logBook{}}
	var err error
	p.hosts, err = tenants.NewHosts("ouderportaal.test", "http", 0)
	require.NoError(t, err)
	p.catcher, err = mailcatcher.Start(mailcatcher.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { p.catcher.Close() })
	sender, err := mail.NewSMTP(mail.Config{URL: p.catcher.URL(), From: mail.Address{Name: "Ouderportaal", Addr: "post@ouderportaal.test"}})
	require.NoError(t, err)
	t.Cleanup(sender.Close)
	words, err := i18n.Load(ui.Locales, web.Locales, identity.Locales)
	require.NoError(t, err)
	words.OnMissing(func(lang, key string) { t.Errorf("no words for %s in %s", key, lang) })
	policy, err := authz.New(identity.Policy)
	require.NoError(t, err)
	p.service = identity.New(p.e.DB, identity.Config{Hosts: p.hosts, Directory: p.e.Directory, Mail: sender, Words: words, Keys: identitytest.Keys})
	server := web.New(web.Config{Scheme: "http", Log: slog.New(slog.NewJSONHandler(p.log, nil)), Clock: p.e.Clock, Bundle: words, Permissions: policy,
		Resolve: tenants.Resolve(p.hosts, p.e.Directory, func(tenants.Tenant) error { return fiber.ErrNotFound }),
		Session: identityweb.Session(p.service)})
	identityweb.New(p.service, nil).Routes(server.Routes())
	p.Site = webtest.Start(t, server)
	return p
}

func (p *portal) browser(t *testing.T, at tenants.Tenant) *webtest.Browser {
	b := p.BrowserFor(t, p.hosts.Host(at.Slug))
	b.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36")
	return b
}

func (p *portal) person(t *testing.T, options ...identitytest.Option) identitytest.Someone {
	return identitytest.NewPerson(t, p.e, p.e.A, append([]identitytest.Option{identitytest.Role(actor.Parent), identitytest.WithPassword()}, options...)...)
}

// work runs the handlers of every event of an organisation, as a worker would.
func (p *portal) work(t *testing.T, at tenants.Tenant) {
	t.Helper()
	rows, err := p.e.Owner(t).Query(context.Background(), "UPDATE event SET expanded_at = recorded_at WHERE tenant_id = $1 AND expanded_at IS NULL RETURNING id, name, payload", at.ID)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		e := outbox.Recorded{TenantID: at.ID}
		require.NoError(t, rows.Scan(&e.ID, &e.Name, &e.Payload))
		for _, s := range p.service.Subscriptions() {
			if s.Event == e.Name {
				require.NoError(t, s.Run(actor.With(tenants.With(context.Background(), at), actor.ForSystem(at.ID)), e))
			}
		}
	}
}

func signIn(b *webtest.Browser, who identitytest.Someone, password string, more ...string) *webtest.Answer {
	return b.Post("/inloggen", append([]string{"username", who.Email, "password", password}, more...)...)
}

func TestSignInPage(t *testing.T) {
	p := start(t)
	who := p.person(t)

	t.Run("has what the manual shows", func(t *testing.T) {
		p.browser(t, p.e.A).Get("/inloggen").Is(http.StatusOK).
			Has("Gebruikersnaam", "Wachtwoord", "Inloggen", "Wachtwoord vergeten?", "Privacyverklaring", "Responsible disclosure", "Toegankelijkheid", "<svg class=\"logo\"", p.e.A.Name).
			Lacks(p.e.B.Name, "<script>", "style=", "onclick")
	})
	t.Run("lets a parent in, with a cookie for this host only", func(t *testing.T) {
		b := p.browser(t, p.e.A)
		a := signIn(b, who, identitytest.Password).GoesTo("/")
		cookie := a.Header.Values("Set-Cookie")[0]
		require.True(t, strings.HasPrefix(cookie, "__Host-sessie="), cookie)
		for _, attribute := range []string{"path=/", "secure", "httponly", "samesite=lax"} {
			require.Contains(t, strings.ToLower(cookie), attribute)
		}
		require.NotContains(t, strings.ToLower(cookie), "domain")
		b.Get("/overig").Is(http.StatusOK).Has("Sanne de Boer", who.Email, "ouder of verzorger", "Chrome · Android", "Uitloggen")
		b.Get("/inloggen").GoesTo("/")
	})
	t.Run("sends staff to their group", func(t *testing.T) {
		b := p.browser(t, p.e.A)
		signIn(b, p.person(t, identitytest.Role(actor.Staff), identitytest.WithApp()), identitytest.Password).GoesTo("/inloggen/code")
		b.Post("/inloggen/code", "code", identitytest.Code(t, p.e)).GoesTo("/groep")
		b.Get("/inloggen").GoesTo("/groep")
		manager := p.browser(t, p.e.A)
		signIn(manager, p.person(t, identitytest.Role(actor.Manager), identitytest.WithApp()), identitytest.Password).GoesTo("/inloggen/code")
		manager.Post("/inloggen/code", "code", identitytest.Code(t, p.e)).GoesTo("/beheer")
		b.Get("/overig").Is(http.StatusOK).Has("groepsmedewerker", "Verder als ouder of verzorger")
	})
	t.Run("answers a wrong password and an unknown name alike", func(t *testing.T) {
		known := signIn(p.browser(t, p.e.A), who, "mis").Is(http.StatusUnprocessableEntity).Has("Fout: Inloggen", "horen niet bij elkaar", who.Email)
		nobody := identitytest.Someone{Person: &identity.Person{Email: strings.Replace(who.Email, "p", "q", 1)}}
		unknown := signIn(p.browser(t, p.e.A), nobody, "mis")
		require.Equal(t, known.Status, unknown.Status)
		require.Equal(t, strings.ReplaceAll(known.Body, who.Email, ""), strings.ReplaceAll(unknown.Body, nobody.Email, ""))
		for _, a := range []*webtest.Answer{known, unknown} {
			a.Header.Del("X-Request-Id")
			a.Header.Del("Date")
			a.Header.Del("Content-Length") // of the compressed body; it follows the name that was typed
		}
		require.Equal(t, known.Header, unknown.Header)
		known.Lacks("__Host-sessie")
	})
	t.Run("says how long to wait", func(t *testing.T) {
		slow := p.person(t)
		var last *webtest.Answer
		for range 11 {
			last = signIn(p.browser(t, p.e.A), slow, "mis")
		}
		last.Is(http.StatusTooManyRequests).Has("te vaak geprobeerd", slow.Email)
		require.NotEmpty(t, last.Header.Get("Retry-After"))
	})
	t.Run("goes where the visitor was going, if that is here", func(t *testing.T) {
		p.browser(t, p.e.A).Get("/overig/wachtwoord").GoesTo("/inloggen?next=%2Foverig%2Fwachtwoord")
		p.browser(t, p.e.A).Get("/inloggen?next=%2Foverig%2Fwachtwoord").Has(`value="/overig/wachtwoord"`)
		for next, to := range map[string]string{
			"/overig/wachtwoord": "/overig/wachtwoord", "/dagboek?kind=1": "/dagboek?kind=1", "": "/", "https://evil.example/": "/", "//evil.example": "/",
			`/\evil.example`: "/", "javascript:alert(1)": "/", "/\t/evil.example": "/", "evil": "/", "/inloggen?next=/x": "/", "/uitloggen": "/",
		} {
			signIn(p.browser(t, p.e.A), who, identitytest.Password, "next", next).GoesTo(to)
			p.browser(t, p.e.A).Get("/inloggen?next="+strings.NewReplacer("\t", "%09", ":", "%3A", "?", "%3F", `\`, "%5C").Replace(next)).Lacks("evil", "alert(")
		}
	})
	t.Run("writes nothing personal in the log", func(t *testing.T) {
		require.NotContains(t, p.log.String(), who.Email)
		require.NotContains(t, p.log.String(), identitytest.Password)
	})
}

func TestSession(t *testing.T) {
	p := start(t)
	who := p.person(t)

	t.Run("of one organisation is nothing at another", func(t *testing.T) {
		b := p.browser(t, p.e.A)
		signIn(b, who, identitytest.Password).GoesTo("/")
		other := p.browser(t, p.e.B)
		posts := []string{"/rol", "/overig/taal", "/overig/weergave", "/overig/wachtwoord", "/overig/apparaten/" + ids.New().String() + "/uitloggen"}
		for _, path := range append(posts, "/uitloggen") {
			other.SetCookie(identity.Cookie, b.Cookie(identity.Cookie))
			other.Post(path).Is(http.StatusNotFound)
			require.Empty(t, other.Cookie(identity.Cookie), "the browser is not kept out of its own sign-in page")
			other.SetCookie(identity.Cookie, b.Cookie(identity.Cookie))
			other.Get("/overig").Is(http.StatusNotFound).Lacks(who.Email)
		}
		token, _, marked := strings.Cut(b.Cookie(identity.Cookie), ".")
		require.True(t, marked)
		other.SetCookie(identity.Cookie, token) // without what says whose it is
		other.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		for _, path := range posts {
			other.Post(path).Is(http.StatusUnauthorized)
		}
		other.Post("/uitloggen").GoesTo("/inloggen")
		b.Get("/overig").Is(http.StatusOK)
	})
	t.Run("ends by signing out", func(t *testing.T) {
		b := p.browser(t, p.e.A)
		signIn(b, who, identitytest.Password)
		token := b.Cookie(identity.Cookie)
		b.Post("/uitloggen").GoesTo("/inloggen").HasHeader("Clear-Site-Data", `"cache", "storage"`)
		require.Empty(t, b.Cookie(identity.Cookie))
		b.Get("/inloggen").Is(http.StatusOK).Has("Je bent uitgelogd.")
		b.SetCookie(identity.Cookie, token)
		b.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		b.Get("/uitloggen").Is(http.StatusMethodNotAllowed)
	})
	t.Run("is nothing with a made-up token", func(t *testing.T) {
		for _, token := range []string{"x", strings.Repeat("A", 43), strings.Repeat("A", 4000), "'; --"} {
			b := p.browser(t, p.e.A)
			b.SetCookie(identity.Cookie, token)
			b.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		}
	})
	t.Run("gets a new token with another role", func(t *testing.T) {
		b := p.browser(t, p.e.A)
		signIn(b, p.person(t, identitytest.Role(actor.Staff), identitytest.WithApp()), identitytest.Password)
		b.Post("/inloggen/code", "code", identitytest.Code(t, p.e)).GoesTo("/groep")
		token := b.Cookie(identity.Cookie)
		b.Post("/rol", "role", "parent").GoesTo("/")
		require.NotEqual(t, token, b.Cookie(identity.Cookie))
		b.Get("/overig").Is(http.StatusOK).Has("Verder als groepsmedewerker")
		for _, role := range []string{"admin", "system", "", "role:parent"} {
			b.Post("/rol", "role", role).Is(http.StatusNotFound)
		}
	})
	t.Run("is listed, and ended from another device", func(t *testing.T) {
		phone, desk := p.browser(t, p.e.A), p.browser(t, p.e.A)
		desk.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0")
		someone := p.person(t)
		signIn(phone, someone, identitytest.Password)
		signIn(desk, someone, identitytest.Password)
		page := desk.Get("/overig").Has("Dit apparaat", "Firefox · Windows", "Chrome · Android", "Laatst gebruikt")
		end := regexp.MustCompile(`/overig/apparaten/[0-9a-f-]{36}/uitloggen`).FindString(page.Body)
		require.NotEmpty(t, end)
		thief := p.browser(t, p.e.A)
		signIn(thief, p.person(t), identitytest.Password)
		thief.Post(end).Is(http.StatusNotFound)
		desk.Post(end).GoesTo("/overig")
		phone.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		desk.Get("/overig").Is(http.StatusOK).Lacks("Chrome · Android")
	})
}

func TestForgottenPassword(t *testing.T) {
	p := start(t)
	who := p.person(t)
	b := p.browser(t, p.e.A)
	b.Get("/wachtwoord").Is(http.StatusOK).Has("Wachtwoord vergeten", "E-mailadres")

	known := b.Post("/wachtwoord", "email", who.Email).GoesTo("/wachtwoord/verzonden")
	unknown := p.browser(t, p.e.A).Post("/wachtwoord", "email", "nobody@example.test").GoesTo("/wachtwoord/verzonden")
	for _, a := range []*webtest.Answer{known, unknown} {
		a.Header.Del("X-Request-Id")
		a.Header.Del("Date")
	}
	require.Equal(t, known.Header, unknown.Header)
	require.Equal(t, known.Body, unknown.Body)
	b.Get("/wachtwoord/verzonden").Is(http.StatusOK).Has("Kijk in je mail").Lacks(who.Email)
	b.Post("/wachtwoord", "email", "geen adres").Is(http.StatusUnprocessableEntity).Has("Fout: Wachtwoord vergeten", "geen adres", `aria-invalid="true"`)

	p.work(t, p.e.A)
	require.Len(t, p.catcher.Messages(), 1)
	text := p.catcher.To(who.Email)[0].Parsed().Text
	path := regexp.MustCompile(`/wachtwoord/nieuw/[A-Za-z0-9_-]{43}`).FindString(text)
	require.Contains(t, text, "http://"+p.hosts.Host(p.e.A.Slug)+path)

	other := p.browser(t, p.e.A)
	signIn(other, who, identitytest.Password)
	b.Get(path).Is(http.StatusOK).HasHeader("Referrer-Policy", "strict-origin").HasHeader("Cache-Control", "no-store").Has("Minstens 15 tekens")
	p.browser(t, p.e.B).Get(path).Is(http.StatusGone)
	b.Post(path, "password", "kort").Is(http.StatusUnprocessableEntity).HasHeader("Referrer-Policy", "strict-origin").Has("minstens 15 tekens", "Fout: ")
	b.Post(path, "password", "vandaag regent het in Bathmen niet").GoesTo("/")
	b.Get("/overig").Is(http.StatusOK).Has("Je nieuwe wachtwoord is bewaard.")
	other.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
	b.Get(path).Is(http.StatusGone).HasHeader("Referrer-Policy", "strict-origin").Has("Deze link werkt niet meer", "Nieuwe link vragen")
	b.Post(path, "password", "nog een keer een nieuw wachtwoord").Is(http.StatusGone)
	require.NotContains(t, p.log.String(), path[len("/wachtwoord/nieuw/"):], "the token stands in the log")
}

func TestALinkToActivateThatIsCutOff(t *testing.T) {
	p := start(t)
	page := p.browser(t, p.e.A).Get("/activeren/onzin").Is(http.StatusGone).Has("Deze link werkt niet", "niet compleet", p.e.A.Name, "Naar inloggen").Lacks("Nieuwe link vragen")
	require.NotContains(t, page.Body, `href="/wachtwoord"`, "somebody without an account has no password to forget")
	p.browser(t, p.e.A).Post("/activeren/onzin", "password", "vandaag regent het in Bathmen niet").Is(http.StatusGone).Has("niet compleet")
	p.browser(t, p.e.A).Post("/activeren/onzin/nieuw").Is(http.StatusGone).Has("niet compleet")
}

func TestAccount(t *testing.T) {
	p := start(t)
	who := p.person(t)
	b := p.browser(t, p.e.A)
	signIn(b, who, identitytest.Password)

	t.Run("keeps the language, also before signing in", func(t *testing.T) {
		b.Post("/overig/taal", "language", "en").GoesTo("/overig")
		b.Get("/overig").Has(`<html lang="en"`, "Your choice is saved.", "Devices where you are signed in").Lacks("Uitloggen")
		b.Post("/overig/taal", "language", "xx").Is(http.StatusUnprocessableEntity)
		fresh := p.browser(t, p.e.A)
		signIn(fresh, who, identitytest.Password)
		fresh.Get("/overig").Has(`<html lang="en"`)
		fresh.Post("/uitloggen")
		fresh.Get("/inloggen").Has("User name")
		b.Post("/overig/taal", "language", "nl").GoesTo("/overig")
	})
	t.Run("keeps the appearance", func(t *testing.T) {
		b.Post("/overig/weergave", "theme", "dark").GoesTo("/overig")
		b.Get("/overig").Has(`data-theme="dark"`)
		fresh := p.browser(t, p.e.A)
		signIn(fresh, who, identitytest.Password)
		fresh.Get("/overig").Has(`data-theme="dark"`)
		b.Post("/overig/weergave", "theme", "").GoesTo("/overig")
		b.Get("/overig").Lacks(`data-theme="dark"`)
		b.Post("/overig/weergave", "theme", "pink").Is(http.StatusUnprocessableEntity)
	})
	t.Run("changes the password", func(t *testing.T) {
		b.Get("/overig/wachtwoord").Is(http.StatusOK).Has("Huidig wachtwoord", "Nieuw wachtwoord")
		b.Post("/overig/wachtwoord", "current", "mis", "password", "vandaag regent het in Bathmen niet").Is(http.StatusUnprocessableEntity).Has("niet je huidige wachtwoord")
		b.Post("/overig/wachtwoord", "current", identitytest.Password, "password", "kort").Is(http.StatusUnprocessableEntity).Lacks(identitytest.Password)
		b.Post("/overig/wachtwoord", "current", identitytest.Password, "password", "vandaag regent het in Bathmen niet").GoesTo("/overig")
		b.Get("/overig").Is(http.StatusOK)
		p.work(t, p.e.A)
		require.Equal(t, "Je wachtwoord is veranderd", p.catcher.To(who.Email)[0].Parsed().Subject)
	})
	t.Run("of staff stands beside the menu of the group app", func(t *testing.T) {
		staff := p.browser(t, p.e.A)
		staff.SetCookie(identity.Cookie, identitytest.SignedIn(t, p.e, identitytest.NewPerson(t, p.e, p.e.A, identitytest.Role(actor.Staff))).Value)
		staff.Get("/overig").Is(http.StatusOK).Has(`class="rail"`).Lacks(`class="tabs"`)
		staff.Get("/overig/wachtwoord").Is(http.StatusOK).Has(`class="rail"`)
	})
}
