// Package jobs sees to it that what was recorded is done: the relay turns rows into tasks, the server runs them.
//
// PostgreSQL holds the ledger (event, job, delivery); Redis only carries tickets and may be away, wiped or full of old
// tickets at any moment. A ticket names a row and its gen. It is good for one use:
//
//	relay   claims a due row:   gen+1, lease_until = now + lease, ticket (id, gen) to Redis
//	worker  takes the row:      WHERE gen = ticket, gen+1 again, attempts+1, a fresh lease
//	worker  finishes the row:   WHERE gen = what it took
//
// So a ticket that comes twice, late or after a wipe finds another gen and is thrown away; a worker that lost its claim
// cannot write; a ticket or worker that is lost costs one lease, after which the relay claims the row anew.
//
// What remains is the moment between handing a mail to the mail server and writing that down: a crash exactly there sends
// those mails twice, with the same Message-ID. There are never more of them than tasks that deliver and inDoubt together.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
)

// Lease is how long a claim on a row holds, and so what the loss of Redis or of a worker costs at most.
const Lease = 3 * time.Minute

// Batch is how many deliveries travel in one ticket.
const Batch = 50

// Types of tasks.
const (
	jobTask      = "job"
	deliveryTask = "deliver"
)

// weights of the queues that share workers: how often each is looked at first.
var weights = map[string]int{outbox.Urgent: 6, outbox.Normal: 3, outbox.Bulk: 1}

// queues in the order of what waiting costs.
var queues = []string{outbox.Urgent, outbox.Normal, outbox.Media, outbox.Bulk}

// jobTicket and deliveryTicket are all that Redis ever sees. The tenant is a hint for the index: the row must be that
// tenant's, or the ticket finds nothing.
type jobTicket struct {
	Tenant ids.ID `json:"t"`
	ID     ids.ID `json:"i"`
	Gen    int    `json:"g"`
}

type deliveryTicket struct {
	Tenant  ids.ID   `json:"t"`
	Channel string   `json:"c"`
	IDs     []ids.ID `json:"i"`
	Gens    []int    `json:"g"`
}

func decode(payload []byte, ticket any) error {
	if err := json.Unmarshal(payload, ticket); err != nil {
		return fmt.Errorf("jobs: ticket: %w", err)
	}
	return nil
}

// queueNames maps the ledger's queues to those in Redis. The namespace keeps installations (and tests) that share a Redis
// apart; deliveries have queues of their own, so that slow mail servers do not hold up handlers.
type queueNames struct{ namespace string }

func (n queueNames) jobs(queue string) string { return n.namespace + queue }
func (n queueNames) deliveries(channel, queue string) string {
	return n.namespace + channel + "-" + queue
}

// ConnectRedis prepares a client with short time-outs: everything that goes through it can wait in PostgreSQL instead.
// It does not connect yet.
func ConnectRedis(url string) (redis.UniversalClient, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("jobs: REDIS_URL is not an address of the form redis://user:password@host:6379/0")
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = time.Second, 2*time.Second, 2*time.Second
	options.PoolTimeout, options.MaxRetries = 3*time.Second, 1
	options.PoolSize = 2 * enqueuers
	options.DialerRetries = 1
	redis.SetLogger(redisLogger{})
	return redis.NewClient(options), nil
}

// logger passes asynq's own complaints on.
type logger struct{}

func (logger) Debug(args ...any) { slog.Debug("jobs: asynq", "text", fmt.Sprint(args...)) }
func (logger) Info(args ...any)  { slog.Debug("jobs: asynq", "text", fmt.Sprint(args...)) }
func (logger) Warn(args ...any)  { slog.Warn("jobs: asynq", "text", fmt.Sprint(args...)) }
func (logger) Error(args ...any) { slog.Error("jobs: asynq", "text", fmt.Sprint(args...)) }
func (logger) Fatal(args ...any) { slog.Error("jobs: asynq", "text", fmt.Sprint(args...)) }

var _ asynq.Logger = logger{}

// redisLogger keeps the client's own complaints down: whoever needed Redis reports that it is away.
type redisLogger struct{}

func (redisLogger) Printf(ctx context.Context, format string, args ...any) {
	slog.DebugContext(ctx, "jobs: redis", "text", fmt.Sprintf(format, args...))
}

// pause waits, shorter when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
