package web_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/authz"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/pushcatcher"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webpush"
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

func start(t *testing.T, options ...func(*notifications.Config)) *portal {
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
	p.s, _ = notificationstest.New(t, p.e.DB, p, options...)
	people := identity.New(p.e.DB, identity.Config{Hosts: p.hosts, Words: words})
	server := web.New(web.Config{Scheme: "http", Log: slog.New(slog.DiscardHandler), Clock: p.e.Clock, Bundle: words, Permissions: policy,
		Resolve: tenants.Resolve(p.hosts, p.e.Directory, func(tenants.Tenant) error { return fiber.ErrNotFound }), Session: identityweb.Session(people)})
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

// withPush is a portal that has push, and the push service of its browsers.
func withPush(t *testing.T) (*portal, *pushcatcher.Catcher) {
	t.Helper()
	service, err := pushcatcher.Start(clock.System)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, service.Close()) })
	key, err := webpush.NewKey(bytes.Repeat([]byte{1}, webpush.KeyBytes))
	require.NoError(t, err)
	sender, err := webpush.New(webpush.Config{Keys: []*webpush.Key{key}, Contact: "mailto:x@example.org", Clock: clock.System, Sink: service.URL(), SinkCA: service.CA()})
	require.NoError(t, err)
	t.Cleanup(sender.Close)
	return start(t, func(c *notifications.Config) { c.Push = sender }), service
}

func TestWithoutPushThePageSaysNothingOfIt(t *testing.T) {
	p := start(t)
	b := p.browser(t, p.e.A, p.parent(t, p.e.A))
	b.Get("/overig/notificaties").Is(200).Lacks(`data-controller="push"`, `name="push"`, "apparaat")
	b.Post("/overig/notificaties/apparaten", "endpoint", "https://fcm.googleapis.com/x").Is(404)
}

func TestDevicesOnThePage(t *testing.T) {
	p, service := withPush(t)
	mother := p.parent(t, p.e.A)
	b, tablet := p.browser(t, p.e.A, mother), p.browser(t, p.e.A, mother)
	made := service.NewBrowser()
	fields := []string{"endpoint", made.Endpoint, "p256dh", base64.RawURLEncoding.EncodeToString(made.P256dh), "auth", base64.RawURLEncoding.EncodeToString(made.Auth)}
	b.Get("/overig/notificaties").Is(200).Has("Meldingen op dit apparaat", `data-push-key-value="B`, `data-push-endpoint-value=""`).Lacks(`data-qa="device"`)
	b.Post("/overig/notificaties/apparaten", "endpoint", "https://evil.example/x", "p256dh", fields[3], "auth", fields[5]).Is(422).Has("een adres dat we niet kennen")
	b.Post("/overig/notificaties/apparaten", fields...).GoesTo("/overig/notificaties")
	page := b.Get("/overig/notificaties").Is(200).Has("Firefox · Linux", "Dit apparaat.", `data-push-target="off"`, `data-push-endpoint-value="`+made.Endpoint)
	tablet.Get("/overig/notificaties").Is(200).Has("Firefox · Linux").Lacks("Dit apparaat.", `data-push-target="off"`, made.Endpoint)
	path := "/overig/notificaties/apparaten/" + regexp.MustCompile(`apparaten/([0-9a-f-]{36})/naam`).FindStringSubmatch(page.Body)[1]

	b.Post(path+"/naam", "name", " ").Is(422).Has("Geef het apparaat een naam.", "<details open")
	b.Post(path+"/naam", "name", "Mijn <b>telefoon").GoesTo("/overig/notificaties")
	b.Get("/overig/notificaties").Is(200).Has("Mijn &lt;b&gt;telefoon").Lacks("<b>telefoon")
	b.Post(path + "/test").GoesTo("/overig/notificaties")
	others := map[string]*webtest.Browser{"another parent": p.browser(t, p.e.A, p.parent(t, p.e.A)), "elsewhere": p.browser(t, p.e.B, p.parent(t, p.e.B))}
	for who, other := range others {
		other.Get("/overig/notificaties").Is(200).Lacks("telefoon", made.Endpoint)
		for _, verb := range []string{"/naam", "/test", "/verwijderen"} {
			require.Equal(t, 404, other.Post(path+verb, "name", "x").Status, who+verb)
		}
		other.Post("/overig/notificaties/apparaten/verhuizing", append([]string{"was", made.Endpoint}, fields...)...).Is(404)
	}
	b.Do("POST", path+"/verwijderen", nil, "application/x-www-form-urlencoded", map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}).Is(403)
	b.Post("/overig/notificaties/apparaten/verhuizing", append([]string{"was", made.Endpoint}, fields...)...).Is(204)
	tablet.Post(path + "/verwijderen").GoesTo("/overig/notificaties")
	b.Get("/overig/notificaties").Is(200).Lacks("telefoon", `data-qa="device"`)

	t.Run("with a choice for each kind of news", func(t *testing.T) {
		b.Get("/overig/notificaties").Is(200).Has(`name="push" value="test" checked`)
		b.Post("/overig/notificaties", "mail", "test").GoesTo("/overig/notificaties")
		b.Get("/overig/notificaties").Is(200).Has(`name="mail" value="test" checked`, `name="push" value="test"`).Lacks(`name="push" value="test" checked`)
	})
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
	require.NoError(t, p.s.SetWanted(mother.Ctx(), notifications.MailChannel, map[string]bool{notificationstest.Item: true}))
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
