package web

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/webtest"
)

// making is a body that gives its pieces one by one and then ends as it is told to.
type making struct {
	pieces int
	wait   time.Duration
	size   int
	end    func() error
	closed *atomic.Int64
}

func (m *making) Read(p []byte) (int, error) {
	if m.pieces == 0 {
		return 0, m.end()
	}
	m.pieces--
	time.Sleep(m.wait)
	return copy(p, strings.Repeat("x", min(m.size, len(p)))), nil
}

func (m *making) Close() error {
	m.closed.Add(1)
	return nil
}

func longBench(t *testing.T, body making, change ...func(*Config)) (*bench, *webtest.Browser) {
	b := newBenchWith(t, func(r *Routes) {
		r.Get("/long", "diary.read", func(c *fiber.Ctx) error {
			return SendLong(c, func(context.Context) io.ReadCloser { m := body; return &m })
		})
	}, append(change, func(c *Config) { c.writeTime = 300 * time.Millisecond })...)
	return b, b.as(actor.Parent, bathmen)
}

func whole() error { return io.EOF }

func TestALongAnswerMayTakeLongerThanAnyOther(t *testing.T) {
	var closed atomic.Int64
	b, browser := longBench(t, making{pieces: 10, wait: 60 * time.Millisecond, size: 1, end: whole, closed: &closed})
	res := browser.Stream(context.Background(), "/long")
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || string(got) != "xxxxxxxxxx" {
		t.Fatalf("%q %v", got, err)
	}
	eventually(t, func() bool { return closed.Load() == 1 })
	if strings.Contains(b.log.String(), "answer broken off") {
		t.Error("it was whole")
	}
}

func TestALongAnswerThatIsNotWholeDoesNotLookSo(t *testing.T) {
	for name, c := range map[string]struct {
		end    func() error
		change func(*Config)
		cause  string
	}{
		"reading fails":     {func() error { return errors.New("storage is away") }, func(*Config) {}, "storage is away"},
		"reading panics":    {func() error { panic("oops") }, func(*Config) {}, "oops"},
		"it takes too long": {whole, func(c *Config) { c.longestTime = 30 * time.Millisecond }, "deadline exceeded"},
		"signed out": {whole, func(c *Config) {
			c.recheck, c.StillIn = 10*time.Millisecond, func(context.Context) error { return errors.New("not signed in any more") }
		}, "not signed in any more"},
	} {
		t.Run(name, func(t *testing.T) {
			var closed atomic.Int64
			b, browser := longBench(t, making{pieces: 5, wait: 15 * time.Millisecond, size: 1, end: c.end, closed: &closed}, c.change)
			res := browser.Stream(context.Background(), "/long")
			defer res.Body.Close()
			if _, err := io.ReadAll(res.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("the reader cannot tell: %v", err)
			}
			eventually(t, func() bool {
				return closed.Load() == 1 && strings.Contains(b.log.String(), "answer broken off") && strings.Contains(b.log.String(), c.cause)
			})
			b.as(actor.Parent, bathmen).Get("/dagboek").Is(200)
		})
	}
}

func TestALongAnswerWaitsForNobodyForEver(t *testing.T) {
	var closed atomic.Int64
	b, browser := longBench(t, making{pieces: 1 << 20, size: 4096, end: whole, closed: &closed})
	for range streamsPerPerson {
		res := browser.Stream(context.Background(), "/long") // takes nothing of it
		defer res.Body.Close()
	}
	browser.Do("GET", "/long", nil, "", map[string]string{"Accept": "application/json"}).Is(429)
	eventually(t, func() bool { return closed.Load() == streamsPerPerson })
	eventually(t, func() bool { return strings.Contains(b.log.String(), "the reader left") })
	res := browser.Stream(context.Background(), "/long")
	defer res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("a place that is free: %d", res.StatusCode)
	}
}
