package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
	identityweb "ouderportaal/modules/identity/web"
)

const (
	securityPath = "/beveiliging"
	passkeysPath = securityPath + "/passkeys"
	confirmPath  = "/bevestigen"
)

// security is the page on which an operator looks after their own passkeys.
type security struct {
	Passkeys []identity.Passkey
	Device   string
	Problem  error
}

func (h *Handlers) security(c *fiber.Ctx) error { return h.showSecurity(c, fiber.StatusOK, nil) }

func (h *Handlers) showSecurity(c *fiber.Ctx, status int, problem error) error {
	page := security{Device: identityweb.DeviceName(c.Get(fiber.HeaderUserAgent)), Problem: problem}
	var err error
	if page.Passkeys, err = h.service.Passkeys(web.Ctx(c)); err != nil {
		return err
	}
	return web.Render(c, status, securityPage(page))
}

func (h *Handlers) askToAdd(c *fiber.Ctx) error {
	options, err := h.service.AskToAdd(web.Ctx(c), tokenOf(c))
	if identity.NeedsProof(err) {
		return web.JSON(c, fiber.StatusForbidden, map[string]string{"confirm": confirmPath}) // the script goes there
	}
	if err != nil {
		return err
	}
	return web.JSON(c, fiber.StatusOK, options)
}

func (h *Handlers) addPasskey(c *fiber.Ctx) error {
	if err := h.service.AddPasskey(web.Ctx(c), tokenOf(c), c.FormValue("name"), c.FormValue("passkey")); err != nil {
		return again(err, func(status int) error { return h.showSecurity(c, status, err) })
	}
	web.Flash(c, "identity.passkey.added")
	return web.Go(c, securityPath)
}

func (h *Handlers) removePasskey(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	err = h.service.RemovePasskey(web.Ctx(c), id)
	if identity.NeedsProof(err) {
		return web.Go(c, confirmPath)
	}
	if err != nil {
		return err
	}
	web.Flash(c, "identity.passkey.removed")
	return web.Go(c, securityPath)
}

func (h *Handlers) confirmPage(c *fiber.Ctx) error {
	return web.Render(c, fiber.StatusOK, confirmPage(nil))
}

func (h *Handlers) confirm(c *fiber.Ctx) error {
	if err := h.service.Confirm(web.Ctx(c), c.FormValue("code")); err != nil {
		return again(err, func(status int) error { return web.Render(c, status, confirmPage(err)) })
	}
	return web.Go(c, securityPath)
}

// askToProve tells the browser what it must sign after the password.
func (h *Handlers) askToProve(c *fiber.Ctx) error {
	options, err := h.service.AskToProve(web.Ctx(c), tokenOf(c))
	if err != nil {
		return err
	}
	return web.JSON(c, fiber.StatusOK, options)
}

func (h *Handlers) provePasskey(c *fiber.Ctx) error {
	form := signInForm{Next: nextOf(c.FormValue("next"))}
	token, err := h.service.ProveByPasskey(web.Ctx(c), tokenOf(c), c.FormValue("passkey"))
	return h.proved(c, form, token, err)
}
