package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/pgnotify"
)

const (
	// lookEvery bounds how long a row waits when nobody rang.
	lookEvery = time.Second
	// lookAgain is the pause while there is more to do than the workers have room for.
	lookAgain = 20 * time.Millisecond
	// afterTrouble is the pause while PostgreSQL or Redis is away.
	afterTrouble = time.Second
	// enqueuers work side by side: asynq takes one task per round trip.
	enqueuers = 32
)

// depth is how many tickets may lie unused in a queue. It is small on purpose: the rest waits in PostgreSQL, where the
// next round can still be fair, and a wiped Redis loses only these.
var depth = struct{ jobs, media, deliveries int }{jobs: 128, media: 16, deliveries: 12}

// RelayConfig is what a relay needs.
type RelayConfig struct {
	Ledger        *Ledger
	Redis         redis.UniversalClient
	Subscriptions []outbox.Subscription
	Channels      []string // names of the channels that are delivered
	Namespace     string   // before every queue name in Redis
	Metrics       *Metrics // may be nil
}

// Relay turns events into jobs, and due rows into tickets. Any number of relays may run at once.
type Relay struct {
	ledger   *Ledger
	redis    redis.UniversalClient
	client   *asynq.Client
	handlers map[string][]outbox.Subscription
	lines    []line
	metrics  *Metrics
	rung     chan struct{}
	trouble  bool
}

// line is one queue of one table.
type line struct {
	name                  string // in Redis
	table, queue, channel string
	depth                 int
	per                   int // rows in a ticket
	pack                  func([]claimed) []ticket
}

// ticket is a task and the rows it stands for.
type ticket struct {
	task *asynq.Task
	rows []claimed
}

// NewRelay refuses subscriptions that share a name or want a queue that does not exist.
func NewRelay(config RelayConfig) (*Relay, error) {
	if _, err := index(config.Subscriptions); err != nil {
		return nil, err
	}
	r := &Relay{
		ledger: config.Ledger, redis: config.Redis, client: asynq.NewClientFromRedisClient(config.Redis),
		handlers: map[string][]outbox.Subscription{}, metrics: config.Metrics, rung: make(chan struct{}, 1),
	}
	for _, s := range config.Subscriptions {
		r.handlers[s.Event] = append(r.handlers[s.Event], s)
	}
	names := queueNames{config.Namespace}
	for _, queue := range queues {
		name, most := names.jobs(queue), depth.jobs
		if queue == outbox.Media {
			most = depth.media
		}
		r.lines = append(r.lines, line{
			name: name, table: "job", queue: queue, depth: most, per: 1,
			pack: func(rows []claimed) []ticket { return r.jobTickets(name, rows) },
		})
		for _, channel := range config.Channels {
			if queue == outbox.Media {
				continue
			}
			name := names.deliveries(channel, queue)
			r.lines = append(r.lines, line{
				name: name, table: "delivery", queue: queue, channel: channel, depth: depth.deliveries, per: Batch,
				pack: func(rows []claimed) []ticket { return r.deliveryTickets(name, channel, rows) },
			})
		}
	}
	return r, nil
}

