package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

const (
	// finishWithin is the time that running tasks get when the program is asked to stop; then their ctx ends.
	finishWithin = 12 * time.Second
	// giveBackWithin is what they get then to give their rows back, and leaveWithin is what is left for asynq itself.
	giveBackWithin = 2 * time.Second
	leaveWithin    = 4 * time.Second
	// look for new tickets this often when the queues are empty.
	jobsEvery, deliveriesEvery = 100 * time.Millisecond, 150 * time.Millisecond
)

// urgentDeliveries is how many tasks more deliver only what somebody waits for: all the others can be busy with fifty mails each
// of a newsletter.
const urgentDeliveries = 1

// ServerConfig is what the workers of one process need.
type ServerConfig struct {
	Ledger        *Ledger
	Directory     *tenants.Directory
	Redis         redis.UniversalClient
	Subscriptions []outbox.Subscription
	Channels      []outbox.Channel
	Namespace     string   // before every queue name in Redis; as in RelayConfig
	Metrics       *Metrics // may be nil
	// How many tasks at the same time; 0 leaves them to other processes. Media needs the image program on this machine.
	Jobs, Media, Deliveries int
}

// Server runs what the relay hands out.
type Server struct {
	config   ServerConfig
	handlers map[string]outbox.Subscription
	channels map[string]outbox.Channel
	servers  []*asynq.Server
	running  sync.WaitGroup
	base     context.Context
	abort    context.CancelFunc
	patience time.Duration
}

// NewServer refuses what NewRelay refuses. It does not need Redis to be there.
func NewServer(config ServerConfig) (*Server, error) {
	handlers, err := index(config.Subscriptions)
	if err != nil {
		return nil, err
	}
	s := &Server{config: config, handlers: handlers, channels: map[string]outbox.Channel{}, patience: finishWithin}
	s.base, s.abort = context.WithCancel(context.Background())
	names := queueNames{config.Namespace}
	shared, deliveries, urgent := map[string]int{}, map[string]int{}, map[string]int{}
	for queue, weight := range weights {
		shared[names.jobs(queue)] = weight
	}
	for _, c := range config.Channels {
		if _, twice := s.channels[c.Name]; twice || c.Send == nil {
			return nil, fmt.Errorf("jobs: channel %q is given twice or sends nothing", c.Name)
		}
		s.channels[c.Name] = c
		for queue, weight := range weights {
			deliveries[names.deliveries(c.Name, queue)] = weight
		}
		urgent[names.deliveries(c.Name, outbox.Urgent)] = 1
	}
	s.add(config.Jobs, jobsEvery, shared)
	s.add(config.Media, jobsEvery, map[string]int{names.jobs(outbox.Media): 1})
	if len(s.channels) > 0 && config.Deliveries > 0 {
		s.add(config.Deliveries, deliveriesEvery, deliveries)
		s.add(urgentDeliveries, deliveriesEvery, urgent)
	}
	return s, nil
}

func (s *Server) add(concurrency int, every time.Duration, queues map[string]int) {
	if concurrency <= 0 {
		return
	}
	s.servers = append(s.servers, asynq.NewServerFromRedisClient(s.config.Redis, asynq.Config{
		Concurrency: concurrency, Queues: queues, TaskCheckInterval: every, ShutdownTimeout: leaveWithin,
		BaseContext: func() context.Context { return s.base },
		// Only tickets whose row could not be reached come back, so soon.
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return 2 * time.Second },
		Logger:         logger{}, LogLevel: asynq.WarnLevel,
	}))
}

// Start begins to take tickets, and returns at once.
func (s *Server) Start() error {
	mux := asynq.NewServeMux()
	mux.HandleFunc(jobTask, s.runJob)
	mux.HandleFunc(deliveryTask, s.runDeliveries)
	for _, server := range s.servers {
		if err := server.Start(mux); err != nil {
			return fmt.Errorf("jobs: start server: %w", err)
		}
	}
	return nil
}

// Stop takes no more tickets, lets what runs finish for 12 s, then ends its ctx, and returns within 20 s. Rows of what was
// broken off are free at once.
func (s *Server) Stop() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		each(s.servers, (*asynq.Server).Stop)
		idle := make(chan struct{})
		go func() { s.running.Wait(); close(idle) }()
		select {
		case <-idle:
		case <-time.After(s.patience):
		}
		s.abort()
		select { // asynq leaves a task whose ctx ended to itself, and its row is still to be given back
		case <-idle:
		case <-time.After(giveBackWithin):
		}
		each(s.servers, (*asynq.Server).Shutdown)
	}()
	select {
	case <-done:
	case <-time.After(19 * time.Second):
		slog.Warn("jobs: server did not stop in time")
	}
	s.abort()
}

