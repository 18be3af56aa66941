package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/webtest"
)

const photoPath = "/dagboek/1/fotos"

func photo(size int) webtest.File {
	return webtest.File{Field: "foto", Name: "a.jpg", ContentType: "image/jpeg", Body: bytes.Repeat([]byte("x"), size)}
}

func TestBodyLimits(t *testing.T) {
	b := newBench(t)
	browser := b.as(actor.Staff, bathmen)
	form := "application/x-www-form-urlencoded"
	browser.Do("POST", "/open", strings.NewReader(strings.Repeat("x", BodyLimit)), form, nil).Is(200)
	for _, size := range []int{BodyLimit + 1, 4 << 20} {
		answers := b.Raw(time.Second, post("/open", strings.Repeat("x", 1000), fmt.Sprintf("Content-Length: %d", size)))
		if len(answers) != 1 || answers[0].Status != 413 || !strings.Contains(answers[0].Body, "Te groot") {
			t.Errorf("%d bytes: %+v", size, answers)
		}
	}
	browser.PostFiles(photoPath, nil, photo(5<<20)).Is(201).Has(`"size":5242880`)
	browser.PostFiles(photoPath, nil, photo(20<<20)).Is(201).Has(`"size":20971520`)
	eventually(t, func() bool { return b.server.uploads.inFlight() == 0 })
	for _, path := range []string{photoPath, "/open", "/dagboek//fotos", "/dagboek/1/fotos/", "/dagboek/1/2/fotos"} {
		size := UploadLimit + 1
		if path != photoPath {
			size = BodyLimit + 1
		}
		answers := b.Raw(time.Second, post(path, "", fmt.Sprintf("Content-Length: %d", size)))
		if len(answers) != 1 || answers[0].Status != 413 {
			t.Errorf("%s with %d bytes: %+v", path, size, answers)
		}
	}
	browser.PostFiles(photoPath, nil).Is(400)
	browser.Get(photoPath).Is(405)
	eventually(t, func() bool { return b.server.uploads.inFlight() == 0 })
}

func TestDeadlines(t *testing.T) {
	b := newBench(t)
	browser := b.as(actor.Staff, bathmen)
	browser.Get("/tijd").Has("10s")
	browser.Get("/foto").HasHeader("X-Left", "2m0s").Has("xxxxx")
	var answer struct{ Left float64 }
	browser.PostFiles(photoPath, nil, photo(10)).Is(201).JSON(&answer)
	if answer.Left < 100 {
		t.Errorf("an upload has %v s left", answer.Left)
	}
}

// TestASlowUploadOutlivesTheOrdinaryTime sends bodies slower than an ordinary request may be: one with a slot is read to its end, one
// without holds its connection no longer than any other.
func TestASlowUploadOutlivesTheOrdinaryTime(t *testing.T) {
	b := newBench(t, func(c *Config) { c.readTime = 400 * time.Millisecond })
	slowly := func(size int) (status int, took time.Duration) {
		conn, err := net.Dial("tcp", b.Addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		begun := time.Now()
		go func() {
			fmt.Fprint(conn, upload(size, ""))
			for body := form(size); body != ""; body = body[min(len(body), size/20+1):] {
				time.Sleep(100 * time.Millisecond)
				if _, err := fmt.Fprint(conn, body[:min(len(body), size/20+1)]); err != nil {
					return
				}
			}
		}()
		_ = conn.SetReadDeadline(begun.Add(10 * time.Second))
		if res, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			status = res.StatusCode
		}
		return status, time.Since(begun)
	}
	for _, size := range []int{formLimit + 1, large} {
		if status, took := slowly(size); status != 201 || took < time.Second {
			t.Errorf("%d bytes: %d after %v", size, status, took)
		}
	}
	for _, size := range []int{200, formLimit} {
		before := b.executed.Load()
		if status, took := slowly(size); status == 201 || took > time.Second || b.executed.Load() != before {
			t.Errorf("%d bytes: %d after %v", size, status, took)
		}
	}
}

// form is the body of an upload of size bytes.
func form(size int) string {
	begin, end := "--x\r\nContent-Disposition: form-data; name=\"foto\"; filename=\"a.jpg\"\r\n\r\n", "\r\n--x--\r\n"
	return begin + strings.Repeat("y", size-len(begin)-len(end)) + end
}

// large is the size of a body that takes a slot.
const large = 2 << 20

// upload begins a form of size bytes that may take files.
func upload(size int, body string, lines ...string) string {
	return webtest.Request(body, append([]string{"POST " + photoPath + " HTTP/1.1", head, "Sec-Fetch-Site: same-origin", "Cookie: " + roleName + "=role:staff",
		"Content-Type: multipart/form-data; boundary=x", fmt.Sprintf("Content-Length: %d", size)}, lines...)...)
}

