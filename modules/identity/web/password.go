package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
)

func (h *Handlers) forgottenPage(c *fiber.Ctx) error {
	return web.Render(c, fiber.StatusOK, forgottenPage("", nil))
}

// forgotten answers the same for every address: the next page says that a mail comes if there is such an account.
func (h *Handlers) forgotten(c *fiber.Ctx) error {
	email := c.FormValue("email")
	if err := h.service.RequestReset(web.Ctx(c), email, address(c)); err != nil {
		return again(c, err, func(status int) error { return web.Render(c, status, forgottenPage(email, err)) })
	}
	return web.Go(c, "/wachtwoord/verzonden")
}

func (h *Handlers) sentPage(c *fiber.Ctx) error {
	return web.Render(c, fiber.StatusOK, sentPage())
}

// secret keeps the address of a page with a token from every other page. Without any referrer a browser without JavaScript would
// send the form of the page from nowhere, and that is refused.
func secret(c *fiber.Ctx) { c.Set("Referrer-Policy", "strict-origin") }

func (h *Handlers) resetPage(c *fiber.Ctx) error {
	secret(c)
	return gone(c, h.showReset(c, fiber.StatusOK, resetForm{}))
}

// resetForm is the page on which who has a link from a mail chooses a new password.
type resetForm struct {
	Added    []identity.AddedFactor
	Disowned []ids.ID
	Least    int // characters of a new password
	Problem  error
}

func (f resetForm) disowns(id ids.ID) bool { return slices.Contains(f.Disowned, id) }

func (h *Handlers) showReset(c *fiber.Ctx, status int, form resetForm) (err error) {
	if form.Added, err = h.service.AddedLately(web.Ctx(c), c.Params("token")); err != nil {
		return err
	}
	if form.Least, err = h.service.LeastByLink(web.Ctx(c), c.Params("token")); err != nil {
		return err
	}
	return web.Render(c, status, resetPage(c.Path(), form))
}

func (h *Handlers) reset(c *fiber.Ctx) error {
	secret(c)
	disowned, err := web.IDs(c, "disowned")
	if err != nil {
		return err
	}
	in, err := h.service.Reset(web.Ctx(c), identity.Reset{
		Token: c.Params("token"), Password: c.FormValue("password"), IP: address(c), Device: DeviceName(c.Get(fiber.HeaderUserAgent)), Before: tokenOf(c), Browser: browserOf(c),
		Disowned: disowned,
	})
	if err != nil {
		return gone(c, again(c, err, func(status int) error { return h.showReset(c, status, resetForm{Disowned: disowned, Problem: err}) }))
	}
	web.Flash(c, "identity.new_password.saved")
	return h.enter(c, in, "", false)
}

// gone shows where to get a new link instead of one that no longer works.
func gone(c *fiber.Ctx, err error) error {
	if !isGone(err) {
		return err
	}
	return web.Render(c, fiber.StatusGone, gonePage())
}

func isGone(err error) bool { return err != nil && fault.CodeOf(err) == fault.Gone }

func (h *Handlers) changePage(c *fiber.Ctx) error { return h.showChange(c, fiber.StatusOK, nil) }

func (h *Handlers) showChange(c *fiber.Ctx, status int, problem error) error {
	ctx := web.Ctx(c)
	least, err := h.service.MayChangePassword(ctx)
	if err != nil {
		return err
	}
	return web.Render(c, status, changePage(h.menu(ctx), least, problem))
}

func (h *Handlers) change(c *fiber.Ctx) error {
	in, err := h.service.ChangePassword(web.Ctx(c), tokenOf(c), c.FormValue("current"), c.FormValue("password"))
	if err != nil {
		return again(c, err, func(status int) error { return h.showChange(c, status, err) })
	}
	keep(c, in)
	web.Flash(c, "identity.new_password.saved")
	return web.Go(c, "/overig")
}
