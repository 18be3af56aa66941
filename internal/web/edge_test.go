package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/webtest"
)

// everyStatus has an address for each kind of answer.
var everyStatus = map[string]int{
	"/": 200, "/groot": 200, "/robots.txt": 200, "/.well-known/security.txt": 200, "/gezicht/12.svg": 200, "/foto": 200,
	"/dagboek": 303, "/fout/bad": 400, "/fout/sessie": 401, "/fout/mag": 403, "/fout/nietes": 404, "/bestaat/niet": 404,
	"/static/nope.css": 404, "/gezicht/x.svg": 404, "/open": 405, "/fout/conflict": 409, "/fout/weg": 410, "/fout/misdirect": 421, "/fout/ongeldig": 422,
	"/fout/veel": 429, "/fout/stil": 500, "/fout/binnen": 500, "/paniek": 500, "/paniek/nil": 500, "/sjabloon": 500, "/sjabloon/paniek": 500,
	"/fout/opslag": 503, "/fout/tijd": 503, "/fout/verlopen": 503, "/fout/vreemd": 400,
}

func TestEveryAnswerCarriesTheHeaders(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Scheme = "https" })
	browser := b.Browser(bathmen)
	for path, status := range everyStatus {
		a := browser.Get(path).Is(status)
		checkHeaders(t, path, a.Header)
		if a.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: no HSTS", path)
		}
	}
	for _, raw := range []string{
		"GET / HTTP/1.1\r\nHost: x y\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: Bathmen.ouderportaal.test\r\n\r\n",
		"BREW / HTTP/1.1\r\nHost: bathmen.ouderportaal.test\r\n\r\n",
		"TRACE / HTTP/1.1\r\nHost: bathmen.ouderportaal.test\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: bathmen.ouderportaal.test\r\nX: " + strings.Repeat("x", 20000) + "\r\n\r\n",
		"POST /open HTTP/1.1\r\nHost: bathmen.ouderportaal.test\r\nContent-Length: 5000000\r\n\r\n",
		"nonsense\r\n\r\n",
	} {
		for _, answer := range b.Raw(500e6, raw) {
			if answer.Status < 400 {
				t.Errorf("%.60q is answered with %d", raw, answer.Status)
			}
			checkHeaders(t, raw[:10], answer.Header)
		}
	}
}

func checkHeaders(t *testing.T, what string, h http.Header) {
	t.Helper()
	for _, kv := range everyAnswer {
		want := kv[1]
		got := h.Get(kv[0])
		switch {
		case kv[0] == "Cache-Control" && got != "":
		case kv[0] == "Content-Security-Policy" && strings.Contains(got, "sandbox"): // stricter: one picture
		case got != want:
			t.Errorf("%s: %s is %q, want %q", what, kv[0], got, want)
		}
	}
	if len(h.Get("X-Request-Id")) != 36 {
		t.Errorf("%s: request id %q", what, h.Get("X-Request-Id"))
	}
	if h.Get("Access-Control-Allow-Origin") != "" || h.Get("Server") != "" {
		t.Errorf("%s: says too much: %v", what, h)
	}
}

func TestErrorsTellThePersonAndNotTheCause(t *testing.T) {
	b := newBench(t)
	browser := b.Browser(bathmen)
	for path, status := range everyStatus {
		if status < 400 {
			continue
		}
		a := browser.Get(path).Is(status).Has(`<html lang="nl"`, "<h1>").Lacks("geheim", "10.0.0.9", "password", "goroutine", "fiber", ".go:", "half")
		a.Has(a.Header.Get("X-Request-Id"))
		a.HasHeader("Content-Type", "text/html; charset=utf-8").HasHeader("Cache-Control", "no-store")
	}
	browser.Get("/fout/veel").HasHeader("Retry-After", "90").Has("Even wachten")
	browser.Header.Set("Accept-Language", "en-GB,en;q=0.8")
	browser.Get("/fout/nietes").Has("Not found").Lacks("Niet gevonden")
	browser.Header.Set("Accept", "application/json")
	var body errorBody
	browser.Get("/fout/ongeldig").Is(422).JSON(&body)
	if body.Error != "invalid" || len(body.Fields) != 1 || body.Fields[0].Name != "text" || body.Fields[0].Message != "What you are sending is too large." {
		t.Errorf("JSON: %+v", body)
	}
	browser.Get("/fout/stil").Is(500).Lacks("geheim", "password")
}

func TestTheCauseIsLoggedOnceWithoutPersonalText(t *testing.T) {
	b := newBench(t)
	a := b.as(actor.Staff, bathmen).Get("/fout/opslag?token=abc123&naam=Mila").Is(503)
	lines := strings.Split(strings.TrimSpace(b.log.String()), "\n")
	if len(lines) != 1 {
		t.Fatalf("%d lines:\n%s", len(lines), b.log)
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil {
		t.Fatal(err)
	}
	if line["request"] != a.Header.Get("X-Request-Id") || line["tenant"] != b.directory.known["bathmen"].ID.String() ||
		line["route"] != "/fout/opslag" || line["status"] != 503.0 || line["cause"] != "dial tcp 10.0.0.9:9000" || line["level"] != "ERROR" {
		t.Errorf("line: %v", line)
	}
	b.as(actor.Staff, bathmen).Get("/dagboek/" + b.person.String() + "?token=abc123").Is(200)
	b.as(actor.Staff, bathmen).Get("/geen/route/abc123").Is(404)
	for _, secret := range []string{"abc123", "Mila", "Anna", b.person.String(), "role:staff"} {
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("the log has %q:\n%s", secret, b.log)
		}
	}
}

func TestAPanicLeavesTheServerAlive(t *testing.T) {
	b := newBench(t)
	browser := b.Browser(bathmen)
	for range 5 {
		for _, path := range []string{"/paniek", "/paniek/nil", "/sjabloon/paniek"} {
			browser.Get(path).Is(500).Lacks("geheim", b.person.String())
		}
		browser.Get("/").Is(200).Has("bathmen")
	}
	if strings.Count(b.log.String(), "\"cause\":\"web: panic: ")+strings.Count(b.log.String(), "[running]") != 30 {
		t.Errorf("want the stack of each panic in the log once:\n%.2000s", b.log)
	}
}

func TestAfterTheDatabaseIsAway(t *testing.T) {
	b := newBench(t)
	b.directory.away.Store(true)
	b.Browser(bathmen).Get("/").Is(503).HasHeader("Retry-After", "5").Lacks("10.0.0.9", "Organisatie")
	b.directory.away.Store(false)
	b.Browser(bathmen).Get("/").Is(200)
}

func TestUnknownAndSuspendedOrganisations(t *testing.T) {
	b := newBench(t)
	one := b.Browser("niemand.ouderportaal.test").Get("/").Is(404).Has("Op dit adres is geen ouderportaal.")
	two := b.Browser("ookniemand.ouderportaal.test").Get("/dagboek").Is(404)
	if strip(one) != strip(two) {
		t.Error("two unknown names get different pages")
	}
	b.as(actor.Staff, gesloten).Get("/dagboek").Is(503).Has("<title>Niet in gebruik", "Het ouderportaal van Organisatie gesloten is nu niet in gebruik.", "Stel die aan de opvang zelf.").
		Lacks("minuten", "voorpagina", `href="/"`)
	if b.executed.Load() != 0 {
		t.Error("a handler ran")
	}
	b.Browser("niemand.ouderportaal.test").Get("/robots.txt").Is(200).Has("Disallow: /")
}

func strip(a *webtest.Answer) string {
	return strings.ReplaceAll(a.Body, a.Header.Get("X-Request-Id"), "")
}
