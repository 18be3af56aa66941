package platform

import (
	"context"
	"fmt"
	"time"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Queue is how many jobs and deliveries of all organisations wait in a queue of the ledger.
type Queue struct {
	Name    string
	Waiting int
	Late    int        // whose time came more than five minutes ago
	Oldest  *time.Time // when the time of the first of them came
}

const lateAfter = 5 * time.Minute

// DeadLetter is something that is not tried any more. It names nobody: not whom it was for, and not what it was about.
type DeadLetter struct {
	ID       ids.ID
	TenantID ids.ID
	Tenant   string // its name
	What     string // the handler, or the channel and the kind of news
	Attempts int
	Reason   string // a key or a class
	Since    time.Time
}

// Ledger is how the work of all organisations stands.
type Ledger struct {
	Queues []Queue
	Dead   []DeadLetter // the newest
	Count  int          // of all that are dead
}

const (
	mostDead = 100
	// ledgerSQL is jobs and deliveries side by side, as far as operators may see them.
	ledgerSQL = `(SELECT tenant_id, id, handler AS what, queue, state, due_at, attempts, last_error, finished_at FROM job
		UNION ALL SELECT tenant_id, id, channel || ' ' || item, queue, state, due_at, attempts, last_error, finished_at FROM delivery) AS x`
)

// Ledger reads the queues and what failed, across organisations.
func (s *Service) Ledger(ctx context.Context) (l Ledger, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewRaw(`SELECT q.name, count(x.id)::int AS waiting, (count(x.id) FILTER (WHERE x.due_at < ?1))::int AS late, min(x.due_at) FILTER (WHERE x.due_at <= ?0) AS oldest
			FROM unnest(ARRAY['urgent', 'normal', 'bulk', 'media']) WITH ORDINALITY AS q (name, place) LEFT JOIN `+ledgerSQL+` ON x.queue = q.name AND x.state = 'waiting'
			GROUP BY q.name, q.place ORDER BY q.place`, tx.Now(), tx.Now().Add(-lateAfter)).Scan(ctx, &l.Queues)
		if err != nil {
			return fmt.Errorf("platform: read queues: %w", err)
		}
		err = tx.NewRaw(`SELECT x.id, x.tenant_id, t.name AS tenant, x.what, x.attempts, x.last_error AS reason, x.finished_at AS since FROM `+ledgerSQL+`
			JOIN tenant t ON t.id = x.tenant_id WHERE x.state = 'dead' ORDER BY x.finished_at DESC, x.id DESC LIMIT ?`, mostDead).Scan(ctx, &l.Dead)
		if err != nil {
			return fmt.Errorf("platform: list dead letters: %w", err)
		}
		if err := tx.NewRaw("SELECT count(*) FROM "+ledgerSQL+" WHERE x.state = 'dead'").Scan(ctx, &l.Count); err != nil {
			return fmt.Errorf("platform: count dead letters: %w", err)
		}
		return nil
	})
	return l, err
}

// Redrive gives a dead letter all its tries again, from now on; NotFound when none with this id is dead.
func (s *Service) Redrive(ctx context.Context, id ids.ID) error {
	var of ids.ID
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewRaw("SELECT x.tenant_id FROM "+ledgerSQL+" WHERE x.id = ? AND x.state = 'dead'", id).Scan(ctx, &of)
		return missing(err, "platform: find dead letter")
	})
	if err != nil {
		return err
	}
	t, err := s.db.ByID(ctx, of)
	if err != nil {
		return err
	}
	return s.db.Write(tenants.With(ctx, t), func(ctx context.Context, tx tenants.Writer) error {
		for _, table := range []string{"job", "delivery"} {
			revived, err := tx.NewRaw("UPDATE "+table+" SET state = 'waiting', attempts = 0, gen = gen + 1, due_at = ?, finished_at = NULL, lease_until = NULL WHERE tenant_id = ? AND id = ? AND state = 'dead'",
				tx.Now(), of, id).Exec(ctx)
			if err != nil {
				return fmt.Errorf("platform: redrive %s: %w", table, err)
			}
			if n, _ := revived.RowsAffected(); n == 1 {
				return recordDeed(ctx, tx, "platform.redrive", map[string]any{"letter": id})
			}
		}
		return fault.NotFound()
	})
}
