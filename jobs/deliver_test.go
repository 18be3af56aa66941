package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// told makes deliveries for n people of A and gives the ticket for them.
func (e *env) told(t *testing.T, n int) *asynq.Task {
	t.Helper()
	notificationstest.People(t, e.Env, e.A, n)
	service, _ := notificationstest.New(t, e.DB, nil)
	s := notificationstest.Subscription(e.DB, service)
	notificationstest.Ring(t, e.DB, e.A)
	r := e.relay(t, s)
	require.NoError(t, e.server(t, nil, s).runJob(context.Background(), e.dispatchOne(t, r)))
	require.NoError(t, e.redis.FlushAll(context.Background()).Err())
	return e.dispatchOne(t, r)
}

func TestWhatAChannelDoesNotReportIsTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		end    func() error
		reason string
	}{
		"it panics":       {func() error { panic("Noor") }, "panic"},
		"it fails":        {func() error { return errors.New("Noor") }, "error *errors.errorString"},
		"it says nothing": {func() error { return nil }, "error *errors.errorString"},
	} {
		t.Run(name, func(t *testing.T) {
			e := setUp(t)
			ticket := e.told(t, 4)
			sent := 0
			channel := outbox.Channel{Name: "mail", Send: func(ctx context.Context, batch []outbox.Delivery, report func(outbox.Delivery, outbox.Outcome)) error {
				tenant, _ := tenants.From(ctx)
				_, bounded := ctx.Deadline()
				require.True(t, bounded && tenant.ID == e.A.ID && actor.From(ctx).Role == actor.System)
				sent += len(batch)
				report(batch[0], outbox.Outcome{Fate: outbox.Sent})
				report(batch[0], outbox.Outcome{Fate: outbox.Dead}) // said once is said
				report(batch[1], outbox.Outcome{Fate: outbox.Dropped, Reason: "mail switched off"})
				return c.end()
			}}
			w := e.server(t, &channel)
			require.NoError(t, w.runDeliveries(context.Background(), ticket))
			require.NoError(t, w.runDeliveries(context.Background(), ticket), "the ticket is used up")
			require.Equal(t, 4, sent)
			e.ledger.done.stop()
			require.Equal(t, 1, count(t, e, "SELECT count(*) FROM delivery WHERE state = 'sent'"))
			require.Equal(t, 1, count(t, e, "SELECT count(*) FROM delivery WHERE state = 'dropped'"))
			require.Equal(t, 2, count(t, e, "SELECT count(*) FROM delivery WHERE state = 'waiting' AND attempts = 1 AND lease_until IS NULL AND due_at > $1 AND last_error = $2", e.Clock.Now(), c.reason))
		})
	}
}

// What is held back waits until it was told to, and was not tried.
func TestADeliveryThatIsHeldBack(t *testing.T) {
	e := setUp(t)
	ticket := e.told(t, 1)
	until := e.Clock.Now().Add(9 * time.Hour)
	w := e.server(t, &outbox.Channel{Name: "mail", Send: func(_ context.Context, batch []outbox.Delivery, report func(outbox.Delivery, outbox.Outcome)) error {
		report(batch[0], outbox.Outcome{Fate: outbox.Held, Reason: "quiet hours", Until: until})
		return nil
	}})
	require.NoError(t, w.runDeliveries(context.Background(), ticket))
	e.ledger.done.stop()
	require.Equal(t, 1, count(t, e, "SELECT count(*) FROM delivery WHERE state = 'waiting' AND attempts = 0 AND lease_until IS NULL AND due_at = $1 AND last_error = 'quiet hours'", until))
}

// A ticket that names another organisation's deliveries finds nothing (R6).
func TestAForgedDeliveryTicketSendsNothing(t *testing.T) {
	e := setUp(t)
	var mine deliveryTicket
	require.NoError(t, decode(e.told(t, 2).Payload(), &mine))
	sent := 0
	channel := outbox.Channel{Name: "mail", Send: func(_ context.Context, batch []outbox.Delivery, _ func(outbox.Delivery, outbox.Outcome)) error {
		sent += len(batch)
		return nil
	}}
	w, r := e.server(t, &channel), e.relay(t)
	try := func(tenant tenants.Tenant, channel string) {
		rows := []claimed{{tenant.ID, mine.IDs[0], mine.Gens[0]}, {tenant.ID, mine.IDs[1], mine.Gens[1]}}
		require.NoError(t, w.runDeliveries(context.Background(), r.deliveryTickets("mail-normal", channel, rows)[0].task))
	}
	try(e.B, "mail")
	try(e.A, "smoke")
	require.Zero(t, sent)
	require.NoError(t, e.Platform.Suspend(context.Background(), e.A.Slug, "test"))
	try(e.A, "mail")
	require.Zero(t, sent)
	require.NoError(t, e.Platform.Resume(context.Background(), e.A.Slug))
	try(e.A, "mail")
	require.Equal(t, 2, sent)
}

// Every task that delivers is busy with mails of a pile that take long; what somebody waits for goes out all the same (R61).
func TestWhatIsUrgentWaitsForNoBatch(t *testing.T) {
	e := setUp(t)
	owner := e.Owner(t)
	e.pile(t, owner, "delivery")
	busy, end := make(chan struct{}, 100), make(chan struct{})
	channel := outbox.Channel{Name: "mail", Send: func(_ context.Context, batch []outbox.Delivery, report func(outbox.Delivery, outbox.Outcome)) error {
		if batch[0].Item != "urgent" {
			busy <- struct{}{}
			<-end
		}
		for _, d := range batch {
			report(d, outbox.Outcome{Fate: outbox.Sent})
		}
		return nil
	}}
	w := e.server(t, &channel)
	run(t, e.relay(t), w)
	defer close(end)
	for range w.config.Deliveries {
		<-busy
	}
	_, err := owner.Exec(context.Background(), `UPDATE delivery SET queue = 'urgent', item = 'urgent' WHERE id = (SELECT id FROM delivery WHERE gen = 0 LIMIT 1)`)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return count(t, e, "SELECT count(*) FROM delivery WHERE state = 'sent'") == 1 }, 10*time.Second, 10*time.Millisecond)
}
