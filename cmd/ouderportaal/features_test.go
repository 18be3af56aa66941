package main

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/messages"
	"ouderportaal/tenants"
)

const settingsPath = "/beheer/instellingen"

// with sends the settings form with every feature but those of off.
func with(off ...tenants.Feature) []string {
	pairs := []string{"language", "nl", "languages", "nl", "languages", "en"}
	for _, f := range featureNames() {
		if !slices.Contains(off, f) {
			pairs = append(pairs, "features", string(f))
		}
	}
	return pairs
}

var reference = regexp.MustCompile(`(href|action|formaction|src|data-push-[a-z]+-value)="(/[^"?#]*)`)

// whereTo makes a function that tells which route of a feature that can be off an address leads to; "" for none. Patterns are made
// once: pages hold tens of thousands of addresses together.
func whereTo(routes []web.Route) func(path string) string {
	patterns := make([]*regexp.Regexp, len(routes))
	for i, route := range routes {
		patterns[i] = regexp.MustCompile("^" + parameter.ReplaceAllString(regexp.QuoteMeta(route.Path), `[^/]+`) + "$")
	}
	return func(path string) string {
		for i, route := range routes {
			if patterns[i].MatchString(path) {
				if route.Feature != "" {
					return route.Path
				}
				return ""
			}
		}
		return ""
	}
}

// everybody are browsers of each kind of visitor of an organisation.
func (p *portal) everybody(parent identitytest.Someone) map[string]*webtest.Browser {
	return map[string]*webtest.Browser{"parent": p.browser(parent, p.e.A), "staff": p.browser(p.a.Staff, p.e.A), "manager": p.browser(p.a.AddManager("Karin"), p.e.A), "admin": p.browser(p.a.Admin, p.e.A),
		"visitor": p.site.Browser(p.e.A.Slug + "." + testDomain)}
}

// What an organisation does without answers nobody; another organisation has it, and so has this one when it is switched on again.
func TestAFeatureThatIsOff(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	eva, noor := p.a.AddParent("Eva", mila), p.b.AddParent("Noor", p.b.AddChild("Bo", p.b.Group))
	entry := publish(t, p, mila)
	thread, err := p.app.modules.messages.Write(eva.Ctx(), messages.Draft{FormKey: ids.New(), ChildID: mila, Subject: "Luiers", Body: "Ze zijn op"})
	require.NoError(t, err)
	browsers, elsewhere := p.everybody(eva), p.browser(noor, p.e.B)
	seen := 0
	for _, f := range features {
		t.Run(string(f.name), func(t *testing.T) {
			browsers["admin"].Post(settingsPath, with(f.name)...).Is(303)
			for _, route := range p.routes {
				if route.Feature != f.name {
					continue
				}
				seen++
				for who, b := range browsers {
					for _, id := range []ids.ID{entry, mila, p.a.Group, thread} {
						require.Equal(t, 404, ask(b, route.Method, address(route, id)).Status, "%s %s as %s", route.Method, route.Path, who)
						if !strings.Contains(route.Path, ":") {
							break
						}
					}
				}
				if !strings.Contains(route.Path, ":") && f.name != tenants.Push { // the test has no keys for push
					require.NotEqual(t, 404, ask(elsewhere, route.Method, route.Path).Status, "%s at another organisation", route.Path)
				}
			}
			browsers["admin"].Post(settingsPath, with()...).Is(303)
			for _, route := range p.routes {
				if route.Feature == f.name && f.name != tenants.Push && !strings.Contains(route.Path, ":") {
					require.NotEqual(t, 404, ask(browsers["parent"], route.Method, route.Path).Status, "%s when it is on again", route.Path)
				}
			}
		})
	}
	require.Greater(t, seen, 50)
	browsers["parent"].Get("/berichten/" + thread.String()).Is(200).Has("Ze zijn op")
}

// No menu, button, form or frame of any page leads to what the organisation does without.
func TestNothingLeadsToAFeatureThatIsOff(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	eva := p.a.AddParent("Eva", mila)
	entry := publish(t, p, mila)
	browsers := p.everybody(eva)
	leads := whereTo(p.routes)
	require.NotEmpty(t, leads("/berichten/nieuw"), "the test knows what it looks for")
	browsers["parent"].Get("/").Is(200).Has("/berichten", "/afwezig", "/dagboek/schrijven", "/fotos", "/agenda", "/meenemen")
	browsers["admin"].Post(settingsPath, with(featureNames()...)...).Is(303)
	pages := 0
	for who, b := range browsers {
		for _, route := range p.routes {
			if route.Method != http.MethodGet || route.Kind != web.Ordinary || route.Feature != "" || who == "manager" && !strings.HasPrefix(route.Path, "/beheer") {
				continue
			}
			for _, id := range []ids.ID{entry, mila, p.a.Group} {
				page := b.Get(address(route, id))
				if page.Status == 200 {
					pages++
					for _, found := range reference.FindAllStringSubmatch(page.Body, -1) {
						require.Empty(t, leads(found[2]), "%s as %s has %s", route.Path, who, found[0])
					}
				}
				if !strings.Contains(route.Path, ":") {
					break
				}
			}
		}
	}
	require.Greater(t, pages, 60)
}

