package demo

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/devservices"
	"ouderportaal/internal/mailcatcher"
	"ouderportaal/internal/media"
	"ouderportaal/internal/pushcatcher"
	"ouderportaal/migrations"
)

// services are where the parts are that the product stands on.
type services struct {
	database struct{ owner, app, relay, platform string }
	redis    string
	mediaDir string // set, or else bucket
	bucket   blob.S3Config
	smtp     string
	inbox    string // address of the page with caught mail; empty with a mail server of somebody else
	push     string // address of the push service of browsers that are made up
	codes    string // address of the page with the codes of the authenticator apps
	images   string // path of the image program

	postgres    *devservices.Server // nil: somebody else's
	redisServer *devservices.Server
}

// secrets are made at the first run and kept for the next.
type secrets struct {
	App, Relay, Platform string // passwords of the database roles
	LinkKey              string
	PushKey              string
}

func openSecrets(path string) (secrets, error) {
	var s secrets
	kept, err := os.ReadFile(path)
	if err == nil {
		if err := json.Unmarshal(kept, &s); err != nil {
			return s, fmt.Errorf("demo: %s is damaged; remove it, and new secrets are made: %w", path, err)
		}
		if s.PushKey != "" {
			return s, nil
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return s, fmt.Errorf("demo: read secrets: %w", err)
	} else {
		s = secrets{App: secret(), Relay: secret(), Platform: secret(), LinkKey: secret()}
	}
	s.PushKey = secret() // a demo of before push has none
	text, err := json.Marshal(s)
	if err != nil {
		return s, fmt.Errorf("demo: keep secrets: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return s, fmt.Errorf("demo: keep secrets: %w", err)
	}
	return s, nil
}

func secret() string {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(raw)
}

// given is the value of a variable in the environment, empty when it is not set.
func (d *demo) given(name string) string {
	for _, entry := range d.Environ {
		if value, ok := strings.CutPrefix(entry, name+"="); ok && value != "" {
			return value
		}
	}
	return ""
}

// startServices starts what the environment does not name, side by side.
func (d *demo) startServices(ctx context.Context) error {
	s := &d.services
	var err error
	if s.images, err = d.findImages(); err != nil {
		return err
	}
	if err := d.findStorage(); err != nil {
		return err
	}
	var catcher *mailcatcher.Catcher
	group := errgroup.Group{}
	began := time.Now()
	owner := cmp.Or(d.given("DATABASE_OWNER_URL"), d.given("DATABASE_URL"))
	if owner == "" {
		group.Go(func() (err error) {
			s.postgres, err = devservices.Postgres(ctx, filepath.Join(d.Dir, "postgres"), devservices.Options{Database: "ouderportaal"})
			return err
		})
	}
	if s.redis = d.given("REDIS_URL"); s.redis == "" {
		group.Go(func() (err error) {
			s.redisServer, err = devservices.Redis(ctx, filepath.Join(d.Dir, "redis"), devservices.Options{})
			return err
		})
	}
	if s.smtp = d.given("SMTP_URL"); s.smtp == "" {
		group.Go(func() (err error) {
			catcher, err = mailcatcher.Start(mailcatcher.Config{Dir: filepath.Join(d.Dir, "mail"), More: []mailcatcher.Link{{Text: "Codes for signing in", Href: "codes"}}})
			return err
		})
	}
	err = group.Wait()
	// What did start must be stopped, also when another did not.
	if s.postgres != nil {
		d.onStop("PostgreSQL", s.postgres.Stop)
		owner = s.postgres.URL
		d.screen.done(fmt.Sprintf("PostgreSQL runs on 127.0.0.1:%d, data in %s", s.postgres.Port, d.short("postgres")), began)
	}
	if s.redisServer != nil {
		d.onStop("Redis", func() error { return s.redisServer.Stop() })
		s.redis = s.redisServer.URL
		d.screen.done(fmt.Sprintf("Redis runs on 127.0.0.1:%d, data in %s", s.redisServer.Port, d.short("redis")), began)
	}
	if catcher != nil {
		d.onStop("the mail catcher", catcher.Close)
		s.smtp = catcher.URL()
	}
	if err != nil {
		return err
	}
	if err := d.showInbox(catcher); err != nil {
		return err
	}
	if catcher != nil {
		d.screen.done("mail is caught at "+strings.TrimPrefix(s.smtp, "smtp://")+" and shown at "+s.inbox, began)
	}
	return d.nameRoles(owner)
}

// nameRoles makes the addresses of the database roles out of the owner's.
func (d *demo) nameRoles(owner string) error {
	address, err := url.Parse(owner)
	if err != nil || address.Host == "" {
		return errors.New("demo: DATABASE_URL is not an address such as postgres://owner:password@host/database")
	}
	as := func(role, password string) string {
		u := *address
		u.User = url.UserPassword(role, password)
		return u.String()
	}
	names := migrations.RoleNames
	d.services.database.owner = owner
	d.services.database.app = as(names.App, d.secrets.App)
	d.services.database.relay = cmp.Or(d.given("DATABASE_RELAY_URL"), as(names.Relay, d.secrets.Relay))
	d.services.database.platform = cmp.Or(d.given("DATABASE_PLATFORM_URL"), as(names.Platform, d.secrets.Platform))
	if d.given("DATABASE_OWNER_URL") != "" { // then DATABASE_URL is what it is in production
		d.services.database.app = cmp.Or(d.given("DATABASE_URL"), d.services.database.app)
	}
	return nil
}

// findImages looks for the image program: where it is said to be, beside this program, in PATH.
func (d *demo) findImages() (string, error) {
	places := []string{d.given("IMAGES_PROGRAM")}
	if places[0] == "" {
		places = []string{filepath.Join(filepath.Dir(d.Serve[0]), media.ProgramName), media.ProgramName}
	}
	for _, place := range places {
		if found, err := exec.LookPath(place); err == nil {
			return filepath.Abs(found)
		}
	}
	return "", fmt.Errorf("demo: %s is not there (looked for it beside this program and in PATH); make demo builds it, and needs gcc, pkg-config and libvips-dev", media.ProgramName)
}

func (d *demo) findStorage() error {
	endpoint := d.given("S3_ENDPOINT")
	if endpoint == "" {
		d.services.mediaDir = filepath.Join(d.Dir, "media")
		return nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return errors.New("demo: S3_ENDPOINT is not an address such as http://127.0.0.1:9000")
	}
	d.services.bucket = blob.S3Config{Endpoint: u.Host, Secure: u.Scheme == "https", Region: d.given("S3_REGION"), Bucket: cmp.Or(d.given("S3_BUCKET"), "ouderportaal"),
		AccessKey: d.given("S3_ACCESS_KEY"), SecretKey: d.given("S3_SECRET_KEY")}
	return nil
}

// pushCertificate is the file of the certificate of the push service on this machine.
const pushCertificate = "push.pem"

// startPush starts a push service for browsers that are made up: those of people have their own.
func (d *demo) startPush() (*pushcatcher.Catcher, error) {
	push, err := pushcatcher.Start(clock.System)
	if err != nil {
		return nil, err
	}
	d.onStop("the push service", push.Close)
	d.services.push = push.URL()
	if err := os.WriteFile(filepath.Join(d.Dir, pushCertificate), push.CA(), 0o600); err != nil {
		return nil, fmt.Errorf("demo: write %s: %w", pushCertificate, err)
	}
	return push, nil
}

// showInbox serves the page with caught mail, if it is caught, and the page with the codes for signing in.
func (d *demo) showInbox(catcher *mailcatcher.Catcher) error {
	listener, err := listenFrom(d.InboxPort)
	if err != nil {
		return err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if port != d.InboxPort {
		d.screen.line(fmt.Sprintf("port %d is taken, so the inbox is on %d", d.InboxPort, port))
	}
	push, err := d.startPush()
	if err != nil {
		return err
	}
	pages := http.NewServeMux()
	pages.Handle("/codes", mailcatcher.Guard(d.codesPage()))
	pages.Handle("/push/", mailcatcher.Guard(push.Handler()))
	if catcher != nil {
		pages.Handle("/", catcher.Handler())
	}
	server := &http.Server{Handler: pages, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	d.onStop("the inbox", func() error {
		err := server.Close()
		<-done
		return err
	})
	address := fmt.Sprintf("http://127.0.0.1:%d", port)
	if d.services.codes = address + "/codes"; catcher != nil {
		d.services.inbox = address
	}
	return nil
}

// short is a path under the data directory as people write it.
func (d *demo) short(name string) string {
	path := filepath.Join(d.Dir, name)
	if here, err := os.Getwd(); err == nil {
		if relative, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(relative, "..") {
			return relative
		}
	}
	return path
}
