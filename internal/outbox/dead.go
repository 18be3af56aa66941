package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ouderportaal/tenants"
)

// GivenUp lists the events that the ledger stopped trying a handler for since a moment: it failed for a day, or said that it would
// always fail. It is for whoever has to tell people that what they wait for does not come. An operator may have them tried again.
func GivenUp[E Event](ctx context.Context, tx tenants.Reader, handler string, since time.Time) ([]E, error) {
	var rows []struct {
		Payload json.RawMessage `bun:"type:jsonb"`
	}
	err := tx.NewRaw(`SELECT e.payload FROM job j JOIN event e ON e.tenant_id = j.tenant_id AND e.id = j.event_id
		WHERE j.tenant_id = ? AND j.state = 'dead' AND j.finished_at >= ? AND j.handler = ? ORDER BY j.finished_at, j.id`, tx.Tenant().ID, since, handler).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("outbox: look for what %s was given up on: %w", handler, err)
	}
	list := make([]E, len(rows))
	for i := range rows {
		if err := json.Unmarshal(rows[i].Payload, &list[i]); err != nil {
			return nil, fmt.Errorf("outbox: payload of %s: %w", list[i].EventName(), err)
		}
	}
	return list, nil
}
