// Package dbtest gives every test a real PostgreSQL with two fresh organisations, so that every test can look
// whether the one leaks into the other.
package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/ids"
	"ouderportaal/migrations"
	"ouderportaal/tenants"
)

// Start is when tests begin: a Monday afternoon in Amsterdam, in winter time.
var Start = time.Date(2026, time.November, 23, 13, 20, 0, 0, time.UTC)

const rolePassword = "test"

// Env is a database with two organisations in it.
type Env struct {
	DB        *tenants.DB
	Directory *tenants.Directory
	Platform  *tenants.Platform
	Clock     *clock.Manual
	A, B      tenants.Tenant
	URL       URLs
}

// URLs are the addresses of one database for each of its users.
type URLs struct{ Owner, App, Relay, Platform string }

var (
	sharedOnce sync.Once
	shared     URLs
	sharedErr  error
)

// New gives two fresh organisations in a database that the tests of this package share.
func New(t testing.TB) *Env {
	t.Helper()
	sharedOnce.Do(func() { shared, sharedErr = create(context.Background()) })
	require.NoError(t, sharedErr)
	return open(t, shared)
}

// NewAlone gives them in a database of their own, for tests of what looks at all organisations, as the relay does.
func NewAlone(t testing.TB) *Env {
	t.Helper()
	urls, err := create(context.Background())
	require.NoError(t, err)
	return open(t, urls)
}

func open(t testing.TB, urls URLs) *Env {
	t.Helper()
	ctx := context.Background()
	e := &Env{Clock: clock.NewManual(Start), URL: urls}
	var err error
	e.DB, err = tenants.Open(ctx, urls.App, 8, e.Clock)
	require.NoError(t, err)
	t.Cleanup(e.DB.Close)
	e.Directory = tenants.NewDirectory(e.DB)
	e.Platform, err = tenants.OpenPlatform(ctx, urls.Platform, e.Clock)
	require.NoError(t, err)
	t.Cleanup(e.Platform.Close)
	e.A = e.NewTenant(t, "Kinderopvang A")
	e.B = e.NewTenant(t, "Kinderopvang B")
	return e
}

// NewTenant adds an organisation with a name of its own in the address.
func (e *Env) NewTenant(t testing.TB, name string) tenants.Tenant {
	t.Helper()
	id := ids.New()
	tenant, err := e.Platform.Create(context.Background(), tenants.NewTenant{Slug: "t" + hex.EncodeToString(id[6:]), Name: name})
	require.NoError(t, err)
	return tenant
}

// Owner connects past row-level security, to look at what is really there.
func (e *Env) Owner(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), e.URL.Owner)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// Processor gives a function that tells how much processor time the backends of this database take for what do does. Other
// work on the machine counts only as far as it empties caches. Tests skip where the system does not tell.
func (e *Env) Processor(t testing.TB) (of func(do func()) time.Duration) {
	t.Helper()
	conn := e.Owner(t)
	used := func() (total time.Duration) {
		rows, err := conn.Query(context.Background(), "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		require.NoError(t, err)
		pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
		require.NoError(t, err)
		for _, pid := range pids {
			// proc(5), /proc/pid/schedstat: time spent on the processor in ns, time waiting for it, turns.
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
			if err != nil {
				t.Skipf("processor time of PostgreSQL: %v", err)
			}
			ns, err := strconv.ParseInt(strings.Fields(string(stat))[0], 10, 64)
			require.NoError(t, err)
			total += time.Duration(ns)
		}
		return total
	}
	return func(do func()) time.Duration {
		before := used()
		do()
		return used() - before
	}
}

// create clones a migrated template, which the first caller makes.
func create(ctx context.Context) (URLs, error) {
	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		return URLs{}, fmt.Errorf("dbtest: TEST_DATABASE_URL is not set; run `make test`, or `go run ./internal/devservices/cmd/with-services -- go test ./…`")
	}
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return URLs{}, fmt.Errorf("dbtest: connect: %w", err)
	}
	defer conn.Close(ctx)
	version, err := schemaVersion()
	if err != nil {
		return URLs{}, err
	}
	template := "ouderportaal_template_" + version
	// Several test programs start at once: one makes the template, and cloning needs it to be unused.
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(7241884)"); err != nil {
		return URLs{}, err
	}
	defer conn.Exec(ctx, "SELECT pg_advisory_unlock(7241884)")
	if err := ensureTemplate(ctx, conn, server, template); err != nil {
		return URLs{}, fmt.Errorf("dbtest: template: %w", err)
	}
	id := ids.New()
	name := "test_" + hex.EncodeToString(id[:])
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		return URLs{}, fmt.Errorf("dbtest: clone: %w", err)
	}
	return urlsFor(server, name)
}

func ensureTemplate(ctx context.Context, conn *pgx.Conn, server, template string) error {
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", template).Scan(&exists); err != nil || exists {
		return err
	}
	building := template + "_building"
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+building); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+building); err != nil {
		return err
	}
	urls, err := urlsFor(server, building)
	if err != nil {
		return err
	}
	if _, err := migrations.Apply(ctx, urls.Owner, migrations.Roles{App: urls.App, Relay: urls.Relay, Platform: urls.Platform}); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+building+" RENAME TO "+template)
	return err
}

func urlsFor(server, database string) (URLs, error) {
	u, err := url.Parse(server)
	if err != nil {
		return URLs{}, err
	}
	u.Path = "/" + database
	as := func(role string) string {
		v := *u
		v.User = url.UserPassword(role, rolePassword)
		return v.String()
	}
	return URLs{Owner: u.String(), App: as(migrations.RoleNames.App), Relay: as(migrations.RoleNames.Relay), Platform: as(migrations.RoleNames.Platform)}, nil
}

func schemaVersion() (string, error) {
	sum := sha256.New()
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		text, err := fs.ReadFile(migrations.Files, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s\n%s\n", name, text)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}
