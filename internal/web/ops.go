package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// readyTime bounds one look at everything that the program needs.
const readyTime = 2 * time.Second

// OpsConfig is what the operators' listener tells.
type OpsConfig struct {
	Metrics prometheus.Gatherer
	// Ready names what the program cannot serve without; each function tells whether it is there.
	Ready map[string]func(ctx context.Context) error
	// Profile serves /debug/pprof as well.
	Profile bool
}

// OpsServer answers /livez, /readyz and /metrics on a listener of its own that the public never reaches.
type OpsServer struct {
	server   *http.Server
	config   OpsConfig
	draining atomic.Bool
}

// Ops builds the operators' server.
func Ops(config OpsConfig) *OpsServer {
	o := &OpsServer{config: config}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", o.ready)
	if config.Metrics != nil {
		mux.Handle("GET /metrics", promhttp.HandlerFor(config.Metrics, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	}
	if config.Profile {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	}
	o.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: idleTime, MaxHeaderBytes: headerLimit}
	return o
}

// Drain makes /readyz say no, so that a balancer sends no more while requests are still answered.
func (o *OpsServer) Drain() { o.draining.Store(true) }

// Serve answers on ln until Shutdown, and returns nil after it.
func (o *OpsServer) Serve(ln net.Listener) error {
	if err := o.server.Serve(ln); err != nil && err != http.ErrServerClosed {
		return fmt.Errorf("web: serve ops: %w", err)
	}
	return nil
}

// Shutdown stops the listener.
func (o *OpsServer) Shutdown(ctx context.Context) error { return o.server.Shutdown(ctx) }

// ready asks everything at the same time. Only names and yes or no go out: an error may carry an address.
func (o *OpsServer) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	var (
		mu    sync.Mutex
		wait  sync.WaitGroup
		lines []string
		all   = !o.draining.Load()
	)
	for name, check := range o.config.Ready {
		wait.Go(func() {
			err := check(ctx)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				all = false
				lines = append(lines, name+" no")
				return
			}
			lines = append(lines, name+" yes")
		})
	}
	wait.Wait()
	if o.draining.Load() {
		lines = append(lines, "draining yes")
	}
	sort.Strings(lines)
	if !all {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	for _, line := range lines {
		fmt.Fprintln(w, line)
	}
}
