package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/webtest"
)

func TestARouteWithoutAPermissionDoesNotStart(t *testing.T) {
	b := newBench(t)
	ok := func(*fiber.Ctx) error { return nil }
	for name, register := range map[string]func(r *Routes){
		"no permission":      func(r *Routes) { r.Get("/nieuw", "", ok) },
		"in no policy":       func(r *Routes) { r.Get("/nieuw", "diary.raed", ok) },
		"a role":             func(r *Routes) { r.Get("/nieuw", "role:staff", ok) },
		"upload without":     func(r *Routes) { r.Upload("/nieuw", "", ok) },
		"live without":       func(r *Routes) { r.Live("/nieuw", "", nil) },
		"no slash":           func(r *Routes) { r.Get("nieuw", Public, ok) },
		"slash at the end":   func(r *Routes) { r.Get("/nieuw/", Public, ok) },
		"wildcard":           func(r *Routes) { r.Get("/nieuw/*", Public, ok) },
		"twice":              func(r *Routes) { r.Get("/dagboek", "diary.read", ok) },
		"without a handler":  func(r *Routes) { r.Get("/nieuw", Public, nil) },
		"optional parameter": func(r *Routes) { r.Get("/nieuw/:id?", Public, ok) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: registered", name)
				}
			}()
			register(b.server.Routes())
		}()
	}
}

func TestEveryRouteAsksForItsPermission(t *testing.T) {
	b := newBench(t)
	asked := 0
	for _, route := range b.server.Routes().All() {
		if route.Permission == Public || route.Kind == Stream {
			continue
		}
		path := strings.ReplaceAll(route.Path, ":id", b.person.String())
		for _, role := range append([]actor.Role{"", "role:operator", "admin"}, actor.Roles...) {
			before := b.executed.Load()
			a := b.as(role, bathmen).Do(route.Method, path, nil, "", nil)
			ran := b.executed.Load() > before
			may := b.server.cfg.Permissions.May(role, route.Permission)
			if ran != may {
				t.Errorf("%s %s as %q: ran %v, may %v (status %d)", route.Method, route.Path, role, ran, may, a.Status)
			}
			switch {
			case may:
			case role.Known() && a.Status != http.StatusForbidden:
				t.Errorf("%s %s as %q: status %d, want 403", route.Method, route.Path, role, a.Status)
			case !role.Known() && route.Method == http.MethodGet && a.Status != http.StatusSeeOther:
				t.Errorf("%s %s signed out: status %d, want 303", route.Method, route.Path, a.Status)
			case !role.Known() && route.Method != http.MethodGet && a.Status != http.StatusUnauthorized:
				t.Errorf("%s %s signed out: status %d, want 401", route.Method, route.Path, a.Status)
			}
			asked++
		}
	}
	if asked < 50 {
		t.Fatalf("only %d combinations", asked)
	}
}

func TestSigningInComesBack(t *testing.T) {
	b := newBench(t)
	browser := b.Browser(bathmen)
	browser.Get("/dagboek?kind=3&van=a%20b").GoesTo("/inloggen?next=%2Fdagboek%3Fkind%3D3%26van%3Da%2520b")
	browser.Do("GET", "/dagboek", nil, "", map[string]string{"Accept": "application/json"}).Is(401).Has(`"error":"unauthenticated"`)
	browser.Post("/dagboek", "tekst", "hallo").Is(401).Has("Log eerst in")
}

func TestSafeNext(t *testing.T) {
	for _, good := range []string{"/", "/dagboek", "/dagboek/1?x=2&y=a%20b", "/a/b#c", "/fotos?maand=2026-11", "/%2F/evil.nl"} {
		if got := SafeNext(good, "/thuis"); got != good {
			t.Errorf("%q became %q", good, got)
		}
	}
	for _, bad := range []string{"", "//evil.nl", "///evil.nl", "/\\evil.nl", "\\/evil.nl", "\\\\evil.nl", "https://evil.nl", "http:evil.nl", "javascript:alert(1)",
		"data:text/html,x", " /x", "/\tx", "/\n/evil.nl", "/x\r\nSet-Cookie: a=b", "\t//evil.nl", "/ /evil.nl", "evil.nl", "?next=/x", "#x", "/x\x00", "/\u0085/evil.nl", "/x\x7f",
		"/\xff", "/%", "@evil.nl", "/" + strings.Repeat("x", 3000), "//", "/\\", "./x", "../x"} {
		if got := SafeNext(bad, "/thuis"); got != "/thuis" {
			t.Errorf("%q became %q", bad, got)
		}
	}
}

func TestHeadAnswersLikeGetWithoutABody(t *testing.T) {
	b := newBench(t)
	a := b.as(actor.Parent, bathmen).Do("HEAD", "/dagboek", nil, "", nil).Is(200)
	if a.Body != "" {
		t.Errorf("body %q", a.Body)
	}
	b.Browser(bathmen).Do("HEAD", "/dagboek", nil, "", nil).Is(303)
	b.Browser(bathmen).Do("HEAD", "/static/nope.css", nil, "", nil).Is(404)
}

func TestAFormThatCameTooLateLeadsBackToItsPage(t *testing.T) {
	b := newBench(t)
	post := func(referer, accept string) *webtest.Answer {
		return b.Browser(bathmen).Do("POST", "/dagboek", strings.NewReader("tekst=hallo"), "application/x-www-form-urlencoded", map[string]string{"Referer": referer, "Accept": accept})
	}
	home := "http://" + bathmen
	back := "/inloggen?next=%2Fdagboek%2Fnieuw%3Fkind%3D3"
	post(home+"/dagboek/nieuw?kind=3", "text/html").Is(401).Has(`href="` + back + `"`)
	post(home+"/dagboek/nieuw?kind=3", "application/json").Is(401).Has(`"sign_in":"` + back + `"`)
	for _, foreign := range []string{"", "https://evil.example/dagboek", home + "//evil.example", home + ".evil.example/x", home + "/", home + "/inloggen?next=/x", "::"} {
		if a := post(foreign, "text/html").Is(401); strings.Contains(a.Body, "next=") {
			t.Errorf("%q is followed", foreign)
		}
	}
}
