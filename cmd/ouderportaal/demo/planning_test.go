package demo

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/imports"
	"ouderportaal/tenants"
)

// The planning of the demo comes in whole but for its mistakes, each of which has a reason; and then changes nothing.
func TestThePlanningOfTheDemoIsImportedOnce(t *testing.T) {
	e := dbtest.NewAlone(t)
	system := actor.With(tenants.With(context.Background(), e.A), actor.ForSystem(e.A.ID))
	b := newBook(organisations[0], e.A, e.Clock.Now(), "hash")
	require.NoError(t, e.DB.Write(system, func(ctx context.Context, tx tenants.Writer) error {
		if err := identity.Recall(ctx, tx, b.people, b.memberships); err != nil {
			return err
		}
		return children.Recall(ctx, tx, b.roster, b.managed)
	}))
	ctx := actor.With(system, actor.Actor{TenantID: e.A.ID, PersonID: b.admin, Role: actor.Admin, ProvedAt: e.Clock.Now()})
	s := imports.New(e.DB)
	look := func(content []byte) (*imports.Import, *imports.Preview) {
		id, err := s.Take(ctx, imports.Upload{FileName: "planning.csv", Content: content})
		require.NoError(t, err)
		i, p, err := s.Find(ctx, id)
		require.NoError(t, err)
		return i, p
	}
	require.Equal(t, planning(e.Clock.Now()), planning(e.Clock.Now()), "the same on the same day")

	i, p := look(planning(e.Clock.Now()))
	require.Equal(t, planned, i.Counts.Rows())
	require.Equal(t, 14, i.Counts.Wrong, "%+v", i.Counts)
	require.Equal(t, planned-14, i.Counts.New)
	require.NotZero(t, i.Counts.Warned)
	twice := 0
	for _, l := range p.Lines {
		require.Equal(t, l.Outcome == imports.IsWrong, len(l.Problems) > 0)
		for _, w := range l.Warnings {
			if w.Key == "imports.warning.phone" {
				twice++
			}
		}
		for _, problem := range l.Problems {
			require.NotEmpty(t, problem.Cell)
		}
	}
	require.Equal(t, 1, twice, "one guardian has two telephones")
	require.NoError(t, s.Apply(ctx, imports.Order{FormKey: ids.New(), ImportID: i.ID, Seen: i.Seal(), Accepted: true}))
	payload, err := json.Marshal(imports.ImportQueued{ImportID: i.ID})
	require.NoError(t, err)
	began := time.Now()
	require.NoError(t, s.Subscriptions()[0].Run(system, outbox.Recorded{ID: ids.New(), TenantID: e.A.ID, Payload: payload}))
	t.Logf("applied in %v", time.Since(began))
	i, _, err = s.Find(ctx, i.ID)
	require.NoError(t, err)
	require.Equal(t, imports.Done, i.State, i.Refusal)

	again, p := look(planning(e.Clock.Now()))
	for _, l := range p.Lines {
		require.Empty(t, l.Changes, "row %d %s", l.Row, l.Title)
	}
	require.Zero(t, again.Counts.Changes())
	require.Equal(t, 14, again.Counts.Wrong)
	old, _ := look(planningForWindows(e.Clock.Now()))
	require.Zero(t, old.Counts.Changes(), "also as old programs write it")
	require.Greater(t, old.Counts.Unchanged, 270)
}
