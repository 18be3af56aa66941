package web

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
)

const longestPath = 2000

// Home is where somebody starts in a role.
func Home(role actor.Role) string {
	switch role {
	case actor.Parent:
		return "/"
	case actor.Admin, actor.Manager:
		return "/beheer"
	}
	return "/groep"
}

// SafeNext is where somebody may be sent after signing in: a path of this origin, or otherwise when raw is anything else.
func SafeNext(raw, otherwise string) string {
	if len(raw) == 0 || len(raw) > longestPath || raw[0] != '/' || strings.HasPrefix(raw, "//") {
		return otherwise
	}
	for _, r := range raw {
		// Browsers read a backslash as a slash, and skip control characters and tabs.
		if r == '\\' || r <= ' ' || r == 0x7f || (r >= 0x80 && r <= 0x9f) || r == '\uFFFD' {
			return otherwise
		}
	}
	u, err := url.Parse(raw)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" {
		return otherwise
	}
	return raw
}

// signInFrom is the sign-in page, and leads back to the page of this origin that the request came from: a form that was sent too
// late is there again. A request that only reads never needs it; see signInFirst.
func (s *Server) signInFrom(c *fiber.Ctx) string {
	from, err := url.Parse(c.Get(fiber.HeaderReferer))
	if err != nil || from.Host == "" || !strings.EqualFold(from.Host, string(c.Context().Host())) {
		return s.cfg.SignIn
	}
	next := SafeNext(from.RequestURI(), "/")
	if next == "/" || from.Path == s.cfg.SignIn {
		return s.cfg.SignIn
	}
	return s.cfg.SignIn + "?next=" + url.QueryEscape(next)
}

// GoBack is Go to the page of this origin that the form stood on, or to otherwise.
func GoBack(c *fiber.Ctx, otherwise string) error {
	from, err := url.Parse(c.Get(fiber.HeaderReferer))
	if err != nil || from.Host == "" || !strings.EqualFold(from.Host, string(c.Context().Host())) {
		return Go(c, otherwise)
	}
	return Go(c, SafeNext(from.RequestURI(), otherwise))
}

// Go sends the browser on to path with 303, which is what a form wants after success. Anything but a path of this origin
// becomes the front page.
func Go(c *fiber.Ctx, path string) error {
	c.Set(fiber.HeaderLocation, SafeNext(path, "/"))
	c.Status(fiber.StatusSeeOther)
	return nil
}
