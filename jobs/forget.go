package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

const (
	// keepDays is how long the ledger remembers what went well. What is dead stays until somebody looks at it.
	keepDays = 30
	// eventsAtOnce and rowsAtOnce bound one transaction: an event may have a job, or a delivery for each of thousands.
	eventsAtOnce = 500
	rowsAtOnce   = 5000
)

// finished are the rows that are of no use any more once their event is old.
var finished = []struct{ table, states string }{{"job", "'done'"}, {"delivery", "'sent', 'dropped'"}}

// oldEvent is a place in the order in which events are gone through.
type oldEvent struct {
	ID         ids.ID
	RecordedAt time.Time
}

// Forget deletes what the tenant in ctx needs no more: of events older than 30 days the finished jobs and deliveries, and
// the event itself when it has no others. It goes through them once, oldest first, so that a run costs what it deletes:
// the next one meets again what is dead or waits, and nothing else. It is for the schedule.
func Forget(ctx context.Context, db *tenants.DB) error {
	var after oldEvent
	for more := true; more; {
		err := db.Write(ctx, func(ctx context.Context, tx tenants.Writer) (err error) {
			more, err = forgetSome(ctx, tx, &after)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetSome deals with the oldest events after a place, which it moves past those that it has done with. It tells whether
// there is more to do.
func forgetSome(ctx context.Context, tx tenants.Writer, after *oldEvent) (more bool, err error) {
	tenant := tx.Tenant().ID
	var old []oldEvent
	err = tx.NewRaw(`SELECT id, recorded_at FROM event WHERE tenant_id = ? AND recorded_at < ? AND (recorded_at, id) > (?, ?)
		ORDER BY recorded_at, id LIMIT ?`, tenant, tx.Now().AddDate(0, 0, -keepDays), after.RecordedAt, after.ID, eventsAtOnce).Scan(ctx, &old)
	if err != nil {
		return false, fmt.Errorf("jobs: find old events: %w", err)
	}
	if len(old) == 0 {
		return false, nil
	}
	text := make([]string, len(old))
	for i, e := range old {
		text[i] = e.ID.String()
	}
	events := pgdialect.Array(text)
	// Arrays and not joins: there is one good plan, by the index, and a join would leave it to a guess.
	for _, f := range finished {
		done, err := tx.NewRaw(`DELETE FROM `+f.table+` WHERE tenant_id = ?0 AND id = ANY (ARRAY(
			SELECT id FROM `+f.table+` WHERE tenant_id = ?0 AND event_id = ANY (?1::uuid[]) AND state IN (`+f.states+`) LIMIT ?2))`, tenant, events, rowsAtOnce).Exec(ctx)
		if err != nil {
			return false, fmt.Errorf("jobs: forget %s: %w", f.table, err)
		}
		if n, err := done.RowsAffected(); err != nil || n == rowsAtOnce {
			return true, err // the same events have more of them
		}
	}
	_, err = tx.NewRaw(`DELETE FROM event WHERE tenant_id = ?0 AND expanded_at IS NOT NULL AND id = ANY (ARRAY(
		SELECT unnest(?1::uuid[])
		EXCEPT SELECT event_id FROM job WHERE tenant_id = ?0 AND event_id = ANY (?1::uuid[])
		EXCEPT SELECT event_id FROM delivery WHERE tenant_id = ?0 AND event_id = ANY (?1::uuid[])))`, tenant, events).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("jobs: forget event: %w", err)
	}
	*after = old[len(old)-1]
	return len(old) == eventsAtOnce, nil
}
