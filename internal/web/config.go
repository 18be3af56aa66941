// Package web is the HTTP side of the program, where fiber lives: one server with the settings that keep requests apart,
// one edge where errors become pages, and routes that do not exist without a permission.
package web

import (
	"context"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/tenants"
)

// Limits of one request. A body or a moment more, and it is refused.
const (
	BodyLimit      = 1 << 20          // bytes of an ordinary body
	UploadLimit    = 20<<20 + 64<<10  // bytes of an upload: 20 MiB and the wrapping of a form
	HandlerTime    = 10 * time.Second // for an ordinary request, also for reading it
	LongTime       = 120 * time.Second
	writeTime      = 30 * time.Second // for sending an ordinary answer
	idleTime       = 60 * time.Second
	headerLimit    = 16 << 10 // bytes of request line and headers
	defaultUploads = 6
)

// Permissions says who may do what. *authz.Authz is one.
type Permissions interface {
	May(role actor.Role, permission string) bool
	Knows(permission string) bool
}

// Config is what a Server needs to know. Bundle, Permissions and Resolve are required.
type Config struct {
	Scheme         string   // of the address bar: "https" turns HSTS on; Origin is compared with it
	TrustedProxies []string // addresses or ranges whose X-Real-IP is believed
	Log            *slog.Logger
	Clock          clock.Clock
	Bundle         *i18n.Bundle
	Permissions    Permissions
	Resolve        fiber.Handler // tenants.Resolve
	Session        fiber.Handler // puts the actor into the context; nil when nobody can sign in
	// Visitor tells who sends a request by its header alone: a large body is read only of those who may send it. May be nil
	// like Session.
	Visitor func(ctx context.Context, h *fasthttp.RequestHeader) (actor.Actor, error)
	// StillIn tells whether the actor in ctx is still signed in as that. It is for streams, which outlive the request that
	// Session looked at. May be nil like Session.
	StillIn func(ctx context.Context) error
	// Feature names the feature that a permission belongs to, or nothing for what every organisation has. May be nil.
	Feature func(permission string) tenants.Feature
	SignIn  string // path of the sign-in page: "/inloggen" unless said otherwise
	// Chrome adds what only the program knows to what every page shows, such as unread counts. It is asked just before a page
	// is drawn. May be nil.
	Chrome func(ctx context.Context, c ui.Chrome) ui.Chrome
	// Logo gives a logo of the organisation in ctx as a PNG, for everybody. May be nil: then no organisation has one.
	Logo func(ctx context.Context, id ids.ID) ([]byte, error)
	// Platform is what a server is called that serves no organisation but those who run them all; empty for the portal.
	Platform string
	// SecurityContact is the address in security.txt of an organisation that has none of its own: "mailto:…" or "https://…".
	SecurityContact string
	Uploads         int // bodies with a file that are read at the same time; 6 unless said otherwise
	Metrics         prometheus.Registerer

	// Shorter for tests of this package only.
	readTime, writeTime, idleTime, beat, recheck, longestTime time.Duration
}

func (c Config) complete() Config {
	if c.Bundle == nil || c.Permissions == nil || c.Resolve == nil {
		panic("web: Config needs Bundle, Permissions and Resolve")
	}
	if c.Scheme != "http" && c.Scheme != "https" {
		panic("web: Config.Scheme is http or https")
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Clock == nil {
		c.Clock = clock.System
	}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	if c.Feature == nil {
		c.Feature = func(string) tenants.Feature { return "" }
	}
	c.SignIn = or(c.SignIn, "/inloggen")
	c.Uploads = or(c.Uploads, defaultUploads)
	c.readTime = or(c.readTime, HandlerTime)
	c.writeTime = or(c.writeTime, writeTime)
	c.idleTime = or(c.idleTime, idleTime)
	c.beat = or(c.beat, 15*time.Second)
	c.recheck = or(c.recheck, time.Minute)
	c.longestTime = or(c.longestTime, longestTime)
	return c
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
