package tenants_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

func TestALock(t *testing.T) {
	e := dbtest.New(t)
	in := tenants.With(context.Background(), e.A)
	one, two := ids.New().String(), ids.New().String()
	type lock func(tenants.Writer) error
	exclusive := func(word string, names ...string) lock {
		return func(tx tenants.Writer) error { return tx.Lock(in, word, names...) }
	}
	shared := func(word string, names ...string) lock {
		return func(tx tenants.Writer) error { return tx.LockShared(in, word, names...) }
	}
	// waits tells whether the second transaction waits for the end of the first.
	waits := func(t *testing.T, first, second lock) bool {
		t.Helper()
		done := make(chan error, 1)
		var waited bool
		require.NoError(t, e.DB.Write(in, func(ctx context.Context, tx tenants.Writer) error {
			require.NoError(t, first(tx))
			go func() {
				done <- e.DB.Write(in, func(_ context.Context, tx tenants.Writer) error { return second(tx) })
			}()
			select {
			case err := <-done:
				require.NoError(t, err)
			case <-time.After(300 * time.Millisecond):
				waited = true
			}
			return nil
		}))
		if waited {
			require.NoError(t, <-done)
		}
		return waited
	}

	t.Run("makes those wait who name the same, whatever else they name", func(t *testing.T) {
		require.True(t, waits(t, exclusive("devices", one), exclusive("devices", one)))
		require.True(t, waits(t, exclusive("devices", one, two), exclusive("devices", two)))
		require.False(t, waits(t, exclusive("devices", one), exclusive("devices", two)))
		require.False(t, waits(t, exclusive("devices", one), exclusive("uploads", one)))
		require.False(t, waits(t, exclusive("devices"), exclusive("devices")))
	})
	t.Run("can be shared", func(t *testing.T) {
		require.False(t, waits(t, shared("consent", one), shared("consent", one)))
		require.True(t, waits(t, shared("consent", one), exclusive("consent", one)))
		require.True(t, waits(t, exclusive("consent", one), shared("consent", one)))
	})
	t.Run("has the key that programs of before write out", func(t *testing.T) {
		require.True(t, waits(t, exclusive("devices", one), func(tx tenants.Writer) error {
			_, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended('devices ' || ?, 0))", one).Exec(in)
			return err
		}))
		require.True(t, waits(t, exclusive("keepsake", one+two), func(tx tenants.Writer) error {
			_, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended('keepsake ' || ? || ?, 0))", one, two).Exec(in)
			return err
		}))
	})
	t.Run("is taken in one order, so that two never wait for each other", func(t *testing.T) {
		done := make(chan error)
		names := []string{one, two}
		for i := range 20 {
			go func() {
				done <- e.DB.Write(in, func(ctx context.Context, tx tenants.Writer) error {
					return tx.Lock(ctx, "care", names[i%2], names[1-i%2])
				})
			}()
		}
		for range 20 {
			require.NoError(t, <-done)
		}
	})
}
