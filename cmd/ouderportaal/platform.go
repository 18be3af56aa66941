package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ouderportaal/admin/platform"
	platformweb "ouderportaal/admin/platform/web"
	"ouderportaal/internal/authz"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/locations"
	"ouderportaal/modules/messages"
	"ouderportaal/modules/news"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// openPlatform signs in as the platform role where the configuration has it: a process without serves no console of the platform.
func (app *App) openPlatform(ctx context.Context) error {
	url := app.Config.DatabasePlatformURL.Reveal()
	if url == "" {
		return nil
	}
	db, err := tenants.OpenPlatform(ctx, url, app.DB.Clock())
	if err != nil {
		return err
	}
	app.closers = append(app.closers, db.Close)
	app.platform = platform.New(db, app.modules.identity.Hasher(), linkKeys(app.Config))
	app.platform.ServeAt(app.Hosts.URL(tenants.Operator))
	return nil
}

// platformServer is the console of the platform: a server of its own, with its own routes, sessions and permissions, on the
// listener of the portals. Nothing of an organisation can be asked of it, and nothing of it at the host of an organisation.
func (app *App) platformServer(proxies []string, metrics prometheus.Registerer) (*web.Server, error) {
	permissions, err := authz.New(platform.Policy)
	if err != nil {
		return nil, fmt.Errorf("platform: %w", err)
	}
	server := web.New(web.Config{
		Scheme: app.Config.PublicScheme, TrustedProxies: proxies, Log: slog.Default(), Clock: app.DB.Clock(), Bundle: app.Bundle, Permissions: permissions, Platform: platform.Name,
		Resolve: tenants.OnlyOperator(app.Hosts), Session: platformweb.Session(app.platform), SecurityContact: app.securityContact(),
		Metrics: metrics,
	})
	platformweb.New(app.platform, platform.NewAdmins(app.DB), app.Hosts).Routes(server.Routes())
	return server, nil
}

// tidyPlatform clears away what the platform keeps about sign-ins for a while. Workers, who keep the schedule of organisations, have no way
// into its tables; that two web processes may do it at once does no harm.
func (app *App) tidyPlatform(ctx context.Context) {
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		if err := app.platform.Forget(ctx); err != nil && ctx.Err() == nil {
			slog.Error("tidy platform", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-hourly.C:
		}
	}
}

// fromPlatform puts on a page of an organisation what the platform has to say, and that it is looking.
func (app *App) fromPlatform(ctx context.Context, c ui.Chrome) ui.Chrome {
	if visit, ok := platform.VisitFrom(ctx); ok {
		c.Live = "" // a visit reads pages
		c.Visit = ui.Visit{Person: visit.Operator, Until: i18n.Time(ctx, visit.ExpiresAt), End: platformweb.EndVisitPath}
	}
	if banner, err := app.Directory.Banner(ctx); err == nil { // without it the page is still a page
		c.Banner = ui.Banner{Text: banner.Words(c.Language), Warning: banner.Warning}
	}
	if tenant, _ := tenants.From(ctx); tenant.Example {
		c.Banner.Text = strings.TrimSpace(c.Banner.Text + " " + i18n.T(ctx, "platform.example.strip"))
	}
	return c
}

// counters are how modules tell how much there is of an organisation.
var counters = platform.Counters{
	Children: children.CountCared,
	Storage:  []func(context.Context, tenants.Reader) (int64, error){photos.StorageUsed, messages.StorageUsed, news.StorageUsed, declarations.StorageUsed, locations.StorageUsed},
	Mails:    notifications.MailsSince,
	Active:   identity.LastActive,
}
