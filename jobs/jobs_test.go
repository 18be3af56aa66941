package jobs

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// run relays and works until the test ends.
func run(t *testing.T, r *Relay, s *Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	require.NoError(t, s.Start())
	t.Cleanup(func() { s.Stop(); cancel(); <-done })
}

func TestAHandlerHearsOfAnEventInItsTenant(t *testing.T) {
	e := setUp(t)
	var ran atomic.Int32
	s := sub("test.greet", func(ctx context.Context, id ids.ID, ev greeted) error {
		tenant, _ := tenants.From(ctx)
		if tenant.ID != e.A.ID || actor.From(ctx) != actor.ForSystem(e.A.ID) || id == ids.Nil || ev.PersonID == ids.Nil {
			return errors.New("wrong context")
		}
		ran.Add(1)
		return nil
	})
	run(t, e.relay(t, s), e.server(t, nil, s))
	e.record(t, e.A)
	require.Eventually(t, func() bool { return count(t, e, "SELECT count(*) FROM job WHERE state = 'done'") == 1 }, 5*time.Second, 10*time.Millisecond)
	require.EqualValues(t, 1, ran.Load())
	require.Zero(t, count(t, e, "SELECT count(*) FROM event WHERE expanded_at IS NULL"))
}

func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		run    func() error
		state  string
		reason string
	}{
		"a passing fault waits":      {func() error { return errors.New("Noor is away") }, "waiting", "error *errors.errorString"},
		"a panic waits":              {func() error { panic("Noor") }, "waiting", "panic"},
		"an invalid event is dead":   {func() error { return fault.New(fault.Invalid, "test.invalid") }, "dead", "test.invalid"},
		"a subject that left":        {func() error { return fault.NotFound() }, "dead", "error.not_found"},
		"a subject that is over":     {func() error { return fault.New(fault.Gone, "test.gone") }, "dead", "test.gone"},
		"an unavailable store waits": {func() error { return fault.New(fault.Unavailable, "test.away") }, "waiting", "test.away"},
	} {
		t.Run(name, func(t *testing.T) {
			e := setUp(t)
			s := sub("test.fail", func(context.Context, ids.ID, greeted) error { return c.run() })
			e.record(t, e.A)
			ticket := e.dispatchOne(t, e.relay(t, s))
			require.NoError(t, e.server(t, nil, s).runJob(context.Background(), ticket))
			var state, reason string
			var due time.Time
			require.NoError(t, e.ledger.pool.QueryRow(context.Background(), "SELECT state, last_error, due_at FROM job").Scan(&state, &reason, &due))
			require.Equal(t, c.state, state)
			require.Equal(t, c.reason, reason)
			for handler, known := range map[string]bool{"test.fail": state == "dead", "test.other": false} {
				require.Equal(t, known, len(e.givenUp(t, e.A, handler)) == 1, handler)
			}
			require.Empty(t, e.givenUp(t, e.B, "test.fail"))
			if state == "waiting" {
				require.WithinRange(t, due, e.Clock.Now().Add(firstWait*3/4), e.Clock.Now().Add(firstWait))
			}
		})
	}
}

// givenUp is what a module can learn of a handler that failed for good.
func (e *env) givenUp(t testing.TB, tenant tenants.Tenant, handler string) (list []greeted) {
	t.Helper()
	require.NoError(t, e.DB.Read(tenants.With(context.Background(), tenant), func(ctx context.Context, tx tenants.Reader) (err error) {
		list, err = outbox.GivenUp[greeted](ctx, tx, handler, tx.Now().Add(-time.Minute))
		return err
	}))
	for _, g := range list {
		require.NotEqual(t, ids.Nil, g.PersonID)
	}
	return list
}

// dispatchOne relays once and takes the ticket out of Redis, as asynq would hand it to a worker.
func (e *env) dispatchOne(t testing.TB, r *Relay) *asynq.Task {
	t.Helper()
	_, err := r.Round(context.Background())
	require.NoError(t, err)
	tasks := e.tickets(t)
	require.Len(t, tasks, 1)
	return tasks[0]
}

