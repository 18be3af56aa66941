package tenants

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/pgnotify"
)

// Errors of use, not of data: they mean that a line of ours is wrong.
var (
	ErrNoTenant = errors.New("tenants: the context names no tenant")
	ErrNested   = errors.New("tenants: a transaction is already open in this context; pass its Reader or Writer on")
)

// setTenant binds a transaction to its tenant. The third argument must stay true: with false the next user of the
// pooled connection would read as this tenant.
const setTenant = "SELECT set_config('app.tenant_id', $1, true)"

// setHot also has PostgreSQL keep one plan for each statement: left to itself it plans some of them anew at each request,
// which takes longer than what they do.
const setHot = "SELECT set_config('app.tenant_id', $1, true), set_config('plan_cache_mode', 'force_generic_plan', true)"

// DB is the only way to the rows of a tenant.
type DB struct {
	pool   *pgxpool.Pool
	sql    *sql.DB
	bun    *bun.DB
	clock  clock.Clock
	opened chan struct{} // closed when the first connection was made, or could not be made
	turns  chan struct{} // of Ask: has room for as many as may ask at once
	seeks  chan struct{} // of Ask with a question that Filters: for half of the turns, because a search may take long
}

// Open connects as the app role. The pool is shared by transactions and by Ask; maxConns bounds both together, and half of it
// those who Ask. Theirs are many and short: more of them than keep PostgreSQL's processors busy would only take turns there, each
// as slow as the slowest, where they can wait here in the order in which they came.
func Open(ctx context.Context, url string, maxConns int, clk clock.Clock) (*DB, error) {
	pool, err := openPool(ctx, url, maxConns)
	if err != nil {
		return nil, err
	}
	std := stdlib.OpenDBFromPool(pool)
	db := &DB{pool: pool, sql: std, bun: bun.NewDB(std, pgdialect.New()), clock: clk, opened: make(chan struct{}), turns: make(chan struct{}, max(1, maxConns/2)), seeks: make(chan struct{}, max(1, maxConns/4))}
	go func() { // at once, while the rest of the program gets ready
		defer close(db.opened)
		ctx, cancel := context.WithTimeout(ctx, firstTime)
		defer cancel()
		if first, err := pool.Acquire(ctx); err == nil {
			first.Release()
		}
	}()
	return db, nil
}

// firstTime is how long others wait for the first connection; where PostgreSQL is silent for longer, each tries for itself.
const firstTime = 2 * time.Second

func openPool(ctx context.Context, url string, maxConns int) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("tenants: database url: %w", err)
	}
	// bun writes its arguments into the text: caching those statements would only fill the server's memory.
	// What is worth preparing goes through Query.
	cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error { registerUUID(conn); return nil }
	cfg.MaxConns = int32(maxConns)
	cfg.MaxConnIdleTime = 5 * time.Minute
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("tenants: open database: %w", err)
	}
	return pool, nil
}

// Close ends every connection.
func (db *DB) Close() {
	db.bun.Close()
	db.pool.Close()
}

