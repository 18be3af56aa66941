package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
)

var (
	secretOnPage = regexp.MustCompile(`data-qa="secret"[^>]*>([A-Z2-7 ]+)<`)
	offerOnPage  = regexp.MustCompile(`name="offer" value="([^"]+)"`)
	codeOnPage   = regexp.MustCompile(`<code>([A-Z2-9]{5}-[A-Z2-9]{5})</code>`)
)

// setUp follows the page that sets up an app, and gives the recovery codes.
func setUp(t *testing.T, p *portal, b *webtest.Browser) (codes []string) {
	t.Helper()
	page := b.Get("/overig/beveiliging/app").Is(http.StatusOK).Has(`<svg class="qr"`).Lacks("style=", "<script>")
	secret := strings.ReplaceAll(secretOnPage.FindStringSubmatch(page.Body)[1], " ", "")
	offer := offerOnPage.FindStringSubmatch(page.Body)[1]
	again := b.Post("/overig/beveiliging/app", "offer", offer, "code", "12345").Is(http.StatusUnprocessableEntity).Has("Fout: ", "Deze code klopt niet", `href="#code"`)
	require.Equal(t, secret, strings.ReplaceAll(secretOnPage.FindStringSubmatch(again.Body)[1], " ", ""), "a mistake changed the secret")
	code, err := totp.GenerateCode(secret, p.e.Clock.Now())
	require.NoError(t, err)
	b.Post("/overig/beveiliging/app", "offer", offer, "code", code[:3]+" "+code[3:]).GoesTo("/overig/beveiliging/herstelcodes")
	for _, found := range codeOnPage.FindAllStringSubmatch(b.Get("/overig/beveiliging/herstelcodes").Is(http.StatusOK).Body, -1) {
		codes = append(codes, found[1])
	}
	require.Len(t, codes, 10)
	b.Get("/overig/beveiliging/herstelcodes").Is(http.StatusOK).Has("al één keer getoond").Lacks(codes[0])
	return codes
}

func TestStaffSetUpASecondFactorFirst(t *testing.T) {
	p := start(t)
	who := identitytest.NewPerson(t, p.e, p.e.A, identitytest.Role(actor.Parent), identitytest.Role(actor.Staff), identitytest.WithPassword())
	b := p.browser(t, p.e.A)
	signIn(b, who, identitytest.Password, "next", "/overig").GoesTo("/overig")
	b.Get("/overig").GoesTo("/overig/beveiliging/app")
	b.Get("/overig/beveiliging").GoesTo("/overig/beveiliging/app")
	b.Post("/overig/taal", "language", "en").Is(http.StatusForbidden)
	b.Post("/overig/wachtwoord", "current", identitytest.Password, "password", "vandaag regent het in Bathmen niet").Is(http.StatusForbidden)
	b.Get("/overig/beveiliging/app").Has("Stel die app eerst in", "Verder als ouder", "Uitloggen").Lacks(`class="rail"`)

	t.Run("but may go on as a parent", func(t *testing.T) {
		other := p.browser(t, p.e.A)
		signIn(other, who, identitytest.Password).GoesTo("/overig/beveiliging/app")
		other.Post("/rol", "role", "parent").GoesTo("/")
		other.Get("/overig").Is(http.StatusOK)
		other.Post("/rol", "role", "staff").GoesTo("/overig/beveiliging/app")
	})
	token := b.Cookie(identity.Cookie)
	codes := setUp(t, p, b)
	require.NotEqual(t, token, b.Cookie(identity.Cookie))
	b.Get("/overig").Is(http.StatusOK).Has("groepsmedewerker", "Beveiliging")
	b.Get("/overig/beveiliging").Is(http.StatusOK).Has("Nog 10 over", "Aan")
	p.work(t, p.e.A)
	mails := p.catcher.To(who.Email)
	require.Equal(t, "De beveiliging van je account is veranderd", mails[len(mails)-1].Parsed().Subject)
	require.Contains(t, mails[len(mails)-1].Parsed().Text, "er is een authenticator-app ingesteld")

	t.Run("and sign in with it from then on", func(t *testing.T) {
		fresh := p.browser(t, p.e.A)
		a := signIn(fresh, who, identitytest.Password, "next", "/overig").GoesTo("/inloggen/code?next=%2Foverig")
		require.Empty(t, fresh.Cookie(identity.Cookie), "a password alone gave a session")
		require.Contains(t, strings.ToLower(strings.Join(a.Header.Values("Set-Cookie"), "\n")), "__host-inloggen=")
		fresh.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		fresh.Get("/inloggen/code?next=%2Foverig").Is(http.StatusOK).Has(`autocomplete="one-time-code"`, `value="/overig"`, "herstel=1")
		fresh.Get("/inloggen/code?herstel=1").Has("Tien letters en cijfers")
		fresh.Post("/inloggen/code", "code", "000000", "next", "/overig").Is(http.StatusUnprocessableEntity).Has("Fout: ", `value="/overig"`, "Deze code klopt niet")
		fresh.Post("/inloggen/code", "code", codes[3], "next", "/overig").GoesTo("/overig")
		fresh.Get("/overig/beveiliging").Has("Nog 9 over")
		fresh.Get("/inloggen/code").GoesTo("/inloggen")
		p.work(t, p.e.A)
		mails := p.catcher.To(who.Email)
		require.Contains(t, mails[len(mails)-1].Parsed().Text, "er is een herstelcode gebruikt")
	})
	t.Run("also after a forgotten password", func(t *testing.T) {
		fresh := p.browser(t, p.e.A)
		fresh.Post("/wachtwoord", "email", who.Email)
		p.work(t, p.e.A)
		mails := p.catcher.To(who.Email)
		path := regexp.MustCompile(`/wachtwoord/nieuw/[A-Za-z0-9_-]{43}`).FindString(mails[len(mails)-1].Parsed().Text)
		fresh.Post(path, "password", "vandaag regent het in Bathmen niet").GoesTo("/inloggen/code")
		fresh.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
		fresh.Post("/inloggen/code", "code", codes[4]).GoesTo("/groep")
	})
	t.Run("and sign in again when it took too long", func(t *testing.T) {
		fresh := p.browser(t, p.e.A)
		signIn(fresh, who, "vandaag regent het in Bathmen niet").GoesTo("/inloggen/code")
		p.e.Clock.Advance(identity.WaitTime)
		fresh.Post("/inloggen/code", "code", codes[5]).GoesTo("/inloggen")
		fresh.Get("/inloggen").Has("Het duurde te lang")
	})
	require.NotContains(t, p.log.String(), codes[3])
}

