package mailcatcher

import (
	"context"
	_ "embed"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

//go:embed inbox.css
var stylesheet []byte

// shownAtOnce bounds the list; searching finds the rest.
const shownAtOnce = 200

// Policies: our own pages run no script and load only their style sheet; a caught page may style itself, load nothing,
// and is in a sandbox from which links open in a new tab.
const (
	inboxPolicy = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	mailPolicy  = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)

// Handler is the inbox. All its links are relative, so it can be mounted at any path that ends in a slash. It answers
// only under a name of this machine (localhost, *.localhost, a loopback address) and under hosts: the mails hold links to sign in.
func (c *Catcher) Handler(hosts ...string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", c.list)
	mux.HandleFunc("GET /inbox.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(stylesheet)
	})
	mux.HandleFunc("GET /m/{id}", c.show)
	mux.HandleFunc("GET /m/{id}/html", c.html)
	mux.HandleFunc("GET /m/{id}/raw", c.raw)
	mux.HandleFunc("POST /clear", c.clear)
	return Guard(mux, hosts...)
}

// Guard lets a page be seen under a name of this machine and under hosts, with the policy of the inbox.
func Guard(next http.Handler, hosts ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", inboxPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if !local(r.Host) && !slices.Contains(hosts, r.Host) {
			http.Error(w, "This inbox answers on this machine only.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func local(hostport string) bool {
	host := hostport
	if name, _, err := net.SplitHostPort(hostport); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

func (c *Catcher) list(w http.ResponseWriter, r *http.Request) {
	search := strings.TrimSpace(r.FormValue("to"))
	mails := c.Messages()
	total := len(mails)
	slices.Reverse(mails)
	if search != "" {
		mails = slices.DeleteFunc(mails, func(m *Mail) bool { return !strings.Contains(strings.ToLower(m.To), strings.ToLower(search)) })
	}
	page := inboxPage{Search: search, Total: total, Found: len(mails), Mails: mails[:min(len(mails), shownAtOnce)], Now: time.Now(), More: c.config.More}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = inbox(page).Render(r.Context(), w)
}

func (c *Catcher) find(w http.ResponseWriter, r *http.Request) (*Mail, bool) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err == nil {
		for _, m := range c.Messages() {
			if m.ID == id {
				return m, true
			}
		}
	}
	http.Error(w, "This mail is not kept (any more).", http.StatusNotFound)
	return nil, false
}

func (c *Catcher) show(w http.ResponseWriter, r *http.Request) {
	if m, ok := c.find(w, r); ok {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = detail(m, m.Parsed()).Render(r.Context(), w)
	}
}

// headTag is where a caught page gets the rule that its links open in a new tab.
var headTag = regexp.MustCompile(`(?i)<head[^>]*>`)

func (c *Catcher) html(w http.ResponseWriter, r *http.Request) {
	m, ok := c.find(w, r)
	if !ok {
		return
	}
	const base = `<base target="_blank">`
	page := m.Parsed().HTML
	if at := headTag.FindStringIndex(page); at != nil {
		page = page[:at[1]] + base + page[at[1]:]
	} else {
		page = base + page
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", mailPolicy)
	_, _ = w.Write([]byte(page))
}

func (c *Catcher) raw(w http.ResponseWriter, r *http.Request) {
	if m, ok := c.find(w, r); ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write(m.Raw)
	}
}

func (c *Catcher) clear(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		http.Error(w, "Only from this page.", http.StatusForbidden)
		return
	}
	if err := c.Clear(); err != nil {
		http.Error(w, "Could not remove every mail.", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "./", http.StatusSeeOther)
}

// webAddress finds links in plain text; what closes a sentence after one is not part of it.
var webAddress = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]]`)

// linked writes plain text with its links clickable. It is not a template, because in preformatted text a template's own line
// breaks would show.
func linked(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var out strings.Builder
		at := 0
		for _, found := range webAddress.FindAllStringIndex(text, -1) {
			link := templ.EscapeString(text[found[0]:found[1]])
			out.WriteString(templ.EscapeString(text[at:found[0]]) + `<a href="` + link + `">` + link + `</a>`)
			at = found[1]
		}
		out.WriteString(templ.EscapeString(text[at:]))
		_, err := io.WriteString(w, out.String())
		return err
	})
}
