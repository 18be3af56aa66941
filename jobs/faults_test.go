package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/mailcatcher"
	"ouderportaal/modules/notifications/notificationstest"
)

// One event to a thousand people, Redis wiped three times on the way and the worker killed three times: everybody has one
// line in the portal and one mail. A mail that was in flight at a kill may come twice, and then says that it is the same.
func TestNothingIsLostOrDoubledByWipesAndKills(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	const people, deliveries, faults = 1000, 6, 3
	e := setUp(t)
	e.Clock.Set(time.Now()) // the workers are processes with a real clock
	catcher, err := mailcatcher.Start(mailcatcher.Config{Keep: 10 * people})
	require.NoError(t, err)
	t.Cleanup(func() { _ = catcher.Close() })
	catcher.Slow(2 * time.Millisecond)
	notificationstest.People(t, e.Env, e.A, people)
	config := childConfig{App: e.URL.App, Relay: e.URL.Relay, Redis: redisURL, SMTP: catcher.URL(), Lease: 4 * time.Second, Deliveries: deliveries}

	began := time.Now()
	child := startChild(t, config)
	notificationstest.Ring(t, e.DB, e.A)
	for i := 1; i <= faults; i++ {
		at := i * people / (faults + 2)
		require.True(t, catcher.Await(20*time.Second, func(c *mailcatcher.Catcher) bool { return c.Count() >= at }), "stuck at %d of %d mails", catcher.Count(), at)
		require.NoError(t, e.redis.FlushAll(context.Background()).Err())
		time.Sleep(30 * time.Millisecond)
		require.NoError(t, child.Process.Kill())
		_ = child.Wait()
		child = startChild(t, config)
	}
	require.Eventually(t, func() bool { return count(t, e, "SELECT count(*) FROM delivery WHERE state = 'sent'") == people }, 40*time.Second, 50*time.Millisecond)
	t.Logf("%d people, %d wipes and kills: drained in %v", people, faults, time.Since(began).Round(100*time.Millisecond))

	require.Equal(t, people, count(t, e, "SELECT count(*) FROM delivery"))
	require.NoError(t, child.Process.Kill())
	owner := e.Owner(t)
	var rows, distinct int
	require.NoError(t, owner.QueryRow(context.Background(), "SELECT count(*), count(DISTINCT person_id) FROM notification").Scan(&rows, &distinct))
	require.Equal(t, people, rows)
	require.Equal(t, people, distinct)

	ids := map[string]string{}
	doubles := 0
	for _, m := range catcher.Messages() {
		id := m.Parsed().MessageID
		require.NotEmpty(t, id)
		if before, again := ids[m.To]; again {
			doubles++
			require.Equal(t, before, id, "the second mail to somebody says that it is the same")
		}
		ids[m.To] = id
	}
	require.Len(t, ids, people)
	require.LessOrEqual(t, doubles, faults*(inDoubt+deliveries+urgentDeliveries), "only what was in flight at a kill")
	t.Logf("mails in flight at a kill that came twice: %d", doubles)
}
