package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
)

func (h *Handlers) linkPage(c *fiber.Ctx) error {
	ctx := web.Ctx(c)
	links, err := h.service.Links(ctx, tokenOf(c), browserOf(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, linkPage(h.menu(ctx), links, "", nil))
}

// startLink shows the way to the other organisation as a link: our policy lets no form lead to another host.
func (h *Handlers) startLink(c *fiber.Ctx) error {
	secret(c)
	ctx, typed := web.Ctx(c), c.FormValue("organisation")
	on, err := h.service.StartLink(ctx, tokenOf(c), browserOf(c), typed)
	if err != nil {
		return again(c, err, func(status int) error { return web.Render(c, status, linkPage(h.menu(ctx), nil, typed, err)) })
	}
	web.SetHostCookie(c, identity.BrowserCookie, on.Browser, identity.Remembered)
	return web.Render(c, fiber.StatusOK, onwardPage(on))
}

func (h *Handlers) finishPage(c *fiber.Ctx) error {
	secret(c)
	name, err := h.service.LinkFrom(web.Ctx(c), c.Params("slug"))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, finishPage(c.Path(), name))
}

func (h *Handlers) finishLink(c *fiber.Ctx) error {
	secret(c)
	keep, err := h.service.FinishLink(web.Ctx(c), tokenOf(c), browserOf(c), c.Params("slug"), c.Params("token"))
	if fault.CodeOf(err) == fault.Gone {
		web.FlashProblem(c, "identity.link.gone")
		return web.Go(c, "/accounts/koppelen")
	}
	if err != nil {
		return err
	}
	web.SetHostCookie(c, identity.BrowserCookie, keep, identity.Remembered)
	web.Flash(c, "identity.link.done")
	return web.Go(c, "/overig")
}

func (h *Handlers) unlink(c *fiber.Ctx) error {
	if err := h.service.Unlink(web.Ctx(c), tokenOf(c), browserOf(c), c.FormValue("organisation")); err != nil {
		return err
	}
	web.Flash(c, "identity.link.removed")
	return web.Go(c, "/accounts/koppelen")
}
