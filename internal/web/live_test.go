package web

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ui"
	"ouderportaal/tenants"
)

// events reads a stream line by line; the channel closes with the stream.
func events(res *http.Response) <-chan string {
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(res.Body)
		for scanner.Scan() {
			if scanner.Text() != "" {
				lines <- scanner.Text()
			}
		}
	}()
	return lines
}

func next(t *testing.T, lines <-chan string, want string) {
	t.Helper()
	after := time.After(3 * time.Second)
	for {
		select {
		case line, open := <-lines:
			if !open {
				t.Fatalf("the stream ended before %q", want)
			}
			if line == want {
				return
			}
		case <-after:
			t.Fatalf("%q did not come", want)
		}
	}
}

func ended(t *testing.T, lines <-chan string) {
	t.Helper()
	after := time.After(3 * time.Second)
	for {
		select {
		case _, open := <-lines:
			if !open {
				return
			}
		case <-after:
			t.Fatal("the stream goes on")
		}
	}
}

func TestLiveTellsThatSomethingChanged(t *testing.T) {
	// A stream outlives every other time limit of the server.
	b := newBench(t, func(c *Config) {
		c.beat, c.writeTime, c.readTime = 50*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	})
	res := b.as(actor.Parent, bathmen).Stream(context.Background(), "/live")
	defer res.Body.Close()
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") || res.Header.Get("Content-Encoding") != "" {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	checkHeaders(t, "/live", res.Header)
	lines := events(res)
	next(t, lines, "event: open")
	for range 5 {
		next(t, lines, ": beat")
	}
	b.feed <- struct{}{}
	start := time.Now()
	next(t, lines, "event: refresh")
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("a signal took %v", took)
	}
}

func TestLiveEndsWithTheRights(t *testing.T) {
	b := newBench(t, func(c *Config) { c.recheck = 50 * time.Millisecond })
	res := b.as(actor.Parent, bathmen).Stream(context.Background(), "/live")
	defer res.Body.Close()
	lines := events(res)
	next(t, lines, "event: open")
	b.barred.Store(true)
	ended(t, lines)
	eventually(t, func() bool { return b.openStreams() == 0 })
}

func TestLiveEndsWithTheSession(t *testing.T) {
	var signedOut atomic.Bool
	b := newBench(t, func(c *Config) {
		c.recheck = 50 * time.Millisecond
		c.StillIn = func(ctx context.Context) error {
			if tenant, ok := tenants.From(ctx); !ok || actor.From(ctx).TenantID != tenant.ID {
				t.Error("asked without the actor")
			}
			if signedOut.Load() {
				return fault.New(fault.Unauthenticated, "error.unauthenticated")
			}
			return nil
		}
	})
	res := b.as(actor.Parent, bathmen).Stream(context.Background(), "/live")
	defer res.Body.Close()
	lines := events(res)
	next(t, lines, "event: open")
	time.Sleep(120 * time.Millisecond)
	b.feed <- struct{}{}
	next(t, lines, "event: refresh")
	signedOut.Store(true)
	ended(t, lines)
	eventually(t, func() bool { return b.openStreams() == 0 })
}

// A page that answers a form, such as one that shows a secret once, cannot be asked for again: news must not take it away.
func TestWhatAnswersAFormIsNotRefreshed(t *testing.T) {
	routes := func(r *Routes) {
		show := func(c *fiber.Ctx) error {
			return Render(c, http.StatusOK, templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
				_, err := io.WriteString(w, "stroom: "+ui.ChromeFrom(ctx).Live)
				return err
			}))
		}
		r.Get("/adres", Public, show)
		r.Post("/adres", Public, show)
	}
	b := newBenchWith(t, routes, func(c *Config) {
		c.Chrome = func(_ context.Context, chrome ui.Chrome) ui.Chrome { chrome.Live = "/live"; return chrome }
	})
	browser := b.as(actor.Parent, bathmen)
	browser.Get("/adres").Has("stroom: /live")
	browser.Post("/adres").Is(http.StatusOK).Has("stroom: ").Lacks("/live")
}

func TestLiveIsThreeAPerson(t *testing.T) {
	b := newBench(t, func(c *Config) { c.beat = 20 * time.Millisecond })
	browser := b.as(actor.Parent, bathmen)
	var cancels []context.CancelFunc
	for range 3 {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		res := browser.Stream(ctx, "/live")
		defer res.Body.Close()
		next(t, events(res), "event: open")
		cancels = append(cancels, cancel)
	}
	browser.Do("GET", "/live", nil, "", map[string]string{"Accept": "application/json"}).Is(429)
	other := b.as(actor.Parent, vuurtoren).Stream(context.Background(), "/live")
	defer other.Body.Close()
	if other.StatusCode != 200 {
		t.Errorf("the same id at another organisation: %d", other.StatusCode)
	}
	cancels[0]() // the browser goes away: the next beats notice
	eventually(t, func() bool { return b.openStreams() == 3 })
	again := browser.Stream(context.Background(), "/live")
	defer again.Body.Close()
	if again.StatusCode != 200 {
		t.Errorf("after one went away: %d", again.StatusCode)
	}
}

// Somebody who walks through pages leaves a stream behind at each: it must not take a place until the next beat.
func TestLivePlacesOfPagesThatAreGoneAreFree(t *testing.T) {
	b := newBench(t, func(c *Config) { c.beat = time.Hour })
	browser := b.as(actor.Parent, bathmen)
	for range 3 * streamsPerPerson {
		res := browser.Stream(context.Background(), "/live")
		if res.StatusCode != http.StatusOK {
			t.Fatalf("status %d", res.StatusCode)
		}
		next(t, events(res), "event: open")
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond) // the goodbye travels
	}
}

func TestLiveNeedsASession(t *testing.T) {
	b := newBench(t)
	b.Browser(bathmen).Get("/live").Is(401)
	b.as(actor.System, bathmen).Get("/live").Is(403)
	if b.openStreams() != 0 {
		t.Error("a stream is open")
	}
}

func TestShutdownEndsLiveStreams(t *testing.T) {
	b := newBench(t)
	server := New(b.server.cfg.forAnotherServer())
	b.register(server.Routes())
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	req, _ := http.NewRequest("GET", "http://"+ln.Addr().String()+"/live", nil)
	req.Host = bathmen
	req.AddCookie(&http.Cookie{Name: roleName, Value: string(actor.Parent)})
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := events(res)
	next(t, lines, "event: open")
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	ended(t, lines)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("shutdown took %v", took)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func (b *bench) openStreams() int {
	b.server.streams.mu.Lock()
	defer b.server.streams.mu.Unlock()
	return len(b.server.streams.open)
}

// forAnotherServer is the same configuration with metrics of its own.
func (c Config) forAnotherServer() Config {
	c.Metrics = nil
	return c
}

func TestShutdownBeforeServe(t *testing.T) {
	b := newBench(t)
	server := New(b.server.cfg.forAnotherServer())
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(2 * time.Second):
		t.Error("serves after its end")
	}
}
