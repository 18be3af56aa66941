package platform

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// FillState is how far an organisation is with the example data that it begins with.
type FillState string

// The states. A Failed one is tried again, as every job is.
const (
	Waiting FillState = "waiting"
	Filling FillState = "filling"
	Ready   FillState = "ready"
	Failed  FillState = "failed"
)

// Fill is that, with how many of all photos are stored.
type Fill struct {
	State       FillState
	Done, Total int
}

// Percent is how far it is.
func (f Fill) Percent() int {
	if f.Total == 0 {
		return 0
	}
	return 100 * f.Done / f.Total
}

// Over tells that nothing more is going to happen by itself soon.
func (f Fill) Over() bool { return f.State == Ready || f.State == Failed }

// Fill gives how far an organisation is; NotFound when it begins without example data, or nobody was invited yet.
func (s *Service) Fill(ctx context.Context, id ids.ID) (f Fill, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewRaw("SELECT state, done, total FROM example_data WHERE tenant_id = ?", id).Scan(ctx, &f)
		return missing(err, "platform: find example data")
	})
	return f, err
}

// ExampleWanted says that the organisation is to be filled with example data.
type ExampleWanted struct{}

// EventName is the name in the ledger.
func (ExampleWanted) EventName() string { return "platform.example_wanted" }

// wantExample has an organisation that is an example filled, once. It works with the app role.
func wantExample(ctx context.Context, tx tenants.Writer) error {
	if !tx.Tenant().Example {
		return nil
	}
	wanted, err := tx.NewRaw("INSERT INTO example_data (tenant_id, state, changed_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", tx.Tenant().ID, Waiting, tx.Now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("platform: want example data: %w", err)
	}
	if n, _ := wanted.RowsAffected(); n == 0 {
		return nil
	}
	return outbox.Record(ctx, tx, ExampleWanted{})
}

// Filler fills the organisation with example data, unless it has children, all at once or not at all; stored is told of each photo.
type Filler func(ctx context.Context, t tenants.Tenant, stored func(done, total int)) error

// FillExamples fills, by a job, organisations that were made as an example.
func FillExamples(db *tenants.DB, fill Filler) outbox.Subscription {
	return outbox.On("platform.fill_example", outbox.Media, func(ctx context.Context, _ ids.ID, _ ExampleWanted) error {
		t, ok := tenants.From(ctx)
		if !ok || !t.Example {
			return fault.NotFound()
		}
		var mu sync.Mutex
		noted := 0
		stored := func(done, total int) {
			mu.Lock()
			defer mu.Unlock()
			if done-noted < total/20 && done < total || done <= noted {
				return
			}
			if noteFill(ctx, db, Fill{Filling, done, total}) == nil { // how far it is matters less than that it goes on
				noted = done
			}
		}
		if err := noteFill(ctx, db, Fill{State: Filling}); err != nil {
			return err
		}
		if err := fill(ctx, t, stored); err != nil {
			return errors.Join(err, noteFill(context.WithoutCancel(ctx), db, Fill{State: Failed}))
		}
		return noteFill(ctx, db, Fill{State: Ready})
	})
}

func noteFill(ctx context.Context, db *tenants.DB, f Fill) error {
	return db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		_, err := tx.NewRaw("UPDATE example_data SET state = ?, done = ?, total = ?, changed_at = ? WHERE tenant_id = ? AND state <> ?",
			f.State, f.Done, f.Total, tx.Now(), tx.Tenant().ID, Ready).Exec(ctx)
		if err != nil {
			return fmt.Errorf("platform: note example data: %w", err)
		}
		return nil
	})
}