func TestParentsMayHaveASecondFactor(t *testing.T) {
	p := start(t)
	b := p.browser(t, p.e.A)
	signIn(b, p.person(t), identitytest.Password).GoesTo("/")
	b.Get("/overig/beveiliging").Is(http.StatusOK).Has("Authenticator-app instellen", "Uit").Lacks("Herstelcodes")
	setUp(t, p, b)
	b.Get("/overig/beveiliging").Has("Aan", "Nog 10 over")
	p.browser(t, p.e.A).Get("/inloggen/code").GoesTo("/inloggen")
	p.browser(t, p.e.A).Post("/inloggen/code", "code", "123456").GoesTo("/inloggen")
}

// stale signs in and lets the proof grow old.
func stale(t *testing.T, p *portal, options ...identitytest.Option) (*webtest.Browser, identitytest.Someone) {
	t.Helper()
	who := p.person(t, options...)
	b := p.browser(t, p.e.A)
	signIn(b, who, identitytest.Password).GoesTo("/")
	p.e.Clock.Advance(identity.FreshTime + time.Second)
	return b, who
}

func TestWhatAsksAgainWhoItIs(t *testing.T) {
	p := start(t)
	b, who := stale(t, p)
	b.Get("/overig/email").GoesTo("/bevestigen?next=%2Foverig%2Femail")
	b.Get("/overig/beveiliging/app").GoesTo("/bevestigen?next=%2Foverig%2Fbeveiliging%2Fapp")
	b.Header.Set("Referer", "http://"+p.hosts.Host(p.e.A.Slug)+"/overig/email")
	b.Post("/overig/email", "email", "nieuw@example.test").GoesTo("/bevestigen?next=%2Foverig%2Femail")
	b.Header.Set("Referer", "https://evil.example/overig")
	b.Post("/overig/email", "email", "nieuw@example.test").GoesTo("/bevestigen?next=%2Foverig%2Fbeveiliging")
	b.Header.Del("Referer")
	b.Post("/overig/beveiliging/passkeys/vraag").Is(http.StatusSeeOther)

	b.Get("/bevestigen?next=https%3A%2F%2Fevil.example").Is(http.StatusOK).Has("Ben jij het?").Lacks("evil", "Verder met code")
	b.Post("/bevestigen", "password", "mis", "next", "/overig/email").Is(http.StatusUnprocessableEntity).Has("Fout: ", `value="/overig/email"`, "niet je huidige wachtwoord")
	token := b.Cookie(identity.Cookie)
	b.Post("/bevestigen", "password", identitytest.Password, "next", "/overig/email").GoesTo("/overig/email")
	require.NotEqual(t, token, b.Cookie(identity.Cookie))
	b.Get("/overig/email").Is(http.StatusOK).Has("Nieuw e-mailadres")
	b.Post("/overig/email", "email", "geen adres").Is(http.StatusUnprocessableEntity).Has("Fout: ", `value="geen adres"`)
	b.Post("/overig/email", "email", "nieuw@example.test").GoesTo("/overig")
	p.work(t, p.e.A)
	link := regexp.MustCompile(`/email/bevestigen/[A-Za-z0-9_-]{43}`).FindString(p.catcher.To("nieuw@example.test")[0].Parsed().Text)
	visitor := p.browser(t, p.e.A)
	visitor.Get(link).Is(http.StatusOK).Has("nieuw@example.test").HasHeader("Referrer-Policy", "strict-origin")
	p.browser(t, p.e.B).Get(link).Is(http.StatusGone)
	b.Get("/overig").Has(who.Email)
	visitor.Post(link).GoesTo("/inloggen")
	visitor.Post(link).Is(http.StatusGone)
	visitor.Get(link).Is(http.StatusGone).Has("om je nieuwe e-mailadres te bevestigen", `href="/overig/email"`).Lacks("wachtwoord")
	b.Get("/overig").Is(http.StatusOK).Has("nieuw@example.test")
	p.work(t, p.e.A)
	mails := p.catcher.To(who.Email)
	undo := regexp.MustCompile(`/email/terug/[A-Za-z0-9_-]{43}`).FindString(mails[len(mails)-1].Parsed().Text)
	visitor.Get(undo).Is(http.StatusOK).Has(who.Email)
	visitor.Post(undo).GoesTo("/wachtwoord")
	visitor.Get(undo).Is(http.StatusGone).Has("om je oude e-mailadres terug te zetten", `href="/overig/email"`)
	b.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
	for _, secret := range []string{link[len("/email/bevestigen/"):], undo[len("/email/terug/"):]} {
		require.NotContains(t, p.log.String(), secret, "a token stands in the log")
	}
}

