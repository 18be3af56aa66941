package tenants_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

func TestIDsTravelAsBytes(t *testing.T) {
	e := dbtest.New(t)
	ctx := tenants.With(context.Background(), e.A)
	id := ids.New()
	ask := func(query string, args ...any) (got ids.ID, text string, raw []byte) {
		t.Helper()
		require.NoError(t, e.DB.Query(ctx, query, args, func(rows pgx.Rows) error {
			for rows.Next() {
				raw = append(raw, rows.RawValues()[0]...)
				require.NoError(t, rows.Scan(&got, &text))
			}
			return nil
		}))
		return got, text, raw
	}
	got, text, raw := ask("SELECT $1::uuid, $1::uuid::text", id)
	require.Equal(t, id, got)
	require.Equal(t, id.String(), text)
	require.Equal(t, id[:], raw)

	got, _, _ = ask("SELECT $1::uuid, ''", id.String()) // as text it goes too
	require.Equal(t, id, got)
	got, _, _ = ask("SELECT NULL::uuid, coalesce($1::uuid::text, '')", nil)
	require.Equal(t, ids.Nil, got)

	require.NoError(t, e.DB.Query(ctx, "SELECT $1::uuid", []any{id}, func(rows pgx.Rows) error {
		require.True(t, rows.Next())
		var maybe *ids.ID
		require.NoError(t, rows.Scan(&maybe))
		require.Equal(t, id, *maybe)
		return nil
	}))
	require.Error(t, e.DB.Query(ctx, "SELECT $1::uuid", []any{"geen id"}, func(rows pgx.Rows) error { return nil }))
	require.NoError(t, e.DB.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		var back ids.ID
		require.NoError(t, tx.NewRaw("SELECT ?::uuid", id).Scan(ctx, &back))
		require.Equal(t, id, back)
		return nil
	}))
}

func TestReadingIDsTakesNoMemory(t *testing.T) {
	e := dbtest.New(t)
	ctx := tenants.With(context.Background(), e.A)
	const rows = 300
	read := func() {
		var id ids.ID
		require.NoError(t, e.DB.Query(ctx, "SELECT gen_random_uuid() FROM generate_series(1, $1::int)", []any{rows}, func(found pgx.Rows) error {
			for found.Next() {
				if err := found.Scan(&id); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	read()
	if per := testing.AllocsPerRun(20, read) / rows; per > 1.5 { // the row itself is one
		t.Errorf("%.1f allocations an id", per)
	}
}
