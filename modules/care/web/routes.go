// Package web is where staff keep the day of a group. The group's own page, with its tiles, is the diary's.
package web

import (
	"context"

	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/care"
)

// Handlers answer the routes of care.
type Handlers struct {
	care *care.Service
	rail func(context.Context) []ui.RailItem
}

// New makes the handlers. rail is the menu of the group app.
func New(c *care.Service, rail func(context.Context) []ui.RailItem) *Handlers {
	return &Handlers{care: c, rail: rail}
}

// Routes lists what can be asked of care.
func (h *Handlers) Routes(r *web.Routes) {
	r.Post("/groep/:group/aankomst", "care.record", h.arrive)
	r.Post("/groep/:group/vertrek", "care.record", h.collect)
	r.Post("/groep/:group/wakker", "care.record", h.wake)
	r.Post("/groep/:group/ongedaan/:action", "care.record", h.undo)

	r.Get("/groep/:group/zorg", "care.record", h.open)
	r.Post("/groep/:group/zorg", "care.record", h.note)
	r.Get("/zorg/:id", "care.record", h.show)
	r.Post("/zorg/:id", "care.record", h.correct)
	r.Post("/zorg/:id/intrekking", "care.record", h.withdraw)
}
