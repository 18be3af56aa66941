package web

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
)

const (
	streamsPerPerson = 3
	flushTime        = 10 * time.Second // for one signal to leave
)

// Feed is what a live stream carries: that something changed, never what. The page asks again and the server decides again.
type Feed struct {
	C <-chan struct{} // a value for any number of changes
	// Check looks at the rights again and narrows or widens what C tells; an error ends the stream. It runs every minute
	// with the tenant and the actor that the stream was opened by.
	Check func(ctx context.Context) error
	Close func() // called once at the end
}

// Opener starts the feed of whoever acts in ctx, for a page that was made at since: what changed between then and now is
// the first thing that it tells. since is zero when the page does not say.
type Opener func(ctx context.Context, since time.Time) (Feed, error)

// Live answers with an event stream: an event "refresh" for each value of the feed, a comment every 15 s so that a browser
// that left is noticed, and the end when the session or the rights are gone or the server stops. One person has at most three.
func Live(c *fiber.Ctx, open Opener) error {
	ctx := c.UserContext()
	r := requestOf(ctx)
	if r == nil {
		return fmt.Errorf("web: live outside a server")
	}
	s := r.server
	who := actor.From(ctx)
	// The stream outlives the request's own context; what ends it is the server, the rights or the browser.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	id, err := s.streams.add(openStream{streamOwner{who.TenantID, who.PersonID}, c.Context().Conn(), cancel})
	if err != nil {
		cancel()
		return err
	}
	feed, err := open(ctx, madeAt(c))
	if err != nil {
		s.streams.remove(id)
		cancel()
		return err
	}
	s.metrics.streams.Inc()
	c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	c.Set("X-Accel-Buffering", "no")
	l := &stream{server: s, conn: c.Context().Conn(), feed: feed}
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		// This runs in a goroutine of its own: a panic here would end the program.
		defer func() {
			if p := recover(); p != nil {
				s.metrics.panics.Inc()
				s.cfg.Log.Error("live: panic", "request", r.id, "cause", fmt.Sprint(p), "stack", string(debug.Stack()))
			}
		}()
		defer s.metrics.streams.Dec()
		defer cancel()
		defer s.streams.remove(id)
		if feed.Close != nil {
			defer feed.Close()
		}
		l.run(ctx, w)
	})
	return nil
}

// LivePath is the address of a stream for a page that is made at now.
func LivePath(path string, now time.Time) string {
	return path + "?sinds=" + strconv.FormatInt(now.UnixMilli(), 10)
}

func madeAt(c *fiber.Ctx) time.Time {
	ms, err := strconv.ParseInt(c.Query("sinds"), 10, 64)
	if err != nil || ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

type stream struct {
	server *Server
	conn   net.Conn
	feed   Feed
}

func (l *stream) run(ctx context.Context, w *bufio.Writer) {
	if !l.write(w, "retry: 3000\nevent: open\ndata: {}\n\n") {
		return
	}
	beat := time.NewTicker(l.server.cfg.beat)
	defer beat.Stop()
	recheck := time.NewTicker(l.server.cfg.recheck)
	defer recheck.Stop()
	for {
		ok := true
		select {
		case <-ctx.Done():
			return
		case _, open := <-l.feed.C:
			ok = open && l.write(w, "event: refresh\ndata: {}\n\n")
		case <-beat.C:
			ok = l.write(w, ": beat\n\n")
		case <-recheck.C:
			ok = l.mayGoOn(ctx)
		}
		if !ok {
			return
		}
	}
}

func (l *stream) mayGoOn(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, HandlerTime)
	defer cancel()
	for _, check := range []func(context.Context) error{l.server.cfg.StillIn, l.feed.Check} {
		if check != nil && check(ctx) != nil {
			return false
		}
	}
	return true
}

// write sends at once. The server's own write deadline ends after one answer; a stream needs a new one each time.
func (l *stream) write(w *bufio.Writer, event string) bool {
	if err := l.conn.SetWriteDeadline(time.Now().Add(flushTime)); err != nil {
		return false
	}
	if _, err := w.WriteString(event); err != nil {
		return false
	}
	return w.Flush() == nil
}

type streamOwner struct{ tenant, person ids.ID }

// streams knows the open streams of this process.
type streams struct {
	mu    sync.Mutex
	ended bool
	open  map[int64]openStream
	last  int64
	count map[streamOwner]int
}

type openStream struct {
	owner  streamOwner
	conn   net.Conn
	cancel context.CancelFunc
}

func newStreams() *streams {
	return &streams{open: map[int64]openStream{}, count: map[streamOwner]int{}}
}

func (s *streams) add(stream openStream) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return 0, fault.New(fault.Unavailable, "error.unavailable").After(5 * time.Second)
	}
	if s.count[stream.owner] >= streamsPerPerson {
		s.dropHungUp(stream.owner)
	}
	if s.count[stream.owner] >= streamsPerPerson {
		return 0, fault.New(fault.TooMany, "error.too_many").After(time.Minute)
	}
	s.last++
	s.open[s.last] = stream
	s.count[stream.owner]++
	return s.last, nil
}

// dropHungUp frees the places of pages that are gone: somebody who walks through pages leaves one behind at each step.
func (s *streams) dropHungUp(owner streamOwner) {
	for id, stream := range s.open {
		if stream.owner == owner && hungUp(stream.conn) {
			stream.cancel()
			s.forget(id)
		}
	}
}

func (s *streams) remove(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(id)
}

func (s *streams) forget(id int64) {
	stream, ok := s.open[id]
	if !ok {
		return
	}
	delete(s.open, id)
	if s.count[stream.owner]--; s.count[stream.owner] == 0 {
		delete(s.count, stream.owner)
	}
}

// end closes every stream and lets no new one in.
func (s *streams) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, stream := range s.open {
		stream.cancel()
	}
}
