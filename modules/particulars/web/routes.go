// Package web is where guardians see and keep what is known of them and their children, and where staff see whom to call.
package web

import (
	"context"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/particulars"
)

const (
	own      = "particulars.own"
	mePath   = "/gegevens"
	kidsPath = "/kinderen"
	asksPath = mePath + "/wijzigingen"
)

// Handlers answer the routes of particulars.
type Handlers struct {
	service *particulars.Service
	rail    func(context.Context) []ui.RailItem
}

// New makes the handlers. rail is the menu of the group app.
func New(s *particulars.Service, rail func(context.Context) []ui.RailItem) *Handlers {
	return &Handlers{service: s, rail: rail}
}

// Routes lists what can be asked of particulars.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get(mePath, own, h.me)
	r.Get(mePath+"/wijzigen", own, h.changeMe)
	r.Post(mePath+"/wijzigen", own, h.askForMe)
	r.Get(asksPath, own, h.asks)
	r.Post(asksPath+"/:id/intrekking", own, h.withdraw)

	r.Get(kidsPath, own, h.kids)
	r.Get(kidsPath+"/:id", own, h.child)
	r.Get(kidsPath+"/:id/wijzigen", own, h.changeChild)
	r.Post(kidsPath+"/:id/wijzigen", own, h.askForChild)
	r.Get(kidsPath+"/:id/contacten/nieuw", own, h.newContact)
	r.Post(kidsPath+"/:id/contacten", own, h.addContact)
	r.Get(kidsPath+"/:id/contacten/:contact", own, h.contact)
	r.Post(kidsPath+"/:id/contacten/:contact", own, h.changeContact)
	r.Post(kidsPath+"/:id/contacten/:contact/verwijdering", own, h.removeContact)

	r.Get("/groep/:group/kinderen", "particulars.read", h.cards)
}

func childPath(id ids.ID) string { return kidsPath + "/" + id.String() }
