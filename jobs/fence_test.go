package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// holder is a worker that took a delivery, and what it did with it.
type holder struct {
	d     outbox.Delivery
	at    time.Time
	sent  bool
	ended bool // finished, crashed, or fallen asleep for good
}

// fence drives the ledger as relays and workers do when everything goes wrong, and knows what must hold.
type fence struct {
	t       *rapid.T
	e       *env
	tenant  tenants.Tenant
	tickets []deliveryTicket // every ticket ever made: Redis may hand out any of them, at any time, again
	holders []*holder
	mails   map[ids.ID]int // sent, by delivery
	doubts  map[ids.ID]int // sent and then crashed, or written down too late
	written map[ids.ID]int // final verdicts that the ledger took
}

// live tells whether a worker may still act: its ctx ends before the lease does.
func (f *fence) live(h *holder) bool {
	return !h.ended && f.e.Clock.Now().Before(h.at.Add(f.e.ledger.lease*5/6))
}

func (f *fence) claim() {
	lists, err := f.e.ledger.claim(context.Background(), []wish{{"delivery", outbox.Normal, "mail", rapid.IntRange(1, 5).Draw(f.t, "room")}})
	require.NoError(f.t, err)
	if rows := lists[0]; len(rows) > 0 {
		ticket := deliveryTicket{Tenant: f.tenant.ID, Channel: "mail"}
		for _, row := range rows {
			require.Equal(f.t, f.tenant.ID, row.Tenant)
			ticket.IDs, ticket.Gens = append(ticket.IDs, row.ID), append(ticket.Gens, row.Gen)
		}
		f.tickets = append(f.tickets, ticket)
	}
}

func (f *fence) take() {
	if len(f.tickets) == 0 {
		return
	}
	got, err := f.e.ledger.takeDeliveries(context.Background(), rapid.SampledFrom(f.tickets).Draw(f.t, "ticket"))
	require.NoError(f.t, err)
	for _, d := range got {
		for _, other := range f.holders {
			require.False(f.t, other.d.ID == d.ID && f.live(other), "two workers hold delivery %s", d.ID)
		}
		require.Zero(f.t, f.written[d.ID], "a finished delivery was handed out")
		f.holders = append(f.holders, &holder{d: d, at: f.e.Clock.Now()})
	}
}

func (f *fence) someone(which func(*holder) bool) *holder {
	var some []*holder
	for _, h := range f.holders {
		if !h.ended && which(h) {
			some = append(some, h)
		}
	}
	if len(some) == 0 {
		return nil
	}
	return rapid.SampledFrom(some).Draw(f.t, "worker")
}

func (f *fence) send() {
	if h := f.someone(func(h *holder) bool { return !h.sent && f.live(h) }); h != nil {
		h.sent = true
		f.mails[h.d.ID]++
	}
}

// finish may come late: then the ledger must not take it if somebody else holds the row.
func (f *fence) finish() {
	h := f.someone(func(*holder) bool { return true })
	if h == nil {
		return
	}
	state := "sent"
	if !h.sent {
		state = rapid.SampledFrom([]string{"waiting", "dropped", "dead"}).Draw(f.t, "verdict")
	}
	f.end(h, verdict{state: state, due: f.e.Clock.Now().Add(time.Minute)})
}

func (f *fence) end(h *holder, v verdict) {
	wasLive := f.live(h)
	h.ended = true
	v.tenant, v.id, v.gen = h.d.TenantID, h.d.ID, h.d.Gen
	kept, err := f.e.ledger.finishDeliveries(context.Background(), []verdict{v})
	require.NoError(f.t, err)
	if wasLive {
		require.Equal(f.t, 1, kept, "a live worker lost its claim")
	}
	if kept == 1 && v.state != "waiting" {
		f.written[h.d.ID]++
	}
	if kept == 0 && h.sent {
		f.doubts[h.d.ID]++
	}
}

func (f *fence) crash() {
	if h := f.someone(func(*holder) bool { return true }); h != nil {
		h.ended = true
		if h.sent {
			f.doubts[h.d.ID]++
		}
	}
}