func each(servers []*asynq.Server, do func(*asynq.Server)) {
	var all sync.WaitGroup
	for _, server := range servers {
		all.Go(func() { do(server) })
	}
	all.Wait()
}

// work is the ctx of a row of tenant: it ends before the claim does, so that nothing happens without one.
func (s *Server) work(ctx context.Context, tenant tenants.Tenant) (context.Context, context.CancelFunc) {
	ctx = actor.With(tenants.With(ctx, tenant), actor.ForSystem(tenant.ID))
	return context.WithTimeout(ctx, s.config.Ledger.lease*5/6)
}

// tenantOf finds the organisation of a ticket. ok is false when its work has to wait or there is no such organisation.
func (s *Server) tenantOf(ctx context.Context, id ids.ID) (tenant tenants.Tenant, ok bool, err error) {
	tenant, err = s.config.Directory.ByID(ctx, id)
	if errors.Is(err, tenants.ErrUnknown) {
		return tenant, false, nil
	}
	return tenant, err == nil && tenant.Status == tenants.Active, err
}

// runJob runs one ticket. It returns an error only when the row could not be reached, so that nothing has happened yet:
// asynq then tries again. Everything else is written in the row.
func (s *Server) runJob(ctx context.Context, t *asynq.Task) error {
	s.running.Add(1)
	defer s.running.Done()
	var ticket jobTicket
	if err := decode(t.Payload(), &ticket); err != nil {
		slog.ErrorContext(ctx, "jobs: ticket thrown away", "error", err)
		return nil
	}
	tenant, ok, err := s.tenantOf(ctx, ticket.Tenant)
	if err != nil || !ok {
		return err
	}
	job, err := s.config.Ledger.takeJob(ctx, ticket)
	if err != nil || job == nil {
		return err
	}
	began := time.Now()
	ctx, cancel := s.work(ctx, tenant)
	defer cancel()
	err = s.handle(ctx, job)
	v := s.judge(err, job.Attempt)
	v.tenant, v.id, v.gen = job.Tenant, job.ID, job.Gen
	log := slog.With("handler", job.Handler, "job", job.ID, "event", job.Event, "tenant_id", job.Tenant, "attempt", job.Attempt)
	if err != nil {
		log.WarnContext(ctx, "jobs: handler failed", "state", v.state, "class", v.reason, "error", err)
	}
	s.config.Metrics.ran(job.Handler, v.state, time.Since(began))
	s.keepJob(v, log)
	return nil
}

// handle calls the handler and turns a panic into an error.
func (s *Server) handle(ctx context.Context, job *taken) (err error) {
	if job.Attempt > lastAttempt {
		return fault.New(fault.Gone, "jobs.error.worker_lost") // it took its workers along, again and again
	}
	handler, ok := s.handlers[job.Handler]
	if !ok {
		return fmt.Errorf("jobs: no handler is called %q", job.Handler) // perhaps a newer worker knows it
	}
	return guarded(func() error { return handler.Run(ctx, job.recorded()) })
}

func guarded(run func() error) (err error) {
	defer func() {
		if x := recover(); x != nil {
			slog.Error("jobs: panic", "value", fmt.Sprintf("%T", x), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return run()
}

// judge says what becomes of a row after a try.
func (s *Server) judge(err error, attempt int) verdict {
	now := s.config.Ledger.clock.Now()
	switch {
	case err == nil:
		return verdict{state: "done"}
	case s.base.Err() != nil:
		return verdict{state: "waiting", due: now, reason: "stopped", uncounted: true}
	case final(err) || attempt >= lastAttempt:
		return verdict{state: "dead", reason: class(err)}
	}
	return verdict{state: "waiting", due: now.Add(jittered(wait(attempt))), reason: class(err)}
}

// keepJob writes the verdict while the claim can still hold, also when the ctx of the task is over.
func (s *Server) keepJob(v verdict, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), s.config.Ledger.lease/6)
	defer cancel()
	for pauseFor := 50 * time.Millisecond; ; pauseFor = min(2*pauseFor, 2*time.Second) {
		held, err := s.config.Ledger.finishJob(ctx, v)
		if err == nil {
			if !held {
				log.Warn("jobs: the claim was lost before the job was finished")
			}
			return
		}
		log.Error("jobs: cannot write the end of a job", "error", err)
		if pause(ctx, pauseFor); ctx.Err() != nil {
			return // it will run again after its lease
		}
	}
}
