// Package web shows messages: *Berichten* to guardians, the inbox of their groups to who works here, and in the console what guardians write
// to who runs their location.
package web

import (
	"context"

	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/messages"
)

// Handlers answer the routes of messages.
type Handlers struct {
	messages *messages.Service
	rail     func(context.Context) []ui.RailItem
	console  func(context.Context) []ui.RailSection
}

// New makes the handlers. rail is the menu of the group app, console that of the console.
func New(m *messages.Service, rail func(context.Context) []ui.RailItem, console func(context.Context) []ui.RailSection) *Handlers {
	return &Handlers{messages: m, rail: rail, console: console}
}

// Routes lists what can be asked of messages.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get("/berichten", "messages.read", h.list)
	r.Get(consolePath, "messages.lead", h.led)
	r.Get("/berichten/nieuw", "messages.write", h.write)
	r.Post("/berichten", "messages.write", h.begin)
	r.Upload("/berichten/bijlagen", "messages.answer", h.upload)
	r.Get("/berichten/bijlagen/:id", "messages.answer", h.uploaded)
	r.Delete("/berichten/bijlagen/:id", "messages.answer", h.discard)
	r.Download("/berichten/bijlagen/:id/download", "messages.read", h.download)
	r.Download("/berichten/bijlagen/:id/:version", "messages.read", h.view)
	r.Get("/berichten/aan", "messages.address", h.chooseGroup)
	r.Get("/berichten/aan/:group", "messages.address", h.addressing)
	r.Post("/berichten/aan/:group", "messages.address", h.address)
	r.Get("/berichten/bericht/:id", "messages.read", h.find)
	r.Post("/berichten/bericht/:id/terugname", "messages.answer", h.takeBack)
	r.Get("/berichten/bericht/:id/intrekking", "messages.withdraw", h.withdrawing)
	r.Post("/berichten/bericht/:id/intrekking", "messages.withdraw", h.withdraw)
	r.Get("/berichten/:id", "messages.read", h.show)
	r.Post("/berichten/:id", "messages.answer", h.answer)
	r.Post("/berichten/:id/gelezen", "messages.read", h.seen)
	r.Post("/berichten/:id/notities", "messages.handle", h.note)
	r.Post("/berichten/:id/toewijzing", "messages.handle", h.assign)
}
