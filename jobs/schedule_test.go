package jobs

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

func TestOneProcessKeepsTheSchedule(t *testing.T) {
	e := setUp(t)
	var ran [2]atomic.Int32
	start := func(i int) context.CancelFunc {
		s, err := NewSchedule(e.ledger, []Periodic{
			{Name: "panics", Every: time.Hour, Run: func(context.Context) error { panic("no") }},
			{Name: "fails", Every: time.Hour, Run: func(context.Context) error { return errors.New("no") }},
			{Name: "counts", Every: time.Hour, Run: func(context.Context) error { ran[i].Add(1); return nil }},
		})
		require.NoError(t, err)
		s.look = 10 * time.Millisecond
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { s.Run(ctx); close(done) }()
		stop := func() { cancel(); <-done }
		t.Cleanup(stop)
		return stop
	}
	is := func(first, second int32) func() bool {
		return func() bool { return ran[0].Load() == first && ran[1].Load() == second }
	}
	stopFirst := start(0)
	require.Eventually(t, is(1, 0), 5*time.Second, time.Millisecond)
	start(1)
	e.Clock.Advance(59 * time.Minute)
	time.Sleep(100 * time.Millisecond)
	require.True(t, is(1, 0)(), "not yet, and not twice")
	e.Clock.Advance(2 * time.Minute)
	require.Eventually(t, is(2, 0), 5*time.Second, time.Millisecond)
	stopFirst()
	require.Eventually(t, is(2, 1), 5*time.Second, time.Millisecond, "another process takes over")

	_, err := NewSchedule(e.ledger, []Periodic{{Name: "idle"}})
	require.Error(t, err)
}

func TestForEveryTenant(t *testing.T) {
	e := setUp(t)
	require.NoError(t, e.Platform.Suspend(context.Background(), e.B.Slug, "test"))
	c := e.NewTenant(t, "C")
	seen := map[ids.ID]int{}
	err := ForEveryTenant(e.ledger, e.Directory, func(ctx context.Context) error {
		tenant, _ := tenants.From(ctx)
		require.Equal(t, actor.ForSystem(tenant.ID), actor.From(ctx))
		seen[tenant.ID]++
		if tenant.ID == e.A.ID {
			panic("the first one")
		}
		return nil
	})(context.Background())
	require.ErrorIs(t, err, errPanic)
	require.Equal(t, map[ids.ID]int{e.A.ID: 1, c.ID: 1}, seen)
}

func TestForgetting(t *testing.T) {
	e := setUp(t)
	ok := sub("test.ok", func(context.Context, ids.ID, greeted) error { return nil })
	bad := sub("test.bad", func(context.Context, ids.ID, greeted) error { return fault.NotFound() })
	told, _ := notificationstest.New(t, e.DB, nil)
	ring := notificationstest.Subscription(e.DB, told)
	notificationstest.People(t, e.Env, e.A, 1)
	drain := func() {
		r, w := e.relay(t, ok, bad, ring), e.server(t, nil, ok, bad, ring)
		_, err := r.Round(context.Background())
		require.NoError(t, err)
		for _, ticket := range e.tickets(t) {
			if ticket.Type() == jobTask {
				require.NoError(t, w.runJob(context.Background(), ticket))
			}
		}
		require.NoError(t, e.redis.FlushAll(context.Background()).Err())
	}
	e.record(t, e.A)
	notificationstest.Ring(t, e.DB, e.A)
	e.record(t, e.B)
	drain()
	_, err := e.ledger.pool.Exec(context.Background(), "UPDATE delivery SET state = 'sent', finished_at = now()")
	require.NoError(t, err)
	rows := func() [3]int {
		return [3]int{count(t, e, "SELECT count(*) FROM event"), count(t, e, "SELECT count(*) FROM job"), count(t, e, "SELECT count(*) FROM delivery")}
	}
	require.Equal(t, [3]int{3, 5, 1}, rows())
	inA := tenants.With(context.Background(), e.A)
	e.Clock.Advance(29 * 24 * time.Hour)
	require.NoError(t, Forget(inA, e.DB))
	require.Equal(t, [3]int{3, 5, 1}, rows(), "too young")
	e.Clock.Advance(2 * 24 * time.Hour)
	require.NoError(t, Forget(inA, e.DB))
	// Of A: the dead job with its event. Of B: everything.
	require.Equal(t, [3]int{2, 3, 0}, rows())
	require.NoError(t, Forget(inA, e.DB))
	require.Equal(t, [3]int{2, 3, 0}, rows())
	var lines int
	require.NoError(t, e.Owner(t).QueryRow(context.Background(), "SELECT count(*) FROM notification").Scan(&lines))
	require.Equal(t, 1, lines, "what somebody was told stays in the list")
}

