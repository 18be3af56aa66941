package web_test

import (
	"context"
	"log/slog"
	"regexp"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/attach"
	"ouderportaal/internal/authz"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	identityweb "ouderportaal/modules/identity/web"
	"ouderportaal/modules/messages"
	messagesweb "ouderportaal/modules/messages/web"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// portal is a house with the pages of messages.
type portal struct {
	*childrentest.House
	*webtest.Site
	t     *testing.T
	e     *dbtest.Env
	s     *messages.Service
	hosts tenants.Hosts
}

func start(t *testing.T) *portal {
	t.Helper()
	p := &portal{t: t, e: dbtest.New(t)}
	p.House = childrentest.NewHouse(t, p.e, p.e.A)
	var err error
	p.hosts, err = tenants.NewHosts("ouderportaal.test", "http", 0)
	require.NoError(t, err)
	words, err := i18n.Load(ui.Locales, web.Locales, identity.Locales, notifications.Locales, messages.Locales, media.Locales, attach.Locales, blob.Locales, formkey.Locales)
	require.NoError(t, err)
	words.OnMissing(func(lang, key string) { t.Errorf("no words for %s in %s", key, lang) })
	policy, err := authz.New(identity.Policy, notifications.Policy, messages.Policy)
	require.NoError(t, err)
	n, _ := notificationstest.New(t, p.e.DB, nil)
	store, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	p.s = messages.New(p.e.DB, n, store, mediatest.Start(t, 1))
	people := identity.New(p.e.DB, identity.Config{Hosts: p.hosts, Words: words})
	server := web.New(web.Config{Scheme: "http", Log: slog.New(slog.DiscardHandler), Clock: p.e.Clock, Bundle: words, Permissions: policy,
		Resolve: tenants.Resolve(p.hosts, p.e.Directory, func(tenants.Tenant) error { return fiber.ErrNotFound }), Session: identityweb.Session(people)})
	messagesweb.New(p.s, func(context.Context) []ui.RailItem { return []ui.RailItem{} }, func(context.Context) []ui.RailSection { return []ui.RailSection{} }).Routes(server.Routes())
	p.Site = webtest.Start(t, server)
	return p
}

func (p *portal) browser(who identitytest.Someone) *webtest.Browser {
	b := p.BrowserFor(p.t, p.hosts.Host(p.e.A.Slug))
	cookie := identitytest.SignedIn(p.t, p.e, who)
	b.SetCookie(cookie.Name, cookie.Value)
	return b
}

func TestAnAnswerThatNobodyWouldReadIsNotLost(t *testing.T) {
	p := start(t)
	mila := p.AddNewcomer("Mila", p.Group, "2026-01-01", p.e.A.DateOf(p.e.Clock.Now()))
	eva := p.AddParent("Eva", mila)
	thread, err := p.s.Write(eva.Ctx(), messages.Draft{FormKey: ids.New(), ChildID: mila, Subject: "Luiers", Body: "Ze zijn op"})
	require.NoError(t, err)
	path := "/berichten/" + thread.String()
	p.browser(eva).Get(path).Is(200).Has(`id="antwoord"`)
	p.e.Clock.Advance(24 * time.Hour)
	b := p.browser(eva)
	b.Get(path).Is(200).Has(`data-qa="closed"`).Lacks("<textarea")
	b.Post(path, formkey.Field, ids.New().String(), "body", "Ik neem morgen een pak mee.").Is(422).
		Has("Ik neem morgen een pak mee.", "readonly", `data-qa="closed"`, `href="#body"`, `href="/berichten/nieuw"`)
}

func TestAMailingToWhomHasGoneComesBackAsTyped(t *testing.T) {
	p := start(t)
	mila, egels := p.AddChild("Mila", p.Group), p.AddGroup("Egels")
	p.AddParent("Eva", mila)
	elsewhere := p.AddChild("Finn", egels)
	b := p.browser(p.Staff)
	typed := func(child ids.ID) []string {
		return []string{formkey.Field, ids.New().String(), "to", "child:" + child.String(), "subject", "Studiedag", "body", "Vrijdag zijn we dicht."}
	}
	path := "/berichten/aan/" + p.Group.String()
	b.Post(path, typed(mila)...).Is(422).Has(`data-qa="count"`)
	for _, child := range []ids.ID{elsewhere, ids.New()} { // who has left, and who was never here, are the same
		b.Post(path, typed(child)...).Is(422).Has("Vrijdag zijn we dicht.", "Studiedag", `href="#to"`, `data-qa="look"`)
	}
	b.Post("/berichten/aan/"+egels.String(), typed(elsewhere)...).Is(404)
}

func (p *portal) system() context.Context {
	return actor.With(tenants.With(context.Background(), p.e.A), actor.ForSystem(p.e.A.ID))
}

var requestID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

func withoutID(body string) string { return requestID.ReplaceAllString(body, "id") }
