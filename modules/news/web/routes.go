// Package web shows news: to guardians and who works here what is for them, and in the console to who writes it.
package web

import (
	"context"

	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/news"
)

// Handlers answer the routes of news.
type Handlers struct {
	news    *news.Service
	rail    func(context.Context) []ui.RailItem
	console func(context.Context) []ui.RailSection
}

// New makes the handlers. rail is the menu of the group app, console that of the console.
func New(s *news.Service, rail func(context.Context) []ui.RailItem, console func(context.Context) []ui.RailSection) *Handlers {
	return &Handlers{news: s, rail: rail, console: console}
}

// Routes lists what can be asked of news.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get("/nieuws/teaser", "news.read", h.teaser)
	r.Download("/nieuws/bestanden/:id/download", "news.read", h.download)
	r.Download("/nieuws/bestanden/:id/:version", "news.read", h.picture)
	for _, kind := range news.Kinds {
		r.Get(kind.ListPath(), "news.read", h.list(kind))
		r.Get(kind.ListPath()+"/kader", "news.read", h.frame(kind))
		r.Get(kind.ListPath()+"/:id", "news.read", h.show(kind))
		r.Post(kind.ListPath()+"/:id/gelezen", "news.read", h.seen(kind))
	}

	r.Get(deskPath, "news.keep", h.desk)
	r.Post(deskPath, "news.keep", h.create)
	r.Get(deskPath+"/bereik", "news.keep", h.reach)
	r.Get(deskPath+"/:id", "news.keep", h.edit)
	r.Post(deskPath+"/:id", "news.keep", h.save)
	r.Post(deskPath+"/:id/publicatie", "news.keep", h.publish)
	r.Post(deskPath+"/:id/planning", "news.keep", h.schedule)
	r.Post(deskPath+"/:id/planning/einde", "news.keep", h.callOff)
	r.Post(deskPath+"/:id/intrekking", "news.keep", h.withdraw)
	r.Post(deskPath+"/:id/einde", "news.keep", h.remove)
	r.Post(deskPath+"/:id/plaats", "news.keep", h.move)
	r.Get(deskPath+"/:id/voorbeeld", "news.keep", h.preview)
	r.Get(deskPath+"/:id/gelezen", "news.keep", h.readers)
	r.Get(deskPath+"/:id/versies/:version", "news.keep", h.version)
	r.Upload(deskPath+"/:id/bestanden", "news.keep", h.upload)
	r.Get(deskPath+"/:id/bestanden/:file", "news.keep", h.uploaded)
	r.Post(deskPath+"/:id/bestanden/:file/einde", "news.keep", h.discard)
}
