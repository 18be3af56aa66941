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
		WHERE j.tenant_id = $1 AND j.id = $2 AND j.gen = $3 AND j.finished_at IS NULL AND e.tenant_id = j.tenant_id AND e.id = j.event_id
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

// finish asks for the unfinished row by finished_at and not by its state: the partial indexes on the state are for finding
// due rows, and without up-to-date statistics the planner takes them for a short cut here.
func finish(table string) string {
	return `UPDATE ` + table + ` SET state = $4, due_at = CASE WHEN $4 = 'waiting' THEN $5 ELSE due_at END, lease_until = NULL, last_error = $6,
		attempts = attempts - $7::int, finished_at = CASE WHEN $4 = 'waiting' THEN NULL ELSE $8::timestamptz END
		WHERE tenant_id = $1 AND id = $2 AND gen = $3 AND finished_at IS NULL`
}

// finishJob writes the verdict and tells whether the claim still held.
func (l *Ledger) finishJob(ctx context.Context, v verdict) (bool, error) {
	tag, err := l.pool.Exec(ctx, finish("job"),
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

// takeDelivery is for one row, like finish, so that there is only one index to choose.
const takeDelivery = `UPDATE delivery SET gen = gen + 1, attempts = attempts + 1, lease_until = $5
	WHERE tenant_id = $1 AND id = $2 AND gen = $3 AND channel = $4 AND finished_at IS NULL
	RETURNING id, tenant_id, event_id, person_id, subject_id, item, attempts, gen`

// takeDeliveries uses up the ticket, in one transaction and one round trip, and returns the deliveries that this worker
// now holds: those whose gen is still the ticket's.
func (l *Ledger) takeDeliveries(ctx context.Context, ticket deliveryTicket) ([]outbox.Delivery, error) {
	until := l.clock.Now().Add(l.lease)
	var batch pgx.Batch
	for i, id := range ticket.IDs {
		batch.Queue(takeDelivery, ticket.Tenant, id, ticket.Gens[i], ticket.Channel, until)
	}
	results := l.pool.SendBatch(ctx, &batch)
	defer results.Close()
	var list []outbox.Delivery
	for range ticket.IDs {
		rows, err := results.Query()
		if err != nil {
			return nil, fmt.Errorf("jobs: take deliveries: %w", err)
		}
		one, err := pgx.CollectRows(rows, pgx.RowToStructByPos[outbox.Delivery])
		if err != nil {
			return nil, fmt.Errorf("jobs: take deliveries: %w", err)
		}
		list = append(list, one...)
	}
	if err := results.Close(); err != nil {
		return nil, fmt.Errorf("jobs: take deliveries: %w", err)
	}
	return list, nil
}

// finishDeliveries writes verdicts in one transaction and one round trip; those whose claim is gone change nothing. It
// returns how many held.
func (l *Ledger) finishDeliveries(ctx context.Context, verdicts []verdict) (int, error) {
	now := l.clock.Now()
	var batch pgx.Batch
	for _, v := range verdicts {
		batch.Queue(finish("delivery"), v.tenant, v.id, v.gen, v.state, v.due, v.reason, discount(v.uncounted), now)
	}
	results := l.pool.SendBatch(ctx, &batch)
	defer results.Close()
	held := 0
	for range verdicts {
		tag, err := results.Exec()
		if err != nil {
			return 0, fmt.Errorf("jobs: finish deliveries: %w", err)
		}
		held += int(tag.RowsAffected())
	}
	if err := results.Close(); err != nil {
		return 0, fmt.Errorf("jobs: finish deliveries: %w", err)
	}
	return held, nil
}
