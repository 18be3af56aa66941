package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/blob/blobserver"
	"ouderportaal/internal/devservices"
	"ouderportaal/migrations"
)

// What data.sql makes for each organisation.
const (
	parentsEach = 668
	peopleEach  = 718
	entriesEach = 10_000
)

// rolePassword is for a server that only this machine reaches, and that ends with the run.
const rolePassword = "bench"

// world is what the lines share: the servers, the data, and where everything is.
type world struct {
	options
	tenants  int
	postgres *devservices.Server
	redis    *devservices.Server
	store    *blobserver.Server
	url      struct{ superuser, owner, app, relay, platform string }
	closers  []func()
}

func (w *world) close() {
	for i := len(w.closers) - 1; i >= 0; i-- {
		w.closers[i]()
	}
}

func openWorld(ctx context.Context, o options) (w *world, err error) {
	w = &world{options: o, tenants: max(2, int(math.Round(200*o.scale)))}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return w, err
	}
	memory, huge := sharedBuffers(), "on"
	undo, err := reserveHugePages(memory)
	w.closers = append(w.closers, undo)
	if err != nil {
		say("without huge pages, so that lines a and b measure page faults: %v", err)
		undo() // what was set aside is no use without the rest
		huge = "off"
	}
	say("PostgreSQL with %d MB of shared buffers, Redis", memory)
	w.postgres, err = devservices.Postgres(ctx, filepath.Join(w.dir, "postgres"), devservices.Options{
		Settings: []string{fmt.Sprintf("shared_buffers=%dMB", memory), "huge_pages=" + huge, "max_wal_size=8GB", "effective_cache_size=" + strconv.Itoa(3*memory) + "MB"},
	})
	if err != nil {
		return w, err
	}
	w.closers = append(w.closers, func() { _ = w.postgres.Stop() })
	w.redis, err = devservices.Redis(ctx, filepath.Join(w.dir, "redis"), devservices.Options{})
	if err != nil {
		return w, err
	}
	w.closers = append(w.closers, func() { _ = w.redis.Stop() })
	return w, w.prepare(ctx)
}

// sharedBuffers is a quarter of the memory, as PostgreSQL's manual advises, in MB; 8 GB at most.
func sharedBuffers() int {
	total := 4096
	if kB, err := field("/proc/meminfo", "MemTotal:"); err == nil {
		total = int(kB / 1024)
	}
	return min(total/4, 8192)
}

// prepare makes the database when it is not there as data.sql and the migrations say.
func (w *world) prepare(ctx context.Context) error {
	name := fmt.Sprintf("bench_%d", w.tenants)
	w.use(name)
	made, err := w.made(ctx, name)
	if err != nil {
		return err
	}
	if made {
		return w.migrate(ctx)
	}
	if err := w.create(ctx, name); err != nil {
		return err
	}
	return fill(ctx, w.url.owner, w.tenants)
}

// beside is the same world with another database, which is made anew and filled by sql.
func (w *world) beside(ctx context.Context, name string, sql ...string) (*world, error) {
	other := *w
	other.use(name)
	if err := other.create(ctx, name); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, other.url.owner)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	for _, s := range append(sql, "VACUUM ANALYZE") {
		if _, err := conn.Exec(ctx, s); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return &other, nil
}

// use points at a database of the server.
func (w *world) use(database string) {
	w.url.superuser = w.postgres.URL
	w.url.owner = address(w.postgres.URL, database, "", "")
	w.url.app = address(w.postgres.URL, database, migrations.RoleNames.App, rolePassword)
	w.url.relay = address(w.postgres.URL, database, migrations.RoleNames.Relay, rolePassword)
	w.url.platform = address(w.postgres.URL, database, migrations.RoleNames.Platform, rolePassword)
}

// create makes the database anew, with nothing in it but the schema.
func (w *world) create(ctx context.Context, name string) error {
	server, err := pgx.Connect(ctx, w.url.superuser)
	if err != nil {
		return err
	}
	defer server.Close(ctx)
	if _, err := server.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		return err
	}
	if _, err := server.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return err
	}
	return w.migrate(ctx)
}

func (w *world) migrate(ctx context.Context) error {
	_, err := migrations.Apply(ctx, w.url.owner, migrations.Roles{App: w.url.app, Relay: w.url.relay, Platform: w.url.platform})
	return err
}

func (w *world) made(ctx context.Context, name string) (bool, error) {
	server, err := pgx.Connect(ctx, w.url.superuser)
	if err != nil {
		return false, err
	}
	defer server.Close(ctx)
	var there bool
	if err := server.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil || !there {
		return false, err
	}
	conn, err := pgx.Connect(ctx, w.url.owner)
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	var version string
	err = conn.QueryRow(ctx, "SELECT version FROM bench.made").Scan(&version)
	return err == nil && version == dataVersion(), nil
}

// address is the server's address for another database and user.
func address(server, database, user, password string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err) // devservices wrote it
	}
	u.Path = "/" + database
	if user != "" {
		u.User = url.UserPassword(user, password)
	}
	return u.String()
}

// objects starts the object store the first time it is asked for.
func (w *world) objects(ctx context.Context) (*blobserver.Server, error) {
	if w.store != nil {
		return w.store, nil
	}
	folder := filepath.Join(w.dir, "objects")
	if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o755)); err != nil {
		return nil, err
	}
	store, err := blobserver.Start(ctx, blobserver.Versity, w.stores, folder)
	if err != nil {
		return nil, err
	}
	w.store = store
	w.closers = append(w.closers, store.Stop)
	return store, nil
}
