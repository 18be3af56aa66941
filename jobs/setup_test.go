package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/devservices"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// These tests wipe, stop and start Redis, so they run one of their own.
var redisURL string

func TestMain(m *testing.M) {
	if os.Getenv(workerMode) != "" {
		workAsChild()
		return
	}
	os.Exit(withRedis(m))
}

func withRedis(m *testing.M) int {
	dir, err := os.MkdirTemp("", "jobs-redis-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	slog.SetDefault(slog.New(slog.DiscardHandler)) // failures are what is tested here
	_ = os.Chmod(dir, 0o711)
	server, err := devservices.Redis(context.Background(), filepath.Join(dir, "redis"), devservices.Options{Disposable: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.Stop()
	redisURL = server.URL
	return m.Run()
}

// env is a database with a ledger, an empty Redis, and what is needed to fill it.
type env struct {
	*dbtest.Env
	ledger *Ledger
	redis  redis.UniversalClient
}

func setUp(t testing.TB) *env {
	t.Helper()
	e := &env{Env: dbtest.NewAlone(t)}
	e.ledger = e.openLedger(t, 0)
	e.redis = connect(t, redisURL)
	require.NoError(t, e.redis.FlushAll(context.Background()).Err())
	return e
}

func (e *env) openLedger(t testing.TB, lease time.Duration) *Ledger {
	t.Helper()
	l, err := OpenLedger(context.Background(), LedgerConfig{URL: e.URL.Relay, Clock: e.Clock, Lease: lease})
	require.NoError(t, err)
	t.Cleanup(l.Close)
	return l
}

func connect(t testing.TB, url string) redis.UniversalClient {
	t.Helper()
	client, err := ConnectRedis(url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

type greeted struct {
	PersonID ids.ID `json:"person_id"`
}

func (greeted) EventName() string { return "test.greeted" }

// record writes one event of tenant and returns its id.
func (e *env) record(t testing.TB, tenant tenants.Tenant) {
	t.Helper()
	require.NoError(t, e.DB.Write(tenants.With(context.Background(), tenant), func(ctx context.Context, tx tenants.Writer) error {
		return outbox.Record(ctx, tx, greeted{PersonID: ids.New()})
	}))
}

func (e *env) relay(t testing.TB, subs ...outbox.Subscription) *Relay {
	t.Helper()
	r, err := NewRelay(RelayConfig{Ledger: e.ledger, Redis: e.redis, Subscriptions: subs, Channels: []string{"mail", "push"}})
	require.NoError(t, err)
	return r
}

func (e *env) server(t testing.TB, channel *outbox.Channel, subs ...outbox.Subscription) *Server {
	t.Helper()
	var channels []outbox.Channel
	if channel != nil {
		channels = append(channels, *channel)
	}
	return e.serverOf(t, channels, subs...)
}

func (e *env) serverOf(t testing.TB, channels []outbox.Channel, subs ...outbox.Subscription) *Server {
	t.Helper()
	s, err := NewServer(ServerConfig{Ledger: e.ledger, Directory: e.Directory, Redis: e.redis, Subscriptions: subs, Channels: channels, Jobs: 4, Media: 1, Deliveries: 8})
	require.NoError(t, err)
	return s
}

func sub(handler string, run func(ctx context.Context, id ids.ID, e greeted) error) outbox.Subscription {
	return outbox.On(handler, outbox.Normal, run)
}

func count(t testing.TB, e *env, query string, args ...any) int {
	t.Helper()
	var n int
	require.NoError(t, e.ledger.pool.QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}
