package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
)

// Where the links in mails about a new address lead; the token follows.
const (
	confirmEmail = "/email/bevestigen/"
	undoEmail    = "/email/terug/"
)

func (h *Handlers) emailPage(c *fiber.Ctx) error {
	if err := h.service.Fresh(web.Ctx(c)); err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, emailPage(h.menu(web.Ctx(c)), "", nil))
}

func (h *Handlers) requestEmail(c *fiber.Ctx) error {
	email := c.FormValue("email")
	if err := h.service.RequestEmail(web.Ctx(c), email); err != nil {
		return again(c, err, func(status int) error { return web.Render(c, status, emailPage(h.menu(web.Ctx(c)), email, err)) })
	}
	web.Flash(c, "identity.email.sent")
	return web.Go(c, "/overig")
}

// emailLinkPage asks whether to do what a link says: programs that look into mails follow links, and must change nothing.
func (h *Handlers) emailLinkPage(link identity.EmailLink) fiber.Handler {
	return func(c *fiber.Ctx) error {
		secret(c)
		email, err := h.service.PeekEmail(web.Ctx(c), link, c.Params("token"))
		if err != nil {
			return emailGone(c, link, err)
		}
		return web.Render(c, fiber.StatusOK, emailLinkPage(c.Path(), wordsOf(link), email))
	}
}

func (h *Handlers) useEmailLink(link identity.EmailLink) fiber.Handler {
	return func(c *fiber.Ctx) error {
		secret(c)
		ctx := web.Ctx(c)
		if err := h.service.UseEmail(ctx, link, c.Params("token"), address(c)); err != nil {
			return emailGone(c, link, err)
		}
		web.Flash(c, wordsOf(link)+".done")
		if link == identity.UndoLink {
			return web.Go(c, "/wachtwoord")
		}
		if actor.From(ctx).Anonymous() {
			return web.Go(c, "/inloggen")
		}
		return web.Go(c, "/overig")
	}
}

// emailGone says what a link that no longer works was for, and where the address is changed.
func emailGone(c *fiber.Ctx, link identity.EmailLink, err error) error {
	if !isGone(err) {
		return err
	}
	return web.Render(c, fiber.StatusGone, emailGonePage(wordsOf(link)))
}

// wordsOf is where the words of a link begin.
//
// i18n:keys identity.email.confirm.* identity.email.undo.*
func wordsOf(link identity.EmailLink) string {
	if link == identity.UndoLink {
		return "identity.email.undo"
	}
	return "identity.email.confirm"
}
