package identity_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
)

// measuring is off under the race detector, which makes hashing ten times slower and memory ten times larger.
var measuring = true

// sameTime holds that the actions take the same time, to within 5 ms. They take turns, and the lower quartile is compared,
// which a busy machine disturbs least; what disturbs it all the same does not do so three times. Missing work does.
func sameTime(t *testing.T, e *dbtest.Env, rounds int, actions ...func(round int)) {
	t.Helper()
	if !measuring {
		t.Skip("times mean nothing under the race detector")
	}
	for try := range 3 {
		took := make([][]time.Duration, len(actions))
		for round := range rounds {
			for i := range actions {
				turn := (round + i) % len(actions)
				begin := time.Now()
				actions[turn](try*rounds + round)
				took[turn] = append(took[turn], time.Since(begin))
			}
		}
		quartiles := make([]time.Duration, len(actions))
		for i := range took {
			slices.Sort(took[i])
			quartiles[i] = took[i][rounds/4]
		}
		t.Logf("lower quartiles %v", quartiles)
		if slices.Max(quartiles)-slices.Min(quartiles) <= 5*time.Millisecond {
			return
		}
		e.Clock.Advance(15 * time.Minute) // or the limits come in between
	}
	t.Error("the time tells them apart")
}

// place is an address that no other round has.
func place(round int) string { return fmt.Sprintf("203.0.%d.1", round) }

func TestTimeOfASignInDoesNotTellWhoIsKnown(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	without := identitytest.NewPerson(t, e, e.A, identitytest.WithPassword())
	try := func(email string) func(int) {
		return func(round int) {
			require.Equal(t, fault.Invalid, fault.CodeOf(guess(s, e.A, email, place(round))))
		}
	}
	sameTime(t, e, 40, try(parent(t, e).Email), try("nobody@example.test"), try(without.Email))
}

func TestTimeOfAResetDoesNotTellWhoIsKnown(t *testing.T) {
	e := dbtest.New(t)
	p := newPost(t, e)
	people := make([]string, 180)
	for i := range people {
		people[i] = parent(t, e).Email
	}
	ask := func(email string, round int) {
		require.NoError(t, p.RequestReset(in(e.A), email, netip.MustParseAddr(place(round))))
	}
	sameTime(t, e, 60, func(round int) { ask(people[round], round) }, func(round int) { ask(fmt.Sprintf("nobody%d@example.test", round), round) })
}
