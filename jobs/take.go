package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
)

// taken is a job that this worker holds, with its event.
type taken struct {
	ID, Tenant ids.ID
	Handler    string
	Queue      string
	Gen        int
	Attempt    int
	Event      ids.ID
	Name       string
	Payload    json.RawMessage
	At         time.Time
}

func (t *taken) recorded() outbox.Recorded {
	return outbox.Recorded{ID: t.Event, TenantID: t.Tenant, Name: t.Name, Payload: t.Payload, At: t.At}
}

// takeJob uses up the ticket. nil means that it is worthless: used, overtaken, forged, or the job is finished. The try is
// counted here and not when it fails, so that a job that kills its worker comes to an end too.
func (l *Ledger) takeJob(ctx context.Context, ticket jobTicket) (*taken, error) {
	rows, err := l.pool.Query(ctx, `UPDATE job j SET gen = j.gen + 1, attempts = j.attempts + 1, lease_until = $4 FROM event e
		WHERE j.tenant_id = $1 AND j.id = $2 AND j.gen = $3 AND j.state = 'waiting' AND e.tenant_id = j.tenant_id AND e.id = j.event_id
		RETURNING j.id, j.tenant_id, j.handler, j.queue, j.gen, j.attempts, e.id, e.name, e.payload, e.recorded_at`,
		ticket.Tenant, ticket.ID, ticket.Gen, l.clock.Now().Add(l.lease))
	if err != nil {
		return nil, fmt.Errorf("jobs: take job: %w", err)
	}
	job, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[taken])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("jobs: take job: %w", err)
	}
	return job, nil
}

// verdict is what a row becomes. Only who holds gen can pass it.
type verdict struct {
	tenant, id ids.ID
	gen        int
	state      string // waiting: is tried again at due
	due        time.Time
	reason     string
	uncounted  bool // the try was broken off by us and does not count
}

// finishJob writes the verdict and tells whether the claim still held.
func (l *Ledger) finishJob(ctx context.Context, v verdict) (bool, error) {
	tag, err := l.pool.Exec(ctx, `UPDATE job SET state = $4, due_at = CASE WHEN $4 = 'waiting' THEN $5 ELSE due_at END, lease_until = NULL, last_error = $6,
		attempts = attempts - $7::int, finished_at = CASE WHEN $4 = 'waiting' THEN NULL ELSE $8::timestamptz END
		WHERE tenant_id = $1 AND id = $2 AND gen = $3 AND state = 'waiting'`,
		v.tenant, v.id, v.gen, v.state, v.due, v.reason, discount(v.uncounted), l.clock.Now())
	if err != nil {
		return false, fmt.Errorf("jobs: finish job: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

func discount(uncounted bool) int {
	if uncounted {
		return 1
	}
	return 0
}

// takeDeliveries uses up the ticket and returns the deliveries that this worker now holds: those whose gen is still the
// ticket's.
func (l *Ledger) takeDeliveries(ctx context.Context, ticket deliveryTicket) ([]outbox.Delivery, error) {
	rows, err := l.pool.Query(ctx, `UPDATE delivery d SET gen = d.gen + 1, attempts = d.attempts + 1, lease_until = $5
		FROM unnest($2::uuid[], $3::int[]) AS x(id, gen)
		WHERE d.tenant_id = $1 AND d.id = x.id AND d.gen = x.gen AND d.channel = $4 AND d.state = 'waiting'
		RETURNING d.id, d.tenant_id, d.event_id, d.person_id, d.subject_id, d.item, d.attempts, d.gen`,
		ticket.Tenant, ticket.IDs, ticket.Gens, ticket.Channel, l.clock.Now().Add(l.lease))
	if err != nil {
		return nil, fmt.Errorf("jobs: take deliveries: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[outbox.Delivery])
	if err != nil {
		return nil, fmt.Errorf("jobs: take deliveries: %w", err)
	}
	return list, nil
}

// finishDeliveries writes many verdicts at once; those whose claim is gone change nothing. It returns how many held.
func (l *Ledger) finishDeliveries(ctx context.Context, verdicts []verdict) (int, error) {
	var c struct {
		tenants, rows   []ids.ID
		gens, discounts []int
		states, reasons []string
		due             []time.Time
	}
	for _, v := range verdicts {
		c.tenants, c.rows, c.gens = append(c.tenants, v.tenant), append(c.rows, v.id), append(c.gens, v.gen)
		c.states, c.reasons, c.due = append(c.states, v.state), append(c.reasons, v.reason), append(c.due, v.due)
		c.discounts = append(c.discounts, discount(v.uncounted))
	}
	tag, err := l.pool.Exec(ctx, `UPDATE delivery d SET state = x.state, due_at = CASE WHEN x.state = 'waiting' THEN x.due ELSE d.due_at END, lease_until = NULL,
		last_error = x.reason, attempts = d.attempts - x.discount, finished_at = CASE WHEN x.state = 'waiting' THEN NULL ELSE $8::timestamptz END
		FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::timestamptz[], $6::text[], $7::int[]) AS x(tenant_id, id, gen, state, due, reason, discount)
		WHERE d.tenant_id = x.tenant_id AND d.id = x.id AND d.gen = x.gen AND d.state = 'waiting'`,
		c.tenants, c.rows, c.gens, c.states, c.due, c.reasons, c.discounts, l.clock.Now())
	if err != nil {
		return 0, fmt.Errorf("jobs: finish deliveries: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
