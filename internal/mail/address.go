package mail

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// security is how the connection to the server is protected.
type security int

const (
	startTLS    security = iota // refuse to go on without
	implicitTLS                 // TLS from the first byte
	clearText                   // for a neighbour only
)

// server is a parsed SMTP_URL.
type server struct {
	host           string
	port           int
	user, password string
	security       security
}

// CheckURL tells what is wrong with an SMTP_URL, without repeating it: it may hold a password.
func CheckURL(raw string) error {
	_, err := parseURL(raw)
	return err
}

// parseURL reads smtp://[user:password@]host[:587], which demands STARTTLS, or smtps://…[:465]. Clear text is possible
// to a loopback address, and with ?tls=off to a host name without a dot (a neighbour container), never with a password.
func parseURL(raw string) (server, error) {
	parsed, err := url.Parse(raw)
	if err != nil {
		return server{}, errors.New("mail: not an address of the form smtp://user:password@host:587")
	}
	s := server{host: parsed.Hostname(), user: parsed.User.Username()}
	s.password, _ = parsed.User.Password()
	switch parsed.Scheme {
	case "smtp":
		s.port = 587
	case "smtps":
		s.port, s.security = 465, implicitTLS
	default:
		return server{}, errors.New("mail: the address must begin with smtp:// or smtps://")
	}
	if s.host == "" || strings.Trim(parsed.Path, "/") != "" {
		return server{}, errors.New("mail: the address must name a host and nothing after it")
	}
	if port := parsed.Port(); port != "" {
		if s.port, err = strconv.Atoi(port); err != nil || s.port < 1 || s.port > 65535 {
			return server{}, errors.New("mail: the port must be a number from 1 to 65535")
		}
	}
	if s.user != "" && s.password == "" {
		return server{}, errors.New("mail: the address has a user and no password")
	}
	switch tls := parsed.Query().Get("tls"); {
	case tls != "" && tls != "off":
		return server{}, errors.New("mail: tls can only be off; it is on by default")
	case s.security == implicitTLS && tls == "off":
		return server{}, errors.New("mail: smtps:// and tls=off contradict each other")
	case s.security == implicitTLS:
	case loopback(s.host) && s.user == "", tls == "off" && !strings.ContainsAny(s.host, ".:") && s.user == "":
		s.security = clearText
	case tls == "off":
		return server{}, errors.New("mail: tls=off is only for a host name without a dot, and without user and password")
	}
	return s, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
