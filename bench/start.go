package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// start is line g: how soon a web process answers that it is ready, and what it holds when nobody asks it anything.
func start(ctx context.Context, w *world) ([]result, error) {
	var ready, idle []float64
	for range max(w.rounds, 5) {
		server, err := w.serve(ctx, nil)
		if err != nil {
			return nil, err
		}
		ready = append(ready, float64(server.ready.Microseconds())/1000)
		time.Sleep(2 * time.Second)
		memory, err := rss(server.PID())
		if err != nil {
			return nil, err
		}
		idle = append(idle, memory)
		if err := server.Stop(); err != nil {
			return nil, err
		}
	}
	connect, err := connecting(ctx, w.url.app)
	if err != nil {
		return nil, err
	}
	return []result{
		{line: "g", what: "Start to ready, migrated database", against: "budget", value: median(ready), unit: "ms", must: atMost(100), detail: fmt.Sprintf("slowest of %d starts: %s ms; of that PostgreSQL takes %s ms to begin a connection when nothing else runs", len(ready), number(slices.Max(ready)), number(connect))},
		{line: "g", what: "Idle web process", against: "budget", value: median(idle), unit: "MB", must: atMost(40)},
	}, nil
}

// connecting is how long one connection to PostgreSQL takes, in milliseconds: what no program that needs one can go below.
func connecting(ctx context.Context, url string) (float64, error) {
	var took []float64
	for range 9 {
		began := time.Now()
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return 0, fmt.Errorf("connect: %w", err)
		}
		took = append(took, float64(time.Since(began).Microseconds())/1000)
		if err := conn.Close(ctx); err != nil {
			return 0, fmt.Errorf("disconnect: %w", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return median(took), nil
}
