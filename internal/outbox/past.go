package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// RecordPast keeps an event that was dealt with long ago, so that rows can point at it. The relay does nothing about it:
// it is for history that is brought in from elsewhere, of which nobody must hear again.
func RecordPast(ctx context.Context, tx tenants.Writer, e Event, at time.Time) (ids.ID, error) {
	payload, err := json.Marshal(e)
	if err != nil {
		return ids.Nil, fmt.Errorf("outbox: marshal %s: %w", e.EventName(), err)
	}
	id := ids.New()
	_, err = tx.NewRaw("INSERT INTO event (tenant_id, id, name, payload, recorded_at, expanded_at) VALUES (?, ?, ?, ?::jsonb, ?, ?)",
		tx.Tenant().ID, id, e.EventName(), string(payload), at, at).Exec(ctx)
	if err != nil {
		return ids.Nil, fmt.Errorf("outbox: record past %s: %w", e.EventName(), err)
	}
	return id, nil
}
