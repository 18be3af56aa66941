// Package web takes photos in and hands them out, one by one, to those who may have them.
package web

import (
	"ouderportaal/internal/web"
	"ouderportaal/modules/photos"
)

// Handlers answer the routes of photos.
type Handlers struct{ photos *photos.Service }

// New makes the handlers.
func New(p *photos.Service) *Handlers { return &Handlers{photos: p} }

// Routes lists what can be asked of photos.
func (h *Handlers) Routes(r *web.Routes) {
	r.Upload("/fotos/uploads", "photos.upload", h.upload)
	r.Get("/fotos/uploads/:id", "photos.upload", h.state)
	r.Post("/fotos/uploads/:id/bewerking", "photos.upload", h.retouch)
	r.Delete("/fotos/uploads/:id", "photos.upload", h.discard)

	r.Download("/fotos/:id/download", "photos.read", h.download)
	r.Download("/fotos/:id/:version", "photos.read", h.show)
}
