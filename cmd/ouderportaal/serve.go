package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"ouderportaal/configs"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/procmem"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
)

// serve answers browsers until ctx ends, and then finishes what it is answering.
func serve(ctx context.Context, args []string) error {
	if err := noArguments("serve", args); err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	config, err := load(configs.Serve)
	if err != nil {
		return err
	}
	app, err := NewApp(ctx, config, configs.Serve, clock.System)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	defer app.Close()
	return app.Serve(ctx)
}

// heapGrowth is how much more than it needs the web process may hold before it looks for what it can throw away, in
// percent. It needs little, under 10 MB; with Go's own 100 a fifth of the processor time of a page went into looking.
const heapGrowth = 400

// Serve listens where the configuration says until ctx ends.
func (app *App) Serve(ctx context.Context) error {
	if err := ui.Ready(); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	server, err := app.Server()
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	public, err := net.Listen("tcp", app.Config.ListenAddr)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	private, err := net.Listen("tcp", app.Config.OpsAddr)
	if err != nil {
		return errors.Join(fmt.Errorf("serve: %w", err), public.Close())
	}
	ops := web.Ops(web.OpsConfig{Metrics: app.Metrics, Ready: app.ready(), Profile: app.Config.OpsProfile})

	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error { return server.Serve(public) })
	group.Go(func() error { return ops.Serve(private) })
	group.Go(func() error { app.DB.Listen(inner, app.Directory.Changes(), app.Hub.Signals()); return nil })
	if app.platform != nil {
		group.Go(func() error { app.tidyPlatform(inner); return nil })
	}
	group.Go(func() error {
		<-inner.Done()
		ops.Drain()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		return errors.Join(server.Shutdown(drain), ops.Shutdown(drain))
	})
	slog.Info("serving", "address", public.Addr().String(), "ops", private.Addr().String())
	defer tidySoon().Stop()
	return group.Wait()
}

// tidySoon gives back, a second from now, what starting needed and serving or working does not.
func tidySoon() *time.Timer {
	return time.AfterFunc(time.Second, func() {
		debug.FreeOSMemory()
		procmem.Release()
	})
}
