package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Periodic is something to do again and again, such as forgetting what is old. It runs when a process becomes the one that
// keeps the schedule, so that nothing is missed while all were down, and then Every so often. It must do no harm when it
// runs more often than that.
type Periodic struct {
	Name  string
	Every time.Duration
	Run   func(ctx context.Context) error
}

const (
	// scheduleLock is held by the one process that keeps the schedule.
	scheduleLock = 7_241_885
	// periodicWithin bounds one run.
	periodicWithin = 10 * time.Minute
)

// Schedule runs a table of periodic work in exactly one of all processes that have it.
type Schedule struct {
	ledger *Ledger
	clock  clock.Clock
	table  []Periodic
	look   time.Duration // how often it looks whether something is due, or the lock is free
}

// NewSchedule refuses a table with a line that has no name, no work, or less than a second between runs.
func NewSchedule(ledger *Ledger, table []Periodic) (*Schedule, error) {
	seen := map[string]bool{}
	for _, p := range table {
		if p.Name == "" || p.Run == nil || p.Every < time.Second || seen[p.Name] {
			return nil, fmt.Errorf("jobs: periodic %q is incomplete or given twice", p.Name)
		}
		seen[p.Name] = true
	}
	return &Schedule{ledger: ledger, clock: ledger.clock, table: table, look: 5 * time.Second}, nil
}

// Run keeps the schedule whenever no other process does, until ctx ends.
func (s *Schedule) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.lead(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "jobs: schedule has to wait", "error", err)
		}
		pause(ctx, s.look)
	}
}

// lead takes the lock on a connection of its own and works as long as that lives; nil when another process has it.
func (s *Schedule) lead(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, s.ledger.pool.Config().ConnConfig.Copy())
	if err != nil {
		return fmt.Errorf("jobs: connect for schedule: %w", err)
	}
	defer func() { // closing gives the lock back
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(closing)
	}()
	var mine bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", scheduleLock).Scan(&mine); err != nil || !mine {
		return err
	}
	next := make([]time.Time, len(s.table))
	for ctx.Err() == nil {
		for i, p := range s.table {
			if s.clock.Now().Before(next[i]) {
				continue
			}
			if err := conn.Ping(ctx); err != nil {
				return fmt.Errorf("jobs: lost the schedule: %w", err)
			}
			next[i] = s.clock.Now().Add(p.Every)
			s.runOne(ctx, p)
		}
		pause(ctx, s.look)
	}
	return nil
}

func (s *Schedule) runOne(ctx context.Context, p Periodic) {
	ctx, cancel := context.WithTimeout(ctx, periodicWithin)
	defer cancel()
	began := time.Now()
	err := guarded(func() error { return p.Run(ctx) })
	if err != nil {
		slog.ErrorContext(ctx, "jobs: periodic work failed", "name", p.Name, "error", err)
		return
	}
	slog.DebugContext(ctx, "jobs: periodic work done", "name", p.Name, "took", time.Since(began))
}

// ForEveryTenant makes periodic work of something that is done for one organisation: it runs for each active one, with
// tenant and system actor in ctx. One that fails does not keep the others from it.
func ForEveryTenant(ledger *Ledger, directory *tenants.Directory, run func(ctx context.Context) error) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		rows, err := ledger.pool.Query(ctx, "SELECT id FROM tenant WHERE status = 'active' ORDER BY id")
		if err != nil {
			return fmt.Errorf("jobs: list organisations: %w", err)
		}
		all, err := pgx.CollectRows(rows, pgx.RowTo[ids.ID])
		if err != nil {
			return fmt.Errorf("jobs: list organisations: %w", err)
		}
		var problems []error
		for _, id := range all {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			tenant, err := directory.ByID(ctx, id)
			if err == nil {
				inside := actor.With(tenants.With(ctx, tenant), actor.ForSystem(id))
				err = guarded(func() error { return run(inside) })
			}
			if err != nil {
				problems = append(problems, fmt.Errorf("tenant %s: %w", id, err))
			}
		}
		return errors.Join(problems...)
	}
}
