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

// fanOut is line e. The comparison itself is BenchmarkFanOut of package jobs; here it runs against a PostgreSQL that writes to
// disk as in production. It has one to itself, because tests give the roles of a server their own passwords.
func fanOut(ctx context.Context, w *world) ([]result, error) {
	postgres, err := devservices.Postgres(ctx, filepath.Join(w.dir, "fanout"), devservices.Options{})
	if err != nil {
		return nil, err
	}
	defer postgres.Stop()
	cmd := exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench=^BenchmarkFanOut$", "-benchtime="+strconv.Itoa(w.rounds)+"x", "./jobs")
	cmd.Env = append(os.Environ(), "TEST_DATABASE_URL="+postgres.URL, "TEST_REDIS_URL="+w.redis.URL)
	output, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test ./jobs: %w\n%s", err, output)
	}
	sinks := []struct{ name, what string }{
		{"sink=at-once", "One event to 5,000 mails with a delivery row each, sink that answers at once"},
		{"sink=3ms", "The same, sink that takes 3 ms a mail"},
	}
	var results []result
	for _, sink := range sinks {
		ratio, rate, err := fanOutOf(string(output), sink.name)
		if err != nil {
			return nil, err
		}
		results = append(results, result{line: "e", what: sink.what, against: "plain pooled SMTP loop", value: ratio, unit: "×", goal: atLeast(0.75), detail: fmt.Sprintf("%s: %.0f mails/s", sink.name, rate)})
	}
	return results, nil
}

// fanOutOf reads one line of what go test prints: "BenchmarkFanOut/sink=3ms-2   5   123 ns/op   4567 mails/s   0.92 of-plain-loop".
func fanOutOf(output, sink string) (ratio, rate float64, err error) {
	for text := range strings.Lines(output) {
		words := strings.Fields(text)
		if len(words) == 0 || !strings.Contains(words[0], "/"+sink) {
			continue
		}
		for i := 1; i < len(words); i++ {
			switch words[i] {
			case "of-plain-loop":
				ratio, err = strconv.ParseFloat(words[i-1], 64)
			case "mails/s":
				rate, err = strconv.ParseFloat(words[i-1], 64)
			}
			if err != nil {
				return 0, 0, err
			}
		}
	}
	if ratio == 0 {
		return 0, 0, fmt.Errorf("go test ./jobs said nothing of %s:\n%s", sink, output)
	}
	return ratio, rate, nil
}
