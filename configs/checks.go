package configs

import (
	"crypto/ecdh"
	"encoding/hex"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ouderportaal/internal/bounce"
)

// checks collects problems, so that everything is said at once.
type checks struct {
	command  Command
	problems []string
}

func (c *checks) wrong(name, problem string) { c.problems = append(c.problems, name+": "+problem) }

// needed tells whether the command at hand is among commands.
func (c *checks) needed(commands ...Command) bool { return slices.Contains(commands, c.command) }

// config checks the settings in the order of example.env. A setting that the command has no use for is neither demanded nor kept.
func (c *checks) config(raw settings) Config {
	pages := c.needed(Serve, Work)
	config := Config{
		DatabaseURL:         c.database("DATABASE_URL", raw.DatabaseURL, c.needed(Serve, Work, Migrate, Bounce)),
		DatabaseRelayURL:    c.database("DATABASE_RELAY_URL", raw.DatabaseRelayURL, c.needed(Work, Migrate)),
		DatabasePlatformURL: c.database("DATABASE_PLATFORM_URL", raw.DatabasePlatformURL, c.needed(Tenant, Migrate)),
		DatabaseOwnerURL:    c.database("DATABASE_OWNER_URL", raw.DatabaseOwnerURL, c.needed(Migrate)),
		LogLevel:            c.level(raw.LogLevel),
	}
	if c.needed(Serve) && raw.DatabasePlatformURL != "" { // a web process may do without the console of the platform
		config.DatabasePlatformURL = c.database("DATABASE_PLATFORM_URL", raw.DatabasePlatformURL, true)
	}
	if c.needed(Tenant) && raw.DatabaseURL != "" { // to invite somebody
		config.DatabaseURL = c.database("DATABASE_URL", raw.DatabaseURL, true)
	}
	if c.needed(Serve, Work, Tenant) {
		c.public(&config, raw)
	}
	if pages {
		c.listeners(&config, raw)
		config.RedisURL = c.address("REDIS_URL", raw.RedisURL, "redis", "rediss")
		c.storage(&config, raw)
		config.Push = c.push(raw)
	}
	if c.needed(Serve, Work, Bounce) {
		config.LinkKeys = c.keys("LINK_KEYS", raw.LinkKeys)
	}
	if c.needed(Work, Bounce) {
		config.MailBounces = c.bounces(raw.MailBounces)
	}
	if c.needed(Work) {
		config.SMTPURL = c.address("SMTP_URL", raw.SMTPURL, "smtp", "smtps")
		config.MailFrom = c.sender(raw.MailFrom)
		config.MailGather = c.duration("MAIL_GATHER", raw.MailGather, time.Hour)
		if config.ImagesProgram = raw.ImagesProgram; config.ImagesProgram == "" {
			c.wrong("IMAGES_PROGRAM", "missing; the path of ouderportaal-images")
		}
	}
	return config
}

func (c *checks) public(config *Config, raw settings) {
	config.BaseDomain, config.PublicScheme = raw.BaseDomain, raw.PublicScheme
	switch {
	case raw.BaseDomain == "":
		c.wrong("BASE_DOMAIN", "missing; the domain that organisations' names are put before, such as ouderportaal.nl")
	case !isDomain(raw.BaseDomain):
		c.wrong("BASE_DOMAIN", "not a domain in lower case without port and dots at the ends")
	}
	switch {
	case raw.PublicScheme != "https" && raw.PublicScheme != "http":
		c.wrong("PUBLIC_SCHEME", "must be https or http")
	case raw.PublicScheme == "http" && !raw.local():
		c.wrong("PUBLIC_SCHEME", "http is only for a domain under localhost: cookies would travel in the open")
	}
	if raw.PublicPort != "" {
		port, err := strconv.Atoi(raw.PublicPort)
		if err != nil || port < 1 || port > 65535 {
			c.wrong("PUBLIC_PORT", "not a number from 1 to 65535")
		}
		config.PublicPort = port
	}
}

// local tells whether everything happens on one machine.
func (raw settings) local() bool {
	return raw.BaseDomain == "localhost" || strings.HasSuffix(raw.BaseDomain, ".localhost")
}

