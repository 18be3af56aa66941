package webpush

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
)

// MostEndpoint is how long the address of a browser may be, in bytes; the longest known are some 700.
const MostEndpoint = 1024

// services are the hosts of push services: of Chrome and what is made of it, Firefox, Edge and Safari. A dot in front stands for
// every host under a name. An address anywhere else is not asked, whoever gives it.
var services = []string{
	"fcm.googleapis.com", "jmt17.google.com", "updates.push.services.mozilla.com", ".push.services.mozilla.com", ".notify.windows.com", ".push.apple.com",
}

// ErrEndpoint says that an address is none of a push service.
var ErrEndpoint = errors.New("webpush: not the address of a push service")

// CheckEndpoint is nil for an address that messages may be sent to.
func (s *Sender) CheckEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || len(endpoint) > MostEndpoint || u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.Opaque != "" || len(u.Path) < 2 {
		return ErrEndpoint
	}
	for _, c := range []byte(endpoint) {
		if c <= ' ' || c > '~' {
			return ErrEndpoint
		}
	}
	if s.sink != "" && u.Scheme+"://"+u.Host == s.sink {
		return nil
	}
	if u.Port() != "" && u.Port() != "443" || !isService(u.Hostname()) {
		return ErrEndpoint
	}
	return nil
}

func isService(host string) bool {
	return slices.ContainsFunc(services, func(known string) bool {
		if known[0] == '.' {
			return len(host) > len(known) && strings.HasSuffix(host, known)
		}
		return host == known
	})
}

// reserved are networks that are neither private by name nor part of the internet.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

// isPublic tells whether an address is on the internet and not in somebody's own network.
func isPublic(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && a.Zone() == "" && !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(a) })
}

var errPrivate = errors.New("webpush: the name of a push service leads to an address that is not on the internet")

// publicOnly looks at the address that is about to be called, after its name was resolved: a name that is allowed may lead anywhere.
func publicOnly(_, address string, _ syscall.RawConn) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return errPrivate
	}
	if a, err := netip.ParseAddr(host); err != nil || !isPublic(a) || port != "443" {
		return errPrivate
	}
	return nil
}
