package platform

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// FillState is how far an organisation is with the example data that it begins with.
type FillState string

// The states. A Failed one is tried again, as every job is; one that is Skipped had children of its own.
const (
	Waiting FillState = "waiting"
	Filling FillState = "filling"
	Ready   FillState = "ready"
	Failed  FillState = "failed"
	Skipped FillState = "skipped"
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
func (f Fill) Over() bool { return f.settled() || f.State == Failed }

// settled tells that nothing is going to happen at all.
func (f Fill) settled() bool { return f.State == Ready || f.State == Skipped }

// Fill gives how far an organisation is; NotFound when it begins without example data, or nobody was invited yet.
func (s *Service) Fill(ctx context.Context, id ids.ID) (f Fill, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		f, err = findFill(ctx, tx, id)
		return err
	})
	return f, err
}

func findFill(ctx context.Context, tx tenants.Reader, id ids.ID) (f Fill, err error) {
	err = tx.NewRaw("SELECT state, done, total FROM example_data WHERE tenant_id = ?", id).Scan(ctx, &f)
	return f, missing(err, "platform: find example data")
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

// Filler fills the organisation with example data, all at once or not at all; stored is told of each photo, and kept is called in the
// transaction in which everything is kept. An organisation that has children is left alone: ErrHasChildren.
type Filler func(ctx context.Context, t tenants.Tenant, stored func(done, total int), kept func(context.Context, tenants.Writer) error) error

// ErrHasChildren means that an organisation has children that are not made up.
var ErrHasChildren = errors.New("platform: the organisation has children of its own")

// FillExamples fills, by a job, organisations that were made as an example.
func FillExamples(db *tenants.DB, fill Filler) outbox.Subscription {
	return outbox.On("platform.fill_example", outbox.Media, func(ctx context.Context, _ ids.ID, _ ExampleWanted) error {
		t, ok := tenants.From(ctx)
		if !ok {
			return tenants.ErrNoTenant
		}
		var before Fill
		err := db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
			before, err = findFill(ctx, tx, t.ID)
			return err
		})
		if err != nil || before.settled() {
			return err
		}
		note := func(ctx context.Context, f Fill) error {
			return db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { _, err := noteFill(ctx, tx, f); return err })
		}
		var mu sync.Mutex
		noted := 0
		last := Fill{State: Ready}
		stored := func(done, total int) {
			mu.Lock()
			defer mu.Unlock()
			last.Done, last.Total = max(done, last.Done), total
			if done-noted < total/20 && done < total || done <= noted {
				return
			}
			if note(ctx, Fill{Filling, done, total}) == nil { // how far it is matters less than that it goes on
				noted = done
			}
		}
		if err := note(ctx, Fill{State: Filling}); err != nil {
			return err
		}
		err = fill(ctx, t, stored, func(ctx context.Context, tx tenants.Writer) error { _, err := noteFill(ctx, tx, last); return err })
		switch {
		case errors.Is(err, ErrHasChildren):
			return db.Write(ctx, skip)
		case err != nil:
			return errors.Join(err, note(context.WithoutCancel(ctx), Fill{State: Failed}))
		}
		return nil
	})
}

// skip leaves an organisation as it is, which is no example then; unless whose children those are is that it was just filled.
func skip(ctx context.Context, tx tenants.Writer) error {
	skipped, err := noteFill(ctx, tx, Fill{State: Skipped})
	if err != nil || !skipped {
		return err
	}
	if err := tenants.NoExample(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, "platform.skip_example", tx.Tenant().ID, nil)
}

// noteFill tells whether there was still something to note.
func noteFill(ctx context.Context, tx tenants.Writer, f Fill) (bool, error) {
	noted, err := tx.NewRaw("UPDATE example_data SET state = ?, done = ?, total = ?, changed_at = ? WHERE tenant_id = ? AND state NOT IN (?, ?)",
		f.State, f.Done, f.Total, tx.Now(), tx.Tenant().ID, Ready, Skipped).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("platform: note example data: %w", err)
	}
	n, err := noted.RowsAffected()
	return n > 0, err
}
