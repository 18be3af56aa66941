package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"ouderportaal/internal/ids"
)

// relayed is how many rows a round hands over.
const relayed = 10_000

// BenchmarkRelay hands rows that wait in the ledger to Redis: each is found, organisation by organisation, claimed for a lease and
// put on a ticket, as many as the queues have room for at a time. It is compared with handing as many tasks to asynq, from as many
// goroutines, and nothing else. Both run in turn; the ratio is the median of the rounds. Emptying the queues and finishing the
// rows, which is a worker's work, is not counted.
func BenchmarkRelay(b *testing.B) {
	b.Run("jobs", func(b *testing.B) { relaying(b, "job", "done") })
	b.Run("deliveries", func(b *testing.B) { relaying(b, "delivery", "sent") })
}

func relaying(b *testing.B, table, done string) {
	e := setUp(b)
	relay, owner := e.relay(b), e.Owner(b)
	empty := func() { require.NoError(b, e.redis.FlushAll(context.Background()).Err()) }
	finish := func() {
		_, err := owner.Exec(context.Background(), "UPDATE "+table+" SET state = $1, finished_at = now() WHERE gen = 1 AND state = 'waiting'", done)
		require.NoError(b, err)
	}
	ours := func() (took time.Duration) {
		e.pile(b, owner, table)
		for more := true; more; {
			empty()
			began := time.Now()
			var err error
			more, err = relay.Round(context.Background())
			took += time.Since(began)
			require.NoError(b, err)
			finish()
		}
		require.Equal(b, relayed, count(b, e, "SELECT count(*) FROM "+table+" WHERE gen = 1"))
		return took
	}
	plain := func() (took time.Duration) {
		for at := 0; at < relayed; at += depth.jobs {
			empty()
			list := tasks(min(depth.jobs, relayed-at))
			began := time.Now()
			var group errgroup.Group
			group.SetLimit(enqueuers)
			for _, task := range list {
				group.Go(func() error {
					_, err := relay.client.Enqueue(task)
					return err
				})
			}
			require.NoError(b, group.Wait())
			took += time.Since(began)
		}
		return took
	}
	plain() // connections, statements
	ours()
	var rates, ratios []float64
	for b.Loop() {
		theirs, mine := plain(), ours()
		rates = append(rates, relayed/mine.Seconds())
		ratios = append(ratios, theirs.Seconds()/mine.Seconds())
	}
	b.ReportMetric(median(rates), "rows/s")
	b.ReportMetric(median(ratios), "of-plain-enqueue")
}

// pile leaves rows of a table waiting, and nothing else.
func (e *env) pile(b testing.TB, owner *pgx.Conn, table string) {
	_, err := owner.Exec(context.Background(), "TRUNCATE event CASCADE")
	require.NoError(b, err)
	_, err = owner.Exec(context.Background(), `INSERT INTO event (tenant_id, id, name, payload, recorded_at, expanded_at)
		SELECT $1, gen_random_uuid(), 'test.greeted', '{}', $3, $3 FROM generate_series(1, $2::int)`, e.A.ID, relayed, e.Clock.Now())
	require.NoError(b, err)
	if table == "job" {
		_, err = owner.Exec(context.Background(), `INSERT INTO job (tenant_id, id, event_id, handler, queue, due_at)
			SELECT tenant_id, gen_random_uuid(), id, 'test.greet', 'normal', recorded_at FROM event`)
	} else {
		_, err = owner.Exec(context.Background(), `WITH who AS (INSERT INTO person (tenant_id, id, given_name, family_name, created_at) VALUES ($1, gen_random_uuid(), 'Ilse', 'de Tester', $2) RETURNING id)
			INSERT INTO delivery (tenant_id, id, event_id, person_id, channel, item, subject_id, queue, due_at)
			SELECT e.tenant_id, gen_random_uuid(), e.id, who.id, 'mail', 'test', e.id, 'normal', e.recorded_at FROM event e, who`, e.A.ID, e.Clock.Now())
	}
	require.NoError(b, err)
}

// tasks are tickets as the relay makes them.
func tasks(n int) []*asynq.Task {
	list := make([]*asynq.Task, n)
	for i := range list {
		id := ids.New()
		payload, _ := json.Marshal(jobTicket{Tenant: id, ID: id, Gen: 1}) // ids and a number: cannot fail
		list[i] = asynq.NewTask(jobTask, payload, asynq.TaskID(fmt.Sprintf("%s:%d", id, 1)), asynq.Queue("normal"), asynq.MaxRetry(5), asynq.Timeout(Lease))
	}
	return list
}
