package jobs

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/mailcatcher"
	"ouderportaal/internal/webpush"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

const (
	fanOutPeople      = 5000
	fanOutConnections = 4
)

// BenchmarkFanOut tells one event to 5,000 people: a line and a delivery row each, claimed, fenced, looked at, composed,
// sent, and written down. It is compared with the plainest program that sends the same mails to the same sink over as many
// connections: the addresses from one query, no rows, nothing kept. Both run in turn; the ratio is the median of the
// rounds. A sink on this machine that takes no time shows what the ledger costs in processor time, which is then all there
// is; the other one answers like a mail server in the same building.
//
// With push everybody gets a push beside the mail, encrypted for their device and handed over with TLS: deliveries of both kinds are
// counted, beside the same loop of mails.
func BenchmarkFanOut(b *testing.B) {
	b.Run("sink=at-once", func(b *testing.B) { fanOut(b, 0, false) })
	b.Run("sink=3ms", func(b *testing.B) { fanOut(b, 3*time.Millisecond, false) })
	b.Run("mail-and-push", func(b *testing.B) { fanOut(b, 0, true) })
}

func fanOut(b *testing.B, delay time.Duration, push bool) {
	e := setUp(b)
	e.Clock.Set(time.Now())
	catcher, err := mailcatcher.Start(mailcatcher.Config{Keep: 10})
	require.NoError(b, err)
	b.Cleanup(func() { _ = catcher.Close() })
	catcher.Slow(delay)
	sender, err := mail.NewSMTP(mail.Config{URL: catcher.URL(), From: mail.Address{Addr: "post@ouderportaal.test"}, Connections: fanOutConnections, PerConnection: 1000})
	require.NoError(b, err)
	b.Cleanup(sender.Close)
	notificationstest.People(b, e.Env, e.A, fanOutPeople)
	var pushed atomic.Int64
	told, _ := notificationstest.New(b, e.DB, sender, func(c *notifications.Config) {
		if push {
			c.Push = pushService(b, e, &pushed)
		}
	})
	s := notificationstest.Subscription(e.DB, told)
	channels := append(told.PushDelivery(), told.MailDelivery())
	deliveries := fanOutPeople * len(channels)
	delivered := func() int { return catcher.Count() + int(pushed.Load()) }
	server, relay := e.serverOf(b, channels, s), e.relay(b, s)

	ctx, cancel := context.WithCancel(context.Background())
	relaying := make(chan struct{})
	go func() { relay.Run(ctx); close(relaying) }()
	require.NoError(b, server.Start())
	defer func() { server.Stop(); cancel(); <-relaying }()

	ours := func() {
		before := delivered()
		e.Clock.Set(time.Now())
		notificationstest.Ring(b, e.DB, e.A)
		require.Eventually(b, func() bool { return delivered()-before >= deliveries }, time.Minute, time.Millisecond)
	}
	plain := func() {
		before := catcher.Count()
		plainLoop(b, e, sender)
		require.True(b, catcher.Await(time.Minute, func(c *mailcatcher.Catcher) bool { return c.Count()-before >= fanOutPeople }))
	}
	plain() // connections, statements, caches
	ours()
	var rates, ratios []float64
	for b.Loop() {
		began := time.Now()
		plain()
		between := time.Now()
		ours()
		took := time.Since(between)
		rates = append(rates, float64(deliveries)/took.Seconds())
		ratios = append(ratios, float64(deliveries)/fanOutPeople*between.Sub(began).Seconds()/took.Seconds())
		require.Eventually(b, func() bool { return count(b, e, "SELECT count(*) FROM delivery WHERE state = 'waiting'") == 0 }, 10*time.Second, time.Millisecond)
	}
	b.ReportMetric(median(rates), "deliveries/s")
	b.ReportMetric(median(ratios), "of-plain-loop")
	require.Zero(b, count(b, e, "SELECT count(*) FROM delivery WHERE state <> 'sent'"))
}

// pushService takes pushes on this machine, counts them and answers at once; everybody has a device there.
func pushService(b *testing.B, e *env, pushed *atomic.Int64) *webpush.Sender {
	service := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		pushed.Add(1)
		w.WriteHeader(http.StatusCreated)
	}))
	b.Cleanup(service.Close)
	key, err := webpush.NewKey(bytes.Repeat([]byte{1}, webpush.KeyBytes))
	require.NoError(b, err)
	sender, err := webpush.New(webpush.Config{Keys: []*webpush.Key{key}, Contact: "mailto:beheer@ouderportaal.test", Clock: e.Clock, Sink: service.URL,
		SinkCA: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: service.Certificate().Raw})})
	require.NoError(b, err)
	b.Cleanup(sender.Close)
	notificationstest.Devices(b, e.Env, e.A, service.URL, sender)
	return sender
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// plainLoop writes and sends the same mails with nothing around them.
func plainLoop(b *testing.B, e *env, sender mail.Sender) {
	var people []ids.ID
	var contacts map[ids.ID]identity.Contact
	require.NoError(b, e.DB.Read(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Reader) (err error) {
		if err := tx.NewRaw("SELECT id FROM person WHERE tenant_id = ?", tx.Tenant().ID).Scan(ctx, &people); err != nil {
			return err
		}
		contacts, err = identity.Contacts(ctx, tx, people)
		return err
	}))
	home := "https://" + e.A.Slug + ".ouderportaal.test"
	colors := mail.ColorsOf(e.A.BrandHue, e.A.BrandChroma)
	var all sync.WaitGroup
	for part := range slices.Chunk(people, (len(people)+fanOutConnections-1)/fanOutConnections) {
		all.Go(func() {
			for _, id := range part {
				to := contacts[id]
				letter := notificationstest.Letter(to.GivenName)
				html, text, err := mail.Content{
					Language: to.Language, Organisation: e.A.Name, Preheader: letter.Preheader, Title: letter.Title, Paragraphs: letter.Paragraphs,
					ButtonText: letter.ButtonText, ButtonURL: home + "/dagboek/" + id.String(), Footnote: "Liever geen e-mail?",
					FootnoteLinkText: "Kies waarover je e-mail krijgt", FootnoteLinkURL: home + "/overig/notificaties",
					Reason: "Je krijgt deze e-mail omdat je een account hebt bij " + e.A.Name + ".", Colors: colors,
				}.Render(context.Background())
				if err != nil {
					b.Error(err)
					return
				}
				m := mail.Message{From: mail.Address{Name: e.A.Name}, To: mail.Address{Name: to.Name, Addr: to.Email}, Subject: letter.Subject, HTML: html, Text: text,
					MessageID: fmt.Sprintf("%s@ouderportaal.test", ids.New()), ListUnsubscribe: home + "/afmelden/test." + id.String() + id.String()}
				if err := sender.Send(context.Background(), []mail.Message{m})[0]; err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