// TestForgettingCostsWhatItDeletes counts the rows and entries of indexes that are read, among more that stay than go.
func TestForgettingCostsWhatItDeletes(t *testing.T) {
	e := setUp(t)
	ctx, owner, inA := context.Background(), e.Owner(t), tenants.With(context.Background(), e.A)
	notificationstest.People(t, e.Env, e.A, 1)
	add := func(n int, age time.Duration, state string) {
		t.Helper()
		_, err := owner.Exec(ctx, `WITH happened AS (
				INSERT INTO event (tenant_id, id, name, payload, recorded_at, expanded_at)
				SELECT $1, gen_random_uuid(), 'test.greeted', '{}', $3::timestamptz - i * interval '1 second', $3 FROM generate_series(1, $2::int) AS i RETURNING id),
			handled AS (INSERT INTO job (tenant_id, id, event_id, handler, queue, state, due_at) SELECT $1, gen_random_uuid(), id, 'test.ok', 'normal', $4, $3 FROM happened),
			told AS (INSERT INTO notification (tenant_id, id, event_id, person_id, item, subject_id, created_at)
				SELECT $1, gen_random_uuid(), h.id, p.id, 'test', h.id, $3 FROM happened h JOIN person p ON p.tenant_id = $1)
			INSERT INTO delivery (tenant_id, id, event_id, person_id, channel, item, subject_id, queue, state, due_at)
			SELECT $1, gen_random_uuid(), h.id, p.id, 'mail', 'test', h.id, 'normal', 'sent', $3 FROM happened h JOIN person p ON p.tenant_id = $1`,
			e.A.ID, n, e.Clock.Now().Add(-age), state)
		require.NoError(t, err)
	}
	const month, old, young = keepDays * 24 * time.Hour, 4*eventsAtOnce + 7, 6000
	add(young, 0, "done")
	add(old, month, "done")
	add(3, 2*month, "dead")
	_, err := owner.Exec(ctx, "ANALYZE event, job, delivery, notification")
	require.NoError(t, err)
	read := func() (n int) {
		_, err := owner.Exec(ctx, "SELECT pg_stat_force_next_flush()") // what this connection has read itself is not to come later
		require.NoError(t, err)
		require.NoError(t, owner.QueryRow(ctx, `SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname = ANY ($1)) +
			(SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = ANY ($1))`, []string{"event", "job", "delivery", "notification"}).Scan(&n))
		return n
	}
	run := func() int {
		db, err := tenants.Open(ctx, e.URL.App, 1, e.Clock)
		require.NoError(t, err)
		before := read()
		require.NoError(t, Forget(inA, db))
		db.Close() // a connection tells what it has read when it ends, at the latest
		var after int
		require.Eventually(t, func() bool { now := read(); settled := now == after && now > before; after = now; return settled }, 10*time.Second, 300*time.Millisecond)
		return after - before
	}
	left := func() (n [2]int) {
		require.NoError(t, owner.QueryRow(ctx, "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM job)").Scan(&n[0], &n[1]))
		return n
	}
	require.LessOrEqual(t, run(), 20*old, "a run that deletes three rows an event")
	require.Equal(t, [2]int{young + 3, young + 3}, left())
	_, err = owner.Exec(ctx, "VACUUM event") // as PostgreSQL does by itself after a while
	require.NoError(t, err)
	require.LessOrEqual(t, run(), 100, "a run that finds nothing new")
	require.Equal(t, [2]int{young + 3, young + 3}, left())
}

func TestDeadLettersCanBeDrivenAgain(t *testing.T) {
	e := setUp(t)
	broken := true
	s := sub("test.bad", func(context.Context, ids.ID, greeted) error {
		if broken {
			return fault.NotFound()
		}
		return nil
	})
	r, w := e.relay(t, s), e.server(t, nil, s)
	e.record(t, e.A)
	require.NoError(t, w.runJob(context.Background(), e.dispatchOne(t, r)))
	letters, err := e.ledger.DeadLetters(context.Background(), 10)
	require.NoError(t, err)
	require.Len(t, letters, 1)
	require.Equal(t, "test.bad", letters[0].What)
	require.Equal(t, e.A.Slug, letters[0].Tenant)
	require.Equal(t, "error.not_found", letters[0].Reason)

	registry := prometheus.NewRegistry()
	registry.MustRegister(NewCollector(e.ledger))
	require.Equal(t, 1.0, value(t, registry, "jobs_rows"))

	broken = false
	require.Equal(t, fault.Missing, fault.CodeOf(e.ledger.Redrive(context.Background(), ids.New())))
	require.NoError(t, e.ledger.Redrive(context.Background(), letters[0].ID))
	e.Clock.Advance(time.Minute)
	require.Equal(t, 60.0, value(t, registry, "jobs_oldest_due_seconds"))
	require.NoError(t, e.redis.FlushAll(context.Background()).Err())
	require.NoError(t, w.runJob(context.Background(), e.dispatchOne(t, r)))
	require.Equal(t, 1, count(t, e, "SELECT count(*) FROM job WHERE state = 'done'"))
	families, err := registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 2, "nothing waits or is dead: only whether the ledger is up, and events to expand")
}

// value is that of the only metric of a family.
func value(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			require.Len(t, f.GetMetric(), 1)
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}
