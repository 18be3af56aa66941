package web

import (
	"bytes"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// uploads bounds how many large bodies are read at the same time: each costs its size in memory before anybody knows who
// sent it. A slot is taken when the headers are in and given back when the answer is out.
//
// fasthttp gives the hook nothing but the header, which lives in the connection's own request object, so its address
// names the request. Where a connection dies without a word the slot is found again at its next use or after slotTime.
type uploads struct {
	mu      sync.Mutex
	most    int
	taken   map[*fasthttp.RequestHeader]time.Time
	refused map[*fasthttp.RequestHeader]time.Time
}

// slotTime is longer than reading and handling one upload can take.
const slotTime = 2*LongTime + 10*time.Second

func newUploads(most int) *uploads {
	return &uploads{most: most, taken: map[*fasthttp.RequestHeader]time.Time{}, refused: map[*fasthttp.RequestHeader]time.Time{}}
}

func (u *uploads) take(h *fasthttp.RequestHeader, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.taken, h)
	delete(u.refused, h)
	if len(u.taken) >= u.most {
		u.sweep(now)
	}
	if len(u.taken) >= u.most {
		u.refused[h] = now
		return false
	}
	u.taken[h] = now
	return true
}

func (u *uploads) sweep(now time.Time) {
	for _, slots := range []map[*fasthttp.RequestHeader]time.Time{u.taken, u.refused} {
		for h, since := range slots {
			if now.Sub(since) > slotTime {
				delete(slots, h)
			}
		}
	}
}

// release gives the slot back, and tells whether the request had been refused one.
func (u *uploads) release(h *fasthttp.RequestHeader) (refused bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, refused = u.refused[h]
	delete(u.taken, h)
	delete(u.refused, h)
	return refused
}

// InFlight is the number of uploads that are being read or handled.
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
	switch s.routes.kindOf(string(h.Method()), string(path)) {
	case Upload:
		if h.ContentLength() > UploadLimit {
			return fasthttp.RequestConfig{} // 413 without a slot
		}
		if !s.uploads.take(h, time.Now()) {
			return fasthttp.RequestConfig{MaxRequestBodySize: 1}
		}
		return fasthttp.RequestConfig{MaxRequestBodySize: UploadLimit, ReadTimeout: LongTime, WriteTimeout: writeTime}
	case Download:
		return fasthttp.RequestConfig{WriteTimeout: LongTime}
	}
	return fasthttp.RequestConfig{}
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
