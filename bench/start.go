package main

import (
	"context"
	"fmt"
	"slices"
	"time"
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
	return []result{
		{line: "g", what: "Start to ready, migrated database", against: "budget", value: median(ready), unit: "ms", must: atMost(100), detail: fmt.Sprintf("slowest of %d starts: %s ms", len(ready), number(slices.Max(ready)))},
		{line: "g", what: "Idle web process", against: "budget", value: median(idle), unit: "MB", must: atMost(40)},
	}, nil
}
