package web

import (
	"bytes"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"ouderportaal/internal/fault"
)

// protect refuses what a page of somebody else made the browser send. Browsers say where a request comes from: only from
// this very origin is good enough. A sibling host is another organisation, so same-site is refused like cross-site; and
// who says nothing at all is not one of our pages.
func (s *Server) protect(c *fiber.Ctx) error {
	if err := onlyPlainBody(&c.Context().Request.Header); err != nil {
		return err
	}
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	header := &c.Context().Request.Header
	if len(header.Peek(fiber.HeaderCookie)) == 0 && s.routes.kindOf(c.Method(), c.Path()) == OneClick {
		return c.Next() // it uses nobody's session: there is nothing to forge
	}
	site, origin := header.Peek("Sec-Fetch-Site"), header.Peek("Origin")
	if len(site) == 0 && len(origin) == 0 {
		return forged()
	}
	if len(header.PeekAll("Sec-Fetch-Site")) > 1 || len(header.PeekAll("Origin")) > 1 {
		return forged()
	}
	if len(site) > 0 && string(site) != "same-origin" {
		return forged()
	}
	if len(origin) > 0 && string(origin) != s.cfg.Scheme+"://"+string(header.Host()) {
		return forged()
	}
	// A form of another site can send text/plain without asking first; none of ours does.
	if bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(header.ContentType())), []byte("text/plain")) {
		return forged()
	}
	return c.Next()
}

// onlyPlainBody refuses a packed body. The library would unpack it without a limit, once for every field that is asked for,
// and a megabyte on the line is a gigabyte in memory; no browser packs what it sends.
func onlyPlainBody(h *fasthttp.RequestHeader) error {
	if len(h.PeekAll(fiber.HeaderContentEncoding)) > 0 {
		return fault.New(fault.BadRequest, "error.bad_request")
	}
	return nil
}

func forged() error { return fault.New(fault.Forbidden, "error.forged") }
