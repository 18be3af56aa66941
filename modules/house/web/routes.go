// Package web is where whoever runs an organisation chooses its house style.
package web

import (
	"context"

	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/house"
)

// Handlers answer the routes of the house style.
type Handlers struct {
	house *house.Service
	rail  func(context.Context) []ui.RailSection
}

// New makes the handlers. rail is the menu of the console.
func New(s *house.Service, rail func(context.Context) []ui.RailSection) *Handlers {
	return &Handlers{house: s, rail: rail}
}

const stylePath = "/beheer/huisstijl"

// Routes lists what can be asked of it.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get(stylePath, "house.style", h.style)
	r.Post(stylePath, "house.style", h.restyle)
	r.Get(stylePath+"/voorbeeld", "house.style", h.sample)
	r.Get(stylePath+"/voorbeeld.css", "house.style", h.sampleCSS)
	r.Upload(stylePath+"/logo", "house.style", h.setLogo)
	r.Post(stylePath+"/logo/verwijdering", "house.style", h.removeLogo)
	r.Post(stylePath+"/herstel", "house.style", h.goBack)
}
