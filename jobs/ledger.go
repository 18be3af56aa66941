package jobs

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
)

// Ledger is the door to the rows that say what must still happen, for every organisation. It signs in as the relay role,
// which sees nothing else.
type Ledger struct {
	pool  *pgxpool.Pool
	clock clock.Clock
	lease time.Duration
	done  *recorder
}

// LedgerConfig says where the ledger is. The zero values of the numbers mean their defaults.
type LedgerConfig struct {
	URL         string // signs in as the relay role
	Connections int    // 8
	Clock       clock.Clock
	Lease       time.Duration // Lease; tests make it shorter
}

// OpenLedger prepares the pool; it connects when it is first used.
func OpenLedger(ctx context.Context, config LedgerConfig) (*Ledger, error) {
	cfg, err := pgxpool.ParseConfig(config.URL)
	if err != nil {
		return nil, fmt.Errorf("jobs: database url: %w", err)
	}
	cfg.MaxConns = int32(cmp.Or(config.Connections, 8))
	cfg.MaxConnIdleTime = 5 * time.Minute
	// These tables are empty in the morning and full at noon, so statistics are always wrong here, and there is one good
	// plan for each statement: the one by the index.
	for name, value := range map[string]string{"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off", "plan_cache_mode": "force_generic_plan"} {
		cfg.ConnConfig.RuntimeParams[name] = value
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("jobs: open ledger: %w", err)
	}
	l := &Ledger{pool: pool, clock: config.Clock, lease: cmp.Or(config.Lease, Lease)}
	l.done = startRecorder(l)
	return l, nil
}

// Close ends every connection, after what was reported is written.
func (l *Ledger) Close() {
	l.done.stop()
	l.pool.Close()
}

// expandAtOnce bounds one transaction.
const expandAtOnce = 500

// expand writes one job for every handler of the oldest new events, and tells how many events it dealt with. An event
// that another relay holds is skipped; one whose transaction commits late is simply found later.
func (l *Ledger) expand(ctx context.Context, handlers map[string][]outbox.Subscription) (int, error) {
	// Mostly there is none, and looking costs less than beginning a transaction. The order is that of the index.
	any, err := l.pool.Exec(ctx, "SELECT FROM event WHERE expanded_at IS NULL ORDER BY recorded_at LIMIT 1")
	if err != nil {
		return 0, fmt.Errorf("jobs: look for new events: %w", err)
	}
	if any.RowsAffected() == 0 {
		return 0, nil
	}
	tx, err := l.pool.Begin(ctx)
	if err != nil {
		return 0, fmt.Errorf("jobs: begin expand: %w", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	rows, err := tx.Query(ctx, `SELECT tenant_id, id, name, recorded_at, due_at FROM event WHERE expanded_at IS NULL
		ORDER BY recorded_at LIMIT $1 FOR UPDATE SKIP LOCKED`, expandAtOnce)
	if err != nil {
		return 0, fmt.Errorf("jobs: find new events: %w", err)
	}
	fresh, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		Tenant, ID ids.ID
		Name       string
		At         time.Time
		Due        *time.Time
	}])
	if err != nil {
		return 0, fmt.Errorf("jobs: read new events: %w", err)
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	now := l.clock.Now()
	var events struct{ tenants, ids []ids.ID }
	var made struct {
		tenants, ids, events []ids.ID
		handlers, queues     []string
		due                  []time.Time
	}
	for _, e := range fresh {
		events.tenants, events.ids = append(events.tenants, e.Tenant), append(events.ids, e.ID)
		for _, s := range handlers[e.Name] {
			due := e.At
			if due.After(now) { // another machine's clock is ahead of ours
				due = now
			}
			if e.Due != nil {
				due = *e.Due
			}
			made.tenants, made.ids, made.events = append(made.tenants, e.Tenant), append(made.ids, ids.New()), append(made.events, e.ID)
			made.handlers, made.queues, made.due = append(made.handlers, s.Handler), append(made.queues, s.Queue), append(made.due, due)
		}
	}
	var batch pgx.Batch
	batch.Queue(`INSERT INTO job (tenant_id, id, event_id, handler, queue, due_at)
		SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[])
		ON CONFLICT (tenant_id, event_id, handler) DO NOTHING`, made.tenants, made.ids, made.events, made.handlers, made.queues, made.due)
	batch.Queue(`UPDATE event e SET expanded_at = $3 FROM unnest($1::uuid[], $2::uuid[]) AS x(tenant_id, id)
		WHERE e.tenant_id = x.tenant_id AND e.id = x.id`, events.tenants, events.ids, now)
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return 0, fmt.Errorf("jobs: expand events: %w", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return 0, fmt.Errorf("jobs: commit expand: %w", err)
	}
	return len(fresh), nil
}

