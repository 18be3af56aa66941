package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ouderportaal/internal/devservices"
)

// BaseDomain is what the names of the demo's organisations stand before. Every browser finds names under localhost.
const BaseDomain = "ouderportaal.localhost"

const (
	readyTime   = 60 * time.Second
	restartWait = 2 * time.Second // before a server that went away is started again
	mostEnds    = 5               // ends of one program within a minute after which it is not started again
)

// child is a process of ours that is started again when it ends.
type child struct {
	name, says string
	args       []string
	environ    []string
	log        string
	ops        int // port of its health page
	ended      []time.Time
	*devservices.Program
}

func (c *child) start() (err error) {
	c.Program, err = devservices.Run(c.args[0], c.args[1:], c.environ, c.log)
	return err
}

// startPrograms starts the web process and the worker, and waits until both are ready.
func (d *demo) startPrograms(ctx context.Context) error {
	var err error
	if d.port, err = freePort(d.Port); err != nil {
		return err
	}
	if d.port != d.Port {
		d.screen.line(fmt.Sprintf("port %d is taken, so the pages are on %d", d.Port, d.port))
	}
	began := time.Now()
	if d.web, err = d.newChild("web process", "serve", d.Serve); err != nil {
		return err
	}
	if d.worker, err = d.newChild("worker", "work", d.Work); err != nil {
		return err
	}
	// The worker stops first: it may still want to tell open pages something.
	for _, c := range []*child{d.web, d.worker} {
		if err := c.start(); err != nil {
			return fmt.Errorf("demo: start %s: %w", c.name, err)
		}
		d.onStop("the "+c.name, func() error { return c.Stop() })
	}
	for _, c := range []*child{d.web, d.worker} {
		if err := c.awaitReady(ctx); err != nil {
			return err
		}
		d.screen.done(fmt.Sprintf("%s runs (process %d), log in %s", c.name, c.PID(), d.short(filepath.Base(c.log))), began)
	}
	return nil
}

func (d *demo) newChild(name, command string, args []string) (*child, error) {
	ops, err := freePort(0)
	if err != nil {
		return nil, err
	}
	return &child{name: name, says: command, args: args, environ: d.environ(ops), log: filepath.Join(d.Dir, command+".log"), ops: ops}, nil
}

// platformFile holds what `ouderportaal tenant` needs to manage the demo's organisations from another terminal.
const platformFile = "platform.env"

func (d *demo) writePlatform() error {
	settings := fmt.Sprintf("BASE_DOMAIN=%s\nPUBLIC_SCHEME=http\nPUBLIC_PORT=%d\nDATABASE_PLATFORM_URL=%s\nDATABASE_URL=%s\n", BaseDomain, d.Port, d.services.database.platform, d.services.database.app)
	if err := os.WriteFile(filepath.Join(d.Dir, platformFile), []byte(settings), 0o600); err != nil {
		return fmt.Errorf("demo: write %s: %w", platformFile, err)
	}
	return nil
}

// environ is what a child process is told. Settings that somebody has in their environment for us do not reach it.
func (d *demo) environ(ops int) []string {
	s := d.services
	settings := map[string]string{
		"BASE_DOMAIN": BaseDomain, "PUBLIC_SCHEME": "http", "PUBLIC_PORT": strconv.Itoa(d.port),
		"LISTEN_ADDR": "127.0.0.1:" + strconv.Itoa(d.port), "OPS_ADDR": "127.0.0.1:" + strconv.Itoa(ops), "TRUSTED_PROXIES": "",
		"DATABASE_URL": s.database.app, "DATABASE_RELAY_URL": s.database.relay, "DATABASE_PLATFORM_URL": s.database.platform, "DATABASE_OWNER_URL": "",
		"REDIS_URL": s.redis, "MEDIA_DIR": s.mediaDir, "IMAGES_PROGRAM": s.images, "SMTP_URL": s.smtp, "MAIL_FROM": "portaal@ouderportaal.example",
		"MAIL_GATHER": "5s", // who tries it out does not want to wait for ten minutes
		"PUSH_KEYS":   d.secrets.PushKey, "PUSH_CONTACT": "mailto:beheer@ouderportaal.example", "PUSH_SINK": s.push, "PUSH_SINK_CA": filepath.Join(d.Dir, pushCertificate),
		"LINK_KEYS": d.secrets.LinkKey, "LOG_LEVEL": "info", "S3_ENDPOINT": "", "S3_BUCKET": "", "S3_ACCESS_KEY": "", "S3_SECRET_KEY": "", "S3_REGION": "",
	}
	if s.mediaDir == "" {
		b := s.bucket
		settings["S3_ENDPOINT"], settings["S3_BUCKET"], settings["S3_REGION"] = d.given("S3_ENDPOINT"), b.Bucket, b.Region
		settings["S3_ACCESS_KEY"], settings["S3_SECRET_KEY"] = b.AccessKey, b.SecretKey
	}
	for _, name := range []string{"MAIL_FROM", "MAIL_GATHER", "LOG_LEVEL"} {
		if value := d.given(name); value != "" {
			settings[name] = value
		}
	}
	var environ []string
	for _, entry := range d.Environ {
		name, _, _ := strings.Cut(entry, "=")
		if _, ours := settings[strings.TrimSuffix(name, "_FILE")]; !ours {
			environ = append(environ, entry)
		}
	}
	for name, value := range settings {
		if value != "" {
			environ = append(environ, name+"="+value)
		}
	}
	return environ
}

// awaitReady waits until the process says that it can work.
func (c *child) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	for {
		if status, _ := get(ctx, "http://127.0.0.1:"+strconv.Itoa(c.ops)+"/readyz", ""); status == http.StatusOK {
			return nil
		}
		select {
		case <-c.Done():
			return fmt.Errorf("demo: the %s ended while starting (%s); the end of %s:\n%s", c.name, c.Ended(), c.log, c.Tail())
		case <-ctx.Done():
			return fmt.Errorf("demo: the %s is not ready: %w; the end of %s:\n%s", c.name, ctx.Err(), c.log, c.Tail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// get asks for a page at address as if it were under host; it follows no redirects.
func get(ctx context.Context, address, host string) (int, string) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, ""
	}
	request.Host = host
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode, string(body)
}