func (e *env) tickets(t testing.TB) []*asynq.Task {
	t.Helper()
	// asynq writes this list once per client, and the inspector insists on it; workers do not need it.
	names := []string{"urgent", "normal", "bulk", "media", "mail-urgent", "mail-normal", "mail-bulk"}
	require.NoError(t, e.redis.SAdd(context.Background(), "asynq:queues", names).Err())
	inspector := asynq.NewInspectorFromRedisClient(e.redis)
	var tasks []*asynq.Task
	for _, name := range names {
		infos, err := inspector.ListPendingTasks(name, asynq.PageSize(1000))
		require.NoError(t, err)
		for _, info := range infos {
			tasks = append(tasks, asynq.NewTask(info.Type, info.Payload))
		}
	}
	return tasks
}

func TestTheTriesOfADayAreEnough(t *testing.T) {
	total := time.Duration(0)
	for attempt := 1; attempt < lastAttempt; attempt++ {
		total += wait(attempt)
		require.LessOrEqual(t, jittered(wait(attempt)), wait(attempt))
	}
	require.Less(t, total, tryFor)
	require.Greater(t, total, tryFor-2*longWait)
}

func TestAfterTheLastTryAJobIsDead(t *testing.T) {
	e := setUp(t)
	s := sub("test.fail", func(context.Context, ids.ID, greeted) error { return errors.New("no") })
	r, w := e.relay(t, s), e.server(t, nil, s)
	e.record(t, e.A)
	for try := 1; try <= lastAttempt; try++ {
		require.NoError(t, e.redis.FlushAll(context.Background()).Err())
		require.NoError(t, w.runJob(context.Background(), e.dispatchOne(t, r)))
		e.Clock.Advance(longWait)
	}
	require.Equal(t, 1, count(t, e, "SELECT count(*) FROM job WHERE state = 'dead' AND attempts = $1", lastAttempt))
}

func TestAJobThatKillsItsWorkersComesToAnEnd(t *testing.T) {
	e := setUp(t)
	var ran int
	s := sub("test.kill", func(context.Context, ids.ID, greeted) error { ran++; return nil })
	r, w := e.relay(t, s), e.server(t, nil, s)
	e.record(t, e.A)
	for range lastAttempt {
		require.NoError(t, e.redis.FlushAll(context.Background()).Err())
		var ticket jobTicket
		require.NoError(t, decode(e.dispatchOne(t, r).Payload(), &ticket))
		job, err := e.ledger.takeJob(context.Background(), ticket)
		require.NoError(t, err)
		require.NotNil(t, job) // and here the worker dies
		e.Clock.Advance(Lease)
	}
	require.NoError(t, e.redis.FlushAll(context.Background()).Err())
	require.NoError(t, w.runJob(context.Background(), e.dispatchOne(t, r)))
	require.Zero(t, ran)
	require.Equal(t, 1, count(t, e, "SELECT count(*) FROM job WHERE state = 'dead' AND last_error = 'jobs.error.worker_lost'"))
}

func TestASuspendedOrganisationWaits(t *testing.T) {
	e := setUp(t)
	var ran atomic.Int32
	s := sub("test.greet", func(context.Context, ids.ID, greeted) error { ran.Add(1); return nil })
	r, w := e.relay(t, s), e.server(t, nil, s)
	e.record(t, e.A)
	ticket := e.dispatchOne(t, r)
	require.NoError(t, e.Platform.Suspend(context.Background(), e.A.Slug, "test"))
	require.NoError(t, w.runJob(context.Background(), ticket))
	require.Zero(t, ran.Load(), "a ticket that was out already")
	e.Clock.Advance(Lease)
	require.NoError(t, e.redis.FlushAll(context.Background()).Err())
	_, err := r.Round(context.Background())
	require.NoError(t, err)
	require.Empty(t, e.tickets(t))
	require.NoError(t, e.Platform.Resume(context.Background(), e.A.Slug))
	require.NoError(t, w.runJob(context.Background(), e.dispatchOne(t, r)))
	require.EqualValues(t, 1, ran.Load())
}

