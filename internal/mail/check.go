package mail

import (
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// The forms are compiled when the first mail is checked: the web process, which sends none, starts sooner.
var (
	messageIDForm = form(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,126}[A-Za-z0-9])?$`)
	localPartForm = form("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	hostForm      = form(`^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)
	headerForm    = form(`^(?:X-[A-Za-z0-9-]{1,60}|In-Reply-To|References)$`)
)

func form(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// Bounds in characters: RFC 5321 for addresses, RFC 5322 for lines, good taste for the rest.
const (
	maxAddress = 254
	maxLocal   = 64
	maxName    = 70
	maxSubject = 200
	maxHeader  = 900
)

// checked returns the message as it may be sent, or why it may not. A line break or NUL in a header is an attack or a
// bug, never a typing slip (forms trim those), so it is refused and not repaired.
func (m Message) checked(sender Address) (Message, *Failure) {
	if m.From.Addr == "" {
		m.From.Addr = sender.Addr
	}
	if m.From.Name == "" {
		m.From.Name = sender.Name
	}
	if m.Text == "" {
		return m, refused("no text part")
	}
	if strings.ContainsRune(m.Text, 0) || strings.ContainsRune(m.HTML, 0) {
		return m, refused("NUL in the body")
	}
	for _, one := range []struct {
		what     string
		address  *Address
		optional bool
	}{{"From", &m.From, false}, {"To", &m.To, false}, {"Reply-To", &m.ReplyTo, true}} {
		if one.optional && *one.address == (Address{}) {
			continue
		}
		if failure := one.address.check(one.what); failure != nil {
			return m, failure
		}
	}
	if m.ReturnPath != "" {
		if back, ok := Normalize(m.ReturnPath); !ok || back != m.ReturnPath {
			return m, refused("return path is not one plain mail address")
		}
	}
	if breaksOut(m.Subject) {
		return m, refused("line break or control character in the subject")
	}
	if m.Subject = shorten(visible(m.Subject), maxSubject); m.Subject == "" {
		return m, refused("empty subject")
	}
	if !messageIDForm().MatchString(m.MessageID) {
		return m, refused("Message-ID is not of the form left@right")
	}
	if m.ListUnsubscribe != "" && !plainURL(m.ListUnsubscribe) {
		return m, refused("List-Unsubscribe is not a plain http(s) address")
	}
	for name, value := range m.Headers {
		if !headerForm().MatchString(name) || breaksOut(value) || len(value) > maxHeader || !ascii(value) {
			return m, refused("header " + strings.ToValidUTF8(visible(name), "") + " is not allowed")
		}
	}
	m.Text, m.HTML = strings.ToValidUTF8(m.Text, "\uFFFD"), strings.ToValidUTF8(m.HTML, "\uFFFD")
	return m, nil
}

// check cleans the name and proves the address: one mailbox, plain atoms, a host that can be looked up.
func (a *Address) check(what string) *Failure {
	if breaksOut(a.Name) || breaksOut(a.Addr) {
		return refused("line break or control character in " + what)
	}
	a.Name = shorten(displayName(a.Name), maxName)
	addr, ok := Normalize(a.Addr)
	if !ok {
		return refused(what + " is not one plain mail address")
	}
	a.Addr = addr
	return nil
}

// Normalize returns the mail address with its host in ASCII and lower case, and whether it is one we send to: no quoted
// or commented parts, no address literals, no list. The part before the @ keeps its case.
func Normalize(addr string) (string, bool) {
	at := strings.LastIndexByte(addr, '@')
	if at < 1 || len(addr) > maxAddress || at > maxLocal {
		return "", false
	}
	local, host := addr[:at], addr[at+1:]
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil || !localPartForm().MatchString(local) || !hostForm().MatchString(ascii) || len(ascii) > 253 {
		return "", false
	}
	whole := local + "@" + strings.ToLower(ascii)
	parsed, err := mail.ParseAddress(whole)
	return whole, err == nil && parsed.Address == whole && parsed.Name == "" && len(whole) <= maxAddress
}

// breaksOut finds what ends or hides a header line: control characters, Unicode line ends, broken UTF-8.
func breaksOut(s string) bool {
	if !utf8.ValidString(s) {
		return true
	}
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}

// visible drops characters without a shape of their own (direction overrides, zero-width, soft hyphens, byte order
// marks): they make a text read differently from what it is.
func visible(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Variation_Selector, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// displayName also drops what makes a name look like an address of its own: mail programs show the name only.
func displayName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '<', '>', '@', '＠', '﹫', '"', '\\', '＜', '＞':
			return ' '
		}
		return r
	}, s)
	return visible(s)
}

func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:most-1])) + "…"
}

func plainURL(s string) bool {
	if len(s) > maxHeader || !ascii(s) || strings.ContainsAny(s, " <>\"\\,") {
		return false
	}
	parsed, err := url.Parse(s)
	return err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") && parsed.Host != "" && parsed.User == nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
