package web

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// request is what the edge knows about one request. It travels in the context.
type request struct {
	id     string
	route  string // pattern, for logs and metrics
	cancel context.CancelFunc
	server *Server
	failed error // the cause that was not told to the reader
}

type requestKey struct{}

// Close ends the context of the request. fasthttp calls it when the answer has been sent, streams included.
func (r *request) Close() error {
	r.cancel()
	return nil
}

func requestOf(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	return r
}

// RequestID names the request of ctx in logs and on error pages; empty outside a request.
func RequestID(ctx context.Context) string {
	if r := requestOf(ctx); r != nil {
		return r.id
	}
	return ""
}

// Ctx is the context of the request: tenant, actor, localizer, request id, deadline. It ends when the answer has been
// sent.
func Ctx(c *fiber.Ctx) context.Context { return c.UserContext() }

// May tells whether who sent the request may do permission, and the organisation has what it is about: for what a page offers. What is
// asked of a route is decided there.
func May(ctx context.Context, permission string) bool {
	r := requestOf(ctx)
	if r == nil {
		return false
	}
	tenant, _ := tenants.From(ctx)
	return tenant.Has(r.server.cfg.Feature(permission)) && r.server.cfg.Permissions.May(actor.From(ctx).Role, permission)
}

// FrameOf names the frame that the request fills; empty for a whole page.
func FrameOf(c *fiber.Ctx) string { return c.Get("Turbo-Frame") }

const closerKey = "web.request"

// edge surrounds everything: what goes wrong inside becomes an answer here, and every answer gets the headers.
func (s *Server) edge(c *fiber.Ctx) error {
	start := time.Now()
	r := s.begin(c)
	if err := s.guarded(c); err != nil {
		s.answerError(c, r, err)
	}
	s.finish(c, r, start)
	return nil
}

func (s *Server) begin(c *fiber.Ctx) *request {
	r := &request{id: ids.New().String(), route: "none", server: s}
	ctx := context.WithValue(context.Background(), requestKey{}, r)
	kind := s.routes.kindOf(c.Method(), c.Path())
	if limit := timeFor(kind); limit > 0 {
		ctx, r.cancel = context.WithTimeout(ctx, limit)
	} else {
		ctx, r.cancel = context.WithCancel(ctx)
	}
	c.SetUserContext(clock.With(ctx, s.cfg.Clock.Now()))
	c.Context().SetUserValue(closerKey, r)
	if kind == Upload {
		s.keepSlotUntilSent(c)
	}
	s.setHeaders(&c.Response().Header)
	c.Response().Header.Set("X-Request-Id", r.id)
	return r
}

// guarded runs the rest of the chain; a panic is an error like any other.
func (s *Server) guarded(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.metrics.panics.Inc()
			err = fmt.Errorf("web: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.Next()
}

// finish writes the one line about the request. No address with its query, no body, no name, no token goes in.
func (s *Server) finish(c *fiber.Ctx, r *request, start time.Time) {
	took := time.Since(start)
	status := c.Response().StatusCode()
	s.metrics.observe(c.Method(), r.route, status, took)
	level := slog.LevelInfo
	if status >= 500 && r.failed != nil {
		level = slog.LevelError
	}
	ctx := c.UserContext()
	if !s.cfg.Log.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 7)
	attrs = append(attrs, slog.String("request", r.id), slog.String("method", c.Method()), slog.String("route", r.route),
		slog.Int("status", status), slog.Float64("ms", float64(took.Microseconds())/1000))
	if tenant, ok := tenants.From(ctx); ok {
		attrs = append(attrs, slog.String("tenant", tenant.ID.String()))
	}
	if r.failed != nil {
		attrs = append(attrs, slog.String("cause", r.failed.Error()))
	}
	s.cfg.Log.LogAttrs(ctx, level, "request", attrs...)
}
