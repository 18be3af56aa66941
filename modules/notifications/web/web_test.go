package web_test

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/authz"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	identityweb "ouderportaal/modules/identity/web"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	notificationsweb "ouderportaal/modules/notifications/web"
	"ouderportaal/tenants"
)

type portal struct {
	*webtest.Site
	e     *dbtest.Env
	s     *notifications.Service
	hosts tenants.Hosts
	sent  []mail.Message
}

// Send makes the portal its own outside.
func (p *portal) Send(_ context.Context, messages []mail.Message) []error {
	p.sent = append(p.sent, messages...)
	return make([]error, len(messages))
}

func start(t *testing.T) *portal {
	t.Helper()
	p := &portal{e: dbtest.New(t)}
	var err error
	p.hosts, err = tenants.NewHosts("ouderportaal.test", "http", 0)
	require.NoError(t, err)
	words, err := i18n.Load(ui.Locales, web.Locales, identity.Locales, notifications.Locales)
	require.NoError(t, err)
	words.OnMissing(func(lang, key string) { t.Errorf("no words for %s in %s", key, lang) })
	policy, err := authz.New(identity.Policy, notifications.Policy)
	require.NoError(t, err)
	p.s, _ = notificationstest.New(t, p.e.DB, p)
	people := identity.New(p.e.DB, identity.Config{Hosts: p.hosts, Words: words})
	server := web.New(web.Config{Scheme: "http", Log: slog.New(slog.DiscardHandler), Clock: p.e.Clock, Bundle: words, Permissions: policy,
		Resolve: tenants.Resolve(p.hosts, p.e.Directory, func(*fiber.Ctx, tenants.Tenant) error { return fiber.ErrNotFound }), Session: identityweb.Session(people)})
	notificationsweb.New(p.s, func(context.Context) []ui.RailItem { return nil }).Routes(server.Routes())
	p.Site = webtest.Start(t, server)
	return p
}

// browser is that of who; nil for a visitor.
func (p *portal) browser(t *testing.T, at tenants.Tenant, who *identitytest.Someone) *webtest.Browser {
	b := p.BrowserFor(t, p.hosts.Host(at.Slug))
	if who != nil {
		cookie := identitytest.SignedIn(t, p.e, *who)
		b.SetCookie(cookie.Name, cookie.Value)
	}
	return b
}

func (p *portal) parent(t *testing.T, at tenants.Tenant) *identitytest.Someone {
	who := identitytest.NewPerson(t, p.e, at, identitytest.Role(actor.Parent))
	return &who
}

// tell gives who one notification and returns its subject.
func (p *portal) tell(t *testing.T, who *identitytest.Someone) (event ids.ID) {
	t.Helper()
	notificationstest.Ring(t, p.e.DB, who.Tenant)
	require.NoError(t, p.e.Owner(t).QueryRow(context.Background(), "SELECT id FROM event WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1", who.Tenant.ID).Scan(&event))
	require.NoError(t, p.e.DB.Write(tenants.With(context.Background(), who.Tenant), func(ctx context.Context, tx tenants.Writer) error {
		return p.s.Notify(ctx, tx, notifications.News{EventID: event, Item: notificationstest.Item, SubjectID: event, Recipients: []ids.ID{who.ID}})
	}))
	return event
}

func TestTheList(t *testing.T) {
	p := start(t)
	mother, father := p.parent(t, p.e.A), p.parent(t, p.e.A)
	b := p.browser(t, p.e.A, mother)
	b.Get("/meldingen").Is(200).Has(`class="empty"`).Lacks(`data-qa="notification"`)
	subject := p.tell(t, mother)
	page := b.Get("/meldingen").Is(200).Has(`data-qa="notification"`, "Vandaag", `data-qa="read-all"`)
	b.Get("/meldingen").Is(200).Has(`data-qa="read-all"`) // looking does not mark it as read
	id := regexp.MustCompile(`/meldingen/([0-9a-f-]{36})/gelezen`).FindStringSubmatch(page.Body)[1]

	other := p.browser(t, p.e.A, father)
	other.Get("/meldingen").Is(200).Lacks(id)
	other.Post("/meldingen/" + id + "/gelezen").Is(404)
	p.browser(t, p.e.B, p.parent(t, p.e.B)).Post("/meldingen/" + id + "/gelezen").Is(404)
	p.browser(t, p.e.A, nil).Get("/meldingen").Is(303)
	b.Post("/meldingen/" + ids.New().String() + "/gelezen").Is(404)
	b.Post("/meldingen/x/gelezen").Is(404)

	b.Post("/meldingen/" + id + "/gelezen").GoesTo("/dagboek/" + subject.String())
	b.Get("/meldingen").Is(200).Has(id).Lacks(`data-qa="read-all"`)
	p.tell(t, mother)
	b.Post("/meldingen/gelezen").GoesTo("/meldingen")
	b.Get("/meldingen").Is(200).Lacks(`data-qa="read-all"`)

	// What may not be shown any more is still counted by the bell, and can be put away.
	hidden := p.tell(t, mother)
	_, err := p.e.Owner(t).Exec(context.Background(), "UPDATE notification SET item = 'withdrawn' WHERE tenant_id = $1 AND event_id = $2", p.e.A.ID, hidden)
	require.NoError(t, err)
	b.Get("/meldingen").Is(200).Has(`data-qa="read-all"`)
	b.Post("/meldingen/gelezen").GoesTo("/meldingen")
	b.Get("/meldingen").Is(200).Lacks(`data-qa="read-all"`)
}

