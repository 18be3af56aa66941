package notifications

import (
	"context"
	"fmt"
	"time"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// PastFailure is something that did not reach somebody before.
type PastFailure struct {
	ID, EventID, PersonID, SubjectID ids.ID
	Item                             string
	Why                              string // as in the ledger: what Failure.Reason reads; of a device that is gone, DeviceIsGone
	Tries                            int
	At                               time.Time
}

// DeviceIsGone is why a message to a device was dropped.
const DeviceIsGone = pushGone

// RecallFailures keeps what did not reach people elsewhere, or long ago, within tx.
func RecallFailures(ctx context.Context, tx tenants.Writer, list []PastFailure) error {
	for _, f := range list {
		channel, state, device := MailChannel, "dead", ids.Nil
		if f.Why == DeviceIsGone {
			channel, state, device = pushTo+f.ID.String(), "dropped", f.ID
		}
		_, err := tx.NewRaw(`INSERT INTO delivery (tenant_id, id, event_id, person_id, channel, item, subject_id, device_id, queue, state, due_at, attempts, last_error, finished_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'normal', ?, ?, ?, ?, ?)`,
			tx.Tenant().ID, f.ID, f.EventID, f.PersonID, channel, f.Item, f.SubjectID, orNull(device), state, f.At, f.Tries, f.Why, f.At).Exec(ctx)
		if err != nil {
			return fmt.Errorf("notifications: insert past failure: %w", err)
		}
	}
	return nil
}