// isDomain tells whether s is a domain that the name of an organisation can stand before, in lower case (RFC 1123).
func isDomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		inside := strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-")
		if label == "" || len(label) > 63 || inside != "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return len(s) <= 180
}

func (c *checks) listeners(config *Config, raw settings) {
	config.ListenAddr, config.OpsAddr = c.listener("LISTEN_ADDR", raw.ListenAddr), c.listener("OPS_ADDR", raw.OpsAddr)
	if config.ListenAddr == config.OpsAddr && !strings.HasSuffix(config.OpsAddr, ":0") {
		c.wrong("OPS_ADDR", "the same as LISTEN_ADDR: metrics and health would be public")
	}
	profile, err := strconv.ParseBool(raw.OpsProfile)
	if err != nil {
		c.wrong("OPS_PROFILE", "must be true or false")
	}
	config.OpsProfile = profile
	for part := range strings.FieldsFuncSeq(raw.TrustedProxies, func(r rune) bool { return r == ',' || r == ' ' }) {
		prefix, err := netip.ParsePrefix(part)
		if address, errAddr := netip.ParseAddr(part); errAddr == nil {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		switch {
		case err != nil:
			c.wrong("TRUSTED_PROXIES", "holds something that is neither an address nor a network")
		case prefix.Bits() == 0:
			c.wrong("TRUSTED_PROXIES", "trusts the whole internet: anybody could choose the address that limits count by")
		default:
			config.TrustedProxies = append(config.TrustedProxies, prefix.Masked())
		}
	}
}

func (c *checks) listener(name, value string) string {
	_, port, err := net.SplitHostPort(value)
	if number, errPort := strconv.Atoi(port); err != nil || errPort != nil || number < 0 || number > 65535 {
		c.wrong(name, "not of the form address:port")
	}
	return value
}

// database demands a PostgreSQL address with a user: each role has its own.
func (c *checks) database(name, value string, needed bool) Secret {
	if !needed {
		return ""
	}
	secret := c.address(name, value, "postgres", "postgresql")
	if parsed, err := url.Parse(value); err == nil && secret != "" && parsed.User.Username() == "" {
		c.wrong(name, "names no user; every role has an address of its own")
	}
	return secret
}

func (c *checks) address(name, value string, schemes ...string) Secret {
	if value == "" {
		c.wrong(name, "missing; an address that begins with "+schemes[0]+"://")
		return ""
	}
	parsed, err := url.Parse(value)
	if err != nil || !slices.Contains(schemes, parsed.Scheme) || parsed.Host == "" {
		c.wrong(name, "not an address that begins with "+strings.Join(schemes, ":// or ")+":// and names a host")
		return ""
	}
	return Secret(value)
}

// storage is a folder or a bucket, whole and not both.
func (c *checks) storage(config *Config, raw settings) {
	parts := []struct{ name, value string }{{"S3_ENDPOINT", raw.S3Endpoint}, {"S3_BUCKET", raw.S3Bucket}, {"S3_ACCESS_KEY", raw.S3AccessKey}, {"S3_SECRET_KEY", raw.S3SecretKey}}
	bucket := slices.ContainsFunc(parts, func(p struct{ name, value string }) bool { return p.value != "" })
	switch {
	case raw.MediaDir == "" && !bucket:
		c.wrong("S3_ENDPOINT", "missing; photos need MEDIA_DIR or S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY and S3_SECRET_KEY")
		return
	case raw.MediaDir != "" && bucket:
		c.wrong("MEDIA_DIR", "given beside S3_…; photos have one place")
		return
	case raw.MediaDir != "":
		if config.MediaDir = raw.MediaDir; !filepath.IsAbs(raw.MediaDir) {
			c.wrong("MEDIA_DIR", "not an absolute path: which folder it is would depend on where the program was started")
		}
		return
	}
	for _, part := range parts {
		if part.value == "" {
			c.wrong(part.name, "missing while other S3_… settings are there")
		}
	}
	if raw.S3Endpoint != "" {
		parsed, err := url.Parse(raw.S3Endpoint)
		if err != nil || parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Host == "" || parsed.User != nil || strings.Trim(parsed.Path, "/") != "" {
			c.wrong("S3_ENDPOINT", "not of the form https://host:port, without user and path")
		}
	}
	config.S3 = S3{Endpoint: raw.S3Endpoint, Region: raw.S3Region, Bucket: raw.S3Bucket, AccessKey: Secret(raw.S3AccessKey), SecretKey: Secret(raw.S3SecretKey)}
}

// push is whole or not there.
func (c *checks) push(raw settings) Push {
	if raw.PushKeys == "" && raw.PushContact == "" && raw.PushSink == "" && raw.PushSinkCA == "" {
		return Push{}
	}
	p := Push{Keys: c.keys("PUSH_KEYS", raw.PushKeys), Contact: raw.PushContact, Sink: raw.PushSink, SinkCA: raw.PushSinkCA}
	for _, key := range p.Keys {
		if _, err := ecdh.P256().NewPrivateKey([]byte(key)); err != nil {
			c.wrong("PUSH_KEYS", "holds something that is not 32 random bytes in hexadecimal")
			break
		}
	}
	address, isMail := strings.CutPrefix(p.Contact, "mailto:")
	parsed, err := url.Parse(p.Contact)
	switch {
	case p.Contact == "":
		c.wrong("PUSH_CONTACT", "missing while PUSH_KEYS is there; whom push services ask when something is wrong, such as mailto:beheer@ouderportaal.nl")
	case isMail && !isMailAddress(address), !isMail && (err != nil || parsed.Scheme != "https" || parsed.Host == ""):
		c.wrong("PUSH_CONTACT", "not an address that begins with mailto: or https://")
	}
	sink, err := url.Parse(p.Sink)
	switch {
	case p.Sink == "" && p.SinkCA == "":
	case !raw.local():
		c.wrong("PUSH_SINK", "only for a domain under localhost: it sends to this machine what is meant for push services")
	case err != nil || sink.Scheme != "https" || sink.Port() == "" || sink.Hostname() != "127.0.0.1" || sink.Path != "":
		c.wrong("PUSH_SINK", "not of the form https://127.0.0.1:port")
	case p.SinkCA == "":
		c.wrong("PUSH_SINK_CA", "missing; the path of the certificate of PUSH_SINK")
	}
	return p
}

func isMailAddress(value string) bool {
	parsed, err := mail.ParseAddress(value)
	return err == nil && parsed.Address == value
}

func (c *checks) sender(value string) string {
	if value == "" {
		c.wrong("MAIL_FROM", "missing; the address that mail comes from")
		return ""
	}
	if !isMailAddress(value) {
		c.wrong("MAIL_FROM", "not a plain mail address")
	}
	return value
}

// bounces is an address that takes mail with something after a + in it, which is added to each mail.
func (c *checks) bounces(value string) string {
	local, _, _ := strings.Cut(value, "@")
	switch {
	case value == "" && c.needed(Bounce):
		c.wrong("MAIL_BOUNCES", "missing; the address that mail comes back to, such as bounces@ouderportaal.nl")
	case value == "":
	case !isMailAddress(value) || value != strings.ToLower(value) || strings.Contains(local, "+"):
		c.wrong("MAIL_BOUNCES", "not a plain mail address in lower case without a +")
	case len(local) > bounce.MostLocal:
		c.wrong("MAIL_BOUNCES", "too long before the @: at most "+strconv.Itoa(bounce.MostLocal)+" characters, because 50 are added to each mail's")
	}
	return value
}

// duration is a time from nothing to most.
func (c *checks) duration(name, value string, most time.Duration) time.Duration {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 || d > most {
		c.wrong(name, "must be a time from 0s to "+most.String()+", such as 10m")
	}
	return d
}

func (c *checks) level(value string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(value)); err != nil {
		c.wrong("LOG_LEVEL", "must be debug, info, warn or error")
	}
	return level
}

// keys are one or more keys of at least 32 bytes in hexadecimal.
func (c *checks) keys(name, value string) []Secret {
	var list []Secret
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == ' ' }) {
		raw, err := hex.DecodeString(part)
		if err != nil || len(raw) < 32 {
			c.wrong(name, "holds something that is not 32 bytes or more in hexadecimal")
			return nil
		}
		list = append(list, Secret(raw))
	}
	if len(list) == 0 {
		c.wrong(name, "missing; 32 random bytes in hexadecimal")
	}
	return list
}