func (f *fence) check() {
	asleep := map[ids.ID]int{} // sent, and slept through the end of the claim: as good as crashed
	for _, h := range f.holders {
		if h.sent && !h.ended && !f.live(h) {
			asleep[h.d.ID]++
		}
	}
	for id, n := range f.mails {
		require.LessOrEqual(f.t, n, 1+f.doubts[id]+asleep[id], "more mails than crashes explain")
	}
	for id, n := range f.written {
		require.LessOrEqual(f.t, n, 1, "delivery %s was finished twice", id)
	}
}

// drain lets everything end well: what is left is sent once.
func (f *fence) drain(rows int) {
	for _, h := range f.holders {
		if !h.ended {
			h.ended = true
			if h.sent {
				f.doubts[h.d.ID]++
			}
		}
	}
	require.NoError(f.t, f.e.Platform.Resume(context.Background(), f.tenant.Slug))
	for range 3 {
		f.e.Clock.Advance(2 * longWait)
		f.tickets = nil
		f.claim()
		for _, ticket := range f.tickets {
			got, err := f.e.ledger.takeDeliveries(context.Background(), ticket)
			require.NoError(f.t, err)
			for _, d := range got {
				h := &holder{d: d, at: f.e.Clock.Now(), sent: true}
				f.mails[d.ID]++
				f.end(h, verdict{state: "sent"})
			}
		}
	}
	var left int
	require.NoError(f.t, f.e.ledger.pool.QueryRow(context.Background(), "SELECT count(*) FROM delivery WHERE tenant_id = $1 AND state = 'waiting'", f.tenant.ID).Scan(&left))
	require.Zero(f.t, left, "a delivery was forgotten")
	require.Len(f.t, f.written, rows)
	f.check()
}

func TestTheFence(t *testing.T) {
	e := setUp(t)
	const rows = 2
	rapid.Check(t, func(rt *rapid.T) {
		f := &fence{t: rt, e: e, tenant: e.NewTenant(t, "Zaak"), mails: map[ids.ID]int{}, doubts: map[ids.ID]int{}, written: map[ids.ID]int{}}
		// A run that is broken off leaves rows behind; those of a suspended organisation are nobody's to claim.
		defer func() { require.NoError(t, e.Platform.Suspend(context.Background(), f.tenant.Slug, "over")) }()
		notificationstest.People(t, e.Env, f.tenant, rows)
		told, _ := notificationstest.New(t, e.DB, nil)
		s := notificationstest.Subscription(e.DB, told)
		notificationstest.Ring(t, e.DB, f.tenant)
		_, err := e.ledger.expand(context.Background(), map[string][]outbox.Subscription{s.Event: {s}})
		require.NoError(rt, err)
		jobs, err := e.ledger.claim(context.Background(), []wish{{table: "job", queue: outbox.Normal, most: 10}})
		require.NoError(rt, err)
		require.Len(rt, jobs[0], 1)
		ticket := e.relay(t, s).jobTickets("normal", jobs[0])[0]
		require.NoError(rt, e.server(t, nil, s).runJob(context.Background(), ticket.task))

		status := e.Platform
		rt.Repeat(map[string]func(*rapid.T){
			"relay claims":      func(rt *rapid.T) { f.t = rt; f.claim() },
			"worker takes":      func(rt *rapid.T) { f.t = rt; f.take() },
			"worker takes more": func(rt *rapid.T) { f.t = rt; f.take() },
			"worker sends":      func(rt *rapid.T) { f.t = rt; f.send() },
			"worker finishes":   func(rt *rapid.T) { f.t = rt; f.finish() },
			"worker crashes":    func(rt *rapid.T) { f.t = rt; f.crash() },
			"time passes": func(rt *rapid.T) {
				e.Clock.Advance(rapid.SampledFrom([]time.Duration{time.Second, 2 * time.Minute, Lease}).Draw(rt, "by"))
			},
			"tenant suspended": func(rt *rapid.T) { require.NoError(rt, status.Suspend(context.Background(), f.tenant.Slug, "x")) },
			"tenant resumed":   func(rt *rapid.T) { require.NoError(rt, status.Resume(context.Background(), f.tenant.Slug)) },
			"":                 func(rt *rapid.T) { f.t = rt; f.check() },
		})
		f.t = rt
		f.drain(rows)
	})
}
