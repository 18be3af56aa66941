package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
)

// runDeliveries runs one ticket of deliveries; see runJob.
func (s *Server) runDeliveries(ctx context.Context, t *asynq.Task) error {
	s.running.Add(1)
	defer s.running.Done()
	var ticket deliveryTicket
	if err := decode(t.Payload(), &ticket); err != nil || len(ticket.IDs) != len(ticket.Gens) || len(ticket.IDs) > Batch {
		slog.ErrorContext(ctx, "jobs: ticket thrown away", "error", err)
		return nil
	}
	channel, ok := s.channels[ticket.Channel]
	if !ok {
		return nil
	}
	tenant, ok, err := s.tenantOf(ctx, ticket.Tenant)
	if err != nil || !ok {
		return err
	}
	batch, err := s.config.Ledger.takeDeliveries(ctx, ticket)
	if err != nil || len(batch) == 0 {
		return err
	}
	until := time.Now().Add(s.config.Ledger.lease)
	ctx, cancel := s.work(ctx, tenant)
	defer cancel()
	r := &reports{server: s, channel: channel.Name, until: until, open: map[ids.ID]outbox.Delivery{}}
	fresh := batch[:0]
	for _, d := range batch {
		r.open[d.ID] = d
		if d.Attempt > lastAttempt {
			r.report(d, outbox.Outcome{Fate: outbox.Dead, Reason: "jobs.error.worker_lost"})
			continue
		}
		fresh = append(fresh, d)
	}
	began := time.Now()
	err = guarded(func() error { return channel.Send(ctx, fresh, r.report) })
	if err != nil {
		slog.WarnContext(ctx, "jobs: channel failed", "channel", channel.Name, "tenant_id", tenant.ID, "class", class(err), "error", err)
	}
	r.rest(err)
	s.config.Metrics.sent(channel.Name, time.Since(began))
	return nil
}

// reports writes down the fate of each delivery of one ticket, once.
type reports struct {
	server  *Server
	channel string
	until   time.Time
	mu      sync.Mutex
	open    map[ids.ID]outbox.Delivery
}

func (r *reports) report(d outbox.Delivery, o outbox.Outcome) {
	r.mu.Lock()
	mine, ok := r.open[d.ID]
	delete(r.open, d.ID)
	r.mu.Unlock()
	if !ok {
		return
	}
	r.server.config.Metrics.delivered(r.channel, string(o.Fate))
	r.server.config.Ledger.done.record(r.server.judgeDelivery(mine, o), r.until)
}

// rest gives back what was not reported.
func (r *reports) rest(err error) {
	r.mu.Lock()
	var left []outbox.Delivery
	for _, d := range r.open {
		left = append(left, d)
	}
	clear(r.open)
	r.mu.Unlock()
	if len(left) == 0 {
		return
	}
	if err == nil {
		err = errors.New("jobs: the channel did not say")
	}
	verdicts := make([]verdict, len(left))
	for i, d := range left {
		verdicts[i] = r.server.judge(err, d.Attempt)
		verdicts[i].tenant, verdicts[i].id, verdicts[i].gen = d.TenantID, d.ID, d.Gen
		r.server.config.Metrics.delivered(r.channel, verdicts[i].state)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := r.server.config.Ledger.finishDeliveries(ctx, verdicts); err != nil {
		slog.Error("jobs: cannot give deliveries back", "deliveries", len(left), "error", err) // they wait for their lease
	}
}

func (s *Server) judgeDelivery(d outbox.Delivery, o outbox.Outcome) verdict {
	v := verdict{tenant: d.TenantID, id: d.ID, gen: d.Gen, state: string(o.Fate), reason: o.Reason}
	if o.Fate == outbox.Held {
		v.state, v.due, v.uncounted = "waiting", o.Until, true
		return v
	}
	if o.Fate != outbox.Later {
		return v
	}
	now := s.config.Ledger.clock.Now()
	switch {
	case s.base.Err() != nil:
		v.state, v.due, v.reason, v.uncounted = "waiting", now, "stopped", true
	case d.Attempt >= lastAttempt:
		v.state = string(outbox.Dead)
	default:
		v.state, v.due = "waiting", now.Add(max(jittered(wait(d.Attempt)), o.After))
	}
	return v
}