// Run relays until ctx ends. It survives the loss of both servers.
func (r *Relay) Run(ctx context.Context) {
	var listening sync.WaitGroup
	listening.Go(func() {
		pgnotify.Listen(ctx, r.ledger.pool.Config().ConnConfig.Copy(),
			pgnotify.Channel{Name: outbox.Wake, Connected: r.ring, Notified: func(string) { r.ring() }})
	})
	defer listening.Wait()
	for ctx.Err() == nil {
		more, err := r.Round(ctx)
		next := lookEvery
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			if !r.trouble {
				slog.WarnContext(ctx, "jobs: relay has to wait", "error", err)
			}
			r.trouble = true
			pause(ctx, afterTrouble)
			continue
		case more:
			next = lookAgain
		}
		if r.trouble {
			r.trouble = false
			slog.InfoContext(ctx, "jobs: relay works again")
		}
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
		case <-r.rung:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (r *Relay) ring() {
	select {
	case r.rung <- struct{}{}:
	default:
	}
}

// Round looks once for everything there is to do. more tells that something was left for want of room.
func (r *Relay) Round(ctx context.Context) (more bool, err error) {
	expanded, err := r.ledger.expand(ctx, r.handlers)
	if err != nil {
		return false, err
	}
	rooms, err := r.rooms(ctx)
	if err != nil {
		return false, err
	}
	more = expanded == expandAtOnce
	var free []line
	var wishes []wish
	for i, l := range r.lines {
		if rooms[i] <= 0 {
			more = true
			continue
		}
		free, wishes = append(free, l), append(wishes, wish{l.table, l.queue, l.channel, rooms[i] * l.per})
	}
	lists, err := r.ledger.claim(ctx, wishes)
	if err != nil {
		return false, err
	}
	for i, rows := range lists {
		more = more || len(rows) == wishes[i].most
		if err == nil {
			err = r.dispatch(ctx, free[i], rows)
		} else { // Redis went away meanwhile
			err = errors.Join(err, r.giveBack(ctx, free[i], rows))
		}
	}
	return more, err
}

// rooms asks Redis how many more tickets each line can take. The key is where asynq keeps what waits; its own inspector
// would weigh every task.
func (r *Relay) rooms(ctx context.Context) ([]int, error) {
	pipe := r.redis.Pipeline()
	waiting := make([]*redis.IntCmd, len(r.lines))
	for i, l := range r.lines {
		waiting[i] = pipe.LLen(ctx, "asynq:{"+l.name+"}:pending")
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("jobs: ask redis: %w", err)
	}
	rooms := make([]int, len(r.lines))
	for i, l := range r.lines {
		rooms[i] = l.depth - int(waiting[i].Val())
	}
	return rooms, nil
}

func (r *Relay) jobTickets(queue string, rows []claimed) []ticket {
	list := make([]ticket, 0, len(rows))
	for _, row := range rows {
		payload, _ := json.Marshal(jobTicket(row)) // ids and a number: cannot fail
		id := fmt.Sprintf("%s:%d", row.ID, row.Gen)
		list = append(list, ticket{r.task(jobTask, queue, payload, asynq.TaskID(id)), []claimed{row}})
	}
	return list
}

func (r *Relay) deliveryTickets(queue, channel string, rows []claimed) []ticket {
	byTenant := map[ids.ID][]claimed{}
	for _, row := range rows {
		byTenant[row.Tenant] = append(byTenant[row.Tenant], row)
	}
	var list []ticket
	for tenant, rows := range byTenant {
		for len(rows) > 0 {
			n := min(len(rows), Batch)
			t := deliveryTicket{Tenant: tenant, Channel: channel}
			for _, row := range rows[:n] {
				t.IDs, t.Gens = append(t.IDs, row.ID), append(t.Gens, row.Gen)
			}
			payload, _ := json.Marshal(t) // ids and numbers: cannot fail
			list = append(list, ticket{r.task(deliveryTask, queue, payload), rows[:n]})
			rows = rows[n:]
		}
	}
	return list
}

// task is tried again by asynq only when the ledger could not be reached, or by its recoverer after a crash; both find
// out by the row whether there is anything left to do.
func (r *Relay) task(kind, queue string, payload []byte, more ...asynq.Option) *asynq.Task {
	return asynq.NewTask(kind, payload, append(more, asynq.Queue(queue), asynq.MaxRetry(5), asynq.Timeout(r.ledger.lease))...)
}

// dispatch hands the tickets over and gives back the rows of those that Redis did not take.
func (r *Relay) dispatch(ctx context.Context, l line, rows []claimed) error {
	if len(rows) == 0 {
		return nil
	}
	var mu sync.Mutex
	var back []claimed
	var first error
	var group errgroup.Group
	group.SetLimit(enqueuers)
	for _, t := range l.pack(rows) {
		group.Go(func() error {
			_, err := r.client.EnqueueContext(ctx, t.task)
			if err == nil || errors.Is(err, asynq.ErrTaskIDConflict) {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			back = append(back, t.rows...)
			if first == nil {
				first = fmt.Errorf("jobs: enqueue: %w", err)
			}
			return nil
		})
	}
	_ = group.Wait()
	r.metrics.dispatched(l.table, len(rows)-len(back))
	if first == nil {
		return nil
	}
	return errors.Join(first, r.giveBack(ctx, l, back))
}

// giveBack lets go of rows that were not handed over, also when ctx is over, so that they need not wait for their lease.
func (r *Relay) giveBack(ctx context.Context, l line, rows []claimed) error {
	if len(rows) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return r.ledger.unclaim(ctx, l.table, rows)
}

// index checks subscriptions and finds them by handler.
func index(list []outbox.Subscription) (map[string]outbox.Subscription, error) {
	byHandler := map[string]outbox.Subscription{}
	for _, s := range list {
		_, weighed := weights[s.Queue]
		switch {
		case s.Handler == "" || s.Event == "" || s.Run == nil:
			return nil, fmt.Errorf("jobs: subscription %q to %q has no name, no event or nothing to do", s.Handler, s.Event)
		case !weighed && s.Queue != outbox.Media:
			return nil, fmt.Errorf("jobs: handler %q wants queue %q, which does not exist", s.Handler, s.Queue)
		case byHandler[s.Handler].Handler != "":
			return nil, fmt.Errorf("jobs: two handlers are called %q", s.Handler)
		}
		byHandler[s.Handler] = s
	}
	return byHandler, nil
}
