package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"

	"golang.org/x/sync/errgroup"

	"ouderportaal/configs"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/web"
	"ouderportaal/jobs"
)

// work relays events and works off jobs until ctx ends, and then finishes what it is doing.
func work(ctx context.Context, args []string) error {
	if err := noArguments("work", args); err != nil {
		return err
	}
	config, err := load(configs.Work)
	if err != nil {
		return err
	}
	app, err := NewApp(ctx, config, configs.Work, clock.System)
	if err != nil {
		return fmt.Errorf("work: %w", err)
	}
	defer app.Close()
	return app.Work(ctx)
}

// Work runs a relay, the workers and the schedule until ctx ends.
func (app *App) Work(ctx context.Context) error {
	ledger, err := jobs.OpenLedger(ctx, jobs.LedgerConfig{URL: app.Config.DatabaseRelayURL.Reveal(), Clock: app.DB.Clock()})
	if err != nil {
		return fmt.Errorf("work: %w", err)
	}
	defer ledger.Close()
	redis, err := jobs.ConnectRedis(app.Config.RedisURL.Reveal())
	if err != nil {
		return fmt.Errorf("work: %w", err)
	}
	defer redis.Close()
	metrics := jobs.NewMetrics(app.Metrics)
	app.Metrics.MustRegister(jobs.NewCollector(ledger))
	relay, err := jobs.NewRelay(jobs.RelayConfig{Ledger: ledger, Redis: redis, Subscriptions: app.Subscriptions(), Channels: names(app.Channels()), Metrics: metrics})
	if err != nil {
		return fmt.Errorf("work: %w", err)
	}
	server, err := jobs.NewServer(jobs.ServerConfig{Ledger: ledger, Directory: app.Directory, Redis: redis, Subscriptions: app.Subscriptions(),
		Channels: app.Channels(), Metrics: metrics, Jobs: 4 * runtime.NumCPU(), Media: 1, Deliveries: 4})
	if err != nil {
		return fmt.Errorf("work: %w", err)
	}
	schedule, err := jobs.NewSchedule(ledger, app.schedule(ledger))
	if err != nil {
		return fmt.Errorf("work: %w", err)
	}
	private, err := net.Listen("tcp", app.Config.OpsAddr)
	if err != nil {
		return fmt.Errorf("work: %w", err)
	}
	ops := web.Ops(web.OpsConfig{Metrics: app.Metrics, Ready: app.ready(), Profile: app.Config.OpsProfile})
	if err := server.Start(); err != nil {
		return errors.Join(fmt.Errorf("work: %w", err), private.Close())
	}

	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error { return ops.Serve(private) })
	group.Go(func() error { app.DB.Listen(inner, app.Directory.Changes()); return nil })
	group.Go(func() error { relay.Run(inner); return nil })
	group.Go(func() error { schedule.Run(inner); return nil })
	group.Go(func() error {
		<-inner.Done()
		ops.Drain()
		server.Stop()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		return ops.Shutdown(drain)
	})
	slog.Info("working", "ops", private.Addr().String())
	defer tidySoon().Stop()
	return group.Wait()
}

func names(channels []outbox.Channel) []string {
	list := make([]string, len(channels))
	for i, c := range channels {
		list[i] = c.Name
	}
	return list
}
