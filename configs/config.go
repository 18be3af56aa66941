package configs

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Command is the part of the program that asks: each needs its own settings, and gets no secret that it has no use for.
type Command string

// The commands that read the environment.
const (
	Serve   Command = "serve"
	Work    Command = "work"
	Migrate Command = "migrate"
	Tenant  Command = "tenant"
	Bounce  Command = "bounce"
)

// Config is what the environment says, checked. example.env describes each setting.
type Config struct {
	// BaseDomain is what the slugs of the organisations are put before: ouderportaal.nl.
	BaseDomain string
	// PublicScheme and PublicPort are how browsers come in; port 0 is the scheme's own.
	PublicScheme string
	PublicPort   int

	ListenAddr, OpsAddr string
	// OpsProfile also serves /debug/pprof at OpsAddr.
	OpsProfile bool
	// TrustedProxies are the only peers whose X-Real-IP is believed.
	TrustedProxies []netip.Prefix

	DatabaseURL, DatabaseRelayURL, DatabasePlatformURL, DatabaseOwnerURL Secret
	RedisURL                                                             Secret

	// MediaDir is set, or else S3.
	MediaDir string
	S3       S3

	ImagesProgram string

	SMTPURL  Secret
	MailFrom string
	// MailBounces is where mail comes back to that cannot be delivered; empty: to MailFrom, and nobody here hears of it.
	MailBounces string

	// MailGather is how long mail that is only nice to know waits for more of its kind.
	MailGather time.Duration
	// LinkKeys sign links in mails; the first signs, all are believed.
	LinkKeys []Secret

	// Push is the zero value where nobody is told anything by push.
	Push Push

	LogLevel slog.Level
}

// S3 is a bucket; the zero value when photos are kept in a folder.
type S3 struct {
	// Endpoint is http(s)://host[:port].
	Endpoint, Region, Bucket string
	AccessKey, SecretKey     Secret
}

// Push is what push services want to know of who sends.
type Push struct {
	// Keys sign what is sent; browsers are told the first.
	Keys []Secret
	// Contact is a mailto: or https: address.
	Contact string
	// Sink is a push service on this machine, for tests and the demo, with the file of the certificate that it is trusted by.
	Sink, SinkCA string
}

// Secret is a setting that must not be seen: every way of printing it gives stars.
type Secret string

// Reveal gives the value to who needs it.
func (s Secret) Reveal() string { return string(s) }

// String hides the value, and so do the methods below.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString is for %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue is for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is for JSON and friends.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Origin is the address of a host as browsers write it: https://x.ouderportaal.nl.
func (c Config) Origin(host string) string {
	standard := map[string]int{"https": 443, "http": 80}[c.PublicScheme]
	if c.PublicPort == 0 || c.PublicPort == standard {
		return c.PublicScheme + "://" + host
	}
	return fmt.Sprintf("%s://%s:%d", c.PublicScheme, host, c.PublicPort)
}

// settings are the variables as they are written.
type settings struct {
	BaseDomain          string `env:"BASE_DOMAIN"`
	PublicScheme        string `env:"PUBLIC_SCHEME" envDefault:"https"`
	PublicPort          string `env:"PUBLIC_PORT"`
	ListenAddr          string `env:"LISTEN_ADDR" envDefault:"127.0.0.1:8080"`
	OpsAddr             string `env:"OPS_ADDR" envDefault:"127.0.0.1:9090"`
	OpsProfile          string `env:"OPS_PROFILE" envDefault:"false"`
	TrustedProxies      string `env:"TRUSTED_PROXIES"`
	DatabaseURL         string `env:"DATABASE_URL"`
	DatabaseRelayURL    string `env:"DATABASE_RELAY_URL"`
	DatabasePlatformURL string `env:"DATABASE_PLATFORM_URL"`
	DatabaseOwnerURL    string `env:"DATABASE_OWNER_URL"`
	RedisURL            string `env:"REDIS_URL"`
	MediaDir            string `env:"MEDIA_DIR"`
	S3Endpoint          string `env:"S3_ENDPOINT"`
	S3Region            string `env:"S3_REGION" envDefault:"us-east-1"`
	S3Bucket            string `env:"S3_BUCKET"`
	S3AccessKey         string `env:"S3_ACCESS_KEY"`
	S3SecretKey         string `env:"S3_SECRET_KEY"`
	ImagesProgram       string `env:"IMAGES_PROGRAM"`
	SMTPURL             string `env:"SMTP_URL"`
	MailFrom            string `env:"MAIL_FROM"`
	MailBounces         string `env:"MAIL_BOUNCES"`
	MailGather          string `env:"MAIL_GATHER" envDefault:"10m"`
	LinkKeys            string `env:"LINK_KEYS"`
	PushKeys            string `env:"PUSH_KEYS"`
	PushContact         string `env:"PUSH_CONTACT"`
	PushSink            string `env:"PUSH_SINK"`
	PushSinkCA          string `env:"PUSH_SINK_CA"`
	LogLevel            string `env:"LOG_LEVEL" envDefault:"info"`
}

// Load reads the environment (as os.Environ gives it) for one command. The error lists everything that is missing or
// wrong, by the name of its variable and never with its value.
func Load(environ []string, command Command) (Config, error) {
	values, problems := withFiles(environ)
	var raw settings
	if err := env.ParseWithOptions(&raw, env.Options{Environment: values}); err != nil {
		return Config{}, fmt.Errorf("configs: read environment: %w", err)
	}
	c := checks{problems: problems, command: command}
	config := c.config(raw)
	if len(c.problems) > 0 {
		slices.Sort(c.problems)
		return Config{}, errors.New("configs: cannot " + string(command) + " with this environment (configs/example.env describes every setting):\n  " + strings.Join(c.problems, "\n  "))
	}
	return config, nil
}

// withFiles also takes the value of NAME from the file that NAME_FILE names, as container platforms hand out secrets.
func withFiles(environ []string) (values map[string]string, problems []string) {
	known := map[string]bool{}
	params, err := env.GetFieldParams(&settings{})
	if err != nil {
		return nil, []string{err.Error()}
	}
	for _, param := range params {
		known[param.OwnKey] = true
	}
	values = map[string]string{}
	files := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if base, isFile := strings.CutSuffix(name, "_FILE"); isFile && known[base] && value != "" {
			files[base] = value
		} else if known[name] && value != "" {
			values[name] = strings.TrimSpace(value)
		}
	}
	for name, path := range files {
		if _, twice := values[name]; twice {
			problems = append(problems, name+": given twice, as "+name+" and as "+name+"_FILE")
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			problems = append(problems, name+"_FILE: the file cannot be read")
			continue
		}
		if values[name] = strings.TrimSpace(string(content)); values[name] == "" {
			problems = append(problems, name+"_FILE: the file is empty")
		}
	}
	return values, problems
}
