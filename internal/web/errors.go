package web

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
)

// problem is what a reader is told.
type problem struct {
	status  int
	name    string // of the kind of problem: "not_found"
	key     string
	args    map[string]any
	fields  []fault.Field
	retry   time.Duration
	private error // for the log
}

var names = map[int]string{
	400: "bad_request", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 408: "timeout",
	409: "conflict", 410: "gone", 413: "too_large", 421: "misdirected", 422: "invalid", 429: "too_many", 500: "internal", 503: "unavailable",
}

// outOfService is no mishap that passes in a few minutes: what to do about it is told in words of its own.
const outOfService = "error.suspended"

func problemOf(err error) problem {
	if e, ok := fault.As(err); ok {
		p := problem{status: int(e.Code), key: e.Key, args: e.Args, fields: e.Fields, retry: e.RetryAfter, private: errors.Unwrap(e)}
		if e.Code == fault.Internal && p.private == nil {
			p.private = err
		}
		return p.named()
	}
	var library *fiber.Error
	if errors.As(err, &library) {
		p := problem{status: library.Code}
		switch library.Code {
		case fiber.StatusRequestHeaderFieldsTooLarge, fiber.StatusBadGateway: // a broken connection is called so
			p.status = fiber.StatusBadRequest
		}
		if p.status >= 500 {
			p.private = err
		}
		return p.named()
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return problem{status: fiber.StatusServiceUnavailable, retry: 5 * time.Second, private: err}.named()
	}
	return problem{status: fiber.StatusInternalServerError, private: err}.named()
}

func (p problem) named() problem {
	name, ok := names[p.status]
	if !ok {
		if p.status < 400 || p.status >= 500 {
			p.status = fiber.StatusInternalServerError
		} else {
			p.status = fiber.StatusBadRequest
		}
		name = names[p.status]
	}
	p.name = name
	if p.key == outOfService {
		p.name = "suspended"
	}
	if p.key == "" || p.status == fiber.StatusInternalServerError {
		p.key, p.args = "error."+name, nil
	}
	return p
}

// answerError is the one place where an error becomes an answer.
func (s *Server) answerError(c *fiber.Ctx, r *request, err error) {
	p := problemOf(err)
	r.failed = p.private
	response := c.Response()
	response.ResetBody()
	for _, header := range []string{fiber.HeaderContentEncoding, fiber.HeaderETag, fiber.HeaderLastModified, fiber.HeaderContentDisposition,
		fiber.HeaderContentRange, fiber.HeaderAcceptRanges, fiber.HeaderLocation} {
		response.Header.Del(header)
	}
	response.Header.Set(fiber.HeaderCacheControl, "no-store")
	response.Header.Set("Content-Security-Policy", ContentSecurityPolicy)
	if p.retry > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int((p.retry+time.Second-1)/time.Second)))
	}
	c.Status(p.status)
	ctx := c.UserContext()
	if i18n.From(ctx) == nil {
		ctx = i18n.With(ctx, s.cfg.Bundle.For(s.language(c)))
		c.SetUserContext(ctx)
	}
	if wantsJSON(c) {
		s.answerJSON(c, r, p)
		return
	}
	if err := s.errorPage(c, r, p); err != nil {
		// The page of last resort has nothing left that could fail.
		r.failed = errors.Join(r.failed, err)
		response.ResetBody()
		c.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
		response.AppendBodyString(strconv.Itoa(p.status) + " " + r.id + "\n")
	}
}

type errorBody struct {
	Error   string       `json:"error"`
	Message string       `json:"message"`
	Request string       `json:"request"`
	Fields  []errorField `json:"fields,omitempty"`
	SignIn  string       `json:"sign_in,omitempty"` // where to sign in and come back from
}

type errorField struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

func (s *Server) answerJSON(c *fiber.Ctx, r *request, p problem) {
	l := i18n.From(c.UserContext())
	body := errorBody{Error: p.name, Message: l.Say(p.key, p.args), Request: r.id}
	if p.status == fiber.StatusUnauthorized {
		body.SignIn = s.signInFrom(c)
	}
	for _, f := range p.fields {
		body.Fields = append(body.Fields, errorField{f.Name, l.Say(f.Key, f.Args)})
	}
	if err := c.JSON(body); err != nil {
		r.failed = errors.Join(r.failed, err)
	}
}

// wantsJSON tells whether the asker is one of our controllers and not a person.
func wantsJSON(c *fiber.Ctx) bool {
	accept := c.Get(fiber.HeaderAccept)
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// beforeRouting answers what fasthttp could not even read: a broken, slow or too large request.
func (s *Server) beforeRouting(c *fiber.Ctx, err error) error {
	if c.Context().Request.Header.Method() == nil {
		return nil
	}
	start := time.Now()
	refused := s.uploads.release(&c.Context().Request.Header)
	r := s.begin(c)
	r.route = "unread"
	if refused != nil && errors.Is(err, fiber.ErrRequestEntityTooLarge) {
		err = refused
	}
	s.answerError(c, r, err)
	s.finish(c, r, start)
	return nil
}

// unknownMethod answers a method that HTTP may know but we do not.
func (s *Server) unknownMethod(ctx *fasthttp.RequestCtx) {
	ctx.Request.Header.SetMethod(fiber.MethodGet) // fiber's context wants one that it knows
	c := s.app.AcquireCtx(ctx)
	defer s.app.ReleaseCtx(c)
	start := time.Now()
	r := s.begin(c)
	r.route = "unread"
	c.Set(fiber.HeaderAllow, "GET, HEAD, POST, PUT, PATCH, DELETE")
	s.answerError(c, r, fault.New(fault.MethodNotAllowed, ""))
	s.finish(c, r, start)
}
