package formkey_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// someone adds a person without the identity module, which stands above this package.
func someone(t *testing.T, e *dbtest.Env, at tenants.Tenant) context.Context {
	t.Helper()
	id := ids.New()
	ctx := tenants.With(context.Background(), at)
	require.NoError(t, e.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		_, err := tx.NewRaw("INSERT INTO person (tenant_id, id, given_name, family_name, created_at) VALUES (?, ?, 'Noor', '', ?)", at.ID, id, tx.Now()).Exec(ctx)
		return err
	}))
	return actor.With(ctx, actor.Actor{TenantID: at.ID, PersonID: id, Role: actor.Parent})
}

// form does some work under a key: it adds a person, who can be counted.
type form struct {
	e    *dbtest.Env
	key  ids.ID
	body string
	fail error
}

func (f form) send(ctx context.Context) (location string, err error) {
	err = f.e.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		var done bool
		location, done, err = formkey.Once(ctx, tx, f.key, formkey.Hash(f.body))
		if err != nil || done {
			return err
		}
		id := ids.New()
		if _, err := tx.NewRaw("INSERT INTO person (tenant_id, id, given_name, family_name, created_at) VALUES (?, ?, ?, '', ?)", tx.Tenant().ID, id, "made by a form", tx.Now()).Exec(ctx); err != nil {
			return err
		}
		if f.fail != nil {
			return f.fail
		}
		location = "/persoon/" + id.String()
		return formkey.Finish(ctx, tx, f.key, location)
	})
	return location, err
}

func made(t *testing.T, e *dbtest.Env, ctx context.Context) (n int) {
	t.Helper()
	require.NoError(t, e.DB.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		return tx.NewRaw("SELECT count(*) FROM person WHERE given_name = 'made by a form'").Scan(ctx, &n)
	}))
	return n
}

func TestOnce(t *testing.T) {
	e := dbtest.New(t)
	ctx := someone(t, e, e.A)
	f := form{e: e, key: formkey.New(), body: "Een mooie dag"}

	first, err := f.send(ctx)
	require.NoError(t, err)

	t.Run("gives what came of it when the form is sent again", func(t *testing.T) {
		again, err := f.send(ctx)
		require.NoError(t, err)
		require.Equal(t, first, again)
		require.Equal(t, 1, made(t, e, ctx))
	})
	t.Run("refuses another body under the key", func(t *testing.T) {
		_, err := form{e: e, key: f.key, body: "Iets anders"}.send(ctx)
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
		require.Equal(t, 1, made(t, e, ctx))
	})
	t.Run("keeps the keys of people and organisations apart", func(t *testing.T) {
		for _, other := range []context.Context{someone(t, e, e.A), someone(t, e, e.B)} {
			location, err := f.send(other)
			require.NoError(t, err)
			require.NotEqual(t, first, location)
		}
		require.Equal(t, 2, made(t, e, ctx))
	})
	t.Run("wants a key and a person", func(t *testing.T) {
		_, err := form{e: e, body: "x"}.send(ctx)
		require.Equal(t, fault.BadRequest, fault.CodeOf(err))
		_, err = f.send(tenants.With(context.Background(), e.A))
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
	})
	t.Run("is free again when the work failed", func(t *testing.T) {
		broken := errors.New("no luck")
		g := form{e: e, key: formkey.New(), body: "x", fail: broken}
		_, err := g.send(ctx)
		require.ErrorIs(t, err, broken)
		g.fail = nil
		_, err = g.send(ctx)
		require.NoError(t, err)
	})
	t.Run("says so when a writer forgets to finish", func(t *testing.T) {
		key := formkey.New()
		claim := func() error {
			return e.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
				_, _, err := formkey.Once(ctx, tx, key, nil)
				return err
			})
		}
		require.ErrorContains(t, claim(), "") // body_hash may not be empty
		key2 := formkey.New()
		half := func() error {
			return e.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
				_, _, err := formkey.Once(ctx, tx, key2, formkey.Hash("x"))
				return err
			})
		}
		require.NoError(t, half())
		require.ErrorIs(t, half(), formkey.ErrUnfinished)
	})
	t.Run("carries out one of many at once", func(t *testing.T) {
		before := made(t, e, ctx)
		g := form{e: e, key: formkey.New(), body: "x"}
		var wg sync.WaitGroup
		locations := make([]string, 20)
		for i := range locations {
			wg.Go(func() {
				var err error
				if locations[i], err = g.send(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, l := range locations {
			require.Equal(t, locations[0], l)
		}
		require.Equal(t, before+1, made(t, e, ctx))
	})
	t.Run("is swept after a week", func(t *testing.T) {
		e.Clock.Advance(8 * 24 * time.Hour)
		require.NoError(t, e.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
			n, err := formkey.Sweep(ctx, tx)
			require.Greater(t, n, int64(2))
			return err
		}))
	})
}

func TestHashKeepsPartsApart(t *testing.T) {
	require.NotEqual(t, formkey.Hash("ab", "c"), formkey.Hash("a", "bc"))
	require.NotEqual(t, formkey.Hash("a"), formkey.Hash("a", ""))
	require.Len(t, formkey.Hash(), 32)
}
