package tenants

import (
	"fmt"
	"strconv"
	"strings"
)

// Operator is the label of the platform's own console.
const Operator = "beheer"

// label is slugPattern by hand, with labels of one character: this runs before anything else at every request.
func label(s string) bool {
	if len(s) == 0 || len(s) == 2 || len(s) > 63 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case c == '-' && i > 0 && i < len(s)-1:
		default:
			return false
		}
	}
	return true
}

// Hosts knows which host names are ours.
type Hosts struct {
	base   string // what follows the label: ".ouderportaal.nl", with the port that browsers send
	scheme string
}

// NewHosts takes the base domain without a leading dot, the scheme that people use, and the port that they see in the
// address bar; 0 for the scheme's own. With a port every Host must carry it, without one none may.
func NewHosts(base, scheme string, port int) (Hosts, error) {
	for _, part := range strings.Split(base, ".") {
		if len(part) != 2 && !label(part) { // a country code has two letters
			return Hosts{}, fmt.Errorf("tenants: base domain %q is not a lower-case host name", base)
		}
	}
	if scheme != "http" && scheme != "https" {
		return Hosts{}, fmt.Errorf("tenants: scheme %q is neither http nor https", scheme)
	}
	if port < 0 || port > 65535 {
		return Hosts{}, fmt.Errorf("tenants: port %d does not exist", port)
	}
	h := Hosts{base: "." + base, scheme: scheme}
	if own := map[string]int{"http": 80, "https": 443}[scheme]; port != 0 && port != own {
		h.base += ":" + strconv.Itoa(port)
	}
	return h, nil
}

// Label takes the label off a raw Host header; it is the one place where a host becomes a name. ok is false for anything
// that is not exactly one well-formed label before the base domain.
func (h Hosts) Label(host string) (name string, ok bool) {
	name, ok = strings.CutSuffix(host, h.base)
	return name, ok && h.base != "" && label(name)
}

// Slug is Label for organisations only: reserved names have none.
func (h Hosts) Slug(host string) (slug string, ok bool) {
	name, ok := h.Label(host)
	return name, ok && len(name) >= 3 && allowedName(name)
}

// IsOperator tells whether host is the platform's own console.
func (h Hosts) IsOperator(host string) bool {
	name, ok := h.Label(host)
	return ok && name == Operator
}

// Scheme is what people use: "https", or "http" on a developer's machine.
func (h Hosts) Scheme() string { return h.scheme }

// Host is the Host header that browsers send for slug.
func (h Hosts) Host(slug string) string { return slug + h.base }

// URL is the public address of slug without a path, from configuration only: links in mails never follow a request.
func (h Hosts) URL(slug string) string { return h.scheme + "://" + slug + h.base }
