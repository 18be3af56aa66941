package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/web"
	"ouderportaal/modules/notifications"
)

// described is what a browser says of itself.
func described(c *fiber.Ctx) notifications.Subscription {
	return notifications.Subscription{Endpoint: c.FormValue("endpoint"), P256dh: c.FormValue("p256dh"), Auth: c.FormValue("auth")}
}

func (h *Handlers) subscribe(c *fiber.Ctx) error {
	err := h.service.Subscribe(web.Ctx(c), described(c))
	if fault.CodeOf(err) == fault.Invalid {
		return h.showChoices(c, fiber.StatusUnprocessableEntity, func(page *choices) { page.devices.problem = err })
	}
	return h.changed(c, err, "notifications.devices.on")
}

// renew is for the service worker, which reads nothing but the status.
func (h *Handlers) renew(c *fiber.Ctx) error {
	if err := h.service.Renew(web.Ctx(c), c.FormValue("was"), described(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (h *Handlers) rename(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	name := c.FormValue("name")
	err = h.service.Rename(web.Ctx(c), id, name)
	if fault.CodeOf(err) == fault.Invalid {
		return h.showChoices(c, fiber.StatusUnprocessableEntity, func(page *choices) {
			page.devices.problem, page.devices.named, page.devices.typed = err, id, name
		})
	}
	return h.changed(c, err, "notifications.devices.renamed")
}

func (h *Handlers) try(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	return h.changed(c, h.service.Try(web.Ctx(c), id), "notifications.devices.tried")
}

func (h *Handlers) remove(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	return h.changed(c, h.service.Remove(web.Ctx(c), id), "notifications.devices.removed")
}

// changed goes back to the page, which says what was done.
func (h *Handlers) changed(c *fiber.Ctx, err error, key string) error {
	if err != nil {
		return err
	}
	web.Flash(c, key)
	return web.Go(c, "/overig/notificaties")
}