// claimSQL is the same for job and delivery. It goes from organisation to organisation by the index, takes the oldest due
// row of each in turn, and locks what it chose; what another relay locked meanwhile is left to it. Rows are carried by
// ctid, because a join of what was chosen with its own table is a guess of the planner, and a wrong one costs seconds. Turns are
// counted by ROWS, because otherwise everything that is due at the same moment is read, as of a newsletter to 50,000.
func claimSQL(table, more string) string {
	return `WITH RECURSIVE busy AS (
		(SELECT tenant_id FROM ` + table + ` WHERE state = 'waiting' AND queue = $1` + more + ` ORDER BY tenant_id LIMIT 1)
		UNION ALL
		SELECT (SELECT d.tenant_id FROM ` + table + ` d WHERE d.state = 'waiting' AND d.queue = $1` + more + ` AND d.tenant_id > busy.tenant_id ORDER BY d.tenant_id LIMIT 1)
		FROM busy WHERE busy.tenant_id IS NOT NULL
	), candidate AS (
		SELECT due.place FROM busy JOIN tenant t ON t.id = busy.tenant_id AND t.status = 'active'
		CROSS JOIN LATERAL (
			SELECT d.ctid AS place, d.due_at, row_number() OVER (ORDER BY d.due_at ROWS UNBOUNDED PRECEDING) AS turn FROM ` + table + ` d
			WHERE d.tenant_id = busy.tenant_id AND d.queue = $1` + more + ` AND d.state = 'waiting' AND d.due_at <= $2 AND (d.lease_until IS NULL OR d.lease_until <= $2)
			ORDER BY d.due_at LIMIT $3
		) due ORDER BY due.turn, due.due_at LIMIT $3
	), held AS (
		SELECT d.ctid AS place FROM ` + table + ` d WHERE d.ctid = ANY (ARRAY(SELECT place FROM candidate))
		AND d.finished_at IS NULL AND (d.lease_until IS NULL OR d.lease_until <= $2)
		FOR UPDATE SKIP LOCKED
	)
	UPDATE ` + table + ` d SET gen = d.gen + 1, lease_until = $4 WHERE d.ctid = ANY (ARRAY(SELECT place FROM held))
	RETURNING d.tenant_id, d.id, d.gen`
}

var (
	claimJobs       = claimSQL("job", "")
	claimDeliveries = claimSQL("delivery", " AND kind = $5")
)

// claimed is a row that this process may dispatch.
type claimed struct {
	Tenant, ID ids.ID
	Gen        int
}

// wish is how many rows of a queue of a table are wanted; of deliveries over one channel.
type wish struct {
	table, queue, channel string
	most                  int
}

// claim claims rows for every wish, in one transaction and one round trip, and gives them in the order of the wishes.
func (l *Ledger) claim(ctx context.Context, wishes []wish) ([][]claimed, error) {
	if len(wishes) == 0 {
		return nil, nil
	}
	now := l.clock.Now()
	lists := make([][]claimed, len(wishes))
	var batch pgx.Batch
	for i, w := range wishes {
		query, args := claimJobs, []any{w.queue, now, w.most, now.Add(l.lease)}
		if w.table == "delivery" {
			query, args = claimDeliveries, append(args, w.channel)
		}
		batch.Queue(query, args...).Query(func(rows pgx.Rows) (err error) {
			lists[i], err = pgx.CollectRows(rows, pgx.RowToStructByPos[claimed])
			return err
		})
	}
	if err := l.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("jobs: claim: %w", err)
	}
	return lists, nil
}

// unclaim gives back rows whose ticket could not be handed over, so that they need not wait for the lease.
func (l *Ledger) unclaim(ctx context.Context, table string, list []claimed) error {
	var tenants, rows []ids.ID
	var gens []int
	for _, c := range list {
		tenants, rows, gens = append(tenants, c.Tenant), append(rows, c.ID), append(gens, c.Gen)
	}
	_, err := l.pool.Exec(ctx, `UPDATE `+table+` d SET lease_until = NULL FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS x(tenant_id, id, gen)
		WHERE d.tenant_id = x.tenant_id AND d.id = x.id AND d.gen = x.gen AND d.finished_at IS NULL`, tenants, rows, gens)
	if err != nil {
		return fmt.Errorf("jobs: give back %s: %w", table, err)
	}
	return nil
}
