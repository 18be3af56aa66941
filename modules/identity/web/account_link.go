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
	return web.Render(c, fiber.StatusOK, onwardPage("identity.link.onward", on))
}

// agreePage is where the way from the other organisation leads, and settlePage where the way back does.
func (h *Handlers) agreePage(c *fiber.Ctx) error { return h.askLink(c, "identity.link.finish") }

func (h *Handlers) settlePage(c *fiber.Ctx) error { return h.askLink(c, "identity.link.settle") }

// i18n:keys identity.link.finish identity.link.settle
func (h *Handlers) askLink(c *fiber.Ctx, words string) error {
	secret(c)
	name, err := h.service.LinkFrom(web.Ctx(c), c.Params("slug"))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, finishPage(c.Path(), words, name))
}

// agreeToLink shows the way back as a link, as startLink does.
func (h *Handlers) agreeToLink(c *fiber.Ctx) error {
	secret(c)
	on, err := h.service.AgreeToLink(web.Ctx(c), tokenOf(c), browserOf(c), c.Params("slug"), c.Params("token"))
	if err != nil {
		return linkGone(c, err)
	}
	web.SetHostCookie(c, identity.BrowserCookie, on.Browser, identity.Remembered)
	return web.Render(c, fiber.StatusOK, onwardPage("identity.link.return", on))
}

func (h *Handlers) settleLink(c *fiber.Ctx) error {
	secret(c)
	if err := h.service.SettleLink(web.Ctx(c), tokenOf(c), browserOf(c), c.Params("slug"), c.Params("token")); err != nil {
		return linkGone(c, err)
	}
	web.Flash(c, "identity.link.done")
	return web.Go(c, "/overig")
}

// linkGone goes to where a link is begun when this one works no more.
func linkGone(c *fiber.Ctx, err error) error {
	if fault.CodeOf(err) != fault.Gone {
		return err
	}
	web.FlashProblem(c, "identity.link.gone")
	return web.Go(c, "/accounts/koppelen")
}

func (h *Handlers) unlink(c *fiber.Ctx) error {
	if err := h.service.Unlink(web.Ctx(c), tokenOf(c), browserOf(c), c.FormValue("organisation")); err != nil {
		return err
	}
	web.Flash(c, "identity.link.removed")
	return web.Go(c, "/accounts/koppelen")
}
