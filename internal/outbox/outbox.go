// Package outbox records what happened in the transaction in which it happened. Nothing is sent from here: the relay
// finds the rows and sees to it that every handler hears of them, at least once.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Wake is notified at commit, so that the relay need not wait for its next look.
const Wake = "outbox_wake"

// Event is something that happened, in the past tense: "diary.entry_published". It marshals to ids, never to text.
type Event interface{ EventName() string }

// Recorded is an event as it stands in its row.
type Recorded struct {
	ID       ids.ID
	TenantID ids.ID
	Name     string
	Payload  json.RawMessage
	At       time.Time
}

type row struct {
	bun.BaseModel `bun:"table:event"`
	TenantID      ids.ID          `bun:",pk,type:uuid"`
	ID            ids.ID          `bun:",pk,type:uuid"`
	Name          string          `bun:"name"`
	Payload       json.RawMessage `bun:"type:jsonb"`
	RecordedAt    time.Time       `bun:"recorded_at"`
	DueAt         *time.Time      `bun:"due_at"`
}

// Record writes the event beside the rows it speaks of: either both are kept or neither.
func Record(ctx context.Context, tx tenants.Writer, e Event) error {
	return RecordAs(ctx, tx, ids.New(), e)
}

// RecordAs is Record under an id that rows beside the event name it by.
func RecordAs(ctx context.Context, tx tenants.Writer, id ids.ID, e Event) error {
	return record(ctx, tx, id, e, nil)
}

// RecordDue is Record for what happens at a later moment: handlers hear of it then, a second after it at most, or as soon as a
// worker is there again.
func RecordDue(ctx context.Context, tx tenants.Writer, e Event, due time.Time) error {
	return record(ctx, tx, ids.New(), e, &due)
}

func record(ctx context.Context, tx tenants.Writer, id ids.ID, e Event, due *time.Time) error {
	payload, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("outbox: marshal %s: %w", e.EventName(), err)
	}
	r := &row{TenantID: tx.Tenant().ID, ID: id, Name: e.EventName(), Payload: payload, RecordedAt: tx.Now(), DueAt: due}
	if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
		return fmt.Errorf("outbox: record %s: %w", r.Name, err)
	}
	return RingRelay(ctx, tx)
}

// RingRelay tells the relay, once the transaction is kept, that there is something to dispatch.
func RingRelay(ctx context.Context, tx tenants.Writer) error {
	if _, err := tx.NewRaw("SELECT pg_notify(?, '')", Wake).Exec(ctx); err != nil {
		return fmt.Errorf("outbox: wake relay: %w", err)
	}
	return nil
}

// The queues, by what waiting costs.
const (
	Urgent = "urgent" // somebody is looking at a screen, or a security mail
	Normal = "normal"
	Bulk   = "bulk"  // newsletters, digests
	Media  = "media" // needs the image program
)

// Subscription is one handler's interest in one kind of event.
type Subscription struct {
	Event   string
	Handler string // unique; its name in the ledger
	Queue   string
	Run     func(ctx context.Context, e Recorded) error
}

// On subscribes run to E. It is called with the tenant and the system actor in ctx, perhaps more than once for the same
// event id, and must come out the same. A fault of code Invalid, Gone or NotFound is final; any other error is tried again.
func On[E Event](handler, queue string, run func(ctx context.Context, id ids.ID, e E) error) Subscription {
	var zero E
	return Subscription{Event: zero.EventName(), Handler: handler, Queue: queue, Run: func(ctx context.Context, r Recorded) error {
		var e E
		if err := json.Unmarshal(r.Payload, &e); err != nil {
			return fmt.Errorf("outbox: payload of %s: %w", r.Name, err)
		}
		return run(ctx, r.ID, e)
	}}
}