// TestAFormWithoutAFileTakesNoSlot sends forms that could have carried a file, while nobody can upload.
func TestAFormWithoutAFileTakesNoSlot(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Uploads = 1 })
	conn, err := net.Dial("tcp", b.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, upload(formLimit+1, "--x"))
	eventually(t, func() bool { return b.server.uploads.inFlight() == 1 })
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", 200, form(200))
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"small":                       {upload(200, form(200)), 201},
		"as large as a form gets":     {upload(formLimit, form(formLimit)), 201},
		"a byte more":                 {upload(formLimit+1, "--x"), 503},
		"in chunks":                   {strings.Replace(upload(200, chunked), "Content-Length: 200", "Transfer-Encoding: chunked", 1), 503},
		"in chunks and with a length": {upload(200, chunked, "Transfer-Encoding: chunked"), 503},
		"longer than it says":         {upload(200, form(formLimit+1)), 400},
		"packed":                      {upload(200, form(200), "Content-Encoding: gzip"), 400},
	} {
		before := b.executed.Load()
		answers := b.Raw(300*time.Millisecond, c.request)
		if len(answers) == 0 || answers[0].Status != c.status {
			t.Errorf("%s: %+v", name, answers)
		}
		if ran := b.executed.Load() > before; ran != (c.status == 201) {
			t.Errorf("%s: a handler ran: %v", name, ran)
		}
		if n := b.server.uploads.inFlight(); n != 1 {
			t.Errorf("%s: %d slots are taken", name, n)
		}
	}

	// A connection that died holds its slot until its request object is used again.
	var h fasthttp.RequestHeader
	h.SetMethod("POST")
	h.SetRequestURI(photoPath)
	conn.Close()
	eventually(t, func() bool { return b.server.uploads.inFlight() == 0 })
	for _, c := range []struct{ size, held int }{{large, 1}, {200, 0}} {
		h.SetContentLength(c.size)
		if b.server.headerReceived(&h); b.server.uploads.inFlight() != c.held {
			t.Errorf("%d bytes: %d slots are taken", c.size, b.server.uploads.inFlight())
		}
	}
}

func TestUploadsBeyondTheLimitAreToldToComeBack(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Uploads = 2 })
	hold := func() net.Conn {
		conn, err := net.Dial("tcp", b.Addr)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, upload(large, "start"))
		return conn
	}
	one, two := hold(), hold()
	defer one.Close()
	eventually(t, func() bool { return b.server.uploads.inFlight() == 2 })
	answers := b.Raw(time.Second, upload(large, strings.Repeat("x", 2000)))
	if len(answers) != 1 || answers[0].Status != 503 || answers[0].Header.Get("Retry-After") != "5" || !strings.Contains(answers[0].Body, "veel foto") {
		t.Errorf("the third upload: %+v", answers)
	}
	b.as(actor.Staff, bathmen).Get("/dagboek").Is(200) // others notice nothing
	two.Close()
	eventually(t, func() bool { return b.server.uploads.inFlight() == 1 })
	b.as(actor.Staff, bathmen).PostFiles(photoPath, nil, photo(large)).Is(201)
	eventually(t, func() bool { return b.server.uploads.inFlight() == 1 })
}

// TestStrangersTakeNoSlot holds more uploads open than there are slots, as somebody who may not upload.
func TestStrangersTakeNoSlot(t *testing.T) {
	b := newBench(t, func(c *Config) {
		c.Uploads = 1
		c.Visitor = func(_ context.Context, h *fasthttp.RequestHeader) (actor.Actor, error) {
			switch role := actor.Role(h.Cookie(roleName)); {
			case role.Known():
				return actor.Actor{TenantID: ids.New(), PersonID: ids.New(), Role: role}, nil
			case role == "":
				return actor.Actor{}, nil
			default:
				return actor.Actor{}, errors.New("the database is away")
			}
		}
	})
	request := func(cookie, body string, size int) string {
		return webtest.Request(body, "POST "+photoPath+" HTTP/1.1", head, "Sec-Fetch-Site: same-origin", "Cookie: "+cookie,
			"Content-Type: multipart/form-data; boundary=x", fmt.Sprintf("Content-Length: %d", size))
	}
	for cookie, status := range map[string]int{"a=b": 401, roleName + "=role:parent": 403, roleName + "=broken": 503} {
		for _, size := range []int{100_000, UploadLimit} {
			answers := b.Raw(time.Second, request(cookie, "--x", size))
			if len(answers) != 1 || answers[0].Status != status {
				t.Errorf("%s, %d bytes: %+v", cookie, size, answers)
			}
		}
	}
	if n := b.server.uploads.inFlight(); n != 0 {
		t.Errorf("%d slots are taken", n)
	}
	b.as(actor.Staff, bathmen).PostFiles(photoPath, nil, photo(2<<20)).Is(201)
}

