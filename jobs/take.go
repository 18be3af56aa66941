package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

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

// finishJob writes the verdict and tells whether the claim still held.
func (l *Ledger) finishJob(ctx context.Context, v verdict) (bool, error) {
	tag, err := l.pool.Exec(ctx, `UPDATE job SET state = $4, due_at = CASE WHEN $4 = 'waiting' THEN $5 ELSE due_at END, lease_until = NULL, last_error = $6,
		attempts = attempts - $7::int, finished_at = CASE WHEN $4 = 'waiting' THEN NULL ELSE $8::timestamptz END
		WHERE tenant_id = $1 AND id = $2 AND gen = $3 AND finished_at IS NULL`,
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

// held locks the unfinished rows among (tenant, id, gen) that still have their gen, one by one through the primary key, and
// names their places: written as a join, the choice of the index would be the planner's, and without statistics it takes
// the partial ones for a short cut.
const held = `SELECT row.place FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS x(tenant_id, id, gen) CROSS JOIN LATERAL (
		SELECT d.ctid AS place FROM delivery d WHERE d.tenant_id = x.tenant_id AND d.id = x.id AND d.gen = x.gen AND d.finished_at IS NULL FOR UPDATE
	) row`

const takeDeliveries = `UPDATE delivery SET gen = gen + 1, attempts = attempts + 1, lease_until = $5
	WHERE ctid = ANY (ARRAY(` + held + `)) AND kind = $4
	RETURNING id, tenant_id, event_id, person_id, subject_id, coalesce(device_id, '00000000-0000-0000-0000-000000000000'), item, attempts, gen`

// takeDeliveries uses up the ticket and returns the deliveries that this worker now holds: those whose gen is still the
// ticket's.
func (l *Ledger) takeDeliveries(ctx context.Context, ticket deliveryTicket) ([]outbox.Delivery, error) {
	owners := make([]ids.ID, len(ticket.IDs))
	for i := range owners {
		owners[i] = ticket.Tenant
	}
	rows, err := l.pool.Query(ctx, takeDeliveries, raw(owners), raw(ticket.IDs), ticket.Gens, ticket.Channel, l.clock.Now().Add(l.lease))
	if err != nil {
		return nil, fmt.Errorf("jobs: take deliveries: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[outbox.Delivery])
	if err != nil {
		return nil, fmt.Errorf("jobs: take deliveries: %w", err)
	}
	return list, nil
}

const finishDeliveries = `UPDATE delivery SET state = $4, due_at = CASE WHEN $4 = 'waiting' THEN $5 ELSE due_at END, lease_until = NULL, last_error = $6,
	attempts = attempts - $7::int, finished_at = CASE WHEN $4 = 'waiting' THEN NULL ELSE $8::timestamptz END
	WHERE ctid = ANY (ARRAY(` + held + `))`

// finishDeliveries writes verdicts in one transaction and one round trip, a statement for all that say the same; those
// whose claim is gone change nothing. It returns how many held.
func (l *Ledger) finishDeliveries(ctx context.Context, verdicts []verdict) (int, error) {
	type saying struct {
		state, reason string
		due           time.Time
		uncounted     bool
	}
	type rows struct {
		tenants, ids []ids.ID
		gens         []int
	}
	groups := map[saying]*rows{}
	for _, v := range verdicts {
		s := saying{v.state, v.reason, v.due, v.uncounted}
		if groups[s] == nil {
			groups[s] = &rows{}
		}
		g := groups[s]
		g.tenants, g.ids, g.gens = append(g.tenants, v.tenant), append(g.ids, v.id), append(g.gens, v.gen)
	}
	now, written := l.clock.Now(), 0
	var batch pgx.Batch
	for s, g := range groups {
		batch.Queue(finishDeliveries, raw(g.tenants), raw(g.ids), g.gens, s.state, s.due, s.reason, discount(s.uncounted), now).
			Exec(func(tag pgconn.CommandTag) error { written += int(tag.RowsAffected()); return nil })
	}
	if err := l.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return 0, fmt.Errorf("jobs: finish deliveries: %w", err)
	}
	return written, nil
}

// raw lets pgx send ids as the 16 bytes that they are; by themselves they ask to be written out as text.
func raw(list []ids.ID) [][16]byte {
	out := make([][16]byte, len(list))
	for i, id := range list {
		out[i] = id
	}
	return out
}