func TestAForgedTicketDoesNothing(t *testing.T) {
	e := setUp(t)
	var ran atomic.Int32
	s := sub("test.greet", func(context.Context, ids.ID, greeted) error { ran.Add(1); return nil })
	r, w := e.relay(t, s), e.server(t, nil, s)
	e.record(t, e.A)
	var mine jobTicket
	require.NoError(t, decode(e.dispatchOne(t, r).Payload(), &mine))
	forged := func(ticket jobTicket) *asynq.Task {
		return r.jobTickets("normal", []claimed{{ticket.Tenant, ticket.ID, ticket.Gen}})[0].task
	}
	for _, ticket := range []jobTicket{
		{Tenant: e.B.ID, ID: mine.ID, Gen: mine.Gen},
		{Tenant: ids.New(), ID: mine.ID, Gen: mine.Gen},
		{Tenant: mine.Tenant, ID: ids.New(), Gen: mine.Gen},
		{Tenant: mine.Tenant, ID: mine.ID, Gen: mine.Gen + 1},
		{Tenant: mine.Tenant, ID: mine.ID, Gen: mine.Gen - 1},
	} {
		require.NoError(t, w.runJob(context.Background(), forged(ticket)))
	}
	require.NoError(t, w.runJob(context.Background(), asynq.NewTask(jobTask, []byte(`{"t":1}`))))
	require.NoError(t, w.runDeliveries(context.Background(), asynq.NewTask(deliveryTask, []byte(`null`))))
	require.Zero(t, ran.Load())
	require.NoError(t, w.runJob(context.Background(), forged(mine)))
	require.NoError(t, w.runJob(context.Background(), forged(mine)), "the second use of a ticket")
	require.EqualValues(t, 1, ran.Load())
}

func TestSubscriptionsAreCheckedAtStart(t *testing.T) {
	run := func(context.Context, outbox.Recorded) error { return nil }
	good := outbox.Subscription{Event: "a.b", Handler: "c.d", Queue: outbox.Normal, Run: run}
	for name, list := range map[string][]outbox.Subscription{
		"the same name twice": {good, {Event: "x.y", Handler: "c.d", Queue: outbox.Bulk, Run: run}},
		"an unknown queue":    {{Event: "a.b", Handler: "c.d", Queue: "soon", Run: run}},
		"no queue":            {{Event: "a.b", Handler: "c.d", Run: run}},
		"no event":            {{Handler: "c.d", Queue: outbox.Normal, Run: run}},
		"nothing to do":       {{Event: "a.b", Handler: "c.d", Queue: outbox.Normal}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := index(list)
			require.Error(t, err)
		})
	}
	_, err := index([]outbox.Subscription{good})
	require.NoError(t, err)
}

func TestAnEventThatIsDueLaterIsHeardOfThen(t *testing.T) {
	e := setUp(t)
	ran := 0
	s := sub("test.greet", func(context.Context, ids.ID, greeted) error { ran++; return nil })
	due := e.Clock.Now().Add(20 * time.Second)
	require.NoError(t, e.DB.Write(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Writer) error {
		return outbox.RecordDue(ctx, tx, greeted{PersonID: ids.New()}, due)
	}))
	relay, waiting := e.relay(t, s), "SELECT count(*) FROM job WHERE gen = 0"
	e.Clock.Advance(19 * time.Second)
	_, err := relay.Round(context.Background())
	require.NoError(t, err)
	require.Equal(t, 1, count(t, e, waiting), "known, and not handed out")
	e.Clock.Advance(time.Second)
	ticket := e.dispatchOne(t, relay)
	require.NoError(t, e.server(t, nil, s).runJob(context.Background(), ticket))
	require.Equal(t, 1, ran)
}
