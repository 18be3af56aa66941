// Package web is where guardians report that their child does not come.
package web

import (
	"ouderportaal/internal/web"
	"ouderportaal/modules/absences"
)

const path = "/afwezig"

// Handlers answer the routes of absences.
type Handlers struct{ absences *absences.Service }

// New makes the handlers.
func New(s *absences.Service) *Handlers { return &Handlers{absences: s} }

// Routes lists what can be asked of absences.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get(path, "absences.report", h.open)
	r.Post(path, "absences.report", h.report)
	r.Post(path+"/:id/intrekking", "absences.report", h.withdraw)
}
