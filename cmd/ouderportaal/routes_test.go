package main

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/configs"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/authz"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// portal is the whole program on a loopback port, with two organisations in it.
type portal struct {
	t      *testing.T
	e      *dbtest.Env
	app    *App
	site   *webtest.Site
	routes []web.Route
	a, b   *childrentest.House
}

const testDomain = "ouderportaal.example"

func newPortal(t *testing.T, e *dbtest.Env) *portal {
	t.Helper()
	return newPortalWith(t, e, func(*configs.Config) {})
}

// newPortalWith is newPortal with settings of its own.
func newPortalWith(t *testing.T, e *dbtest.Env, set func(*configs.Config)) *portal {
	t.Helper()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	config := configs.Config{BaseDomain: testDomain, PublicScheme: "http", DatabaseURL: configs.Secret(e.URL.App), DatabasePlatformURL: configs.Secret(e.URL.Platform), MediaDir: t.TempDir(),
		LinkKeys: []configs.Secret{configs.Secret(strings.Repeat("k", 32))}}
	set(&config)
	app, err := NewApp(context.Background(), config, configs.Serve, e.Clock)
	require.NoError(t, err)
	t.Cleanup(app.Close)
	server, err := app.Server()
	require.NoError(t, err)
	return &portal{t: t, e: e, app: app, site: webtest.Start(t, server), routes: server.Routes().All(),
		a: childrentest.NewHouse(t, e, e.A), b: childrentest.NewHouse(t, e, e.B)}
}

// browser is signed in as who, at the address of at.
func (p *portal) browser(who identitytest.Someone, at tenants.Tenant) *webtest.Browser {
	b := p.site.Browser(at.Slug + "." + testDomain)
	cookie := identitytest.SignedIn(p.t, p.e, who)
	b.SetCookie(cookie.Name, cookie.Value)
	return b
}

var parameter = regexp.MustCompile(`:[a-z]+`)

// address fills the parameters of a route.
func address(route web.Route, id ids.ID) string {
	return parameter.ReplaceAllString(route.Path, id.String())
}

func ask(b *webtest.Browser, method, path string) *webtest.Answer {
	var kind string
	if method == http.MethodPost {
		kind = "application/x-www-form-urlencoded"
	}
	return b.Do(method, path, strings.NewReader(""), kind, nil)
}

// R2: what somebody may do at one organisation is worth nothing at another.
func TestASessionIsWorthNothingElsewhere(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	entry := publish(t, p, mila)
	for _, who := range []identitytest.Someone{p.a.Admin, p.a.Staff, p.a.AddParent("Eva", mila)} {
		b := p.browser(who, p.e.B)
		for _, route := range p.routes {
			if route.Permission == web.Public {
				continue
			}
			for _, id := range []ids.ID{entry, mila, p.a.Group, ids.New()} {
				answer := ask(b, route.Method, address(route, id))
				require.False(t, answer.Status >= 200 && answer.Status < 300, "%s %s as %s of another organisation: %d", route.Method, route.Path, who.Role, answer.Status)
			}
		}
	}
}

func publish(t *testing.T, p *portal, child ids.ID) ids.ID {
	t.Helper()
	id, err := p.app.modules.diary.Publish(p.a.Staff.Ctx(), diary.Draft{FormKey: ids.New(), GroupID: p.a.Group, ChildIDs: []ids.ID{child}, Title: "Het bos", Body: "Geheim van Mila"})
	require.NoError(t, err)
	return id
}

// R38: a visitor who has not signed in gets the sign-in page or a 401, everywhere but on public pages.
func TestVisitorsSignInFirst(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	b := p.site.Browser(p.e.A.Slug + "." + testDomain)
	for _, route := range p.routes {
		if route.Permission == web.Public {
			continue
		}
		answer := ask(b, route.Method, address(route, ids.New()))
		if route.Method == http.MethodGet && answer.Status == http.StatusSeeOther {
			require.True(t, strings.HasPrefix(answer.Header.Get("Location"), "/inloggen"), route.Path)
			continue
		}
		require.Equal(t, http.StatusUnauthorized, answer.Status, "%s %s", route.Method, route.Path)
	}
}

