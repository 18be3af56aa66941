package jobs

import (
	"context"
	"fmt"

	"ouderportaal/tenants"
)

const (
	// keepDays is how long the ledger remembers what went well. What is dead stays until somebody looks at it.
	keepDays     = 30
	forgetAtOnce = 1000
)

// forgotten are the rows that are of no use any more, children before parents. An event stays for as long as a
// notification in somebody's list comes from it.
var forgotten = []struct{ table, rows string }{
	{"job", `SELECT j.id FROM event e JOIN job j ON j.tenant_id = e.tenant_id AND j.event_id = e.id AND j.state = 'done'`},
	{"delivery", `SELECT d.id FROM event e JOIN delivery d ON d.tenant_id = e.tenant_id AND d.event_id = e.id AND d.state IN ('sent', 'dropped')`},
	{"event", `SELECT e.id FROM event e LEFT JOIN job j ON j.tenant_id = e.tenant_id AND j.event_id = e.id
		LEFT JOIN delivery d ON d.tenant_id = e.tenant_id AND d.event_id = e.id LEFT JOIN notification n ON n.tenant_id = e.tenant_id AND n.event_id = e.id`},
}

// Forget deletes what the tenant in ctx needs no more: finished jobs and deliveries of events older than 30 days, and
// then those events. It is for the schedule.
func Forget(ctx context.Context, db *tenants.DB) error {
	for _, old := range forgotten {
		only := ""
		if old.table == "event" {
			only = " AND e.expanded_at IS NOT NULL AND j.id IS NULL AND d.id IS NULL AND n.id IS NULL"
		}
		for gone := int64(forgetAtOnce); gone == forgetAtOnce; {
			err := db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
				done, err := tx.NewRaw(`DELETE FROM `+old.table+` WHERE tenant_id = ?0 AND id IN (`+old.rows+
					` WHERE e.tenant_id = ?0 AND e.recorded_at < ?1::timestamptz - make_interval(days => ?2)`+only+` LIMIT ?3)`,
					tx.Tenant().ID, tx.Now(), keepDays, forgetAtOnce).Exec(ctx)
				if err != nil {
					return fmt.Errorf("jobs: forget %s: %w", old.table, err)
				}
				gone, err = done.RowsAffected()
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