func TestPreferences(t *testing.T) {
	p := start(t)
	b := p.browser(t, p.e.A, p.parent(t, p.e.A))
	b.Get("/overig/notificaties").Is(200).Has(`value="test" checked`, "altijd")
	b.Post("/overig/notificaties").GoesTo("/overig/notificaties")
	b.Get("/overig/notificaties").Is(200).Lacks(`value="test" checked`).Has(`value="test"`)
	b.Post("/overig/notificaties", "mail", "test", "mail", "nonsense").GoesTo("/overig/notificaties")
	b.Get("/overig/notificaties").Is(200).Has(`value="test" checked`)
}

func TestOneClick(t *testing.T) {
	p := start(t)
	mother := p.parent(t, p.e.A)
	p.tell(t, mother)
	var d outbox.Delivery
	require.NoError(t, p.e.Owner(t).QueryRow(context.Background(), "SELECT id, tenant_id, event_id, person_id, subject_id, item FROM delivery WHERE person_id = $1", mother.ID).
		Scan(&d.ID, &d.TenantID, &d.EventID, &d.PersonID, &d.SubjectID, &d.Item))
	ctx := tenants.With(context.Background(), p.e.A)
	require.NoError(t, p.s.MailDelivery().Send(ctx, []outbox.Delivery{d}, func(outbox.Delivery, outbox.Outcome) {}))
	_, token, _ := strings.Cut(p.sent[0].ListUnsubscribe, "/afmelden/")
	path := "/afmelden/" + token
	signedIn := p.browser(t, p.e.A, mother)
	on := func() bool {
		return strings.Contains(signedIn.Get("/overig/notificaties").Is(200).Body, `value="test" checked`)
	}

	visitor := p.browser(t, p.e.A, nil)
	visitor.Get(path).Is(200).Has(`data-qa="unsubscribe"`)
	require.True(t, on(), "a mail scanner that follows links changes nothing")
	visitor.Get("/afmelden/test.AAAA").Is(404)
	p.browser(t, p.e.B, nil).Get(path).Is(404)

	// As a mail program sends it: from nowhere, without a cookie.
	head := []string{"Host: " + p.hosts.Host(p.e.A.Slug), "Content-Type: application/x-www-form-urlencoded"}
	answers := p.Raw(time.Second, webtest.Request("List-Unsubscribe=One-Click", append([]string{"POST " + path + " HTTP/1.1", "Content-Length: 26", "Connection: close"}, head...)...))
	require.Len(t, answers, 1)
	require.Equal(t, 200, answers[0].Status)
	require.False(t, on())

	// The same from another site's page, in the browser of somebody who is signed in, is refused like any other form.
	require.NoError(t, p.s.SetMail(mother.Ctx(), map[string]bool{notificationstest.Item: true}))
	signedIn.Do("POST", path, nil, "application/x-www-form-urlencoded", map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}).Is(403)
	require.True(t, on())
	// And without a cookie nothing else is let through.
	answers = p.Raw(time.Second, webtest.Request("x=1", append([]string{"POST /overig/notificaties HTTP/1.1", "Content-Length: 3", "Connection: close"}, head...)...))
	require.Equal(t, 403, answers[0].Status)
	visitor.Post(path).Is(200).Has(`<h1>`)
	require.False(t, on())
}

func TestHoursForMail(t *testing.T) {
	p := start(t)
	mother := identitytest.NewPerson(t, p.e, p.e.A, identitytest.Role(actor.Parent))
	b := p.browser(t, p.e.A, &mother)
	b.Post("/overig/notificaties/tijden", "daily", "ja", "daily_at", "17:15", "quiet_from", "20:00", "quiet_until", "06:45").Is(303)
	b.Get("/overig/notificaties").Is(200).Has(`name="daily" value="ja" checked`, `value="17:15"`, `value="20:00"`, `value="06:45"`).Lacks(`name="quiet" value="ja" checked`)
	b.Post("/overig/notificaties/tijden", "daily_at", "half zes", "quiet_from", "20:00", "quiet_until", "20:00").Is(422).
		Has(`value="half zes"`, "Kies een tijd, zoals 07:00.", "Kies een andere tijd dan die waarop de stilte begint.")
	rhythm, err := p.s.Rhythm(mother.Ctx())
	require.NoError(t, err)
	require.Equal(t, "17:15", rhythm.DailyAt)
}
