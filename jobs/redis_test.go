package jobs

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/devservices"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

func startRedis(t *testing.T, dir string) *devservices.Server {
	t.Helper()
	server, err := devservices.Redis(context.Background(), filepath.Join(dir, "redis"), devservices.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Stop() })
	return server
}

func TestRedisMayBeAway(t *testing.T) {
	e := setUp(t)
	dir, err := os.MkdirTemp("", "jobs-away-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o711))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	server := startRedis(t, dir)
	require.NoError(t, server.Stop())
	e.redis = connect(t, server.URL)

	var ran atomic.Int32
	s := sub("test.greet", func(context.Context, ids.ID, greeted) error { ran.Add(1); return nil })
	run(t, e.relay(t, s), e.server(t, nil, s)) // starts without Redis
	done := func(n int) func() bool {
		return func() bool { return count(t, e, "SELECT count(*) FROM job WHERE state = 'done'") == n }
	}
	record := func(n int) {
		for range n {
			e.record(t, e.A)
		}
	}
	record(5)
	require.Eventually(t, func() bool { return count(t, e, "SELECT count(*) FROM job WHERE gen = 0") == 5 }, 5*time.Second, 10*time.Millisecond, "expanded, and nothing is claimed for a Redis that is not there")

	for n := 5; n <= 15; n += 5 {
		server = startRedis(t, dir)
		began := time.Now()
		require.Eventually(t, done(n), 10*time.Second, 10*time.Millisecond)
		t.Logf("%d jobs %v after Redis came back", n, time.Since(began).Round(10*time.Millisecond))
		require.NoError(t, server.Stop())
		record(5)
		time.Sleep(200 * time.Millisecond)
		require.True(t, done(n)())
	}
	require.EqualValues(t, 15, ran.Load())
}

// Two transactions that commit in the other order than they began, with others in between: an outbox that remembers how far
// it got would skip the late one (R58).
func TestALateCommitIsNotSkipped(t *testing.T) {
	e := setUp(t)
	s := sub("test.greet", func(context.Context, ids.ID, greeted) error { return nil })
	r := e.relay(t, s)
	began, commit, committed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		committed <- e.DB.Write(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Writer) error {
			err := outbox.Record(ctx, tx, greeted{PersonID: ids.New()})
			close(began)
			<-commit
			return err
		})
	}()
	<-began
	e.Clock.Advance(time.Second)
	e.record(t, e.B)
	_, err := r.Round(context.Background())
	require.NoError(t, err)
	require.Equal(t, 1, count(t, e, "SELECT count(*) FROM job"))
	close(commit)
	require.NoError(t, <-committed)
	_, err = r.Round(context.Background())
	require.NoError(t, err)
	require.Equal(t, 2, count(t, e, "SELECT count(*) FROM job"))
}

func TestSeveralRelaysShareTheWork(t *testing.T) {
	e := setUp(t)
	var ran atomic.Int32
	s := sub("test.greet", func(context.Context, ids.ID, greeted) error { ran.Add(1); return nil })
	run(t, e.relay(t, s), e.server(t, nil, s))
	for range 3 {
		r := e.relay(t, s)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { r.Run(ctx); close(ended) }()
		t.Cleanup(func() { cancel(); <-ended })
	}
	for i := range 100 {
		e.record(t, []tenants.Tenant{e.A, e.B}[i%2])
	}
	require.Eventually(t, func() bool { return count(t, e, "SELECT count(*) FROM job WHERE state = 'done'") == 100 }, 10*time.Second, 10*time.Millisecond)
	require.EqualValues(t, 100, ran.Load(), "nothing ran twice")
	require.Equal(t, 100, count(t, e, "SELECT count(*) FROM job WHERE gen = 2 AND attempts = 1"))
}

// A thousand rows of one organisation are waiting; another one's single row goes out with the very next round (R61).
func TestNobodyWaitsBehindAPile(t *testing.T) {
	e := setUp(t)
	s := sub("test.greet", func(context.Context, ids.ID, greeted) error { return nil })
	r := e.relay(t, s)
	require.NoError(t, e.DB.Write(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Writer) error {
		for range 1000 {
			if err := outbox.Record(ctx, tx, greeted{PersonID: ids.New()}); err != nil {
				return err
			}
		}
		return nil
	}))
	for more := true; more; {
		n, err := e.ledger.expand(context.Background(), r.handlers)
		require.NoError(t, err)
		more = n > 0
	}
	e.Clock.Advance(time.Minute)
	e.record(t, e.B)
	_, err := r.Round(context.Background())
	require.NoError(t, err)
	require.Equal(t, depth.jobs, count(t, e, "SELECT count(*) FROM job WHERE gen = 1"), "no more tickets than the queue takes")
	require.Equal(t, 1, count(t, e, "SELECT count(*) FROM job WHERE gen = 1 AND tenant_id = $1", e.B.ID))
	more, err := r.Round(context.Background())
	require.NoError(t, err)
	require.True(t, more)
	require.Equal(t, depth.jobs, count(t, e, "SELECT count(*) FROM job WHERE gen = 1"), "the queue is full")
}

// Of ten thousand rows that are due at the same moment a claim reads as many as it takes.
func TestAClaimReadsNoMoreThanItTakes(t *testing.T) {
	e := setUp(t)
	e.pile(t, e.Owner(t), "job")
	tx, err := e.ledger.pool.Begin(context.Background())
	require.NoError(t, err)
	defer tx.Rollback(context.Background())
	now := e.Clock.Now()
	rows, err := tx.Query(context.Background(), "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) "+claimJobs, outbox.Normal, now, depth.jobs, now.Add(Lease))
	require.NoError(t, err)
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	steps := regexp.MustCompile(`actual rows=(\d+)`).FindAllStringSubmatch(strings.Join(plan, "\n"), -1)
	require.NotEmpty(t, steps)
	for _, step := range steps {
		read, err := strconv.Atoi(step[1])
		require.NoError(t, err)
		require.LessOrEqual(t, read, depth.jobs+1, strings.Join(plan, "\n"))
	}
}

func TestStoppingGivesRowsBack(t *testing.T) {
	e := setUp(t)
	started := make(chan struct{}, 1)
	s := sub("test.slow", func(ctx context.Context, _ ids.ID, _ greeted) error {
		started <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})
	w := e.server(t, nil, s)
	w.patience = 100 * time.Millisecond
	r := e.relay(t, s)
	e.record(t, e.A)
	_, err := r.Round(context.Background())
	require.NoError(t, err)
	require.NoError(t, w.Start())
	<-started
	began := time.Now()
	w.Stop()
	require.Less(t, time.Since(began), 10*time.Second)
	require.Equal(t, 1, count(t, e, "SELECT count(*) FROM job WHERE state = 'waiting' AND attempts = 0 AND lease_until IS NULL AND last_error = 'stopped'"))
}
