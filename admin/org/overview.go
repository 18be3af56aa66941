package org

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/web"
)

func (h *Handlers) overview(c *fiber.Ctx) error {
	counts, err := h.children.Counts(web.Ctx(c))
	if err != nil {
		return err
	}
	unreached, err := h.children.StartsUnreached(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, overviewPage(counts, unreached))
}
