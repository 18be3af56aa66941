package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"ouderportaal/internal/actor"
)

// TestForgedRequestsDoNothing is the matrix over every unsafe route: where a browser says that a request comes from.
func TestForgedRequestsDoNothing(t *testing.T) {
	b := newBench(t)
	own := "http://" + bathmen
	type header = map[string]string
	refused := map[string]header{
		"cross-site":                     {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"},
		"cross-site, no origin":          {"Sec-Fetch-Site": "cross-site", "Origin": ""},
		"cross-site, own origin":         {"Sec-Fetch-Site": "cross-site", "Origin": own},
		"same-site":                      {"Sec-Fetch-Site": "same-site", "Origin": "http://" + vuurtoren},
		"same-site, no origin":           {"Sec-Fetch-Site": "same-site", "Origin": ""},
		"same-site, own origin":          {"Sec-Fetch-Site": "same-site", "Origin": own},
		"none":                           {"Sec-Fetch-Site": "none", "Origin": own},
		"none, no origin":                {"Sec-Fetch-Site": "none", "Origin": ""},
		"absent, bad origin":             {"Sec-Fetch-Site": "", "Origin": "https://evil.test"},
		"absent, sibling origin":         {"Sec-Fetch-Site": "", "Origin": "http://" + vuurtoren},
		"absent, other scheme":           {"Sec-Fetch-Site": "", "Origin": "https://" + bathmen},
		"absent, other port":             {"Sec-Fetch-Site": "", "Origin": own + ":8080"},
		"absent, prefix of a host":       {"Sec-Fetch-Site": "", "Origin": own + ".evil.test"},
		"absent, origin with a path":     {"Sec-Fetch-Site": "", "Origin": own + "/"},
		"absent, null":                   {"Sec-Fetch-Site": "", "Origin": "null"},
		"same-origin, null":              {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
		"same-origin, bad origin":        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.test"},
		"absent, absent":                 {"Sec-Fetch-Site": "", "Origin": ""},
		"absent, absent, own referer":    {"Sec-Fetch-Site": "", "Origin": "", "Referer": own + "/dagboek"},
		"text/plain form":                {"Content-Type": "text/plain"},
		"text/plain form, upper case":    {"Content-Type": "Text/Plain; charset=utf-8"},
		"text/plain form, cross-site":    {"Content-Type": "text/plain", "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"},
		"upper case same-origin":         {"Sec-Fetch-Site": "SAME-ORIGIN", "Origin": ""},
		"list":                           {"Sec-Fetch-Site": "same-origin, cross-site", "Origin": own},
		"method override, cross-site":    {"X-HTTP-Method-Override": "GET", "Sec-Fetch-Site": "cross-site"},
		"absent, own origin upper cased": {"Sec-Fetch-Site": "", "Origin": strings.ToUpper(own)},
	}
	allowed := map[string]header{
		"both right":            {},
		"older browser, origin": {"Sec-Fetch-Site": ""},
		"only Sec-Fetch-Site":   {"Origin": ""},
	}
	browser := b.as(actor.Staff, bathmen)
	unsafe := 0
	for _, route := range b.server.Routes().All() {
		if route.Method == http.MethodGet {
			continue
		}
		unsafe++
		path := strings.ReplaceAll(route.Path, ":id", b.person.String())
		for name, h := range refused {
			before := b.executed.Load()
			a := browser.Do(route.Method, path, strings.NewReader("a=b"), "application/x-www-form-urlencoded", h)
			if a.Status != http.StatusForbidden || b.executed.Load() != before {
				t.Errorf("%s %s, %s: status %d, handlers run %d", route.Method, route.Path, name, a.Status, b.executed.Load()-before)
			}
		}
		for name, h := range allowed {
			before := b.executed.Load()
			a := browser.Do(route.Method, path, strings.NewReader("a=b"), "application/x-www-form-urlencoded", h)
			if a.Status == http.StatusForbidden || b.executed.Load() != before+1 {
				t.Errorf("%s %s, %s: status %d", route.Method, route.Path, name, a.Status)
			}
		}
	}
	if unsafe < 5 {
		t.Fatalf("only %d unsafe routes", unsafe)
	}
	before := b.executed.Load()
	for _, raw := range []string{
		"POST /open HTTP/1.1\r\n" + head + "\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n\r\n",
		"POST /open HTTP/1.1\r\n" + head + "\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n\r\n",
		"POST /open HTTP/1.1\r\n" + head + "\r\nOrigin: " + own + "\r\nOrigin: https://evil.test\r\nContent-Length: 0\r\n\r\n",
		"POST /open HTTP/1.1\r\n" + head + "\r\nOrigin: https://evil.test\r\nOrigin: " + own + "\r\nContent-Length: 0\r\n\r\n",
	} {
		if a := b.Raw(200e6, raw); len(a) == 0 || a[0].Status != 403 {
			t.Errorf("a header sent twice: %+v", a)
		}
	}
	if b.executed.Load() != before {
		t.Error("a header sent twice got through")
	}
}

func TestUnknownMethods(t *testing.T) {
	b := newBench(t)
	browser := b.as(actor.Staff, bathmen)
	for _, method := range []string{"BREW", "PROPFIND", "TRACE", "CONNECT", "get", "Post", "OPTIONS", "DELETE", "PUT"} {
		path := "/dagboek"
		if method == "CONNECT" { // Go's client treats it specially
			if a := b.Raw(200e6, "CONNECT /dagboek HTTP/1.1\r\n"+head+"\r\n\r\n"); len(a) != 1 || a[0].Status != 405 {
				t.Errorf("CONNECT: %+v", a)
			}
			continue
		}
		a := browser.Do(method, path, nil, "", nil)
		if a.Status != http.StatusMethodNotAllowed {
			t.Errorf("%s: status %d", method, a.Status)
		}
		if a.Header.Get("Allow") == "" {
			t.Errorf("%s: no Allow", method)
		}
	}
	if b.executed.Load() != 0 {
		t.Error("a handler ran")
	}
}

// TestPackedBodiesAreRefused unpacks nothing: a form of a kilobyte can be a megabyte, and one of a megabyte a gigabyte.
func TestPackedBodiesAreRefused(t *testing.T) {
	b := newBench(t)
	form := "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + strings.Repeat("b", 1<<20) + "\r\n--x--\r\n"
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(form))
	_ = w.Close()
	for _, encoding := range []string{"gzip", "GZIP", "deflate", "br", "identity", "gzip, gzip"} {
		for _, contentType := range []string{"multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json"} {
			for _, route := range b.server.Routes().All() {
				if route.Method == http.MethodGet {
					continue
				}
				path := strings.ReplaceAll(route.Path, ":id", b.person.String())
				b.as(actor.Staff, bathmen).Do(route.Method, path, bytes.NewReader(packed.Bytes()), contentType, map[string]string{"Content-Encoding": encoding}).Is(400)
			}
		}
	}
	if n := b.executed.Load(); n != 0 {
		t.Errorf("%d handlers saw a packed body", n)
	}
}
