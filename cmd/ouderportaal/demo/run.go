// Package demo runs the whole product on one machine: private servers, three organisations with a month of care behind
// them, the web process and a worker, and an inbox that shows every mail.
package demo

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/media"
	"ouderportaal/migrations"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// Options of a run. The zero value is the demo as `make demo` starts it.
type Options struct {
	// Dir keeps everything between runs; ".data".
	Dir string
	// Port for the pages and InboxPort for the inbox; 8080 and 8025. Where one is taken the next free one is used, and said.
	Port, InboxPort int
	// Empty has no organisations and no operator: everything as on the first day.
	Empty bool
	// Check starts everything, looks whether a page is answered, and stops again.
	Check bool
	// Out is the screen; standard output.
	Out io.Writer
	// Environ is the environment, as os.Environ gives it. DATABASE_URL, REDIS_URL, S3_… and SMTP_URL in it are used instead of
	// servers of our own; DATABASE_URL is then the address of an owner who may create roles.
	Environ []string
	// Serve and Work are the command lines of the two processes; this program with "serve" and "work".
	Serve, Work []string
}

func (o Options) complete() (Options, error) {
	if o.Dir == "" {
		o.Dir = ".data"
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, fmt.Errorf("demo: resolve %s: %w", o.Dir, err)
	}
	o.Dir = dir
	if o.Port == 0 {
		o.Port = 8080
	}
	if o.InboxPort == 0 {
		o.InboxPort = 8025
	}
	if o.Out == nil {
		o.Out = os.Stdout
	}
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	if len(o.Serve) == 0 || len(o.Work) == 0 {
		self, err := os.Executable()
		if err != nil {
			return o, fmt.Errorf("demo: find this program: %w", err)
		}
		o.Serve, o.Work = []string{self, "serve"}, []string{self, "work"}
	}
	return o, nil
}

// Run starts everything and keeps it running until ctx ends; then it stops all that it started, last started first. Data
// stay for the next run. It returns nil when it was asked to stop.
func Run(ctx context.Context, opts Options) (err error) {
	opts, err = opts.complete()
	if err != nil {
		return err
	}
	d := &demo{Options: opts, screen: newScreen(opts.Out), began: time.Now()}
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.start(ctx); err != nil {
		if ctx.Err() != nil { // stopped while starting: no failure
			return nil
		}
		return err
	}
	if opts.Check {
		return d.check(ctx)
	}
	return d.watch(ctx)
}

// demo is one run.
type demo struct {
	Options
	screen *screen
	began  time.Time

	secrets  secrets
	services services
	port     int
	stops    []stopper // in the order of starting
	web      *child
	worker   *child
}

// stopper undoes one step of the start.
type stopper struct {
	what string
	stop func() error
}

func (d *demo) onStop(what string, stop func() error) {
	d.stops = append(d.stops, stopper{what, stop})
}

// stop undoes the start, last step first. Every step is tried.
func (d *demo) stop() error {
	if len(d.stops) == 0 {
		return nil
	}
	d.screen.line("")
	var problems error
	for i := len(d.stops) - 1; i >= 0; i-- {
		began := time.Now()
		if err := d.stops[i].stop(); err != nil {
			problems = errors.Join(problems, fmt.Errorf("demo: stop %s: %w", d.stops[i].what, err))
			continue
		}
		d.screen.done("stopped "+d.stops[i].what, began)
	}
	d.stops = nil
	d.screen.line("Everything has stopped. The data are in " + d.Dir + "; make demo-reset empties them.")
	return problems
}

func (d *demo) start(ctx context.Context) error {
	if err := os.MkdirAll(d.Dir, 0o755); err != nil {
		return fmt.Errorf("demo: make data directory: %w", err)
	}
	var err error
	if d.secrets, err = openSecrets(filepath.Join(d.Dir, "secrets.json")); err != nil {
		return err
	}
	if err := d.startServices(ctx); err != nil {
		return err
	}
	if err := d.migrate(ctx); err != nil {
		return err
	}
	if !d.Empty {
		if err := d.seed(ctx); err != nil {
			return err
		}
	}
	if err := d.writePlatform(); err != nil {
		return err
	}
	if err := d.writeFiles(); err != nil {
		return err
	}
	if err := d.startPrograms(ctx); err != nil {
		return err
	}
	d.screen.welcome(d)
	return nil
}

func (d *demo) migrate(ctx context.Context) error {
	began := time.Now()
	urls := d.services.database
	ran, err := migrations.Apply(ctx, urls.owner, migrations.Roles{App: urls.app, Relay: urls.relay, Platform: urls.platform})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	d.screen.done(fmt.Sprintf("database is up to date, %d migrations applied now", len(ran)), began)
	return nil
}

// seed fills what is empty. The image program is started only when there is something to fill.
func (d *demo) seed(ctx context.Context) error {
	began := time.Now()
	db, err := tenants.Open(ctx, d.services.database.app, 4, clock.System)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer db.Close()
	platform, err := tenants.OpenPlatform(ctx, d.services.database.platform, clock.System)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer platform.Close()
	if err := refuseStrangers(ctx, platform); err != nil {
		return err
	}
	store, err := d.services.openStore()
	if err != nil {
		return fmt.Errorf("demo: open storage: %w", err)
	}
	var processor *media.Processor
	defer func() {
		if processor != nil {
			_ = processor.Close()
		}
	}()
	linkKey, err := hex.DecodeString(d.secrets.LinkKey)
	if err != nil {
		return fmt.Errorf("demo: read link key: %w", err)
	}
	err = Seed(ctx, Deps{DB: db, Platform: platform, Store: store, Keys: [][]byte{linkKey}, AppSecret: d.secrets.app, Progress: d.screen.line, Images: func() (photos.Images, error) {
		d.screen.line("filling three organisations; this happens once")
		processor, err = media.Start(media.Config{Program: d.services.images, Workers: 2})
		return processor, err
	}})
	if err != nil {
		return err
	}
	if err := seedOperator(ctx, platform, [][]byte{linkKey}, d.secrets.app); err != nil {
		return err
	}
	d.screen.done("demo data are there", began)
	return nil
}

// openStore opens the folder or the bucket that photos are kept in.
func (s services) openStore() (blob.Store, error) {
	if s.mediaDir != "" {
		return blob.OpenDir(s.mediaDir)
	}
	return blob.OpenS3(s.bucket)
}
