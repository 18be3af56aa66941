// Package webtest talks to a server over a real listener, as a browser does: a cookie jar for each host, Sec-Fetch headers
// on forms, no redirect followed unless asked; and as an attacker does: bytes on a socket.
package webtest

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is what can be tested. *web.Server is one.
type Server interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
}

// Site is a running server.
type Site struct {
	t    testing.TB
	Addr string // host:port on loopback
}

// Start serves s on a free loopback port until the test ends.
func Start(t testing.TB, s Server) *Site {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return &Site{t: t, Addr: ln.Addr().String()}
}

// Browser is a client of one host, with its own cookies. It is safe for concurrent use.
type Browser struct {
	site   *Site
	t      testing.TB
	Host   string // Host header, such as "bathmen.ouderportaal.test"
	Scheme string // for Origin; "http" unless changed
	// Header is sent with every request, over what the browser would send.
	Header http.Header
	client *http.Client

	mu      sync.Mutex
	cookies map[string]string
}

// Browser opens a browser at host without cookies.
func (s *Site) Browser(host string) *Browser {
	return s.BrowserFor(s.t, host)
}

// BrowserFor is Browser for a subtest.
func (s *Site) BrowserFor(t testing.TB, host string) *Browser {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, s.Addr)
		},
		DisableCompression: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &Browser{
		site: s, t: t, Host: host, Scheme: "http", Header: http.Header{}, cookies: map[string]string{},
		client: &http.Client{
			Transport:     transport,
			Timeout:       30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Cookie is the value that the browser holds under name; empty for none.
func (b *Browser) Cookie(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cookies[name]
}

// SetCookie puts a cookie into the jar; an empty value takes it out.
func (b *Browser) SetCookie(name, value string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if value == "" {
		delete(b.cookies, name)
		return
	}
	b.cookies[name] = value
}

// Get asks for a page like a click does.
func (b *Browser) Get(path string) *Answer {
	b.t.Helper()
	return b.Do(http.MethodGet, path, nil, "", nil)
}

// Post sends a form like the browser does from a page of the same host. Pairs are names and values.
func (b *Browser) Post(path string, pairs ...string) *Answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.Do(http.MethodPost, path, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded", nil)
}

// File is a file of a form.
type File struct {
	Field, Name, ContentType string
	Body                     []byte
}

// PostFiles sends a form with files.
func (b *Browser) PostFiles(path string, fields url.Values, files ...File) *Answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range fields {
		for _, value := range values {
			_ = w.WriteField(name, value)
		}
	}
	for _, f := range files {
		header := textproto.MIMEHeader{}
		header.Set("Content-Disposition", multipart.FileContentDisposition(f.Field, f.Name))
		header.Set("Content-Type", f.ContentType)
		part, err := w.CreatePart(header)
		if err != nil {
			b.t.Fatal(err)
		}
		_, _ = part.Write(f.Body)
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b.Do(http.MethodPost, path, &body, w.FormDataContentType(), nil)
}

// Do sends any request. header comes over what the browser would send; a value of "" takes a header away.
func (b *Browser) Do(method, path string, body io.Reader, contentType string, header map[string]string) *Answer {
	b.t.Helper()
	req := b.request(method, path, body, contentType, header)
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatalf("%s %s: read body: %v", method, path, err)
	}
	b.keep(res)
	return &Answer{t: b.t, what: method + " " + b.Host + path, Status: res.StatusCode, Header: res.Header, Body: unpack(b.t, res.Header, content)}
}

// Stream sends a GET and gives the answer unread, for live streams; the caller closes the body.
func (b *Browser) Stream(ctx context.Context, path string) *http.Response {
	b.t.Helper()
	req := b.request(http.MethodGet, path, nil, "", map[string]string{"Accept": "text/event-stream"}).WithContext(ctx)
	client := *b.client
	client.Timeout = 0
	res, err := client.Do(req)
	if err != nil {
		b.t.Fatalf("GET %s: %v", path, err)
	}
	return res
}

func (b *Browser) request(method, path string, body io.Reader, contentType string, header map[string]string) *http.Request {
	b.t.Helper()
	req, err := http.NewRequest(method, "http://"+b.site.Addr+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Host = b.Host
	req.Header.Set("Accept", "text/html,application/xhtml+xml")
	req.Header.Set("Accept-Encoding", "gzip, deflate, br")
	req.Header.Set("Accept-Language", "nl")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if method != http.MethodGet && method != http.MethodHead {
		req.Header.Set("Origin", b.Scheme+"://"+b.Host)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for name, values := range b.Header {
		req.Header[name] = values
	}
	for name, value := range header {
		if value == "" {
			req.Header.Del(name)
			continue
		}
		req.Header.Set(name, value)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return req
}

// keep stores the cookies of an answer, and insists on what their prefix promises.
func (b *Browser) keep(res *http.Response) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range res.Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || c.Domain != "" || c.Path != "/" {
			b.t.Errorf("cookie %q is not bound to its host: %+v", c.Name, c)
		}
		if c.MaxAge < 0 || c.Value == "" {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c.Value
	}
}
