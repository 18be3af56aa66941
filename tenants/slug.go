package tenants

import (
	"regexp"
	"strings"
	"sync"
)

// slugPattern is one host label of 3 to 63 characters, as R1 writes it. It is not needed to start.
var slugPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$`) })

// reserved labels belong to the installation or would mislead people; no organisation may be called so.
var reserved = map[string]bool{
	"www": true, "api": true, "beheer": true, "static": true, "mail": true, "admin": true, "app": true, "cdn": true,
	"assets": true, "media": true, "ftp": true, "smtp": true, "imap": true, "pop": true, "ns1": true, "ns2": true,
	"autodiscover": true, "autoconfig": true, "mta-sts": true, "status": true, "help": true, "support": true,
	"login": true, "inloggen": true, "account": true, "security": true, "postmaster": true, "abuse": true,
	"webmail": true, "mx": true, "dns": true, "wpad": true, "isatap": true, "hostmaster": true, "webmaster": true,
	"noreply": true, "administrator": true, "system": true, "platform": true, "operator": true, "console": true,
	"auth": true, "sso": true, "secure": true, "beveiliging": true, "privacy": true, "hulp": true, "ouderportaal": true,
	"images": true, "upload": true, "uploads": true, "live": true, "push": true, "staging": true, "intern": true,
	"internal": true, "vpn": true, "proxy": true, "git": true, "blog": true, "docs": true, "storage": true, "minio": true,
	"root": true, "localhost": true, "test": true, "demo": true, "mailbox": true, "ops": true, "metrics": true,
}

// ValidSlug tells whether an organisation may be called slug in its address.
func ValidSlug(slug string) bool { return slugPattern().MatchString(slug) && allowedName(slug) }

// allowedName refuses reserved names, and the written form of international ones: they can look like another's.
func allowedName(name string) bool { return !reserved[name] && !strings.HasPrefix(name, "xn--") }
