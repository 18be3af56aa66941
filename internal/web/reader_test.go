package web

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/theme"
	"ouderportaal/internal/ui"

	"github.com/gofiber/fiber/v2"
)

func TestPagesAreCompressedWhenWorthIt(t *testing.T) {
	b := newBench(t)
	browser := b.Browser(bathmen)
	browser.Get("/groot").HasHeader("Content-Encoding", "gzip").HasHeader("Vary", "Accept-Encoding").Has("mooie dag")
	browser.Get("/").HasHeader("Content-Encoding", "")
	for _, refuses := range []string{"", "identity", "gzip;q=0", "br", "gzip; q=0.0", "x-gzip"} {
		browser.Do("GET", "/groot", nil, "", map[string]string{"Accept-Encoding": refuses}).HasHeader("Content-Encoding", "").Has("mooie dag")
	}
	stream := b.as(actor.Parent, bathmen).Stream(t.Context(), "/live")
	defer stream.Body.Close()
	if stream.Header.Get("Content-Encoding") != "" {
		t.Error("a live stream is compressed")
	}
}

func TestTheMessageAfterARedirectIsSaidOnce(t *testing.T) {
	b := newBench(t)
	browser := b.as(actor.Staff, bathmen)
	browser.Post("/dagboek", "tekst", "hallo").GoesTo("/dagboek")
	if browser.Cookie(flashCookie) != "error.busy" {
		t.Fatalf("cookie %q", browser.Cookie(flashCookie))
	}
	sentence := "veel foto’s tegelijk"
	browser.Do("GET", "/", nil, "", map[string]string{"Turbo-Frame": "x"}).Lacks(sentence)
	browser.Do("GET", "/", nil, "", map[string]string{"X-Sec-Purpose": "prefetch"}).Lacks(sentence)
	browser.Get("/").Has(sentence)
	browser.Get("/").Lacks(sentence)
	for _, planted := range []string{"geen.sleutel", "<script>", "!", "!!error.busy", strings.Repeat("x", 5000), "%0d%0a"} {
		browser.SetCookie(flashCookie, planted)
		browser.Get("/").Is(200).Lacks("<script>", sentence, planted+" ")
	}
}

func TestTheLanguageIsTheReaders(t *testing.T) {
	routes := func(r *Routes) {
		r.Get("/taal", Public, func(c *fiber.Ctx) error {
			SetLanguage(c, c.Query("kies"))
			return c.SendString(i18n.Language(Ctx(c)) + " " + ui.ChromeFrom(Ctx(c)).Language)
		})
	}
	b := newBenchWith(t, routes, func(c *Config) {
		session := c.Session
		c.Session = func(ctx *fiber.Ctx) error {
			if lang := ctx.Cookies("__Host-persoon"); lang != "" {
				ctx.SetUserContext(actor.With(ctx.UserContext(), actor.Actor{Role: actor.Parent, Language: lang}))
				return ctx.Next()
			}
			return session(ctx)
		}
	})
	browser := b.Browser(bathmen)
	ask := func(accept string) *http.Header {
		browser.Header.Set("Accept-Language", accept)
		return &browser.Header
	}
	ask("nl-BE,nl;q=0.9")
	browser.Get("/taal").Has("nl nl")
	ask("en-US,en;q=0.9,nl;q=0.1")
	browser.Get("/taal").Has("en en")
	for _, odd := range []string{"pl", "", "*", ";;;", "nl;q=", strings.Repeat("en,", 500), "\xff"} {
		ask(odd)
		browser.Get("/taal").Has("nl nl")
	}
	browser.Get("/taal?kies=en").Is(200)
	browser.Get("/taal?kies=xx").Has("en en")
	ask("nl")
	browser.Get("/taal").Has("en en") // this browser chose
	browser.SetCookie("__Host-persoon", "nl")
	browser.Get("/taal").Has("nl nl") // the person chose
}

