package web

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/webtest"
)

const head = "Host: " + bathmen

// smuggled is what would run a handler if a body were read as requests.
var smuggled = strings.Repeat("GET /groot HTTP/1.1\r\n"+head+"\r\n\r\n", 150)

func post(path string, body string, lines ...string) string {
	all := append([]string{"POST " + path + " HTTP/1.1", head, "Sec-Fetch-Site: same-origin", "Content-Type: application/x-www-form-urlencoded"}, lines...)
	return webtest.Request(body, all...)
}

// TestABodyIsNeverARequest is the desync suite: whatever becomes of a request, its body does not become another one.
func TestABodyIsNeverARequest(t *testing.T) {
	length := fmt.Sprintf("Content-Length: %d", len(smuggled))
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(smuggled), smuggled)
	staff, parent := "Cookie: "+roleName+"="+string(actor.Staff), "Cookie: "+roleName+"="+string(actor.Parent)
	big := fmt.Sprintf("Content-Length: %d", 3<<20)
	for name, c := range map[string]struct {
		request string
		ran     int64 // handlers that may run: the one of the request itself
		status  int
	}{
		"early 401":                    {post("/dagboek", smuggled, length), 0, 401},
		"early 403, role":              {post("/dagboek", smuggled, length, parent), 0, 403},
		"early 403, forged":            {strings.Replace(post("/open", smuggled, length), "same-origin", "cross-site", 1), 0, 403},
		"early 404":                    {post("/nergens", smuggled, length), 0, 404},
		"early 405":                    {strings.Replace(post("/open", smuggled, length), "POST", "BREW", 1), 0, 405},
		"early 421":                    {strings.Replace(post("/open", smuggled, length), head, "Host: elders.test", 1), 0, 421},
		"early 413":                    {post("/open", smuggled, big), 0, 413},
		"413, chunked":                 {post("/open", fmt.Sprintf("%x\r\n%s", 3<<20, smuggled), "Transfer-Encoding: chunked"), 0, 413},
		"upload 413":                   {post("/dagboek/x/fotos", smuggled, staff, fmt.Sprintf("Content-Length: %d", 30<<20)), 0, 413},
		"upload 401":                   {post("/dagboek/x/fotos", smuggled, length), 0, 401},
		"handled":                      {post("/open", smuggled, length), 1, 200},
		"handled, chunked":             {post("/open", chunked, "Transfer-Encoding: chunked"), 1, 200},
		"CL and TE":                    {post("/open", chunked, "Content-Length: 4", "Transfer-Encoding: chunked"), 1, 0},
		"TE and CL":                    {post("/open", chunked, "Transfer-Encoding: chunked", "Content-Length: 4"), 1, 0},
		"TE twice":                     {post("/open", chunked, "Transfer-Encoding: chunked", "Transfer-Encoding: identity"), 1, 0},
		"TE odd":                       {post("/open", chunked, "Transfer-Encoding: xchunked"), 0, 400},
		"TE with space":                {post("/open", chunked, "Transfer-Encoding : chunked"), 0, 400},
		"TE tab":                       {post("/open", chunked, "Transfer-Encoding:\tchunked"), 1, 0},
		"TE folded":                    {post("/open", chunked, "Transfer-Encoding:", " chunked"), 1, 0},
		"TE in HTTP/1.0":               {strings.Replace(post("/open", chunked, "Transfer-Encoding: chunked"), "HTTP/1.1", "HTTP/1.0", 1), 1, 0},
		"CL twice, same":               {post("/open", smuggled, length, length), 1, 0},
		"CL twice, different":          {post("/open", smuggled, "Content-Length: 0", length), 0, 400},
		"CL twice, other way":          {post("/open", smuggled, length, "Content-Length: 0"), 0, 400},
		"CL list":                      {post("/open", smuggled, "Content-Length: 0, 5"), 0, 400},
		"CL plus":                      {post("/open", smuggled, "Content-Length: +0"), 0, 400},
		"CL negative":                  {post("/open", smuggled, "Content-Length: -1"), 0, 400},
		"CL hex":                       {post("/open", smuggled, "Content-Length: 0x0"), 0, 400},
		"CL too long for a number":     {post("/open", smuggled, "Content-Length: 99999999999999999999"), 0, 400},
		"CL with space before colon":   {post("/open", smuggled, "Content-Length : "+fmt.Sprint(len(smuggled))), 0, 400},
		"chunk size not hex":           {post("/open", "zz\r\n"+smuggled, "Transfer-Encoding: chunked"), 0, 400},
		"chunk size empty":             {post("/open", "\r\n"+smuggled, "Transfer-Encoding: chunked"), 0, 400},
		"chunk size negative":          {post("/open", "-1\r\n"+smuggled, "Transfer-Encoding: chunked"), 0, 400},
		"chunk size overflow":          {post("/open", "FFFFFFFFFFFFFFFFF\r\n"+smuggled, "Transfer-Encoding: chunked"), 0, 400},
		"chunk size 0x":                {post("/open", "0x0\r\n\r\n"+smuggled, "Transfer-Encoding: chunked"), 0, 400},
		"chunk without CRLF":           {post("/open", "5\r\nhelloXX0\r\n\r\n"+smuggled, "Transfer-Encoding: chunked"), 0, 400},
		"chunk ends with LF":           {post("/open", "5\nhello\n0\n\n"+smuggled, "Transfer-Encoding: chunked"), 0, 400},
		"expect, early 403":            {post("/dagboek", smuggled, length, parent, "Expect: 100-continue"), 0, 0},
		"expect, handled":              {post("/open", smuggled, length, "Expect: 100-continue"), 1, 0},
		"expect, too large":            {post("/open", smuggled, big, "Expect: 100-continue"), 0, 413},
		"header line without a colon":  {post("/open", smuggled, length, "nonsense"), 0, 400},
		"bare CR in a header":          {post("/open", smuggled, "X: a\rContent-Length: 0"), 0, 400},
		"NUL in a header":              {post("/open", smuggled, length, "X: a\x00b"), 0, 400},
		"GET with a body":              {strings.Replace(post("/", smuggled, length), "POST", "GET", 1), 1, 200},
		"multipart, cut off":           {webtest.Request("--x\r\nbroken"+smuggled, "POST /open HTTP/1.1", head, "Sec-Fetch-Site: same-origin", "Content-Type: multipart/form-data; boundary=x", fmt.Sprintf("Content-Length: %d", len(smuggled)+11)), 0, 400},
		"multipart that ends too soon": {webtest.Request("--x--\r\n"+smuggled, "POST /open HTTP/1.1", head, "Sec-Fetch-Site: same-origin", "Content-Type: multipart/form-data; boundary=x", fmt.Sprintf("Content-Length: %d", len(smuggled)+7)), 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			answers := b.Raw(300*time.Millisecond, c.request)
			if got := b.executed.Load(); got > c.ran {
				t.Errorf("%d handlers ran, want at most %d", got, c.ran)
			}
			final := 0
			for _, a := range answers {
				if a.Status >= 200 {
					final++
					if c.status != 0 && final == 1 && a.Status != c.status {
						t.Errorf("status %d, want %d", a.Status, c.status)
					}
				}
			}
			// Rubbish after a broken request may be answered with a refusal, but it is never a request.
			if final == 0 && c.status != 0 {
				t.Errorf("no answer, want %d", c.status)
			}
			if c.status != 0 && final > 1 {
				t.Errorf("%d answers to one request", final)
			}
		})
	}
}

func TestATimeOutInTheBodyIsOneAnswer(t *testing.T) {
	b := newBench(t, func(c *Config) { c.readTime = 300 * time.Millisecond })
	answers := b.Raw(2*time.Second, post("/open", "half", fmt.Sprintf("Content-Length: %d", len(smuggled)+1000)))
	if len(answers) != 1 || answers[0].Status != 408 || !answers[0].Closed {
		t.Errorf("answers: %+v", answers)
	}
	if b.executed.Load() != 0 {
		t.Error("a handler ran")
	}
}

// TestTheLibraryIsOneThatKeepsRequestsApart guards the version: before 1.76 an early answer left the body to be executed.
func TestTheLibraryIsOneThatKeepsRequestsApart(t *testing.T) {
	content, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	file, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range file.Require {
		if m.Mod.Path == "github.com/valyala/fasthttp" && semver.Compare(m.Mod.Version, "v1.78.0") >= 0 {
			return
		}
	}
	t.Error("fasthttp is older than v1.78.0")
}
