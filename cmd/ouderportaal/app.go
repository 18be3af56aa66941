package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"ouderportaal/admin/platform"
	"ouderportaal/configs"
	"ouderportaal/internal/authz"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/live"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/media"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webpush"
	"ouderportaal/tenants"
)

// App is the program put together: pools, plumbing, modules. The commands and the tests start the same one.
type App struct {
	Config    configs.Config
	Hosts     tenants.Hosts
	DB        *tenants.DB
	Directory *tenants.Directory
	Store     blob.Store
	Bundle    *i18n.Bundle
	Hub       *live.Hub
	Mail      mail.Sender     // nil in a process that only serves pages
	Push      *webpush.Sender // nil where nobody is told anything by push
	Metrics   *prometheus.Registry
	modules   modules
	platform  *platform.Service // nil in a process that does not serve the console of the platform
	closers   []func()
}

// imageTime is for one photo: they take a second, but one that is given up is refused for good, so a busy machine gets time.
const imageTime = 2 * time.Minute

// hotPhotos is the memory, in bytes, for photos that are being looked at: some three hundred as a phone shows them. With
// heapGrowth the process comes to hold five times as much.
const hotPhotos = 24 << 20

// connections bounds the pool of one process: more than a few per core only make PostgreSQL slower.
func connections() int { return max(8, 4*runtime.NumCPU()) }

// NewApp opens what the command needs and puts the modules together. Close undoes it, also after an error.
func NewApp(ctx context.Context, config configs.Config, command configs.Command, clk clock.Clock) (app *App, err error) {
	app = &App{Config: config, Hub: live.NewHub(), Metrics: prometheus.NewRegistry()}
	defer func() {
		if err != nil {
			app.Close()
		}
	}()
	if app.Hosts, err = tenants.NewHosts(config.BaseDomain, config.PublicScheme, config.PublicPort); err != nil {
		return app, err
	}
	if app.DB, err = tenants.Open(ctx, config.DatabaseURL.Reveal(), connections(), clk); err != nil {
		return app, err
	}
	app.closers = append(app.closers, app.DB.Close)
	app.Directory = tenants.NewDirectory(app.DB)
	app.Metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if app.Store, err = openStore(config); err != nil {
		return app, err
	}
	if command == configs.Serve {
		if app.Store, err = blob.Hot(app.Store, hotPhotos); err != nil {
			return app, err
		}
	}
	if app.Bundle, err = i18n.Load(locales()...); err != nil {
		return app, err
	}
	if app.Push, err = openPush(config.Push, clk); err != nil {
		return app, err
	}
	if app.Push != nil {
		app.closers = append(app.closers, app.Push.Close)
	}
	var images *media.Processor
	if command == configs.Work {
		if images, err = app.openWorkshop(); err != nil {
			return app, err
		}
	}
	if app.modules, err = newModules(app, images); err != nil {
		return app, err
	}
	return app, app.openPlatform(ctx)
}

// openWorkshop starts what only workers use: the image program and the way to the mail server.
func (app *App) openWorkshop() (*media.Processor, error) {
	images, err := media.Start(media.Config{Program: app.Config.ImagesProgram, Timeout: imageTime})
	if err != nil {
		return nil, err
	}
	app.closers = append(app.closers, func() { _ = images.Close() })
	smtp, err := mail.NewSMTP(mail.Config{URL: app.Config.SMTPURL.Reveal(), From: mail.Address{Name: "Ouderportaal", Addr: app.Config.MailFrom}})
	if err != nil {
		return nil, err
	}
	app.closers = append(app.closers, smtp.Close)
	app.Mail = smtp
	return images, nil
}

// openPush gives the way to push services; nil without keys.
func openPush(config configs.Push, clk clock.Clock) (*webpush.Sender, error) {
	if len(config.Keys) == 0 {
		return nil, nil
	}
	to := webpush.Config{Contact: config.Contact, Clock: clk, Sink: config.Sink}
	for _, secret := range config.Keys {
		key, err := webpush.NewKey([]byte(secret.Reveal()))
		if err != nil {
			return nil, err
		}
		to.Keys = append(to.Keys, key)
	}
	if config.SinkCA != "" {
		var err error
		if to.SinkCA, err = os.ReadFile(config.SinkCA); err != nil {
			return nil, fmt.Errorf("ouderportaal: read certificate: %w", err)
		}
	}
	return webpush.New(to)
}

func openStore(config configs.Config) (blob.Store, error) {
	if config.MediaDir != "" {
		return blob.OpenDir(config.MediaDir)
	}
	bucket, err := bucketOf(config.S3)
	if err != nil {
		return nil, err
	}
	return blob.OpenS3(bucket)
}

// bucketOf takes the address of the setting apart: the scheme says whether the way there is encrypted.
func bucketOf(s configs.S3) (blob.S3Config, error) {
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Host == "" {
		return blob.S3Config{}, errors.New("ouderportaal: S3_ENDPOINT is not an address")
	}
	return blob.S3Config{Endpoint: u.Host, Secure: u.Scheme == "https", Region: s.Region, Bucket: s.Bucket,
		AccessKey: s.AccessKey.Reveal(), SecretKey: s.SecretKey.Reveal()}, nil
}

// Close undoes NewApp, last opened first.
func (app *App) Close() {
	for i := len(app.closers) - 1; i >= 0; i-- {
		app.closers[i]()
	}
	app.closers = nil
}

// Server is the HTTP side of the app, with the routes of every module.
func (app *App) Server() (*web.Server, error) {
	permissions, err := authz.New(policies()...)
	if err != nil {
		return nil, err
	}
	proxies := make([]string, len(app.Config.TrustedProxies))
	for i, p := range app.Config.TrustedProxies {
		proxies[i] = p.String()
	}
	server := web.New(web.Config{
		Scheme: app.Config.PublicScheme, TrustedProxies: proxies, Log: slog.Default(), Clock: app.DB.Clock(), Bundle: app.Bundle, Permissions: permissions,
		Resolve: tenants.Resolve(app.Hosts, app.Directory, web.Suspended), Session: app.modules.session, Visitor: app.visitor, StillIn: app.stillIn, Chrome: app.modules.chrome, Logo: app.modules.house.Logo, Feature: feature,
		SecurityContact: app.securityContact(), Metrics: app.Metrics,
	})
	for _, register := range app.modules.routes {
		register(server.Routes())
	}
	if app.platform != nil {
		console, err := app.platformServer(proxies, prometheus.WrapRegistererWithPrefix("platform_", app.Metrics))
		if err != nil {
			return nil, err
		}
		server.Beside(console, app.Hosts.IsOperator)
	}
	return server, nil
}

func (app *App) securityContact() string { return "mailto:security@" + app.Config.BaseDomain }

// Subscriptions are what the modules want to hear of.
func (app *App) Subscriptions() []outbox.Subscription { return app.modules.subscriptions }

// Channels are the ways out of the portal.
func (app *App) Channels() []outbox.Channel { return app.modules.channels }

// logJSON makes every line of the log JSON on standard output.
func logJSON(level slog.Level) {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level})))
}

// ready tells what the program cannot serve without.
func (app *App) ready() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{"postgresql": app.DB.Ping, "storage": app.Store.Ping}
}

// drainTime is what running requests and jobs get to finish after SIGTERM.
const drainTime = 20 * time.Second

// load reads the environment for a command and starts the log.
func load(command configs.Command) (configs.Config, error) {
	config, err := configs.Load(os.Environ(), command)
	if err != nil {
		return config, fmt.Errorf("ouderportaal: %w", err)
	}
	logJSON(config.LogLevel)
	return config, nil
}
