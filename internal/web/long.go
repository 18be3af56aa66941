package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
)

// longestTime bounds an answer that is made while it is sent: a month of photos over a slow line.
const longestTime = 2 * time.Hour

// SendLong answers with a body that is made while it is sent, however long that takes: what is read from it goes out at
// once, so it holds nothing for a reader who is slow. open gets a context of its own, with the tenant and the actor, that
// ends with the answer. The body ends early when the reader takes nothing for half a minute, is signed out, or reading fails;
// the browser then knows that the file is not whole. One person has at most three such answers at a time.
func SendLong(c *fiber.Ctx, open func(ctx context.Context) io.ReadCloser) error {
	return SendSized(c, -1, open)
}

// SendSized is SendLong of so many bytes, which the reader is told beforehand; -1 when nobody knows yet.
func SendSized(c *fiber.Ctx, size int64, open func(ctx context.Context) io.ReadCloser) error {
	ctx := c.UserContext()
	r := requestOf(ctx)
	if r == nil {
		return fmt.Errorf("web: long answer outside a server")
	}
	who := actor.From(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.server.cfg.longestTime)
	id, err := r.server.long.add(openStream{streamOwner{who.TenantID, who.PersonID}, c.Context().Conn(), cancel})
	if err != nil {
		cancel()
		return err
	}
	c.Context().SetBodyStream(&longBody{ReadCloser: open(ctx), request: r, ctx: ctx, cancel: cancel, id: id, conn: c.Context().Conn(), checked: time.Now()}, int(size))
	return nil
}

// longBody is read, and closed, by the goroutine that sends the answer.
type longBody struct {
	io.ReadCloser
	request *request
	ctx     context.Context
	cancel  context.CancelFunc
	id      int64
	conn    net.Conn
	checked time.Time
	sent    int64
	end     error // why nothing more came
	closed  bool
}

// Read gives the next piece, and half a minute for it to leave: the server's own deadline is for a whole answer.
func (b *longBody) Read(piece []byte) (n int, err error) {
	defer func() {
		if p := recover(); p != nil { // a panic here would end the program
			b.request.server.metrics.panics.Inc()
			n, err = 0, fmt.Errorf("web: panic: %v\n%s", p, debug.Stack())
		}
		b.sent += int64(n)
		if err != nil {
			b.end = err
		}
	}()
	if err := b.mayGoOn(); err != nil {
		return 0, err
	}
	if n, err = b.ReadCloser.Read(piece); err != nil {
		return n, err
	}
	return n, b.conn.SetWriteDeadline(time.Now().Add(b.request.server.cfg.writeTime))
}

func (b *longBody) mayGoOn() error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	cfg := b.request.server.cfg
	if cfg.StillIn == nil || time.Since(b.checked) < cfg.recheck {
		return nil
	}
	b.checked = time.Now()
	ctx, cancel := context.WithTimeout(b.ctx, HandlerTime)
	defer cancel()
	return cfg.StillIn(ctx)
}

// Close notes when the answer did not reach its end.
func (b *longBody) Close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	b.cancel()
	server := b.request.server
	server.long.remove(b.id)
	if !errors.Is(b.end, io.EOF) {
		cause := "the reader left"
		if b.end != nil {
			cause = b.end.Error()
		}
		server.cfg.Log.WarnContext(b.ctx, "answer broken off", "request", b.request.id, "route", b.request.route, "tenant", actor.From(b.ctx).TenantID.String(), "bytes", b.sent, "cause", cause)
	}
	return b.ReadCloser.Close()
}
