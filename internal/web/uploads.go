package web

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
)

// uploads bounds how many large bodies are read at the same time: each costs its size in memory. A slot is taken when the
// headers are in and given back when the answer is out. Who may not upload gets none: six strangers who send a byte a
// minute would keep everybody's photos out. So would one account that may, or one organisation: each holds a share. A form
// without a file takes none: those that can carry one mostly come without. It is read as on any other page, in no more time.
//
// fasthttp gives the hook nothing but the header, which lives in the connection's own request object, so its address
// names the request. Where a connection dies without a word the slot is found again at its next use or after slotTime.
type uploads struct {
	mu      sync.Mutex
	most    int
	taken   map[*fasthttp.RequestHeader]slot
	refused map[*fasthttp.RequestHeader]refusal
}

// slot is held by whoever sends the body; by nobody where nobody can sign in.
type slot struct {
	since time.Time
	by    actor.Actor
}

// refusal is why a body is not read.
type refusal struct {
	since time.Time
	cause error
}

// slotTime is longer than reading and handling one upload can take.
const slotTime = 2*LongTime + 10*time.Second

func newUploads(most int) *uploads {
	return &uploads{most: most, taken: map[*fasthttp.RequestHeader]slot{}, refused: map[*fasthttp.RequestHeader]refusal{}}
}

func (u *uploads) take(h *fasthttp.RequestHeader, who actor.Actor, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.taken, h)
	delete(u.refused, h)
	if u.full(who) {
		u.sweep(now)
	}
	if u.full(who) {
		u.refused[h] = refusal{now, fault.New(fault.Unavailable, "error.busy").After(5 * time.Second)}
		return false
	}
	u.taken[h] = slot{now, who}
	return true
}

// full tells whether who must wait. One person gets half of the slots, which is more than the two photos that a page sends
// at a time; one organisation gets two thirds.
func (u *uploads) full(who actor.Actor) bool {
	person, organisation := 0, 0
	for _, s := range u.taken {
		if who.Anonymous() || s.by.TenantID != who.TenantID {
			continue
		}
		organisation++
		if s.by.PersonID == who.PersonID {
			person++
		}
	}
	return len(u.taken) >= u.most || person >= max(1, u.most/2) || organisation >= max(1, u.most*2/3)
}

// refuse remembers why the body of h is not read, for release.
func (u *uploads) refuse(h *fasthttp.RequestHeader, now time.Time, cause error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.taken, h)
	u.refused[h] = refusal{now, cause}
}

func (u *uploads) sweep(now time.Time) {
	for h, s := range u.taken {
		if now.Sub(s.since) > slotTime {
			delete(u.taken, h)
		}
	}
	for h, refused := range u.refused {
		if now.Sub(refused.since) > slotTime {
			delete(u.refused, h)
		}
	}
}

// release gives the slot back, and tells why the request had been refused one; nil when it had not.
func (u *uploads) release(h *fasthttp.RequestHeader) (refused error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	refused = u.refused[h].cause
	delete(u.taken, h)
	delete(u.refused, h)
	return refused
}

// inFlight is the number of large bodies that are being read or handled.
func (u *uploads) inFlight() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.taken)
}

// headerReceived gives uploads and downloads their size and time before the body is read. Zero means: as configured.
func (s *Server) headerReceived(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if len(s.routes.special) == 0 {
		return fasthttp.RequestConfig{}
	}
	path, _, _ := bytes.Cut(h.RequestURI(), []byte("?"))
	switch route := s.routes.find(string(h.Method()), string(path)); route.Kind {
	case Upload:
		if h.ContentLength() > UploadLimit {
			return fasthttp.RequestConfig{} // 413 without a slot
		}
		who, err := s.uploader(h, route.Permission)
		if err != nil {
			s.uploads.refuse(h, time.Now(), err)
			return fasthttp.RequestConfig{MaxRequestBodySize: 1}
		}
		if withoutFile(h) {
			s.uploads.release(h) // what an earlier request on this connection may have left
			return fasthttp.RequestConfig{}
		}
		if !s.uploads.take(h, who, time.Now()) {
			return fasthttp.RequestConfig{MaxRequestBodySize: 1}
		}
		return fasthttp.RequestConfig{MaxRequestBodySize: UploadLimit, ReadTimeout: LongTime, WriteTimeout: writeTime}
	case Download:
		return fasthttp.RequestConfig{WriteTimeout: LongTime}
	}
	return fasthttp.RequestConfig{}
}

// formLimit is how many bytes a form without a file has at most. A small photo may be less than BodyLimit and still need more than
// the ordinary time on a slow line: it takes a slot, which gives it more. These come in at 60 kbit/s.
const formLimit = 64 << 10

// withoutFile tells whether a body is declared to be no larger than formLimit. It is read no further than that. One that comes in chunks,
// or without a length, declares nothing.
func withoutFile(h *fasthttp.RequestHeader) bool {
	length := h.ContentLength()
	return 0 <= length && length <= formLimit
}

// uploader looks at who sends a large body before it is read, and whether they may. The route's own gate looks again.
func (s *Server) uploader(h *fasthttp.RequestHeader, permission string) (actor.Actor, error) {
	var nobody actor.Actor
	if s.cfg.Visitor == nil || permission == Public {
		return nobody, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), HandlerTime)
	defer cancel()
	who, err := s.cfg.Visitor(ctx, h)
	switch {
	case err != nil:
		return nobody, fault.New(fault.Unavailable, "error.unavailable").After(5 * time.Second).Wrap(err)
	case who.Anonymous():
		return nobody, fault.New(fault.Unauthenticated, "error.unauthenticated")
	case !s.cfg.Permissions.May(who.Role, permission):
		return nobody, fault.New(fault.Forbidden, "error.forbidden")
	}
	return who, nil
}

// slotBack gives the slot of an upload back when its answer has been sent.
type slotBack struct {
	uploads *uploads
	header  *fasthttp.RequestHeader
}

// Close is called by fasthttp.
func (b slotBack) Close() error {
	b.uploads.release(b.header)
	return nil
}

const slotKey = "web.slot"

func (s *Server) keepSlotUntilSent(c *fiber.Ctx) {
	c.Context().SetUserValue(slotKey, slotBack{s.uploads, &c.Context().Request.Header})
}
