package main

import (
	"context"
	"time"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/formkey"
	"ouderportaal/jobs"
	"ouderportaal/tenants"
)

// schedule is what is done again and again, by one of all workers, for each organisation.
func (app *App) schedule(ledger *jobs.Ledger) []jobs.Periodic {
	const day = 24 * time.Hour
	each := func(name string, every time.Duration, run func(context.Context) error) jobs.Periodic {
		return jobs.Periodic{Name: name, Every: every, Run: jobs.ForEveryTenant(ledger, app.Directory, run)}
	}
	m := app.modules
	return []jobs.Periodic{
		each("photos.remove_unclaimed", time.Hour, m.photos.RemoveUnclaimed),
		each("photos.settle_waiting", 15*time.Minute, m.photos.SettleWaiting),
		each("photos.remove_withdrawn", day, m.photos.RemoveWithdrawn),
		each("photos.reconcile", day, m.photos.Reconcile),
		each("consents.sweep", 5*time.Minute, m.consents.Sweep),
		each("consents.ask_latecomers", time.Hour, m.consents.AskLatecomers),
		each("declarations.sweep", time.Hour, m.declarations.Sweep),
		each("declarations.reconcile", day, m.declarations.Reconcile),
		each("particulars.sweep", 15*time.Minute, m.particulars.Sweep),
		each("keepsake.sweep", 10*time.Minute, m.keepsake.Sweep),
		each("keepsake.offer_leavers", 6*time.Hour, m.keepsake.OfferLeavers),
		each("retention.offer", 6*time.Hour, m.retention.OfferBeforeEnd),
		each("keepsake.reconcile", day, m.keepsake.Reconcile),
		each("messages.sweep", 5*time.Minute, m.messages.Sweep),
		each("messages.reconcile", day, m.messages.Reconcile),
		each("locations.reconcile", day, m.locations.Reconcile),
		each("news.sweep", time.Hour, m.news.Sweep),
		each("news.reconcile", day, m.news.Reconcile),
		each("invitations.sweep", 5*time.Minute, m.invitations.Sweep),
		each("identity.sweep", time.Hour, func(ctx context.Context) error {
			_, err := m.identity.Sweep(ctx)
			return err
		}),
		each("formkey.sweep", day, func(ctx context.Context) error {
			return app.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
				_, err := formkey.Sweep(ctx, tx)
				return err
			})
		}),
		each("audit.forget", day, func(ctx context.Context) error { return app.DB.Write(ctx, audit.Forget) }),
		each("imports.expire", time.Hour, m.imports.Expire),
		each("notifications.forget", day, m.notifications.Forget),
		each("platform.count", 15*time.Minute, func(ctx context.Context) error { return platform.Count(ctx, app.DB, counters) }),
		each("platform.end_visits", time.Minute, m.visits.Sweep),
		each("jobs.forget", day, func(ctx context.Context) error { return jobs.Forget(ctx, app.DB) }),
	}
}
