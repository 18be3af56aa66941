package identity_test

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// guess tries a wrong password from an address.
func guess(s *identity.Service, at tenants.Tenant, email, ip string) error {
	_, err := s.SignIn(in(at), identity.Credentials{Email: email, Password: "mis", IP: netip.MustParseAddr(ip)})
	return err
}

func TestGuessingSlowsDown(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})

	t.Run("from one place at one account, known or not, with the time to wait", func(t *testing.T) {
		who := parent(t, e)
		for _, email := range []string{who.Email, "nobody@example.test"} {
			for range 10 {
				require.Equal(t, fault.Invalid, fault.CodeOf(guess(s, e.A, email, "198.51.100.1")))
			}
			err := guess(s, e.A, email, "198.51.100.1")
			f, ok := fault.As(err)
			require.True(t, ok)
			require.Equal(t, fault.TooMany, f.Code)
			require.Greater(t, f.RetryAfter, time.Duration(0))
			require.LessOrEqual(t, f.RetryAfter, 15*time.Minute)
		}
		right := credentials(who.Email, identitytest.Password)
		right.IP = netip.MustParseAddr("198.51.100.1")
		_, err := s.SignIn(in(e.A), right)
		require.Equal(t, fault.TooMany, fault.CodeOf(err), "the right password too: else it could be found while waiting")
		_, err = s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err, "its owner elsewhere notices nothing")
		require.Equal(t, fault.Invalid, fault.CodeOf(guess(s, e.B, who.Email, "198.51.100.1")), "nor does another organisation")
		e.Clock.Advance(15 * time.Minute)
		_, err = s.SignIn(in(e.A), right)
		require.NoError(t, err)
	})
	t.Run("but not for who gets it right", func(t *testing.T) {
		who := parent(t, e)
		for range 12 {
			_, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
			require.NoError(t, err)
		}
	})
	t.Run("by the /64 of IPv6", func(t *testing.T) {
		who := parent(t, e)
		for i := range 10 {
			require.Equal(t, fault.Invalid, fault.CodeOf(guess(s, e.A, who.Email, fmt.Sprintf("2001:db8:1:2::%x", i+1))))
		}
		require.Equal(t, fault.TooMany, fault.CodeOf(guess(s, e.A, who.Email, "2001:db8:1:2:ffff::1")))
		require.Equal(t, fault.Invalid, fault.CodeOf(guess(s, e.A, who.Email, "2001:db8:1:3::1")))
	})
	t.Run("and never shuts the owner out", func(t *testing.T) {
		e.Clock.Advance(15 * time.Minute)
		who := parent(t, e)
		known, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		require.NoError(t, s.SignOut(in(e.A), known.Token))
		e.Clock.Advance(10 * time.Minute)
		for i := range 60 {
			require.Equal(t, fault.Invalid, fault.CodeOf(guess(s, e.A, who.Email, fmt.Sprintf("203.0.%d.1", i))))
		}
		require.Equal(t, fault.TooMany, fault.CodeOf(guess(s, e.A, who.Email, "203.0.200.1")), "guessing from everywhere is slow")

		before := credentials(who.Email, identitytest.Password)
		before.Before = known.Token
		_, err = s.SignIn(in(e.A), before)
		require.NoError(t, err, "the owner's own browser is known")
		stolen := credentials(parent(t, e).Email, "mis")
		stolen.Before = known.Token
		stolen.Email = who.Email
		for range 10 {
			_, err = s.SignIn(in(e.A), stolen)
			require.Equal(t, fault.Invalid, fault.CodeOf(err))
		}
		_, err = s.SignIn(in(e.A), stolen)
		require.Equal(t, fault.TooMany, fault.CodeOf(err), "and may not guess without end either")

		e.Clock.Advance(5 * time.Minute)
		_, err = s.SignIn(in(e.A), identity.Credentials{Email: who.Email, Password: identitytest.Password, IP: netip.MustParseAddr("192.0.2.99")})
		require.NoError(t, err, "and elsewhere the wait is short")
	})
}

