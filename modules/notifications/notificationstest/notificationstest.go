// Package notificationstest has a kind of news of its own, so that the engine can be tested without a module that has any,
// and people by the thousand to tell it to.
package notificationstest

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/webpush"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Item is the name of the news.
const Item = "test"

// Key signs links in tests.
var Key = []byte("a key of tests, thirty-two bytes or more")

// Rung is the event that is told to everybody of the organisation.
type Rung struct {
	SubjectID ids.ID `json:"subject_id"`
}

// EventName makes it an outbox.Event.
func (Rung) EventName() string { return "test.rung" }

// News is an item whose letters are the same for everybody, except for who may not be told.
type News struct {
	mu     sync.Mutex
	secret map[ids.ID]bool // by person
	Fail   error           // what composing ends with
}

// Hide makes the news something that person may not be told any more.
func (n *News) Hide(person ids.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.secret == nil {
		n.secret = map[ids.ID]bool{}
	}
	n.secret[person] = true
}

// Item offers the news.
func (n *News) Item() notifications.Item {
	return notifications.Item{Name: Item, For: notifications.Guardians, Label: "notifications.title", Line: "notifications.unread",
		Path: func(subject ids.ID) string { return "/dagboek/" + subject.String() }, Compose: n.compose}
}

func (n *News) compose(_ context.Context, _ tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	letters := map[ids.ID]notifications.Letter{}
	for _, one := range to {
		if !n.secret[one.Person.PersonID] {
			letters[one.DeliveryID] = Letter(one.Person.GivenName)
		}
	}
	return letters, n.Fail
}

// Letter is what the mail to somebody says.
func Letter(name string) notifications.Letter {
	return notifications.Letter{Subject: "De bel ging", Preheader: "Kom je?", Title: "Dag " + name, ButtonText: "Bekijk",
		Paragraphs: []string{"Vanmorgen ging de bel. We zijn naar buiten gegaan en hebben in de plassen gestampt.", "Tot straks!"}}
}

// Calm is the same news as Item, that is only nice to know, and Prompt what goes out at its moment nevertheless.
const (
	Calm   = "test_calm"
	Prompt = "test_prompt"
)

// New makes a service that offers the news, at once unless options say how long it gathers.
func New(t testing.TB, db *tenants.DB, sender mail.Sender, options ...func(*notifications.Config)) (*notifications.Service, *News) {
	t.Helper()
	words, err := i18n.Load(notifications.Locales)
	require.NoError(t, err)
	hosts, err := tenants.NewHosts("ouderportaal.test", "https", 0)
	require.NoError(t, err)
	config := notifications.Config{Hosts: hosts, Words: words, Mail: sender, Keys: [][]byte{Key}}
	for _, option := range options {
		option(&config)
	}
	s, err := notifications.New(db, config)
	require.NoError(t, err)
	news := &News{}
	calm := news.Item()
	calm.Name, calm.Calm = Calm, true
	prompt := calm
	prompt.Name, prompt.Prompt = Prompt, true
	s.Offer(news.Item(), calm, prompt)
	return s, news
}

// Subscription tells a Rung to everybody who is known.
func Subscription(db *tenants.DB, s *notifications.Service) outbox.Subscription {
	return outbox.On("test.ring", outbox.Normal, func(ctx context.Context, event ids.ID, e Rung) error {
		var people []ids.ID
		err := db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
			return tx.NewRaw("SELECT id FROM person WHERE tenant_id = ?", tx.Tenant().ID).Scan(ctx, &people)
		})
		if err != nil {
			return err
		}
		return s.NotifyAll(ctx, notifications.News{EventID: event, Item: Item, SubjectID: e.SubjectID, Recipients: people})
	})
}

// Ring records the event.
func Ring(t testing.TB, db *tenants.DB, tenant tenants.Tenant) {
	t.Helper()
	require.NoError(t, db.Write(tenants.With(context.Background(), tenant), func(ctx context.Context, tx tenants.Writer) error {
		return outbox.Record(ctx, tx, Rung{SubjectID: ids.New()})
	}))
}

// People adds n people with the addresses Address(0) … Address(n-1), every fourth speaking English.
func People(t testing.TB, e *dbtest.Env, tenant tenants.Tenant, n int) {
	t.Helper()
	_, err := e.Owner(t).Exec(context.Background(), `WITH added AS (
			INSERT INTO person (tenant_id, id, given_name, family_name, email, language, created_at)
			SELECT $1, gen_random_uuid(), 'Ouder ' || i, 'de Tester', 'ouder' || i || '@example.org', CASE i % 4 WHEN 3 THEN 'en' ELSE 'nl' END, $3::timestamptz
			FROM generate_series(0, $2::int - 1) AS i RETURNING id)
		INSERT INTO membership (tenant_id, id, person_id, role, valid_from, created_at) SELECT $1, gen_random_uuid(), id, 'parent', '2000-01-01', $3 FROM added`, tenant.ID, n, e.Clock.Now())
	require.NoError(t, err)
}

// Devices gives everybody a device at a push service, on which they are signed in.
func Devices(t testing.TB, e *dbtest.Env, tenant tenants.Tenant, service string, sender *webpush.Sender) {
	t.Helper()
	browser, err := ecdh.P256().GenerateKey(rand.Reader)
	require.NoError(t, err)
	_, err = e.Owner(t).Exec(context.Background(), `WITH signed AS (
			INSERT INTO session (tenant_id, id, token_hash, person_id, membership_id, created_at, used_at, idle_until, expires_at)
			SELECT tenant_id, gen_random_uuid(), sha256(id::text::bytea), person_id, id, $2, $2, $2::timestamptz + interval '30 days', $2::timestamptz + interval '30 days'
			FROM membership WHERE tenant_id = $1 AND role = 'parent' RETURNING id, person_id)
		INSERT INTO notification_device (tenant_id, id, person_id, session_id, name, endpoint, p256dh, auth, server_key, created_at)
			SELECT $1, gen_random_uuid(), person_id, id, 'Telefoon', $3 || '/' || id, $4, $5, $6, $2 FROM signed`,
		tenant.ID, e.Clock.Now(), service, browser.PublicKey().Bytes(), make([]byte, 16), sender.Public())
	require.NoError(t, err)
}

// Address is that of the i-th of People.
func Address(i int) string { return fmt.Sprintf("ouder%d@example.org", i) }
