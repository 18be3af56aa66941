// Package web shows notifications, what people want to hear of, and the end of a mail's link.
package web

import (
	"context"

	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/notifications"
)

// own and push are the permissions of everybody who is signed in.
const (
	own  = "notifications.own"
	push = "notifications.push"
)

// Handlers answer the routes of notifications.
type Handlers struct {
	service *notifications.Service
	rail    func(context.Context) []ui.RailItem
}

// New makes the handlers. rail is the menu of the group app.
func New(s *notifications.Service, rail func(context.Context) []ui.RailItem) *Handlers {
	return &Handlers{service: s, rail: rail}
}

// Routes lists what can be asked of notifications.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get("/meldingen", own, h.list)
	r.Get("/meldingen/ouder", own, h.older)
	r.Post("/meldingen/gelezen", own, h.readAll)
	r.Post("/meldingen/:id/gelezen", own, h.read)

	r.Get("/overig/notificaties", own, h.preferences)
	r.Post("/overig/notificaties", own, h.setPreferences)
	r.Post("/overig/notificaties/tijden", own, h.setRhythm)

	r.Post("/overig/notificaties/apparaten", push, h.subscribe)
	r.Post("/overig/notificaties/apparaten/verhuizing", push, h.renew)
	r.Post("/overig/notificaties/apparaten/:id/naam", push, h.rename)
	r.Post("/overig/notificaties/apparaten/:id/test", push, h.try)
	r.Post("/overig/notificaties/apparaten/:id/verwijderen", push, h.remove)

	r.Get("/afmelden/:token", web.Public, h.unsubscribing)
	r.OneClick("/afmelden/:token", h.unsubscribe)
}