// permitted is who may do what, written a second time by hand: a line too many in a policy.csv must not pass unseen.
var permitted = map[actor.Role][]string{
	actor.Parent:    {"absences.report", "accesses.read", "agenda.read", "consents.answer", "declarations.answer", "diary.album", "diary.read", "diary.report", "diary.write", "identity.own_account", "identity.set_up_factor", "keepsake.take", "locations.picture", "locations.read", "messages.answer", "messages.read", "messages.write", "news.read", "notifications.own", "notifications.push", "particulars.own", "photos.read", "photos.upload", "retention.read"},
	actor.Staff:     inGroup,
	actor.Manager:   slices.Concat(inGroup, atLocation),
	actor.Enrolling: {"identity.set_up_factor"},
	actor.Admin:     slices.Concat(inGroup, atLocation, everywhere),
}

var (
	inGroup    = []string{"care.record", "diary.publish", "diary.read", "identity.own_account", "identity.set_up_factor", "locations.introduce", "locations.picture", "messages.address", "messages.answer", "messages.handle", "messages.read", "news.read", "notifications.own", "notifications.push", "particulars.read", "photos.read", "photos.upload"}
	atLocation = []string{
		"agenda.keep",
		"children.manage",
		"consents.keep",
		"declarations.keep",
		"invitations.read", "invitations.send",
		"messages.lead",
		"locations.manage",
		"notifications.oversee",
		"news.keep",
		"particulars.decide",
	}
	everywhere = []string{
		"absences.choose",
		"audit.read",
		"children.open_location",
		"consents.define",
		"house.arrange", "house.style", "house.tell",
		"declarations.define",
		"identity.manage",
		"imports.run",
		"invitations.choose",
		"messages.arrange", "messages.withdraw",
		"retention.decide",
	}
)

// Every role gets 403 on exactly the routes whose permission it does not have.
func TestRolesMayDoWhatTheyShouldAndNoMore(t *testing.T) {
	policy, err := authz.New(policies()...)
	require.NoError(t, err)
	for role, permissions := range permitted {
		for _, permission := range policy.Permissions() {
			require.Equal(t, slices.Contains(permissions, permission), policy.May(role, permission), "%s %s", role, permission)
		}
	}
	p := newPortal(t, dbtest.New(t))
	for _, who := range []identitytest.Someone{p.a.Admin, p.a.Staff, p.a.AddParent("Eva")} {
		for _, route := range p.routes {
			if route.Permission == web.Public || route.Kind == web.Stream || strings.HasPrefix(route.Path, "/overig/apparaten") || route.Path == "/rol" {
				continue
			}
			answer := ask(p.browser(who, p.e.A), route.Method, address(route, ids.New()))
			require.Equal(t, !slices.Contains(permitted[who.Role], route.Permission), answer.Status == http.StatusForbidden, "%s %s as %s: %d", route.Method, route.Path, who.Role, answer.Status)
			require.Less(t, answer.Status, 500, "%s %s as %s", route.Method, route.Path, who.Role)
		}
	}
}

var requestID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// R9: an id that belongs to somebody else and an id that nobody has give the same answer.
func TestAnAnswerDoesNotTellWhetherSomethingExists(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	entry := publish(t, p, mila)
	for _, who := range []identitytest.Someone{p.b.Admin, p.b.Staff, p.b.AddParent("Bo")} {
		b := p.browser(who, p.e.B)
		for _, route := range p.routes {
			if route.Permission == web.Public || !strings.Contains(route.Path, ":") {
				continue
			}
			for _, id := range []ids.ID{entry, mila, p.a.Group} {
				foreign, unknown := ask(b, route.Method, address(route, id)), ask(b, route.Method, address(route, ids.New()))
				require.Equal(t, unknown.Status, foreign.Status, "%s %s", route.Method, route.Path)
				require.Equal(t, requestID.ReplaceAllString(unknown.Body, "id"), requestID.ReplaceAllString(foreign.Body, "id"), "%s %s", route.Method, route.Path)
			}
		}
	}
}

