// Package web is where whoever runs an organisation chooses its house style, and where everybody reads what it tells of itself.
package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

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

const (
	stylePath = "/beheer/huisstijl"
	textsPath = "/beheer/teksten"
)

// Routes lists what can be asked of it.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get(stylePath, "house.style", h.style)
	r.Post(stylePath, "house.style", h.restyle)
	r.Get(stylePath+"/voorbeeld", "house.style", h.sample)
	r.Get(stylePath+"/voorbeeld.css", "house.style", h.sampleCSS)
	r.Upload(stylePath+"/logo", "house.style", h.setLogo)
	r.Post(stylePath+"/logo/verwijdering", "house.style", h.removeLogo)
	r.Post(stylePath+"/herstel", "house.style", h.goBack)

	r.Get("/privacy", web.Public, h.statement(house.Privacy))
	r.Get("/privacyverklaring", web.Public, func(c *fiber.Ctx) error { return web.Go(c, "/privacy") }) // as it was called before
	r.Get("/responsible-disclosure", web.Public, h.statement(house.Disclosure))
	r.Get("/toegankelijkheid", web.Public, h.statement(house.Accessibility))

	r.Get(settingsPath, "house.arrange", h.settings)
	r.Post(settingsPath, "house.arrange", h.arrange)
	r.Get(signInPath, "house.arrange", h.signIn)
	r.Post(signInPath, "house.arrange", h.setSignIn)

	r.Get(textsPath, "house.tell", h.texts)
	r.Post(textsPath+"/beveiliging", "house.tell", h.setContact)
	r.Get(textsPath+"/:kind", "house.tell", h.text)
	r.Post(textsPath+"/:kind", "house.tell", h.state)
	r.Post(textsPath+"/:kind/herstel", "house.tell", h.returnText)
}
