package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
)

func (h *Handlers) account(c *fiber.Ctx) error {
	account, err := h.service.Account(web.Ctx(c))
	if err != nil {
		return err
	}
	others, err := h.service.Accounts(web.Ctx(c), browserOf(c))
	if err != nil {
		return err
	}
	links, err := h.service.Links(web.Ctx(c), tokenOf(c), browserOf(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, accountPage(h.menu(web.Ctx(c)), account, inBrowser{others, links}))
}

func (h *Handlers) setLanguage(c *fiber.Ctx) error {
	language := c.FormValue("language")
	if err := h.service.SetLanguage(web.Ctx(c), language); err != nil {
		return err
	}
	web.SetLanguage(c, language)
	web.Flash(c, "identity.account.saved")
	return web.Go(c, "/overig")
}

func (h *Handlers) setAppearance(c *fiber.Ctx) error {
	appearance := appearanceOf(c.FormValue("theme"))
	if err := h.service.SetAppearance(web.Ctx(c), appearance); err != nil {
		return err
	}
	web.SetAppearance(c, string(appearance))
	web.Flash(c, "identity.account.saved")
	return web.Go(c, "/overig")
}

func (h *Handlers) endOthers(c *fiber.Ctx) error {
	if err := h.service.EndOthers(web.Ctx(c)); err != nil {
		return err
	}
	web.Flash(c, "identity.devices.others_ended")
	return web.Go(c, "/overig")
}

func (h *Handlers) endSession(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := h.service.EndSession(web.Ctx(c), id); err != nil {
		return err
	}
	web.Flash(c, "identity.devices.ended")
	return web.Go(c, "/overig")
}

// menu is what stands around a page for who reads it; nil for a guardian, who has the tabs.
func (h *Handlers) menu(ctx context.Context) *menu {
	if actor.From(ctx).Role == actor.Parent {
		return nil
	}
	m := &menu{}
	if h.rail != nil {
		m.items = h.rail(ctx)
	}
	return m
}

type menu struct{ items []ui.RailItem }
