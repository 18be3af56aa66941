package webtest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// Answer is what came back, unpacked.
type Answer struct {
	t      testing.TB
	what   string
	Status int
	Header http.Header
	Body   string
}

func unpack(t testing.TB, header http.Header, body []byte) string {
	t.Helper()
	if len(body) == 0 {
		return "" // the answer to a HEAD names the encoding of a body that it does not have
	}
	var r io.Reader = bytes.NewReader(body)
	switch header.Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatalf("gzip: %v", err)
		}
		r = z
	case "br":
		r = brotli.NewReader(r)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("unpack: %v", err)
	}
	return string(plain)
}

// Is asserts the status.
func (a *Answer) Is(status int) *Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s: status %d, want %d\n%s", a.what, a.Status, status, a.start())
	}
	return a
}

// Has asserts that every text is on the page.
func (a *Answer) Has(texts ...string) *Answer {
	a.t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.Body, text) {
			a.t.Errorf("%s: %q is not there\n%s", a.what, text, a.start())
		}
	}
	return a
}

// Lacks asserts that no text is on the page or in a header.
func (a *Answer) Lacks(texts ...string) *Answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body, text) {
			a.t.Errorf("%s: %q is there and should not be", a.what, text)
		}
		for name, values := range a.Header {
			if strings.Contains(strings.Join(values, "\n"), text) {
				a.t.Errorf("%s: %q is in header %s and should not be", a.what, text, name)
			}
		}
	}
	return a
}

// GoesTo asserts a 303 to path.
func (a *Answer) GoesTo(path string) *Answer {
	a.t.Helper()
	a.Is(http.StatusSeeOther)
	if got := a.Header.Get("Location"); got != path {
		a.t.Fatalf("%s: sent to %q, want %q", a.what, got, path)
	}
	return a
}

// HasHeader asserts one header.
func (a *Answer) HasHeader(name, value string) *Answer {
	a.t.Helper()
	if got := a.Header.Get(name); got != value {
		a.t.Errorf("%s: %s is %q, want %q", a.what, name, got, value)
	}
	return a
}

// JSON decodes the body.
func (a *Answer) JSON(into any) *Answer {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.Body), into); err != nil {
		a.t.Fatalf("%s: %v\n%s", a.what, err, a.start())
	}
	return a
}

func (a *Answer) start() string {
	if len(a.Body) > 2000 {
		return a.Body[:2000] + "…"
	}
	return a.Body
}