// Ping tells whether the database answers. It waits for the first connection: to begin another would take longer.
func (db *DB) Ping(ctx context.Context) error {
	select {
	case <-db.opened:
		return db.pool.Ping(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Listen hears the channels until ctx ends, over one connection of its own, which it begins after the first of the pool.
func (db *DB) Listen(ctx context.Context, channels ...pgnotify.Channel) {
	select {
	case <-db.opened:
		pgnotify.Listen(ctx, db.pool.Config().ConnConfig.Copy(), channels...)
	case <-ctx.Done():
	}
}

// Reader reads one tenant's rows at one moment.
type Reader interface {
	NewSelect() *bun.SelectQuery
	NewRaw(query string, args ...any) *bun.RawQuery
	// Now is the moment the transaction was opened at, in UTC, as exact as the database keeps it (µs).
	Now() time.Time
	// Today is Now as a day of the tenant.
	Today() Date
	Tenant() Tenant
}

// Writer also changes them. Everything written through it is kept, or nothing.
type Writer interface {
	Reader
	NewInsert() *bun.InsertQuery
	NewUpdate() *bun.UpdateQuery
	NewDelete() *bun.DeleteQuery
	// Lock makes this transaction the only one, until it ends, that holds the names under word: others who ask for one of them wait.
	// Names are ids mostly; several that only together say what is meant are written one after the other. They are taken in one
	// order, so two transactions that each ask once never wait for each other. Who asks again, under another word, does so after
	// the same word as everybody else.
	Lock(ctx context.Context, word string, names ...string) error
	// LockShared is Lock for who does not mind others who share: it only keeps those out who Lock.
	LockShared(ctx context.Context, word string, names ...string) error
}

type transaction struct {
	bun.Tx
	now    time.Time
	tenant Tenant
}

func (t transaction) Now() time.Time { return t.now }
func (t transaction) Today() Date    { return t.tenant.DateOf(t.now) }
func (t transaction) Tenant() Tenant { return t.tenant }

// Read runs f in a read-only transaction of the tenant in ctx.
func (db *DB) Read(ctx context.Context, f func(ctx context.Context, tx Reader) error) error {
	return db.run(ctx, &sql.TxOptions{ReadOnly: true}, func(ctx context.Context, tx transaction) error { return f(ctx, tx) })
}

// Write runs f in a transaction of the tenant in ctx, and keeps what it did when it returns nil. Who may only read is Forbidden.
func (db *DB) Write(ctx context.Context, f func(ctx context.Context, tx Writer) error) error {
	if IsReadOnly(ctx) {
		return fault.New(fault.Forbidden, "error.read_only")
	}
	return db.run(ctx, nil, func(ctx context.Context, tx transaction) error { return f(ctx, tx) })
}

type openKey struct{}

func (db *DB) run(ctx context.Context, opts *sql.TxOptions, f func(context.Context, transaction) error) error {
	tenant, err := db.enter(ctx)
	if err != nil {
		return err
	}
	return db.transact(ctx, tenant, opts, f)
}

func (db *DB) transact(ctx context.Context, tenant Tenant, opts *sql.TxOptions, f func(context.Context, transaction) error) error {
	tx, err := db.bun.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("tenants: begin: %w", err)
	}
	defer tx.Rollback() // after a commit this does nothing; after an error or a panic it undoes everything
	if tenant.ID != ids.Nil {
		if _, err := tx.ExecContext(ctx, "SELECT set_config('app.tenant_id', ?, true)", tenant.ID.String()); err != nil {
			return fmt.Errorf("tenants: set tenant: %w", err)
		}
	}
	inside := context.WithValue(ctx, openKey{}, true)
	if err := f(inside, transaction{Tx: tx, now: db.now(), tenant: tenant}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("tenants: commit: %w", err)
	}
	return nil
}

func (db *DB) enter(ctx context.Context) (Tenant, error) {
	if ctx.Value(openKey{}) != nil {
		return Tenant{}, ErrNested
	}
	tenant, ok := From(ctx)
	if !ok || tenant.ID == ids.Nil {
		return Tenant{}, ErrNoTenant
	}
	return tenant, nil
}

func (db *DB) now() time.Time { return db.clock.Now().UTC().Truncate(time.Microsecond) }

// Question is one query of a hot page. SQL must be a constant: each connection keeps it prepared.
type Question struct {
	SQL  string
	Args []any
	// Scan reads the rows and may not keep them.
	Scan func(rows pgx.Rows) error
	// Filters tells that the parameters decide what there is to do, as those of a search do. It is then planned each time, with
	// the others asked beside it.
	Filters bool
	// Everybody tells that the question goes over everybody of the organisation and joins what it finds: see ForMany.
	Everybody bool
}

// ForMany has PostgreSQL join by a table of keys, or in order, for the rest of a transaction. Left to itself it may compare each row with
// each: of an organisation that began, or imported, since it last took statistics it expects one or two rows in every table. It is for
// what reads whole tables of an organisation; few rows are found sooner by their index.
func ForMany(ctx context.Context, tx Reader) error {
	if _, err := tx.NewRaw(forMany).Exec(ctx); err != nil {
		return fmt.Errorf("tenants: set for many: %w", err)
	}
	return nil
}

const (
	forMany = "SELECT set_config('enable_nestloop', 'off', true)"
	forFew  = "SELECT set_config('enable_nestloop', 'on', true)"
)

// Ask is for the few reads that run at every request: the tenant and the questions travel together, in one round trip
// and one implicit transaction, with real parameters against statements that each connection prepares once.
func (db *DB) Ask(ctx context.Context, questions ...Question) error {
	tenant, err := db.enter(ctx)
	if err != nil {
		return err
	}
	filters := slices.ContainsFunc(questions, func(q Question) bool { return q.Filters })
	if filters {
		leave, err := enterQueue(ctx, db.seeks)
		if err != nil {
			return err
		}
		defer leave()
	}
	leave, err := enterQueue(ctx, db.turns)
	if err != nil {
		return err
	}
	defer leave()
	return db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		var batch pgx.Batch
		set := setHot
		if filters {
			set = setTenant
		}
		if err := queue(ctx, conn.Conn(), &batch, set, tenant.ID.String()); err != nil {
			return err
		}
		for _, q := range questions {
			if err := q.queue(ctx, conn.Conn(), &batch); err != nil {
				return err
			}
		}
		results := conn.SendBatch(ctx, &batch)
		defer results.Close()
		if _, err := results.Exec(); err != nil {
			return fmt.Errorf("tenants: set tenant: %w", err)
		}
		for _, q := range questions {
			if err := q.read(results); err != nil {
				return fmt.Errorf("tenants: ask: %w", err)
			}
		}
		return nil
	})
}

