package web

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/webtest"
)

// BenchmarkEdge is what a small page costs around its handler: host, headers, language, permission, log, metrics.
func BenchmarkEdge(b *testing.B) { benchmark(b, "/dagboek") }

// BenchmarkPage is the same with 6 KB to compress.
func BenchmarkPage(b *testing.B) { benchmark(b, "/groot") }

func benchmark(b *testing.B, path string) {
	site := newBench(b, func(c *Config) { c.Log = slog.New(slog.NewJSONHandler(io.Discard, nil)) })
	site.Browser(bathmen).Get(path) // builds the routes
	handler := site.server.app.Server().Handler
	var ctx fasthttp.RequestCtx
	b.ReportAllocs()
	for b.Loop() {
		ctx.Request.Reset()
		ctx.Response.Reset()
		ctx.Request.Header.SetMethod("GET")
		ctx.Request.SetRequestURI(path)
		ctx.Request.Header.SetHost(bathmen)
		ctx.Request.Header.Set("Accept-Encoding", "gzip, br")
		ctx.Request.Header.Set("Accept-Language", "nl")
		ctx.Request.Header.SetCookie(roleName, string(actor.Parent))
		handler(&ctx)
		if ctx.Response.StatusCode() != 200 {
			b.Fatal(ctx.Response.StatusCode())
		}
	}
}

// TestManyLargestUploads measures what uploads may cost together: those beyond the limit wait their turn outside.
func TestManyLargestUploads(t *testing.T) {
	if testing.Short() {
		t.Skip("sends a gigabyte")
	}
	b := newBench(t)
	body := photo(20 << 20)
	var wait sync.WaitGroup
	var mu sync.Mutex
	counts := map[int]int{}
	var most uint64
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				mu.Lock()
				most = max(most, m.HeapInuse)
				mu.Unlock()
			}
		}
	}()
	form := "--x\r\nContent-Disposition: form-data; name=\"foto\"; filename=\"a.jpg\"\r\n\r\n" + string(body.Body) + "\r\n--x--\r\n"
	whole := []byte(webtest.Request(form, "POST "+photoPath+" HTTP/1.1", head, "Sec-Fetch-Site: same-origin", "Cookie: "+roleName+"=role:staff",
		"Content-Type: multipart/form-data; boundary=x", fmt.Sprintf("Content-Length: %d", len(form))))
	for range 50 {
		wait.Go(func() {
			status := sent(t, b.Addr, whole)
			mu.Lock()
			counts[status]++
			mu.Unlock()
		})
	}
	wait.Wait()
	close(stop)
	mu.Lock()
	defer mu.Unlock()
	t.Logf("%v, most heap in use %d MiB", counts, most>>20)
	if counts[201] == 0 || counts[201]+counts[503]+counts[0] != 50 || most > 600<<20 {
		t.Errorf("%v, %d MiB", counts, most>>20)
	}
}

// sent writes a request without copying it and gives the status; 0 when the connection closed before it said why.
func sent(t *testing.T, addr string, whole []byte) int {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer conn.Close()
	_, _ = conn.Write(whole)
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}
