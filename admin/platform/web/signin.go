package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/qrcode"
	"ouderportaal/internal/web"
)

// signInForm is what the pages of signing in show again after a mistake.
type signInForm struct {
	User, Next string
	Keys       bool // there are passkeys that can be shown instead of a code
	Problem    error
}

func (h *Handlers) signInPage(c *fiber.Ctx) error {
	next := nextOf(c.Query("next"))
	if !actor.From(web.Ctx(c)).Anonymous() {
		return web.Go(c, next)
	}
	return web.Render(c, fiber.StatusOK, signInPage(signInForm{Next: next}))
}

func (h *Handlers) signIn(c *fiber.Ctx) error {
	form := signInForm{User: c.FormValue("username"), Next: nextOf(c.FormValue("next"))}
	wait, err := h.service.SignIn(web.Ctx(c), platform.Credentials{Email: form.User, Password: c.FormValue("password"), IP: address(c)})
	if err != nil {
		form.Problem = err
		return again(err, func(status int) error { return web.Render(c, status, signInPage(form)) })
	}
	keep(c, wait)
	return web.Go(c, codePathTo(form.Next))
}

func (h *Handlers) codePage(c *fiber.Ctx) error {
	return passwordFirst(c, h.showCode(c, fiber.StatusOK, signInForm{Next: nextOf(c.Query("next"))}))
}

func (h *Handlers) showCode(c *fiber.Ctx, status int, form signInForm) (err error) {
	if form.Keys, err = h.service.Waits(web.Ctx(c), tokenOf(c)); err != nil {
		return err
	}
	return web.Render(c, status, codePage(form))
}

func (h *Handlers) code(c *fiber.Ctx) error {
	token, err := h.service.Prove(web.Ctx(c), tokenOf(c), c.FormValue("code"))
	return h.proved(c, signInForm{Next: nextOf(c.FormValue("next"))}, token, err)
}

// proved goes on after the second step, or asks for it again.
func (h *Handlers) proved(c *fiber.Ctx, form signInForm, token string, err error) error {
	if err != nil {
		form.Problem = err
		return passwordFirst(c, again(err, func(status int) error { return h.showCode(c, status, form) }))
	}
	keep(c, token)
	return web.Go(c, form.Next)
}

// passwordFirst goes back to the sign-in page when no password stands any more.
func passwordFirst(c *fiber.Ctx, err error) error {
	if fault.CodeOf(err) != fault.Gone {
		return err
	}
	web.FlashProblem(c, "identity.error.wait_gone")
	return web.Go(c, signInPath)
}

func (h *Handlers) signOut(c *fiber.Ctx) error {
	if err := h.service.SignOut(web.Ctx(c), tokenOf(c)); err != nil {
		return err
	}
	web.SetHostCookie(c, platform.Cookie, "", -1)
	return web.Go(c, signInPath)
}

func (h *Handlers) setLanguage(c *fiber.Ctx) error {
	web.SetLanguage(c, c.FormValue("language"))
	return web.GoBack(c, listPath)
}

// startForm is the page of a one-time link.
type startForm struct {
	platform.Start
	Token   string
	Square  qrcode.Square
	Problem error
}

func (h *Handlers) startPage(c *fiber.Ctx) error {
	return h.showStart(c, fiber.StatusOK, "", nil)
}

func (h *Handlers) showStart(c *fiber.Ctx, status int, sealed string, problem error) error {
	form := startForm{Token: c.Params("token"), Problem: problem}
	var err error
	if form.Start, err = h.service.PeekLink(web.Ctx(c), form.Token, sealed); err != nil {
		return err
	}
	if form.Square, err = qrcode.Draw(form.Offer.URL); err != nil {
		return err
	}
	return web.Render(c, status, startPage(form))
}

func (h *Handlers) start(c *fiber.Ctx) error {
	sealed := c.FormValue("offer")
	token, err := h.service.Accept(web.Ctx(c), platform.Acceptance{Token: c.Params("token"), Password: c.FormValue("password"), Sealed: sealed, Code: c.FormValue("code"), IP: address(c)})
	if err != nil {
		return again(err, func(status int) error { return h.showStart(c, status, sealed, err) })
	}
	keep(c, token)
	web.Flash(c, "platform.start.done")
	return web.Go(c, listPath)
}