// queue adds the question to the batch; one over Everybody between two settings, which are for no other.
func (q Question) queue(ctx context.Context, conn *pgx.Conn, batch *pgx.Batch) error {
	if !q.Everybody {
		return queue(ctx, conn, batch, q.SQL, q.Args...)
	}
	return errors.Join(queue(ctx, conn, batch, forMany), queue(ctx, conn, batch, q.SQL, q.Args...), queue(ctx, conn, batch, forFew))
}

// read scans the answer to what was queued.
func (q Question) read(results pgx.BatchResults) error {
	if q.Everybody {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	err = q.Scan(rows)
	rows.Close()
	if q.Everybody {
		_, last := results.Exec()
		return errors.Join(err, rows.Err(), last)
	}
	return errors.Join(err, rows.Err())
}

// Sum is a question with one number for an answer.
func Sum(query string, into *int64, args ...any) Question {
	return Question{SQL: query, Args: args, Scan: func(rows pgx.Rows) error {
		rows.Next()
		return rows.Scan(into)
	}}
}

// Whether is a question that is answered with yes or no.
func Whether(query string, into *bool, args ...any) Question {
	return Question{SQL: query, Args: args, Scan: func(rows pgx.Rows) error {
		rows.Next()
		return rows.Scan(into)
	}}
}

// enterQueue waits for room, and gives what makes room again.
func enterQueue(ctx context.Context, room chan struct{}) (leave func(), err error) {
	select {
	case room <- struct{}{}:
		return func() { <-room }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("tenants: wait for a turn: %w", ctx.Err())
	}
}

// queue adds a statement to the batch, prepared on this connection the first time.
func queue(ctx context.Context, conn *pgx.Conn, batch *pgx.Batch, query string, args ...any) error {
	if _, err := conn.Prepare(ctx, query, query); err != nil {
		return fmt.Errorf("tenants: prepare: %w", err)
	}
	batch.Queue(query, args...)
	return nil
}

// Query is Ask with one question.
func (db *DB) Query(ctx context.Context, query string, args []any, scan func(rows pgx.Rows) error) error {
	return db.Ask(ctx, Question{SQL: query, Args: args, Scan: scan})
}

// Clock gives the time that transactions of this database see.
func (db *DB) Clock() clock.Clock { return db.clock }
