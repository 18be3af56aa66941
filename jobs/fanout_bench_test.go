package jobs

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/mailcatcher"
	"ouderportaal/modules/identity"
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
func BenchmarkFanOut(b *testing.B) {
	b.Run("sink=at-once", func(b *testing.B) { fanOut(b, 0) })
	b.Run("sink=3ms", func(b *testing.B) { fanOut(b, 3*time.Millisecond) })
}

func fanOut(b *testing.B, delay time.Duration) {
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
	told, _ := notificationstest.New(b, e.DB, sender)
	s := notificationstest.Subscription(e.DB, told)
	channel := told.MailDelivery()
	server, relay := e.server(b, &channel, s), e.relay(b, s)

	ctx, cancel := context.WithCancel(context.Background())
	relaying := make(chan struct{})
	go func() { relay.Run(ctx); close(relaying) }()
	require.NoError(b, server.Start())
	defer func() { server.Stop(); cancel(); <-relaying }()

	await := func(before int) {
		require.True(b, catcher.Await(time.Minute, func(c *mailcatcher.Catcher) bool { return c.Count()-before >= fanOutPeople }))
	}
	ours := func() {
		before := catcher.Count()
		e.Clock.Set(time.Now())
		notificationstest.Ring(b, e.DB, e.A)
		await(before)
	}
	plain := func() {
		before := catcher.Count()
		plainLoop(b, e, sender)
		await(before)
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
		rates = append(rates, fanOutPeople/took.Seconds())
		ratios = append(ratios, between.Sub(began).Seconds()/took.Seconds())
		require.Eventually(b, func() bool { return count(b, e, "SELECT count(*) FROM delivery WHERE state = 'waiting'") == 0 }, 10*time.Second, time.Millisecond)
	}
	b.ReportMetric(median(rates), "mails/s")
	b.ReportMetric(median(ratios), "of-plain-loop")
	require.Zero(b, count(b, e, "SELECT count(*) FROM delivery WHERE state <> 'sent'"))
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
