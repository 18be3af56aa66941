package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"ouderportaal/internal/devservices"
)

// fanOut is line e. The comparison itself is BenchmarkFanOut of package jobs.
func fanOut(ctx context.Context, w *world) ([]result, error) {
	output, err := w.benchJobs(ctx, "BenchmarkFanOut")
	if err != nil {
		return nil, err
	}
	sinks := []struct{ name, what string }{
		{"sink=at-once", "One event to 5,000 mails with a delivery row each, sink that answers at once"},
		{"sink=3ms", "The same, sink that takes 3 ms a mail"},
		{"mail-and-push", "The same with a push beside each mail, encrypted for the device; deliveries of both kinds"},
	}
	var results []result
	for _, sink := range sinks {
		ratio, rate, err := ratioOf(output, "/"+sink.name, "of-plain-loop", "deliveries/s")
		if err != nil {
			return nil, err
		}
		results = append(results, result{line: "e", what: sink.what, against: "plain pooled SMTP loop", value: ratio, unit: "×", goal: atLeast(0.75), detail: fmt.Sprintf("%s: %.0f deliveries/s", sink.name, rate)})
	}
	return results, nil
}

// relay is line l. The comparison itself is BenchmarkRelay of package jobs.
func relay(ctx context.Context, w *world) ([]result, error) {
	output, err := w.benchJobs(ctx, "BenchmarkRelay")
	if err != nil {
		return nil, err
	}
	kinds := []struct{ name, what string }{
		{"jobs", "Relay: 10,000 jobs from the ledger to Redis, a ticket each"},
		{"deliveries", "Relay: 10,000 deliveries, fifty to a ticket"},
	}
	var results []result
	for _, kind := range kinds {
		ratio, rate, err := ratioOf(output, "/"+kind.name, "of-plain-enqueue", "rows/s")
		if err != nil {
			return nil, err
		}
		results = append(results, result{line: "l", what: kind.what, against: "asynq, a task each, 32 at a time", value: ratio, unit: "×", goal: atLeast(0.55), detail: fmt.Sprintf("%.0f %s/s", rate, kind.name)})
	}
	return results, nil
}

// benchJobs runs a benchmark of package jobs against a PostgreSQL that writes to disk as in production. It has one to itself,
// because tests give the roles of a server their own passwords.
func (w *world) benchJobs(ctx context.Context, name string) (string, error) {
	postgres, err := devservices.Postgres(ctx, filepath.Join(w.dir, "fanout"), devservices.Options{})
	if err != nil {
		return "", err
	}
	defer postgres.Stop()
	cmd := exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench=^"+name+"$", "-benchtime="+strconv.Itoa(w.rounds)+"x", "./jobs")
	cmd.Env = append(os.Environ(), "TEST_DATABASE_URL="+postgres.URL, "TEST_REDIS_URL="+w.redis.URL)
	output, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go test ./jobs: %w\n%s", err, output)
	}
	return string(output), nil
}

// ratioOf reads one line of what go test prints: "BenchmarkFanOut/sink=3ms-2   5   123 ns/op   4567 deliveries/s   0.92 of-plain-loop".
func ratioOf(output, name, ratioUnit, rateUnit string) (ratio, rate float64, err error) {
	for text := range strings.Lines(output) {
		words := strings.Fields(text)
		if len(words) == 0 || !strings.Contains(words[0], name) {
			continue
		}
		for i := 1; i < len(words); i++ {
			switch words[i] {
			case ratioUnit:
				ratio, err = strconv.ParseFloat(words[i-1], 64)
			case rateUnit:
				rate, err = strconv.ParseFloat(words[i-1], 64)
			}
			if err != nil {
				return 0, 0, err
			}
		}
	}
	if ratio == 0 {
		return 0, 0, fmt.Errorf("go test ./jobs said nothing of %s:\n%s", name, output)
	}
	return ratio, rate, nil
}
