package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

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

// Fill is that, with how many of all parts are done.
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

// ExampleWanted says that a part of the pictures of an example is to be made.
type ExampleWanted struct{ Part int }

// EventName is the name in the ledger.
func (ExampleWanted) EventName() string { return "platform.example_wanted" }

// ExamplePictured says that all pictures of an example are made, so that all of it can be kept.
type ExamplePictured struct{}

// EventName is the name in the ledger.
func (ExamplePictured) EventName() string { return "platform.example_pictured" }

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

// Filler fills organisations with example data that are dated from at. One that has children is left alone: ErrHasChildren.
type Filler interface {
	// Parts is in how many parts the pictures are made, each in a few seconds.
	Parts() int
	// Picture makes and stores one of them, and gives what Keep has to know of it.
	Picture(ctx context.Context, t tenants.Tenant, at time.Time, part int) (json.RawMessage, error)
	// Keep keeps everything, all at once or not at all; kept is called in the transaction in which that happens.
	Keep(ctx context.Context, t tenants.Tenant, at time.Time, pictures []json.RawMessage, kept func(context.Context, tenants.Writer) error) error
}

// ErrHasChildren means that an organisation has children that are not made up.
var ErrHasChildren = errors.New("platform: the organisation has children of its own")

// FillExamples fills, by jobs, organisations that were made as an example. Each job makes a part of the pictures and asks for the next: in
// between the photos of others have their turn. One that runs again finds its part done, or does it once more. What is kept is counted with
// it, so that nobody reads of an example that is ready and has nothing.
func FillExamples(db *tenants.DB, filler Filler, counters Counters) []outbox.Subscription {
	f := filling{db, filler, counters}
	return []outbox.Subscription{
		outbox.On("platform.fill_example", outbox.Media, func(ctx context.Context, _ ids.ID, e ExampleWanted) error {
			return f.try(ctx, func(ctx context.Context, t tenants.Tenant, so *soFar) error { return f.picture(ctx, t, so, e.Part) })
		}),
		outbox.On("platform.keep_example", outbox.Normal, func(ctx context.Context, _ ids.ID, _ ExamplePictured) error { return f.try(ctx, f.keep) }),
	}
}

type filling struct {
	db       *tenants.DB
	filler   Filler
	counters Counters
}

// soFar is what an example has of its parts.
type soFar struct {
	BeganAt  time.Time
	Pictures []json.RawMessage `bun:"type:jsonb"`
}

// picturesKeep is how long an example goes on with the pictures that it has. They have no rows yet, and such files are swept up a day after
// they were stored.
const picturesKeep = 12 * time.Hour

// try does a step of an example that is not settled yet, and writes down what came of it where that is not well.
func (f filling) try(ctx context.Context, step func(context.Context, tenants.Tenant, *soFar) error) error {
	t, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	so := new(soFar)
	over := false
	err := f.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		before, err := findFill(ctx, tx, t.ID)
		if over = before.settled(); err != nil || over {
			return err
		}
		if over, err = beginAnew(ctx, tx); err != nil || over {
			return err
		}
		err = tx.NewRaw(`UPDATE example_data SET state = ?0, total = ?1, began_at = coalesce(began_at, ?2), changed_at = ?2, done = jsonb_array_length(pictures)
			WHERE tenant_id = ?3 RETURNING began_at, pictures`, Filling, f.filler.Parts()+1, tx.Now(), t.ID).Scan(ctx, so)
		if err != nil {
			return fmt.Errorf("platform: go on with example data: %w", err)
		}
		return nil
	})
	if err != nil || over {
		return err
	}
	err = step(ctx, t, so)
	switch {
	case errors.Is(err, ErrHasChildren):
		return f.db.Write(ctx, skip)
	case err != nil:
		return errors.Join(err, f.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx tenants.Writer) error {
			_, err := settle(ctx, tx, Failed)
			return err
		}))
	}
	return nil
}

// beginAnew has an example that began too long ago begin again, with pictures and dates of now, and tells whether it did.
func beginAnew(ctx context.Context, tx tenants.Writer) (bool, error) {
	begun, err := tx.NewRaw(`UPDATE example_data SET state = ?0, pictures = '[]', done = 0, began_at = ?1, changed_at = ?1 WHERE tenant_id = ?2 AND began_at < ?3`,
		Filling, tx.Now(), tx.Tenant().ID, tx.Now().Add(-picturesKeep)).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("platform: begin anew with example data: %w", err)
	}
	if n, err := begun.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	return true, outbox.Record(ctx, tx, ExampleWanted{})
}

func (f filling) picture(ctx context.Context, t tenants.Tenant, so *soFar, part int) error {
	if part != len(so.Pictures) {
		return nil // it is done, and the next was asked for
	}
	made, err := f.filler.Picture(ctx, t, so.BeganAt, part)
	if err != nil {
		return err
	}
	return f.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		kept, err := tx.NewRaw(`UPDATE example_data SET pictures = pictures || jsonb_build_array(?0::jsonb), done = ?1 + 1, changed_at = ?2
			WHERE tenant_id = ?3 AND jsonb_array_length(pictures) = ?1 AND began_at = ?6 AND state NOT IN (?4, ?5)`, string(made), part, tx.Now(), t.ID, Ready, Skipped, so.BeganAt).Exec(ctx)
		if err != nil {
			return fmt.Errorf("platform: note part of example data: %w", err)
		}
		if n, err := kept.RowsAffected(); err != nil || n == 0 {
			return err // another worker was first
		}
		if part+1 < f.filler.Parts() {
			return outbox.Record(ctx, tx, ExampleWanted{Part: part + 1})
		}
		return outbox.Record(ctx, tx, ExamplePictured{})
	})
}

func (f filling) keep(ctx context.Context, t tenants.Tenant, so *soFar) error {
	switch n := len(so.Pictures); {
	case n == 0:
		return nil // it began anew, and this will be asked for again
	case n < f.filler.Parts(): // there were fewer when they were made
		return f.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
			return outbox.Record(ctx, tx, ExampleWanted{Part: n})
		})
	}
	return f.filler.Keep(ctx, t, so.BeganAt, so.Pictures, func(ctx context.Context, tx tenants.Writer) error {
		if _, err := settle(ctx, tx, Ready); err != nil {
			return err
		}
		return f.counters.keep(ctx, tx)
	})
}

// skip leaves an organisation as it is, which is no example then; unless whose children those are is that it was just filled.
func skip(ctx context.Context, tx tenants.Writer) error {
	skipped, err := settle(ctx, tx, Skipped)
	if err != nil || !skipped {
		return err
	}
	if err := tenants.NoExample(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, "platform.skip_example", tx.Tenant().ID, nil)
}

// settle writes down how a step ended, unless nothing was to happen any more. What is known of the pictures is needed only to go on.
func settle(ctx context.Context, tx tenants.Writer, as FillState) (bool, error) {
	noted, err := tx.NewRaw(`UPDATE example_data SET state = ?0, changed_at = ?1, done = CASE ?0 WHEN ?2 THEN total ELSE done END,
		pictures = CASE ?0 WHEN ?3 THEN pictures ELSE '[]' END WHERE tenant_id = ?4 AND state NOT IN (?2, ?5)`,
		as, tx.Now(), Ready, Failed, tx.Tenant().ID, Skipped).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("platform: settle example data: %w", err)
	}
	n, err := noted.RowsAffected()
	return n > 0, err
}
