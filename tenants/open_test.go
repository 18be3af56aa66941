package tenants_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/clock"
	"ouderportaal/tenants"
)

// TestASilentDatabaseHoldsNobody: what takes a connection and says nothing, as one that is stopped does, keeps neither health nor
// the end of the process waiting for longer than they ask.
func TestASilentDatabaseHoldsNobody(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	db, err := tenants.Open(t.Context(), "postgres://app:x@"+silent.Addr().String()+"/portal?sslmode=disable", 2, clock.System)
	require.NoError(t, err)
	defer db.Close()
	soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	ended := make(chan error, 2)
	go func() { ended <- db.Ping(soon) }()
	go func() { db.Listen(soon); ended <- soon.Err() }()
	for range 2 {
		select {
		case err := <-ended:
			require.ErrorIs(t, err, context.DeadlineExceeded)
		case <-time.After(20 * time.Second):
			t.Fatal("it waits on")
		}
	}
}
