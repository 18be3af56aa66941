package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/web"
)

const (
	deliveriesPath = "/bezorging"
	bannerPath     = "/melding"
)

func (h *Handlers) deliveries(c *fiber.Ctx) error {
	l, err := h.service.Ledger(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, deliveriesPage(l))
}

func (h *Handlers) redrive(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := h.service.Redrive(web.Ctx(c), id); err != nil {
		return err
	}
	web.Flash(c, "platform.deliveries.redriven")
	return web.Go(c, deliveriesPath)
}

// bannerForm is the page of what is said to everybody.
type bannerForm struct {
	List    []platform.Banner
	Draft   platform.BannerDraft
	Problem error
}

func (h *Handlers) banners(c *fiber.Ctx) error {
	return h.showBanners(c, fiber.StatusOK, bannerForm{})
}

func (h *Handlers) showBanners(c *fiber.Ctx, status int, f bannerForm) (err error) {
	if f.List, err = h.service.Banners(web.Ctx(c)); err != nil {
		return err
	}
	return web.Render(c, status, bannersPage(f))
}

func (h *Handlers) say(c *fiber.Ctx) error {
	f := bannerForm{Draft: platform.BannerDraft{Level: c.FormValue("level"), Dutch: c.FormValue("dutch"), English: c.FormValue("english"), Starts: c.FormValue("starts"), Ends: c.FormValue("ends")}}
	if f.Problem = h.service.SayToAll(web.Ctx(c), f.Draft); f.Problem != nil {
		return again(f.Problem, func(status int) error { return h.showBanners(c, status, f) })
	}
	web.Flash(c, "platform.banner.said")
	return web.Go(c, bannerPath)
}

func (h *Handlers) unsay(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := h.service.Unsay(web.Ctx(c), id); err != nil {
		return err
	}
	web.Flash(c, "platform.banner.unsaid")
	return web.Go(c, bannerPath)
}

// limitsForm is the page of how much an organisation may have.
type limitsForm struct {
	details
	Draft platform.LimitDraft
}

func (h *Handlers) askLimits(c *fiber.Ctx) error {
	d, err := h.open(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, limitsPage(limitsForm{details: d, Draft: d.limits()}))
}

func (h *Handlers) setLimits(c *fiber.Ctx) error {
	d, err := h.open(c)
	if err != nil {
		return err
	}
	f := limitsForm{details: d, Draft: platform.LimitDraft{Children: c.FormValue("children"), Gigabytes: c.FormValue("gigabytes")}}
	if err := h.service.SetLimits(web.Ctx(c), d.Slug, f.Draft); err != nil {
		f.Problem = err
		return again(err, func(status int) error { return web.Render(c, status, limitsPage(f)) })
	}
	web.Flash(c, "platform.limits.set")
	return web.Go(c, d.href())
}
