package web

import "github.com/valyala/fasthttp"

// ContentSecurityPolicy allows what comes from the same origin and nothing inline. There is no nonce: after a Turbo visit
// the rules of the first answer stay in force.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
	"font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; " +
	"manifest-src 'self'; worker-src 'self'"

var everyAnswer = [][2]string{
	{"Content-Security-Policy", ContentSecurityPolicy},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "same-origin"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"},
	{"X-Frame-Options", "DENY"},
	{"X-Robots-Tag", "noindex, nofollow, noarchive"},
	{"Cache-Control", "no-store"}, // a handler that knows better says so
}

const strictTransport = "max-age=63072000; includeSubDomains"

func (s *Server) setHeaders(h *fasthttp.ResponseHeader) {
	for _, kv := range everyAnswer {
		h.Set(kv[0], kv[1])
	}
	if s.cfg.Scheme == "https" {
		h.Set("Strict-Transport-Security", strictTransport)
	}
}
