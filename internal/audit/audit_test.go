package audit_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

func record(t testing.TB, e *dbtest.Env, tenant tenants.Tenant, reasons ...string) {
	t.Helper()
	ctx := actor.With(tenants.With(context.Background(), tenant), actor.ForSystem(tenant.ID))
	require.NoError(t, e.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		var problems error
		for _, reason := range reasons {
			problems = errors.Join(problems, audit.Record(ctx, tx, "test.act", ids.New(), map[string]any{"reason": reason, "count": 3, "share": 0.25}))
		}
		return problems
	}))
}

func verify(t testing.TB, e *dbtest.Env, tenant tenants.Tenant) audit.Report {
	t.Helper()
	return verifyNoted(t, e, tenant, audit.Noted{})
}

func verifyNoted(t testing.TB, e *dbtest.Env, tenant tenants.Tenant, noted audit.Noted) audit.Report {
	t.Helper()
	var report audit.Report
	require.NoError(t, e.DB.Read(tenants.With(context.Background(), tenant), func(ctx context.Context, tx tenants.Reader) (err error) {
		report, err = audit.Verify(ctx, tx, noted)
		return err
	}))
	return report
}

func TestTheChainHolds(t *testing.T) {
	e := dbtest.New(t)
	require.Zero(t, verify(t, e, e.A).Entries)
	record(t, e, e.A, "first", "second in the same transaction", "‘drie’ | \"vier\" \\ {}\n, 5:zes,")
	record(t, e, e.B, "of another organisation")
	record(t, e, e.A, "third")
	report := verify(t, e, e.A)
	require.Nil(t, report.Break)
	require.EqualValues(t, 4, report.Entries)
	require.Len(t, report.Head, 32)
	other := verify(t, e, e.B)
	require.Nil(t, other.Break)
	require.EqualValues(t, 1, other.Entries)
}