func TestSigningOutEverywhereElse(t *testing.T) {
	p := start(t)
	who := p.person(t)
	here, there := p.browser(t, p.e.A), p.browser(t, p.e.A)
	signIn(here, who, identitytest.Password)
	here.Get("/overig").Lacks("Overal elders uitloggen")
	signIn(there, who, identitytest.Password)
	here.Get("/overig").Has("Overal elders uitloggen")
	here.Post("/overig/apparaten/uitloggen").GoesTo("/overig")
	here.Get("/overig").Is(http.StatusOK)
	there.Get("/overig").GoesTo("/inloggen?next=%2Foverig")
}

func TestAnIdleParentProvesThemselvesBeforeTheyAreStaff(t *testing.T) {
	p := start(t)
	b := p.browser(t, p.e.A)
	signIn(b, p.person(t, identitytest.Role(actor.Admin)), identitytest.Password).GoesTo("/overig/beveiliging/app")
	b.Post("/rol", "role", "parent").GoesTo("/")
	p.e.Clock.Advance(time.Hour + time.Second)
	b.Header.Set("Referer", "http://"+p.hosts.Host(p.e.A.Slug)+"/overig")
	b.Post("/rol", "role", "admin").GoesTo("/bevestigen?next=%2Foverig")
	b.Post("/bevestigen", "password", identitytest.Password, "next", "/overig").GoesTo("/overig")
	b.Post("/rol", "role", "admin").GoesTo("/overig/beveiliging/app")
}

func TestAForgottenPasswordShowsWhatWasAdded(t *testing.T) {
	p := start(t)
	who := p.person(t)
	b := p.browser(t, p.e.A)
	signIn(b, who, identitytest.Password).GoesTo("/")
	setUp(t, p, b)
	fresh := p.browser(t, p.e.A)
	fresh.Post("/wachtwoord", "email", who.Email)
	p.work(t, p.e.A)
	mails := p.catcher.To(who.Email)
	path := regexp.MustCompile(`/wachtwoord/nieuw/[A-Za-z0-9_-]{43}`).FindString(mails[len(mails)-1].Parsed().Text)
	page := fresh.Get(path).Is(http.StatusOK).Has("Pas toegevoegd aan je account", "Authenticator-app: ")
	app := regexp.MustCompile(`name="disowned" value="([0-9a-f-]{36})"`).FindStringSubmatch(page.Body)
	require.NotNil(t, app)
	fresh.Post(path, "password", "kort", "disowned", app[1]).Is(http.StatusUnprocessableEntity).Has(`value="` + app[1] + `" checked`)
	fresh.Post(path, "password", "vandaag regent het in Bathmen niet", "disowned", "x").Is(http.StatusBadRequest)
	fresh.Post(path, "password", "vandaag regent het in Bathmen niet", "disowned", app[1]).GoesTo("/")
	fresh.Get("/overig/beveiliging").Is(http.StatusOK).Has("Uit")
}
