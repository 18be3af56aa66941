// Package web shows who opened what of a child: to its guardians, and in the console beside its file.
package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/accesses"
)

// Handlers answer the routes of accesses.
type Handlers struct {
	accesses *accesses.Service
	rail     func(context.Context) []ui.RailSection
}

// New makes the handlers. rail is the menu of the console.
func New(a *accesses.Service, rail func(context.Context) []ui.RailSection) *Handlers {
	return &Handlers{accesses: a, rail: rail}
}

// Routes lists what can be asked of accesses.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get("/inzage", "accesses.read", h.own)
	r.Get("/beheer/kinderen/:id/inzage", "children.manage", h.ofChild)
}

func (h *Handlers) own(c *fiber.Ctx) error {
	child, _ := ids.Parse(c.Query("kind"))
	p := page{path: "/inzage", filter: accesses.Filter{ChildID: child, After: paging.Parse(c.Query("na"))}}
	var err error
	if p.List, err = h.accesses.Own(web.Ctx(c), p.filter); err != nil {
		return err
	}
	if web.FrameOf(c) != "" {
		return web.Render(c, fiber.StatusOK, older(p))
	}
	return web.Render(c, fiber.StatusOK, ownPage(p))
}

func (h *Handlers) ofChild(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	p := page{path: filePath(id) + "/inzage", filter: accesses.Filter{ChildID: id, After: paging.Parse(c.Query("na"))}}
	if p.List, err = h.accesses.OfChild(web.Ctx(c), p.filter); err != nil {
		return err
	}
	if web.FrameOf(c) != "" {
		return web.Render(c, fiber.StatusOK, older(p))
	}
	return web.Render(c, fiber.StatusOK, childPage(h.rail(web.Ctx(c)), p))
}

func filePath(child ids.ID) string { return "/beheer/kinderen/" + child.String() }