// TestNobodyHoldsEverySlot lets one account, and then one organisation, hold open as many uploads as it gets.
func TestNobodyHoldsEverySlot(t *testing.T) {
	organisations, people := map[string]ids.ID{bathmen: ids.New(), vuurtoren: ids.New()}, map[string]ids.ID{}
	for _, name := range []string{"anna", "bas", "carla", "dirk"} {
		people[name] = ids.New()
	}
	b := newBench(t, func(c *Config) {
		c.Uploads = 6
		c.Visitor = func(_ context.Context, h *fasthttp.RequestHeader) (actor.Actor, error) {
			return actor.Actor{TenantID: organisations[string(h.Host())], PersonID: people[string(h.Cookie("naam"))], Role: actor.Staff}, nil
		}
	})
	begin := func(host, name string) net.Conn {
		conn, err := net.Dial("tcp", b.Addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		fmt.Fprint(conn, webtest.Request("start", "POST "+photoPath+" HTTP/1.1", "Host: "+host, "Sec-Fetch-Site: same-origin", "Cookie: naam="+name,
			"Content-Type: multipart/form-data; boundary=x", fmt.Sprintf("Content-Length: %d", large)))
		return conn
	}
	held := 0
	holds := func(host, name string) {
		t.Helper()
		begin(host, name)
		held++
		eventually(t, func() bool { return b.server.uploads.inFlight() == held })
	}
	waits := func(host, name string) {
		t.Helper()
		res, err := http.ReadResponse(bufio.NewReader(begin(host, name)), nil)
		if err != nil || res.StatusCode != 503 || res.Header.Get("Retry-After") != "5" {
			t.Errorf("%s at %s gets another slot: %v, %v", name, host, res, err)
		}
	}
	for range 3 {
		holds(bathmen, "anna")
	}
	waits(bathmen, "anna")
	holds(bathmen, "bas")
	waits(bathmen, "carla")
	holds(vuurtoren, "dirk")
	holds(vuurtoren, "anna") // what she has at another organisation does not count here
	waits(vuurtoren, "dirk")
}

// TestSlotsAreGivenBack ends uploads in every way that a connection can end.
func TestSlotsAreGivenBack(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Uploads = 4 })
	whole := strings.Repeat("x", large)
	var wait sync.WaitGroup
	for i := range 40 {
		wait.Go(func() {
			switch i % 4 {
			case 0: // goes away in the middle
				if conn, err := net.Dial("tcp", b.Addr); err == nil {
					fmt.Fprint(conn, upload(large, "start"))
					time.Sleep(20 * time.Millisecond)
					conn.Close()
				}
			case 1: // broken form
				b.Raw(200*time.Millisecond, upload(large+11, "--y\r\nbroken"+whole))
			case 2: // broken chunk
				b.Raw(200*time.Millisecond, post(photoPath, "zz\r\n", "Transfer-Encoding: chunked"))
			case 3: // not allowed
				b.Raw(200*time.Millisecond, post(photoPath, "a="+whole, fmt.Sprintf("Content-Length: %d", large+2)))
			}
		})
	}
	wait.Wait()
	eventually(t, func() bool { return b.server.uploads.inFlight() == 0 })
}

// TestHalfOpenConnections is a small version of what `make bench` does with thousands: slow clients wait, others do not.
func TestHalfOpenConnections(t *testing.T) {
	b := newBench(t, func(c *Config) { c.readTime, c.idleTime = 700*time.Millisecond, 700*time.Millisecond })
	var slow []net.Conn
	for i := range 300 {
		conn, err := net.Dial("tcp", b.Addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		slow = append(slow, conn)
		switch i % 3 {
		case 0: // says nothing
		case 1:
			fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: bath")
		case 2:
			fmt.Fprint(conn, post("/open", "half", "Content-Length: 1000"))
		}
	}
	browser := b.Browser(bathmen)
	for range 20 {
		start := time.Now()
		browser.Get("/").Is(http.StatusOK)
		if took := time.Since(start); took > 500*time.Millisecond {
			t.Errorf("a page took %v among slow connections", took)
		}
	}
	deadline := time.Now().Add(5 * time.Second)
	for i, conn := range slow {
		_ = conn.SetReadDeadline(deadline)
		buffer := make([]byte, 64<<10)
		for {
			if _, err := conn.Read(buffer); err != nil {
				if ne, ok := err.(net.Error); ok && ne.Timeout() {
					t.Fatalf("connection %d is still open", i)
				}
				break
			}
		}
	}
	if b.executed.Load() != 20 {
		t.Errorf("%d handlers ran, want the 20 of the pages", b.executed.Load())
	}
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for range 200 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("did not happen within two seconds")
}
