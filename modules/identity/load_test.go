package identity_test

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
)

// residentMiB is what the process holds in memory now.
func residentMiB(t *testing.T) float64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc")
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			require.NoError(t, err)
			return float64(kib) / 1024
		}
	}
	return 0
}

// Two hundred people sign in at once (R30): all get in, memory stays bounded, and who is signed in already hardly waits.
func TestEverybodyComesAtEight(t *testing.T) {
	if !measuring {
		t.Skip("memory means nothing under the race detector")
	}
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	const people = 200
	someone := make([]identitytest.Someone, people)
	for i := range someone {
		someone[i] = parent(t, e)
	}
	inside := identitytest.SignedIn(t, e, someone[0]).Value
	before, peak := residentMiB(t), 0.0
	stop := make(chan struct{})
	var visits []time.Duration
	var watch, crowd sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				begin := time.Now()
				if !alive(s, e.A, inside) {
					t.Error("somebody inside was put out")
				}
				visits = append(visits, time.Since(begin))
				peak = max(peak, residentMiB(t))
			}
		}
	})
	var mu sync.Mutex
	results := map[fault.Code]int{}
	begin := time.Now()
	for i, who := range someone {
		crowd.Go(func() {
			_, err := s.SignIn(in(e.A), identity.Credentials{Email: who.Email, Password: identitytest.Password, IP: netip.MustParseAddr(fmt.Sprintf("203.0.113.%d", i))})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				results[200]++
			} else {
				results[fault.CodeOf(err)]++
			}
		})
	}
	crowd.Wait()
	took := time.Since(begin)
	close(stop)
	watch.Wait()
	slices.Sort(visits)
	p99 := visits[len(visits)*99/100]
	t.Logf("%d in %s; memory + %.0f MiB; a request meanwhile: median %s, p99 %s", people, took, peak-before, visits[len(visits)/2], p99)
	require.Equal(t, map[fault.Code]int{200: people}, results)
	require.Less(t, peak-before, 120.0)
	require.Less(t, p99, 500*time.Millisecond)
}
