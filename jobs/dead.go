package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
)

// DeadLetter is a row that is not tried any more, for an operator to look at. It names nobody.
type DeadLetter struct {
	Table    string // job or delivery
	ID       ids.ID
	Tenant   string // its slug
	What     string // the handler, or the channel and item
	Attempts int
	Reason   string
	Since    time.Time
}

// DeadLetters lists the newest, most at most.
func (l *Ledger) DeadLetters(ctx context.Context, most int) ([]DeadLetter, error) {
	rows, err := l.pool.Query(ctx, `SELECT x.kind, x.id, t.slug, x.what, x.attempts, x.last_error, x.finished_at FROM (
			SELECT 'job' AS kind, tenant_id, id, handler AS what, attempts, last_error, finished_at FROM job WHERE state = 'dead'
			UNION ALL SELECT 'delivery', tenant_id, id, kind || ' ' || item, attempts, last_error, finished_at FROM delivery WHERE state = 'dead'
		) x JOIN tenant t ON t.id = x.tenant_id ORDER BY x.finished_at DESC LIMIT $1`, most)
	if err != nil {
		return nil, fmt.Errorf("jobs: list dead letters: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DeadLetter])
	if err != nil {
		return nil, fmt.Errorf("jobs: list dead letters: %w", err)
	}
	return list, nil
}

// Redrive gives a dead letter all its tries again, from now on; NotFound when there is none with this id.
func (l *Ledger) Redrive(ctx context.Context, id ids.ID) error {
	for _, table := range []string{"job", "delivery"} {
		tag, err := l.pool.Exec(ctx, `UPDATE `+table+` SET state = 'waiting', attempts = 0, gen = gen + 1, due_at = $2, finished_at = NULL, lease_until = NULL
			WHERE id = $1 AND state = 'dead'`, id, l.clock.Now())
		if err != nil {
			return fmt.Errorf("jobs: redrive %s: %w", table, err)
		}
		if tag.RowsAffected() == 1 {
			return nil
		}
	}
	return fault.NotFound()
}