// Many processes count in one place: what is let through is exactly the limit.
func TestCountingIsAtomic(t *testing.T) {
	e := dbtest.New(t)
	who := parent(t, e)
	services := []*identity.Service{identity.New(e.DB, identity.Config{}), identity.New(e.DB, identity.Config{})}
	var mu sync.Mutex
	seen := map[fault.Code]int{}
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			err := guess(services[i%2], e.A, who.Email, "198.51.100.7")
			mu.Lock()
			defer mu.Unlock()
			seen[fault.CodeOf(err)]++
		})
	}
	wg.Wait()
	require.Equal(t, map[fault.Code]int{fault.Invalid: 10, fault.TooMany: 50}, seen)
}

func TestCountersSayNothingAboutPeople(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	require.Error(t, guess(s, e.A, "mila@example.test", "198.51.100.7"))
	rows, err := e.Owner(t).Query(context.Background(), "SELECT bucket FROM attempt WHERE tenant_id = $1", e.A.ID)
	require.NoError(t, err)
	defer rows.Close()
	n := 0
	for rows.Next() {
		var bucket string
		require.NoError(t, rows.Scan(&bucket))
		require.NotContains(t, bucket, "mila")
		require.NotContains(t, bucket, "198.51")
		n++
	}
	require.Equal(t, 4, n)
}

func TestSweep(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	who := parent(t, e)
	signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	n, err := s.Sweep(in(e.A))
	require.NoError(t, err)
	require.Zero(t, n)
	e.Clock.Advance(25 * time.Hour)
	n, err = s.Sweep(in(e.A))
	require.NoError(t, err)
	require.EqualValues(t, 4, n, "the counters of all four limits")
	require.True(t, alive(s, e.A, signed.Token))
	e.Clock.Advance(200 * 24 * time.Hour)
	n, err = s.Sweep(in(e.A))
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

// Whoever asks for more challenges than all may have keeps nobody from signing in who did so with the same browser before.
func TestPasskeysAreLimitedForStrangers(t *testing.T) {
	e := dbtest.New(t)
	s := withHosts(t, e)
	who, _, signed := entered(t, e, s)
	d, signed, _ := register(t, e, s, signed.Token)
	require.NoError(t, s.SignOut(in(e.A), signed.Token))
	_, err := s.AskToProve(in(e.A), home, "")
	require.NoError(t, err)
	_, err = e.Owner(t).Exec(context.Background(), `INSERT INTO attempt (tenant_id, bucket, window_start, count)
		SELECT $1, 'passkey.everybody:' || left(encode(sha256(n::text::bytea), 'hex'), 32), $2, 600 FROM generate_series(0, 7) n
		ON CONFLICT (tenant_id, bucket, window_start) DO UPDATE SET count = 600`, e.A.ID, e.Clock.Now().Truncate(time.Minute))
	require.NoError(t, err)
	for _, stranger := range []string{"", "x", signed.Token[:42] + "-"} {
		_, err = s.AskToProve(in(e.A), home, stranger)
		require.Equal(t, fault.TooMany, fault.CodeOf(err))
	}
	asked, err := s.AskToProve(in(e.A), home, signed.Token)
	require.NoError(t, err, "the owner's own browser is known")
	_, err = s.SignInByPasskey(in(e.A), identity.PasskeyVisit{Answer: d.sign(t, asked), IP: home, Before: signed.Token})
	require.NoError(t, err)
	var last error
	for i := range 130 {
		_, last = s.AskToProve(in(e.A), netip.MustParseAddr(fmt.Sprintf("203.0.113.%d", i)), signed.Token)
	}
	require.Equal(t, fault.TooMany, fault.CodeOf(last), "a known browser has a limit of its own")
	_, err = s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
}

func TestSweepOfWhatWaits(t *testing.T) {
	e := dbtest.New(t)
	s := withHosts(t, e)
	_, err := s.AskToProve(in(e.A), home, "")
	require.NoError(t, err)
	waiting(t, e, s, parent(t, e, identitytest.WithApp()))
	left := func() (n int) {
		require.NoError(t, e.Owner(t).QueryRow(context.Background(), "SELECT (SELECT count(*) FROM passkey_challenge WHERE tenant_id = $1) + (SELECT count(*) FROM sign_in_wait WHERE tenant_id = $1)", e.A.ID).Scan(&n))
		return n
	}
	_, err = s.Sweep(in(e.A))
	require.NoError(t, err)
	require.Equal(t, 2, left())
	e.Clock.Advance(identity.WaitTime + time.Second)
	_, err = s.Sweep(in(e.A))
	require.NoError(t, err)
	require.Zero(t, left())
}