func TestPublicFiles(t *testing.T) {
	b := newBench(t)
	browser := b.Browser(bathmen)
	if err := ui.Ready(); err == nil {
		path := ui.Asset("app.css")
		a := browser.Get(path).Is(200).HasHeader("Cache-Control", keptForAYear).HasHeader("Content-Type", "text/css; charset=utf-8").HasHeader("Content-Encoding", "br")
		again := browser.Do("GET", path, nil, "", map[string]string{"If-None-Match": a.Header.Get("Etag")}).Is(304)
		checkHeaders(t, "304", again.Header)
		if again.Body != "" {
			t.Error("a 304 with a body")
		}
		browser.Do("GET", path, nil, "", map[string]string{"If-None-Match": `"x", W/` + a.Header.Get("Etag")}).Is(304)
		browser.Do("GET", path, nil, "", map[string]string{"If-None-Match": `"x"`}).Is(200)
		worker := browser.Get("/service-worker.js").Is(200).HasHeader("Cache-Control", "no-cache").HasHeader("Content-Type", "text/javascript; charset=utf-8").Has("showNotification")
		browser.Do("GET", "/service-worker.js", nil, "", map[string]string{"If-None-Match": worker.Header.Get("Etag")}).Is(304)
		worker.Lacks("caches", "respondWith")      // pages are not kept on a device
		b.Browser("elders.test").Get(path).Is(200) // the page that says that this is nobody's host needs it
	} else {
		t.Log("assets are not built: their headers are not looked at")
	}
	for _, path := range []string{"/static/../go.mod", "/static/..%2fgo.mod", "/static/manifest.json", "/static/.gitkeep", "/static/", "/static/app.css%00", "/t/x.js", "/t/"} {
		if a := browser.Get(path); a.Status != 404 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	browser.Get("/gezicht/12-v.svg").Is(200).HasHeader("Content-Type", "image/svg+xml").Has("<svg")
	tenant := b.directory.known["bathmen"]
	path := theme.Path(tenant.BrandHue, tenant.BrandChroma)
	browser.Get(path).Is(200).HasHeader("Cache-Control", keptForAYear).Has("--brand-h:163")
	browser.Get("/t/old.css").Is(200).HasHeader("Cache-Control", "no-store").Has("--brand-h:163")
	browser.Get("/.well-known/security.txt").Is(200).Has("Contact: mailto:veilig@example.org\n", "Expires: 20", "Canonical: http://"+bathmen+"/.well-known/security.txt\n", "Policy: http://"+bathmen+"/responsible-disclosure\n")
	tenant.SecurityContact = "https://bathmen.example/lek"
	b.directory.known["bathmen"] = tenant
	browser.Get("/.well-known/security.txt").Is(200).Has("Contact: https://bathmen.example/lek\n").Lacks("veilig@")
	b.Browser("elders.test").Get("/.well-known/security.txt").Is(421)
}

func TestTheClientAddressComesFromTheTrustedProxyOnly(t *testing.T) {
	routes := func(r *Routes) {
		r.Get("/ip", Public, func(c *fiber.Ctx) error { return c.SendString(c.IP()) })
	}
	see := func(b *bench, h map[string]string) string {
		return b.Browser(bathmen).Do("GET", "/ip", nil, "", h).Body
	}
	forged := map[string]string{"X-Real-IP": "203.0.113.9", "X-Forwarded-For": "203.0.113.8"}
	if ip := see(newBenchWith(t, routes), forged); ip != "127.0.0.1" {
		t.Errorf("anybody may say that they are %s", ip)
	}
	trusting := func(c *Config) { c.TrustedProxies = []string{"127.0.0.1"} }
	if ip := see(newBenchWith(t, routes, trusting), forged); ip != "203.0.113.9" {
		t.Errorf("behind the proxy the client is %s", ip)
	}
	if ip := see(newBenchWith(t, routes, trusting), map[string]string{"X-Real-IP": "nonsense"}); ip != "127.0.0.1" && ip != "" {
		t.Errorf("nonsense becomes %q", ip)
	}
}

// TestNothingOfARequestIsKept would fail without Immutable: what one request said appears in the next one's.
func TestNothingOfARequestIsKept(t *testing.T) {
	var mu sync.Mutex
	var kept []string
	b := newBenchWith(t, func(r *Routes) {
		r.Get("/bewaar/:woord", Public, func(c *fiber.Ctx) error {
			mu.Lock()
			defer mu.Unlock()
			kept = append(kept, c.Params("woord"), c.Query("q"), c.Get("X-Woord"))
			return c.SendString("")
		})
	})
	var all string
	for _, word := range []string{"aaaaaaaa", "bbbbbbbb", "cccccccc"} {
		all += "GET /bewaar/" + word + "?q=" + word + " HTTP/1.1\r\n" + head + "\r\nX-Woord: " + word + "\r\n\r\n"
	}
	b.Raw(500e6, all)
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(kept, " "); got != "aaaaaaaa aaaaaaaa aaaaaaaa bbbbbbbb bbbbbbbb bbbbbbbb cccccccc cccccccc cccccccc" {
		t.Errorf("kept: %s", got)
	}
}
