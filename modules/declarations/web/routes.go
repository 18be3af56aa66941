// Package web is where guardians fill in declarations.
package web

import (
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/declarations"
)

const (
	path      = "/verklaringen"
	filesPath = path + "/bestanden"
)

// Handlers answer the routes of declarations.
type Handlers struct{ declarations *declarations.Service }

// New makes the handlers.
func New(s *declarations.Service) *Handlers { return &Handlers{declarations: s} }

// Routes lists what can be asked of declarations.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get(path, "declarations.answer", h.own)
	r.Get(path+"/kind/:child", "declarations.answer", h.ofChild)
	r.Download(filesPath+"/:file", "declarations.answer", h.file)
	r.Get(path+"/:id/:child", "declarations.answer", h.form)
	r.Upload(path+"/:id/:child", "declarations.answer", h.answer)
}

func formPath(declaration, child ids.ID) string {
	return path + "/" + declaration.String() + "/" + child.String()
}

func anchor(declaration, child ids.ID) string {
	return "v-" + declaration.String() + "-" + child.String()
}
