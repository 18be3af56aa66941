// Package web shows guardians *Mijn locatie*, and who works here what is read about them.
package web

import (
	"context"

	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/locations"
)

// Handlers answer the routes of locations.
type Handlers struct {
	locations *locations.Service
	rail      func(context.Context) []ui.RailItem
	news      func(context.Context) bool
}

// New makes the handlers. rail is the menu of the group app. news tells whether the reader has news, newsletters and information pages,
// which the page of a location shows in frames of their own.
func New(s *locations.Service, rail func(context.Context) []ui.RailItem, news func(context.Context) bool) *Handlers {
	return &Handlers{locations: s, rail: rail, news: news}
}

const (
	path        = "/locatie"
	profilePath = "/overig/profiel"
	picturePath = path + "/fotos"
)

// Routes lists what can be asked of locations.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get(path, "locations.read", h.open)
	r.Get(path+"/team/:id", "locations.read", h.colleague)
	r.Download(picturePath+"/:id/:version", "locations.picture", h.picture)
	r.Get(path+"/:id", "locations.read", h.open)

	r.Get(profilePath, "locations.introduce", h.own)
	r.Post(profilePath, "locations.introduce", h.introduce)
	r.Post(profilePath+"/voorstel", "locations.introduce", h.answer)
	r.Post(profilePath+"/einde", "locations.introduce", h.withdraw)
	r.Upload(profilePath+"/foto", "locations.introduce", h.upload)
	r.Post(profilePath+"/foto/:id", "locations.introduce", h.agree)
	r.Post(profilePath+"/foto/:id/einde", "locations.introduce", h.remove)
}
