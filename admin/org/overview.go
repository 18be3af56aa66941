package org

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/web"
)

func (h *Handlers) overview(c *fiber.Ctx) error {
	counts, err := h.children.Counts(web.Ctx(c))
	if err != nil {
		return err
	}
	wishes, err := h.invited.Settings(web.Ctx(c))
	if err != nil {
		return err
	}
	unreached, err := h.children.StartsUnreached(web.Ctx(c), wishes.LeadDays)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, overviewPage(counts, unreached, wishes.LeadDays))
}

// withinWords is a number of days in weeks when it is that.
func withinWords(ctx context.Context, days int) string {
	if days > 0 && days%7 == 0 {
		return i18n.N(ctx, "org.within.weeks", days/7)
	}
	return i18n.N(ctx, "org.within.days", days)
}
