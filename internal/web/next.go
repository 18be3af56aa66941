package web

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
)

const longestPath = 2000

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

// Go sends the browser on to path with 303, which is what a form wants after success. Anything but a path of this origin
// becomes the front page.
func Go(c *fiber.Ctx, path string) error {
	c.Set(fiber.HeaderLocation, SafeNext(path, "/"))
	c.Status(fiber.StatusSeeOther)
	return nil
}
