package web_test

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/authz"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	identityweb "ouderportaal/modules/identity/web"
	"ouderportaal/modules/locations"
	locationsweb "ouderportaal/modules/locations/web"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// portal is a house with the pages of locations.
type portal struct {
	*childrentest.House
	*webtest.Site
	t     *testing.T
	e     *dbtest.Env
	s     *locations.Service
	news  *locations.News
	hosts tenants.Hosts
}

func start(t *testing.T, news bool) *portal {
	t.Helper()
	p := &portal{t: t, e: dbtest.New(t)}
	p.House = childrentest.NewHouse(t, p.e, p.e.A)
	var err error
	p.hosts, err = tenants.NewHosts("ouderportaal.test", "http", 0)
	require.NoError(t, err)
	words, err := i18n.Load(ui.Locales, web.Locales, identity.Locales, notifications.Locales, locations.Locales, media.Locales, blob.Locales)
	require.NoError(t, err)
	words.OnMissing(func(lang, key string) { t.Errorf("no words for %s in %s", key, lang) })
	policy, err := authz.New(identity.Policy, notifications.Policy, locations.Policy)
	require.NoError(t, err)
	store, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	p.s = locations.New(p.e.DB, store, mediatest.Start(t, 1))
	n, _ := notificationstest.New(t, p.e.DB, nil)
	p.news = locations.NewNews(p.s, n)
	people := identity.New(p.e.DB, identity.Config{Hosts: p.hosts, Words: words})
	server := web.New(web.Config{Scheme: "http", Log: slog.New(slog.DiscardHandler), Clock: p.e.Clock, Bundle: words, Permissions: policy,
		Resolve: tenants.Resolve(p.hosts, p.e.Directory, func(tenants.Tenant) error { return fiber.ErrNotFound }), Session: identityweb.Session(people)})
	locationsweb.New(p.s, func(context.Context) []ui.RailItem { return []ui.RailItem{} }, func(context.Context) bool { return news }).Routes(server.Routes())
	p.Site = webtest.Start(t, server)
	return p
}

func (p *portal) browser(who identitytest.Someone) *webtest.Browser {
	b := p.BrowserFor(p.t, p.hosts.Host(p.e.A.Slug))
	cookie := identitytest.SignedIn(p.t, p.e, who)
	b.SetCookie(cookie.Name, cookie.Value)
	return b
}

// develop makes uploaded photos ready, as the worker does.
func (p *portal) develop() {
	p.t.Helper()
	ctx := actor.With(tenants.With(p.t.Context(), p.e.A), actor.ForSystem(p.e.A.ID))
	rows, err := p.e.Owner(p.t).Query(p.t.Context(), "SELECT id, payload FROM event WHERE tenant_id = $1 AND name = 'locations.photo_uploaded'", p.e.A.ID)
	require.NoError(p.t, err)
	events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r outbox.Recorded, err error) { return r, row.Scan(&r.ID, &r.Payload) })
	require.NoError(p.t, err)
	for _, s := range p.news.Subscriptions() {
		for _, event := range events {
			if s.Handler == "locations.develop" {
				require.NoError(p.t, s.Run(ctx, event))
			}
		}
	}
}

func TestTheLocationOfAChild(t *testing.T) {
	p := start(t, false)
	mila := p.AddChild("Mila", p.Group)
	eva := p.browser(p.AddParent("Eva", mila))
	place, err := p.Service.Places(p.Admin.Ctx())
	require.NoError(t, err)
	require.NoError(t, p.Service.EditLocation(p.Admin.Ctx(), p.Location, children.LocationDraft{Name: "De Brink", Street: "Brinkweg 4", Postcode: "7437zz", City: "Bathmen", Phone: "(0570) 12 34-56",
		Email: "brink@bathmen.example", LRK: map[children.CareType]string{children.DayCare: "111222333"}, Version: place[0].Version}))
	page := eva.Get("/locatie").Is(200).Has("De Brink", "Brinkweg 4", "7437 ZZ Bathmen", `href="tel:0570123456"`, `href="mailto:brink@bathmen.example"`, "LRK-nummer dagopvang", "111222333",
		`href="https://www.openstreetmap.org/search?query=Brinkweg+4%2C+7437+ZZ+Bathmen" rel="noreferrer"`, "Ons team", "Sanne", "Groepsmedewerker").Lacks("Openingstijden", "turbo-frame", "/nieuws", "Kies een locatie")
	require.NotContains(t, page.Body, `src="https://`)
	require.NoError(t, p.s.SetOpening(p.Admin.Ctx(), locations.Opening{LocationID: p.Location, Days: []locations.Times{{Weekday: 1, From: "07:30", To: "18:30"}}}))
	eva.Get("/locatie").Has("Openingstijden", "7:30–18:30")
	eva.Get("/locatie/" + p.Location.String()).Is(200).Has("De Brink")
	eva.Get("/locatie/team/"+p.Staff.ID.String()).Is(200).Has("Sanne", "heeft nog niets over zichzelf geschreven").Lacks("de Groot")
	for _, path := range []string{"/locatie/" + ids.New().String(), "/locatie/x", "/locatie/team/" + p.Admin.ID.String(), "/locatie/fotos/" + ids.New().String() + "/320.webp"} {
		eva.Get(path).Is(404)
	}
	p.browser(p.AddParent("Inge")).Get("/locatie").Is(200).Has("Nog geen locatie")
	p.browser(p.Staff).Get("/locatie").Is(403)

	ada := p.AddChild("Ada", p.Group)
	p.Place(ada, p.AddLocation("Noord"), "2026-01-01", "")
	p.browser(p.AddParent("Grace", ada)).Get("/locatie").Is(200).Has("Kies een locatie", "Noord", `aria-current="page"`)
}

