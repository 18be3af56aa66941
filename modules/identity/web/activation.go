package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
)

// activationPage asks for a first password, or says what to do with a link that came too late.
func (h *Handlers) activationPage(c *fiber.Ctx) error {
	secret(c)
	return h.showActivation(c, fiber.StatusOK, nil)
}

func (h *Handlers) showActivation(c *fiber.Ctx, status int, problem error) error {
	newcomer, err := h.service.PeekActivation(web.Ctx(c), c.Params("token"))
	if err != nil {
		return unknownActivation(c, err)
	}
	switch newcomer.Fate {
	case identity.Fresh:
		return web.Render(c, status, activationPage(aboutOf(web.Ctx(c)), newcomer, c.Path(), problem))
	case identity.Expired:
		return web.Render(c, fiber.StatusGone, lateActivationPage(newcomer, "/activeren/"+c.Params("token")+"/nieuw", problem))
	}
	return web.Render(c, fiber.StatusGone, spentActivationPage())
}

func (h *Handlers) activate(c *fiber.Ctx) error {
	secret(c)
	in, err := h.service.ActivateAccount(web.Ctx(c), identity.Reset{
		Token: c.Params("token"), Password: c.FormValue("password"), IP: address(c), Device: DeviceName(c.Get(fiber.HeaderUserAgent)), Before: tokenOf(c), Browser: browserOf(c),
	})
	if err != nil {
		err = again(c, err, func(status int) error { return h.showActivation(c, status, err) })
		if isGone(err) {
			return h.showActivation(c, fiber.StatusGone, nil)
		}
		return err
	}
	web.Flash(c, "identity.activation.done")
	return h.enter(c, in, "", false)
}

func (h *Handlers) renewActivation(c *fiber.Ctx) error {
	secret(c)
	if err := h.service.RenewActivation(web.Ctx(c), c.Params("token"), address(c)); err != nil {
		if isGone(err) {
			return unknownActivation(c, err)
		}
		return again(c, err, func(status int) error { return h.showActivation(c, status, err) })
	}
	return web.Go(c, "/activeren")
}

// unknownActivation says what to do with a link that leads to nobody: what a mail program broke off, or of long ago.
func unknownActivation(c *fiber.Ctx, err error) error {
	if !isGone(err) {
		return err
	}
	return web.Render(c, fiber.StatusGone, unknownActivationPage(aboutOf(web.Ctx(c))))
}

func (h *Handlers) renewedPage(c *fiber.Ctx) error {
	return web.Render(c, fiber.StatusOK, renewedPage())
}
