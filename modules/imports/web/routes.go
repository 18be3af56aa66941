// Package web lets whoever runs an organisation bring a file in: send it, look at what it would do, and say that it shall.
package web

import (
	"context"

	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/imports"
)

// Handlers answer the routes of imports.
type Handlers struct {
	imports *imports.Service
	rail    func(context.Context) []ui.RailSection
}

// New makes the handlers. rail is the menu of the console.
func New(s *imports.Service, rail func(context.Context) []ui.RailSection) *Handlers {
	return &Handlers{imports: s, rail: rail}
}

const home = "/beheer/importeren"

// Routes lists what can be asked of imports.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get(home, "imports.run", h.list)
	r.Upload(home, "imports.run", h.take)
	r.Get(home+"/sjablonen/:name", "imports.run", h.template)

	r.Get(home+"/:id", "imports.run", h.show)
	r.Post(home+"/:id/kolommen", "imports.run", h.mapColumns)
	r.Post(home+"/:id/voorbeeld", "imports.run", h.lookAgain)
	r.Post(home+"/:id/uitvoering", "imports.run", h.apply)
	r.Post(home+"/:id/verwijdering", "imports.run", h.discard)
	r.Get(home+"/:id/fouten", "imports.run", h.leftOut)
}
