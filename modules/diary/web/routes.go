// Package web shows the diary: *Mijn kind* to guardians, the desk of a group to staff.
package web

import (
	"context"

	"ouderportaal/internal/live"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/diary"
)

// Handlers answer the routes of the diary.
type Handlers struct {
	diary *diary.Service
	hub   *live.Hub
	rail  func(context.Context) []ui.RailItem
}

// New makes the handlers. rail is the menu of the group app.
func New(d *diary.Service, hub *live.Hub, rail func(context.Context) []ui.RailItem) *Handlers {
	return &Handlers{diary: d, hub: hub, rail: rail}
}

// Routes lists what can be asked of the diary.
func (h *Handlers) Routes(r *web.Routes) {
	r.GetAhead("/", "diary.read", h.ahead, h.home)
	r.GetAhead("/tijdlijn", "diary.read", h.ahead, h.older)
	r.Post("/bezoek", "diary.read", h.visit)
	r.Get("/dagboek/schrijven", "diary.write", h.write)
	r.Post("/dagboek", "diary.write", h.send)
	r.Get("/dagboek/:id", "diary.read", h.show)
	r.Post("/dagboek/:id/hartje", "diary.read", h.love)
	r.Post("/dagboek/:id/terugname", "diary.read", h.takeBack)
	r.Post("/dagboek/:id/gelezen", "diary.read", h.seen)
	r.Post("/dagboek/:id/intrekking", "diary.publish", h.withdraw)

	r.Get("/fotos", "diary.album", h.album)
	r.Post("/fotos/zip", "diary.read", h.takeHome)
	r.Get("/fotos/:id/melden", "diary.report", h.reporting)
	r.Post("/fotos/:id/melden", "diary.report", h.report)
	r.Post("/fotos/meldingen/:id/afhandeling", "diary.publish", h.handleReport)

	r.Get("/groep", "diary.publish", h.groups)
	r.Get("/groep/:group", "diary.publish", h.desk)
	r.Get("/groep/:group/dagboek", "diary.publish", h.deskOlder)
	r.Get("/groep/:group/dagboek/nieuw", "diary.publish", h.compose)
	r.Post("/groep/:group/dagboek", "diary.publish", h.publish)
	r.Get("/groep/:group/dagverslagen", "diary.publish", h.days)
	r.Post("/groep/:group/dagverslagen", "diary.publish", h.writeDays)

	r.Live("/live", "diary.read", h.live)
}