// Nobody can choose to be told of what is off; the choice is there again when it is back.
func TestNobodyIsToldOfAFeatureThatIsOff(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	eva := p.a.AddParent("Eva", p.a.AddChild("Mila", p.a.Group))
	admin, parent := p.browser(p.a.Admin, p.e.A), p.browser(eva, p.e.A)
	parent.Get("/overig/notificaties").Is(200).Has(`value="message"`)
	admin.Post(settingsPath, with(tenants.Messages, tenants.Push)...).Is(303)
	parent.Get("/overig/notificaties").Is(200).Lacks(`value="message"`, `data-controller="push"`)
	parent.Get("/").Is(200).Lacks("/berichten")
	admin.Post(settingsPath, with()...).Is(303)
	parent.Get("/overig/notificaties").Is(200).Has(`value="message"`)
}

func TestTheSettings(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	admin.Get(settingsPath).Is(200).Has("Berichten", "/beheer/uitnodigingen", "/beheer/afwezig", `value="album" checked`)
	admin.Post(settingsPath, "language", "nl").Is(422).Has("Kies minstens één taal.", `href="#languages"`).Lacks(`value="album" checked`)
	admin.Post(settingsPath, "language", "en", "languages", "nl").Is(422).Has("Kies een taal die je ook aanbiedt.")
	admin.Post(settingsPath, "language", "nl", "languages", "de").Is(404)
	visitor := p.site.Browser(p.e.A.Slug + "." + testDomain)
	visitor.Header = http.Header{"Accept-Language": {"en"}}
	visitor.Get("/inloggen").Is(200).Has("Sign in")
	admin.Post(settingsPath, "language", "nl", "languages", "nl").Is(303)
	visitor.Get("/inloggen").Is(200).Has("Inloggen").Lacks("Sign in")
	eva := p.a.AddParent("Eva", p.a.AddChild("Mila", p.a.Group))
	dutch, english := p.browser(eva, p.e.A), p.browser(p.a.AddParent("Jan"), p.e.A)
	dutch.Get("/overig").Is(200).Lacks(`data-qa="language"`)
	dutch.Post("/overig/taal", "language", "en").Is(422)
	admin.Post(settingsPath, "language", "nl", "languages", "nl", "languages", "en").Is(303)
	english.Post("/overig/taal", "language", "en").Is(303)
	admin.Post(settingsPath, "language", "nl", "languages", "nl").Is(303)
	english.Get("/overig").Is(200).Has("English", `data-qa="language"`)
	for _, who := range []identitytest.Someone{p.a.Staff, p.a.AddManager("Karin"), eva} {
		p.browser(who, p.e.A).Post(settingsPath, with()...).Is(403)
	}
}

// R28, R34: an organisation may ask more of who signs in than the product does, and never less.
func TestAnOrganisationAsksMoreOfWhoSignsIn(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	eva := p.a.AddParent("Eva", p.a.AddChild("Mila", p.a.Group))
	admin, parent, proven := p.browser(p.a.Admin, p.e.A), p.browser(eva, p.e.A), p.browser(p.a.AddParent("Jan"), p.e.A)
	_, err := p.e.Owner(t).Exec(t.Context(), "UPDATE session SET strong = false WHERE person_id = $1", eva.ID)
	require.NoError(t, err)
	parent.Get("/").Is(200).Has("Mila")
	const path, first, second = settingsPath + "/inloggen", "false 14 60", "true 2 15"
	set := func(before, idle string, more ...string) *webtest.Answer {
		return admin.Post(path, append([]string{"before", before, "parent_idle", idle, "staff_idle", "15"}, more...)...)
	}
	for _, idle := range []string{"", "0", "15", "-1", "1e1", "x"} {
		set(first, idle).Is(404)
	}
	set("x", "14").Is(404)
	admin.Get(path).Is(200).Has(`value="`+first+`"`, `value="14" selected`, `value="60" selected`).Lacks(`value="1" checked`)
	set(first, "2", "parent_factor", "1").Is(303)
	admin.Get(path).Is(200).Has(`value="2" selected`, `value="15" selected`, `value="1" checked`)
	set(first, "14").Is(409).Has("Iemand anders heeft dit intussen gewijzigd", `value="`+second+`"`, `value="1" checked`)
	parent.Get("/").Is(303).GoesTo("/overig/beveiliging/app")
	parent.Get("/overig/beveiliging/app").Is(200).Has("vraagt ook ouders").Lacks("Verder als")
	parent.Get("/berichten").Is(303)
	proven.Get("/berichten").Is(200)
	parent.Post("/afwezig", "days", "2026-11-30").Is(403)
	set(second, "14").Is(303)
	parent.Get("/").Is(200).Has("Mila")
	for _, who := range []identitytest.Someone{p.a.Staff, p.a.AddManager("Karin"), eva} {
		p.browser(who, p.e.A).Post(path, "before", first, "parent_idle", "1", "staff_idle", "10").Is(403)
	}
	p.e.Clock.Advance(6 * time.Minute)
	require.Contains(t, admin.Get(path).Is(303).Header.Get("Location"), "/bevestigen")
	require.Contains(t, set("false 14 15", "1").Is(303).Header.Get("Location"), "/bevestigen")
	var days int
	require.NoError(t, p.e.Owner(t).QueryRow(t.Context(), "SELECT parent_idle_days FROM tenant WHERE id = $1", p.e.A.ID).Scan(&days))
	require.Equal(t, 14, days)
}
