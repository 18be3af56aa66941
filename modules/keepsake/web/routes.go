// Package web is where a guardian takes everything of a child home.
package web

import (
	"ouderportaal/internal/web"
	"ouderportaal/modules/keepsake"
)

// Handlers answer the routes of keepsakes.
type Handlers struct{ keepsakes *keepsake.Service }

// New makes the handlers.
func New(k *keepsake.Service) *Handlers { return &Handlers{keepsakes: k} }

// Routes lists what can be asked of keepsakes.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get("/meenemen", "keepsake.take", h.list)
	r.Get("/meenemen/:child", "keepsake.take", h.show)
	r.Post("/meenemen/:child", "keepsake.take", h.ask)
	r.Post("/meenemen/:child/annulering", "keepsake.take", h.cancel)
	r.Post("/meenemen/:child/download", "keepsake.take", h.fetch)
	r.Get("/meenemen/bestanden/:id", "keepsake.take", h.file)
}
