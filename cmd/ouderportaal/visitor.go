package main

import (
	"context"
	"errors"

	"github.com/valyala/fasthttp"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// visitor tells who sends a request when nothing but its header is in: the same two gates that every request passes
// later, the organisation of the host and the session of the cookie.
func (app *App) visitor(ctx context.Context, h *fasthttp.RequestHeader) (actor.Actor, error) {
	var nobody actor.Actor
	cookie := string(h.Cookie(identity.Cookie))
	slug, ours := app.Hosts.Slug(string(h.Host()))
	if !ours || cookie == "" {
		return nobody, nil
	}
	tenant, err := app.Directory.Find(ctx, slug)
	switch {
	case errors.Is(err, tenants.ErrUnknown):
		return nobody, nil
	case err != nil:
		return nobody, err
	case tenant.Status != tenants.Active:
		return nobody, nil
	}
	token, err := identity.TokenIn(cookie, tenant)
	if err != nil {
		return nobody, nil
	}
	visit, err := app.modules.identity.Resolve(tenants.With(ctx, tenant), token)
	if fault.CodeOf(err) == fault.Unauthenticated {
		return nobody, nil
	}
	return visit.Actor, err
}

// stillIn tells whether the actor in ctx would pass the same two gates now, in the same role.
func (app *App) stillIn(ctx context.Context) error {
	before, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	now, err := app.Directory.Find(ctx, before.Slug)
	switch {
	case err != nil:
		return err
	case now.Status != tenants.Active:
		return web.Suspended(now)
	}
	return app.modules.identity.StillIn(tenants.With(ctx, now))
}
