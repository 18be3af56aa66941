package org

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/web"
)

// factorForm is the form that takes away the second factor of somebody who lost it.
type factorForm struct {
	form
	Name   string
	staff  bool
	Reason string
}

func (h *Handlers) factor(c *fiber.Ctx) error {
	if err := h.identity.Fresh(web.Ctx(c)); err != nil {
		return err
	}
	return h.showFactor(c, fiber.StatusOK, factorForm{})
}

func (h *Handlers) showFactor(c *fiber.Ctx, status int, f factorForm) error {
	d, err := h.openPerson(c)
	if err != nil {
		return err
	}
	back := personPath(c) + "/" + d.ID.String()
	f.Action, f.Back, f.Name, f.staff = back+"/tweede-stap", back, d.Name(), isStaffPath(c)
	return web.Render(c, status, factorPage(f))
}

func (h *Handlers) removeFactor(c *fiber.Ctx) error {
	d, err := h.openPerson(c)
	if err != nil {
		return err
	}
	reason := c.FormValue("reason")
	if err := h.identity.RemoveFactors(web.Ctx(c), d.ID, reason); err != nil {
		return h.again(c, err, func(status int) error {
			return h.showFactor(c, status, factorForm{form: form{Problem: err}, Reason: reason})
		})
	}
	return saved(c, "org.factor.removed", personPath(c)+"/"+d.ID.String())
}
