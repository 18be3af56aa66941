package web

import (
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/theme"
	"ouderportaal/internal/ui"
	"ouderportaal/tenants"
)

const securityPath = "/.well-known/security.txt"

const keptForAYear = "public, max-age=31536000, immutable"

// publicFiles answers what is the same for everybody, before anybody asks whose host this is: even the page that says
// that there is no such host needs its style sheet.
func (s *Server) publicFiles() {
	s.public("/static/:file", staticFile)
	s.public("/service-worker.js", workerFile)
	s.public("/gezicht/:file", faceFile)
	s.public("/robots.txt", func(c *fiber.Ctx) error {
		return text(c, "User-agent: *\nDisallow: /\n")
	})
}

func (s *Server) public(path string, h fiber.Handler) {
	named := func(c *fiber.Ctx) error {
		requestOf(c.UserContext()).route = path
		return h(c)
	}
	s.app.Get(path, named)
	s.app.Head(path, named)
}

func staticFile(c *fiber.Ctx) error {
	f, ok := ui.Static(c.Params("file"), c.Get(fiber.HeaderAcceptEncoding))
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, keptForAYear)
	c.Set(fiber.HeaderETag, f.ETag)
	c.Vary(fiber.HeaderAcceptEncoding)
	if f.Encoding != "" {
		c.Set(fiber.HeaderContentEncoding, f.Encoding)
	}
	c.Set(fiber.HeaderContentType, f.ContentType)
	if NotModified(c, f.ETag) {
		return nil
	}
	c.Response().SetBodyRaw(f.Body) // shared and never changed
	return nil
}

// workerFile is the service worker, under an address that never changes: browsers look there whether there is a newer one.
func workerFile(c *fiber.Ctx) error {
	f, ok := ui.ServiceWorker(c.Get(fiber.HeaderAcceptEncoding))
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderETag, f.ETag)
	c.Vary(fiber.HeaderAcceptEncoding)
	if f.Encoding != "" {
		c.Set(fiber.HeaderContentEncoding, f.Encoding)
	}
	c.Set(fiber.HeaderContentType, f.ContentType)
	if NotModified(c, f.ETag) {
		return nil
	}
	c.Response().SetBodyRaw(f.Body) // shared and never changed
	return nil
}

// NotModified answers 304 when the browser holds what etag names, quotes included.
func NotModified(c *fiber.Ctx, etag string) bool {
	for part := range strings.SplitSeq(c.Get(fiber.HeaderIfNoneMatch), ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == etag && etag != "" {
			c.Status(fiber.StatusNotModified)
			c.Response().ResetBody()
			return true
		}
	}
	return false
}

func faceFile(c *fiber.Ctx) error {
	picture, ok := ui.FaceByName(c.Params("file"))
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, keptForAYear)
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	// Opened by itself an SVG is a document; this one needs nothing.
	c.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	send(c, picture)
	return nil
}

// securityText answers with RFC 9116 for the organisation of the host, which tenants.Resolve has compared to the letter, or for the
// platform, which has a contact and no page about it.
func (s *Server) securityText(c *fiber.Ctx) error {
	tenant, ok := tenants.From(c.UserContext())
	contact := or(tenant.SecurityContact, s.cfg.SecurityContact)
	if !ok && s.cfg.Platform == "" || contact == "" {
		return fiber.ErrNotFound
	}
	home := s.cfg.Scheme + "://" + string(c.Context().Host())
	expires := s.cfg.Clock.Now().UTC().Truncate(24*time.Hour).AddDate(0, 6, 0)
	lines := "Contact: " + contact + "\nExpires: " + expires.Format(time.RFC3339) + "\nPreferred-Languages: nl, en\nCanonical: " + home + securityPath + "\n"
	if s.cfg.Platform == "" {
		lines += "Policy: " + home + "/responsible-disclosure\n"
	}
	return text(c, lines)
}

func text(c *fiber.Ctx, body string) error {
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	c.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	return c.SendString(body)
}

// themeFile answers the style sheet with the organisation's colour. Its address names the colour; under an old address
// the new colour is given, but not kept.
func (s *Server) themeFile() {
	s.public(theme.PathPrefix+":file", func(c *fiber.Ctx) error {
		tenant, ok := tenants.From(c.UserContext())
		if s.cfg.Platform != "" {
			tenant, ok = neutral, true
		}
		if !ok || !strings.HasSuffix(c.Params("file"), ".css") {
			return fiber.ErrNotFound
		}
		brand := s.brands.of(tenant)
		if c.Path() == brand.path {
			c.Set(fiber.HeaderCacheControl, keptForAYear)
		}
		c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
		return c.Send(brand.css)
	})
}

// neutral has the colour of the platform's own console: slate, so that nobody takes it for an organisation's.
var neutral = tenants.Tenant{BrandHue: 255, BrandChroma: 0.025}

// brands remembers what follows from a colour: working it out takes longer than the rest of a small page.
type brands struct {
	mu    sync.RWMutex
	known map[[2]float64]brand
}

type brand struct {
	path, color, dark string
	css               []byte
}

const mostBrands = 10_000

func (b *brands) of(t tenants.Tenant) brand {
	key := [2]float64{t.BrandHue, t.BrandChroma}
	b.mu.RLock()
	known, ok := b.known[key]
	b.mu.RUnlock()
	if ok {
		return known
	}
	made := brand{
		path:  theme.Path(t.BrandHue, t.BrandChroma),
		color: theme.Hex(t.BrandHue, t.BrandChroma, "brand-800"),
		dark:  theme.HexDark(t.BrandHue, t.BrandChroma, "brand-800"),
		css:   theme.CSS(t.BrandHue, t.BrandChroma),
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil || len(b.known) >= mostBrands {
		b.known = map[[2]float64]brand{}
	}
	b.known[key] = made
	return made
}