func TestAParentReadsWhatStaffWrote(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila, finn := p.a.AddChild("Mila", p.a.Group), p.a.AddChild("Finn", p.a.Group)
	require.NoError(t, p.app.modules.consents.Say(p.a.Admin.Ctx(), consents.Reply{ChildID: mila, Purpose: consents.Photos, Granted: true}))
	staff, eva, jan := p.browser(p.a.Staff, p.e.A), p.browser(p.a.AddParent("Eva", mila), p.e.A), p.browser(p.a.AddParent("Jan", finn), p.e.A)

	page := staff.Get("/groep/"+p.a.Group.String()+"/dagboek/nieuw").Is(200).Has("Mila", "Finn", "Versturen")
	key := regexp.MustCompile(`name="form_key" value="([^"]+)"`).FindStringSubmatch(page.Body)[1]
	post := func(pairs ...string) *webtest.Answer {
		return staff.Post("/groep/"+p.a.Group.String()+"/dagboek", append(pairs, "form_key", key)...)
	}
	t.Run("a form that is not right comes back with what was typed", func(t *testing.T) {
		post("title", "Naar <b>het bos</b>", "body", "").Is(422).Has("Naar &lt;b&gt;het bos", "Kies voor welke kinderen dit is.", "Fout:").Lacks("<b>het bos")
	})
	post("title", "Naar het bos", "body", "We zochten <script>bladeren</script>.", "children", mila.String()).Is(303)
	eva.Get("/").Is(200).Has("Naar het bos", "We zochten &lt;script&gt;").Lacks("<script>bladeren", "Finn")
	jan.Get("/").Is(200).Lacks("Naar het bos", "Mila")
	p.browser(p.b.Admin, p.e.B).Get("/groep").Lacks("Naar het bos")
	t.Run("and staff have a desk and not the timeline of everybody they know of", func(t *testing.T) {
		require.Equal(t, "/groep", staff.Get("/tijdlijn").Is(303).Header.Get("Location"))
	})
	t.Run("and English when that is what they read", func(t *testing.T) {
		eva.Header = http.Header{"Accept-Language": {"en"}}
		eva.Post("/overig/taal", "language", "en").Is(303)
		eva.Get("/").Is(200).Has("My child", "View").Lacks("Bekijken")
	})
}

// R29: reading changes nothing, but for who read it: what is opened of a child is noted for its guardians.
func TestReadingWritesNothing(t *testing.T) {
	p := newPortal(t, dbtest.NewAlone(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	entry := publish(t, p, mila)
	people := []identitytest.Someone{p.a.Admin, p.a.Staff, p.a.AddParent("Eva", mila)}
	var browsers []*webtest.Browser
	for _, who := range people {
		browsers = append(browsers, p.browser(who, p.e.A))
	}
	before := content(t, p.e)
	require.Empty(t, before["child_access"])
	for _, b := range browsers {
		for _, route := range p.routes {
			if route.Method == http.MethodGet && route.Kind != web.Stream {
				for _, id := range []ids.ID{entry, mila, p.a.Group} {
					ask(b, route.Method, address(route, id))
				}
			}
		}
	}
	after := content(t, p.e)
	require.NotEmpty(t, after["child_access"], "the file in the console")
	delete(before, "child_access")
	delete(after, "child_access")
	require.Equal(t, before, after)
}

// content is a fingerprint of every table.
func content(t *testing.T, e *dbtest.Env) map[string]string {
	t.Helper()
	ctx, conn := context.Background(), e.Owner(t)
	rows, err := conn.Query(ctx, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	prints := map[string]string{}
	for _, table := range tables {
		var print string
		require.NoError(t, conn.QueryRow(ctx, "SELECT coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') FROM "+pgx.Identifier{table}.Sanitize()+" t").Scan(&print))
		prints[table] = print
	}
	return prints
}