func TestNewsAndInformationComeInFrames(t *testing.T) {
	p := start(t, true)
	page := p.browser(p.AddParent("Eva", p.AddChild("Mila", p.Group))).Get("/locatie").Is(200)
	for id, src := range map[string]string{"news": "/nieuws/kader", "newsletters": "/nieuwsbrieven/kader", "information": "/informatie/kader"} {
		page.Has(`<turbo-frame id="` + id + `" src="` + src + `?locatie=` + p.Location.String() + `" loading="lazy"`)
	}
}

func TestOnesOwnProfile(t *testing.T) {
	p := start(t, false)
	eva, sanne := p.browser(p.AddParent("Eva", p.AddChild("Mila", p.Group))), p.browser(p.Staff)
	sanne.Get("/overig/profiel").Is(200).Has("Mijn profiel", "Over jou")
	sanne.Post("/overig/profiel", "version", "0", "title", strings.Repeat("x", 81), "introduction", "Ik ben <b>Sanne</b>.", "weekdays", "1").Is(422).Has("Fout:", `href="#title"`, "Ik ben &lt;b&gt;Sanne", `value="1" checked`)
	sanne.Post("/overig/profiel", "version", "0", "title", "Juf", "introduction", "Ik ben <b>Sanne</b>.", "weekdays", "1", "weekdays", "3", "days_shown", "1").GoesTo("/overig/profiel")
	eva.Get("/locatie/team/"+p.Staff.ID.String()).Is(200).Has("Juf", "Ik ben &lt;b&gt;Sanne", "maandag en woensdag").Lacks("<b>Sanne")
	sanne.Post("/overig/profiel", "version", "0", "introduction", "Later.").Is(422).Has("Iemand anders heeft dit net veranderd", "Later.")

	sanne.PostFiles("/overig/profiel/foto", nil).Is(422).Has("Kies eerst een foto.")
	sanne.PostFiles("/overig/profiel/foto", nil, webtest.File{Field: "photo", Name: "ik.jpg", ContentType: "image/jpeg", Body: []byte("geen foto")}).Is(422).Has(`href="#photo"`)
	sanne.PostFiles("/overig/profiel/foto", nil, webtest.File{Field: "photo", Name: "ik.jpg", ContentType: "image/jpeg", Body: mediatest.Photo(60, 40, 1)}).GoesTo("/overig/profiel")
	sanne.Get("/overig/profiel").Has("De foto wordt klaargemaakt.")
	eva.Get("/locatie").Lacks("/locatie/fotos/")
	p.develop()
	picture := regexp.MustCompile(`/locatie/fotos/[^"]+/320\.webp`).FindString(eva.Get("/locatie").Body)
	answer := eva.Get(picture).Is(200)
	require.Equal(t, []string{"image/webp", "private, no-cache"}, []string{answer.Header.Get("Content-Type"), answer.Header.Get("Cache-Control")})
	photo := strings.Split(picture, "/")[3]
	eva.Post("/overig/profiel/foto/" + photo + "/einde").Is(403)
	sanne.Post("/overig/profiel/foto/" + photo + "/einde").GoesTo("/overig/profiel")
	eva.Get(picture).Is(404)
	eva.Do("GET", picture, nil, "", map[string]string{"If-None-Match": answer.Header.Get("ETag")}).Is(404)
	eva.Get("/overig/profiel").Is(403)
}
