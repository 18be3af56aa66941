package live_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/tenants"
)

func told(s *live.Stream, within time.Duration) bool {
	select {
	case <-s.C:
		return true
	default:
	}
	select {
	case <-s.C:
		return true
	case <-time.After(within):
		return false
	}
}

func TestASignalReachesWhoListensToIt(t *testing.T) {
	e := dbtest.New(t)
	hub := live.NewHub()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go e.DB.Listen(ctx, hub.Signals())
	mila := ids.New()
	mine := hub.Open(e.A.ID, []string{live.Child(mila)}, time.Time{})
	require.True(t, told(mine, 5*time.Second), "the hub has connected: whoever listened before looks again")
	another := hub.Open(e.A.ID, []string{live.Child(ids.New())}, time.Time{})
	foreign := hub.Open(e.B.ID, []string{live.Child(mila)}, time.Time{})
	signal := func(keep bool) {
		err := e.DB.Write(tenants.With(ctx, e.A), func(ctx context.Context, tx tenants.Writer) error {
			require.NoError(t, live.Signal(ctx, tx, live.Child(mila), live.Group(ids.New())))
			if !keep {
				return context.Canceled
			}
			return nil
		})
		require.Equal(t, keep, err == nil)
	}
	signal(false)
	require.False(t, told(mine, 300*time.Millisecond), "of a write that was not kept nothing is heard")
	before := time.Now()
	signal(true)
	require.True(t, told(mine, 5*time.Second))
	require.False(t, told(another, 200*time.Millisecond), "another topic")
	require.False(t, told(foreign, 0), "the same topic of another organisation")

	t.Run("also when the page opens its stream a moment later", func(t *testing.T) {
		require.True(t, told(hub.Open(e.A.ID, []string{live.Child(mila)}, before), 0))
		require.False(t, told(hub.Open(e.A.ID, []string{live.Child(mila)}, time.Now()), 0), "it was made after the signal")
		require.False(t, told(hub.Open(e.B.ID, []string{live.Child(mila)}, before), 0))
		require.True(t, told(hub.Open(e.B.ID, nil, time.Now().Add(-time.Hour)), 0), "a page from long ago, from the browser's memory")
	})
	t.Run("not after it closed", func(t *testing.T) {
		mine.Close()
		signal(true)
		require.False(t, told(mine, 200*time.Millisecond))
	})
}
