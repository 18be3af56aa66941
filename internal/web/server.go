package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Server answers the requests of all organisations.
type Server struct {
	cfg     Config
	app     *fiber.App
	routes  *Routes
	uploads *uploads
	streams *streams
	long    *streams // answers of SendLong
	metrics *metrics
	brands  brands
	icons   icons
	beside  fasthttp.RequestHandler // of another server on the same listener; see Beside
	owns    func(host string) bool

	mu      sync.Mutex
	ln      net.Listener
	stopped bool
}

// New builds the server. Its middleware runs in this order: edge (request id, headers, deadline, panics, errors, log),
// public files, Resolve, Session, the reader's language, the check against forged requests; then the routes, each behind
// its permission.
func New(cfg Config) *Server {
	cfg = cfg.complete()
	s := &Server{cfg: cfg, streams: newStreams(), long: newStreams(), metrics: newMetrics(cfg.Metrics)}
	s.app = fiber.New(fiber.Config{
		Immutable:               true, // or a kept param, header or body becomes the next request's
		StreamRequestBody:       false,
		BodyLimit:               BodyLimit,
		ReadTimeout:             cfg.readTime,
		WriteTimeout:            cfg.writeTime,
		IdleTimeout:             cfg.idleTime,
		ReadBufferSize:          headerLimit,
		CaseSensitive:           true,
		StrictRouting:           true,
		UnescapePath:            false,
		EnableTrustedProxyCheck: true,
		TrustedProxies:          cfg.TrustedProxies,
		ProxyHeader:             "X-Real-IP",
		EnableIPValidation:      true,
		DisableStartupMessage:   true,
		ErrorHandler:            s.beforeRouting,
	})
	s.routes = &Routes{server: s, permissions: cfg.Permissions}
	s.uploads = newUploads(cfg.Uploads)
	inner := s.app.Server()
	inner.HeaderReceived = s.headerReceived
	inner.CloseOnShutdown = true
	s.app.Use(s.edge)
	s.publicFiles()
	s.app.Use(cfg.Resolve)
	s.themeFile()
	s.appFiles()
	s.public(securityPath, s.securityText)
	if cfg.Session != nil {
		s.app.Use(cfg.Session)
	}
	s.app.Use(s.reader, s.protect)
	// fiber answers a method that it does not know by itself, without our headers.
	known := inner.Handler
	inner.Handler = func(ctx *fasthttp.RequestCtx) {
		if s.beside != nil && s.owns(string(ctx.Request.Header.Host())) {
			s.beside(ctx)
			return
		}
		if !knownMethods[string(ctx.Method())] {
			s.unknownMethod(ctx)
			return
		}
		known(ctx)
	}
	return s
}

var knownMethods = map[string]bool{
	fiber.MethodGet: true, fiber.MethodHead: true, fiber.MethodPost: true, fiber.MethodPut: true, fiber.MethodPatch: true,
	fiber.MethodDelete: true, fiber.MethodOptions: true,
}

// Beside lets other answer the requests for hosts that it owns, on the listener of this server. Other must have all its routes.
func (s *Server) Beside(other *Server, owns func(host string) bool) {
	other.app.Handler() // the library puts the routes in order when it is asked for it
	s.beside, s.owns = other.app.Server().Handler, owns
}

// Routes is where modules register what they answer.
func (s *Server) Routes() *Routes { return s.routes }

// Serve answers on ln until Shutdown, also when that came first. It returns nil after a Shutdown.
func (s *Server) Serve(ln net.Listener) error {
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return ln.Close()
	}
	s.ln = ln
	s.mu.Unlock()
	if err := s.app.Listener(ln); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("web: serve: %w", err)
	}
	return nil
}

// Shutdown stops taking requests, ends the live streams, and waits until the others are answered or ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopped = true
	ln := s.ln
	s.mu.Unlock()
	s.streams.end()
	err := s.app.ShutdownWithContext(ctx)
	if ln != nil {
		_ = ln.Close() // the library closes only a listener that it has begun to serve
	}
	if err != nil {
		return fmt.Errorf("web: shutdown: %w", err)
	}
	return nil
}