// Transactions that write beside each other, some of which come to nothing, leave one chain without gaps.
func TestOneChainOfManyWriters(t *testing.T) {
	e := dbtest.New(t)
	var all sync.WaitGroup
	for writer := range 8 {
		all.Go(func() {
			for n := range 25 {
				ctx := tenants.With(context.Background(), e.A)
				err := e.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
					if err := audit.Record(ctx, tx, "test.act", ids.Nil, nil); err != nil {
						return err
					}
					if (writer+n)%5 == 0 {
						return context.Canceled // rolled back
					}
					return nil
				})
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	report := verify(t, e, e.A)
	require.Nil(t, report.Break)
	require.EqualValues(t, 160, report.Entries)
}

func TestWhatTheChainShows(t *testing.T) {
	for name, c := range map[string]struct {
		tamper string
		place  int64
		why    string
	}{
		"a changed detail":       {`UPDATE audit_entry SET detail = '{"reason": "nothing"}' WHERE id = (SELECT entry_id FROM audit_link WHERE place = 3)`, 3, "the entry or its link was changed"},
		"another actor":          {`UPDATE audit_entry SET actor_role = 'admin' WHERE id = (SELECT entry_id FROM audit_link WHERE place = 2)`, 2, "the entry or its link was changed"},
		"another moment":         {`UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE id = (SELECT entry_id FROM audit_link WHERE place = 1)`, 1, "the entry or its link was changed"},
		"a changed link":         {`UPDATE audit_link SET hash = sha256('x') WHERE place = 4`, 4, "the entry or its link was changed"},
		"two that changed place": {`UPDATE audit_link SET place = 99 WHERE place = 2; UPDATE audit_link SET place = 2 WHERE place = 3; UPDATE audit_link SET place = 3 WHERE place = 99`, 2, "the entry or its link was changed"},
		"a link that is gone":    {`DELETE FROM audit_link WHERE place = 2`, 2, "a link is missing"},
		"an entry and its link that are gone": {`SET session_replication_role = replica; DELETE FROM audit_entry WHERE id = (SELECT entry_id FROM audit_link WHERE place = 3);
			DELETE FROM audit_link WHERE place = 3`, 3, "a link is missing"},
		"an entry that is gone": {`SET session_replication_role = replica; DELETE FROM audit_entry WHERE id = (SELECT entry_id FROM audit_link WHERE place = 3)`, 3, "its entry is gone"},
		"an entry that was slipped in": {`SET session_replication_role = replica; INSERT INTO audit_entry (tenant_id, id, at, actor_role, action)
			SELECT tenant_id, gen_random_uuid(), at, 'admin', 'test.forged' FROM audit_entry LIMIT 1`, 6, "an entry has no link"},
	} {
		t.Run(name, func(t *testing.T) {
			e := dbtest.NewAlone(t)
			record(t, e, e.A, "one", "two", "three")
			record(t, e, e.A, "four")
			record(t, e, e.A, "five")
			require.Nil(t, verify(t, e, e.A).Break)
			_, err := e.Owner(t).Exec(context.Background(), c.tamper)
			require.NoError(t, err)
			found := verify(t, e, e.A).Break
			require.NotNil(t, found)
			require.Equal(t, c.place, found.Place)
			require.Equal(t, c.why, found.Why)
		})
	}
}

// Who owns the schema can write the whole chain anew, or cut off its end: then only a head that was noted elsewhere tells.
func TestANotedHead(t *testing.T) {
	e := dbtest.NewAlone(t)
	record(t, e, e.A, "one", "two", "three")
	before := verify(t, e, e.A)
	noted := audit.Noted{Place: before.Entries, Head: before.Head}
	record(t, e, e.A, "four")
	require.Nil(t, verifyNoted(t, e, e.A, noted).Break)

	owner := e.Owner(t)
	_, err := owner.Exec(context.Background(), `UPDATE audit_entry SET detail = '{}' WHERE id = (SELECT entry_id FROM audit_link WHERE place = 2)`)
	require.NoError(t, err)
	for place := 1; place <= 4; place++ {
		_, err = owner.Exec(context.Background(), `UPDATE audit_link l SET hash = audit_hash(coalesce((SELECT hash FROM audit_link WHERE place = $1 - 1), ''), $1, e)
			FROM audit_entry e WHERE e.id = l.entry_id AND l.place = $1`, int64(place))
		require.NoError(t, err)
	}
	require.Nil(t, verify(t, e, e.A).Break, "the chain by itself cannot tell")
	require.EqualValues(t, 3, verifyNoted(t, e, e.A, noted).Break.Place)

	_, err = owner.Exec(context.Background(), `DELETE FROM audit_link WHERE place > 1; ALTER TABLE audit_link DISABLE TRIGGER USER; DELETE FROM audit_entry WHERE id NOT IN (SELECT entry_id FROM audit_link)`)
	require.NoError(t, err)
	require.Nil(t, verify(t, e, e.A).Break, "nor that its end is gone")
	require.EqualValues(t, 2, verifyNoted(t, e, e.A, noted).Break.Place)
}

// A transaction that takes long holds nobody up: its entry gets its link at the commit.
func TestAnOpenTransactionHoldsNobodyUp(t *testing.T) {
	e := dbtest.New(t)
	ctx := tenants.With(context.Background(), e.A)
	require.NoError(t, e.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := audit.Record(ctx, tx, "test.long", ids.Nil, nil); err != nil {
			return err
		}
		record(t, e, e.A, "meanwhile")
		return nil
	}))
	report := verify(t, e, e.A)
	require.Nil(t, report.Break)
	require.EqualValues(t, 2, report.Entries)
}

func TestTheAppCannotRewriteTheChain(t *testing.T) {
	e := dbtest.New(t)
	record(t, e, e.A, "one")
	app, err := pgx.Connect(t.Context(), e.URL.App)
	require.NoError(t, err)
	defer app.Close(context.Background())
	for _, statement := range []string{"UPDATE audit_link SET place = 2", "DELETE FROM audit_link", "UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"} {
		_, err := app.Exec(t.Context(), statement)
		require.ErrorContains(t, err, "permission denied", statement)
	}
}
