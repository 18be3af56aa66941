package web

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestOps(t *testing.T) {
	registry := prometheus.NewRegistry()
	b := newBench(t, func(c *Config) { c.Metrics = registry })
	b.Browser(bathmen).Get("/fout/stil?geheim=1").Is(500)
	b.Browser(bathmen).Get("/bestaat/niet/geheim").Is(404)
	var broken error
	ops := Ops(OpsConfig{Metrics: registry, Ready: map[string]func(context.Context) error{
		"postgres": func(context.Context) error { return broken },
		"storage":  func(ctx context.Context) error { return nil },
	}})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- ops.Serve(ln) }()
	get := func(path string) (int, string) {
		t.Helper()
		res, err := http.Get("http://" + ln.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(body)
	}
	if status, body := get("/livez"); status != 200 || body != "ok\n" {
		t.Error(status, body)
	}
	if status, body := get("/readyz"); status != 200 || body != "postgres yes\nstorage yes\n" {
		t.Error(status, body)
	}
	broken = errors.New("dial tcp 10.0.0.9:5432: geheim")
	if status, body := get("/readyz"); status != 503 || body != "postgres no\nstorage yes\n" {
		t.Error(status, body)
	}
	if status, _ := get("/livez"); status != 200 {
		t.Error("not alive because the database is away")
	}
	broken = nil
	ops.Drain()
	if status, body := get("/readyz"); status != 503 || !strings.Contains(body, "draining") {
		t.Error(status, body)
	}
	if status, body := get("/metrics"); status != 200 || strings.Contains(body, "geheim") ||
		!strings.Contains(body, `http_request_duration_seconds_count{method="GET",route="/fout/stil",status="5xx"} 1`) ||
		!strings.Contains(body, `http_request_duration_seconds_count{method="GET",route="none",status="4xx"} 1`) {
		t.Errorf("%d %.3000s", status, body)
	}
	for _, path := range []string{"/", "/debug/pprof/", "/metrics/x"} {
		if status, _ := get(path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := ops.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestProfilesAreServedWhenAskedFor(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ops := Ops(OpsConfig{Profile: true})
	done := make(chan error, 1)
	go func() { done <- ops.Serve(ln) }()
	answer, err := http.Get("http://" + ln.Addr().String() + "/debug/pprof/profile?seconds=1")
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != 200 {
		t.Error(answer.Status)
	}
	if err := errors.Join(answer.Body.Close(), ops.Shutdown(t.Context()), <-done); err != nil {
		t.Error(err)
	}
}

func TestTheOpsPathsAreNotPublic(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{"/livez", "/readyz", "/metrics", "/debug/pprof/"} {
		b.Browser(bathmen).Get(path).Is(404)
	}
}
