package web

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
)

// codeForm is what the page for the second factor shows.
type codeForm struct {
	Next     string
	Adding   bool
	Recovery bool // a recovery code is asked for instead of the app's
	Problem  error
}

// enter goes on after a password that was right: to the page for the second factor, or into the portal.
func (h *Handlers) enter(c *fiber.Ctx, in identity.SignedIn, next string, adding bool) error {
	if in.Wait != "" {
		web.SetHostCookie(c, identity.WaitCookie, in.Wait, identity.WaitTime)
		return web.Go(c, codePath(next, false, adding))
	}
	if waitOf(c) != "" {
		web.SetHostCookie(c, identity.WaitCookie, "", -1)
	}
	settle(c, in)
	return web.Go(c, or(next, home(in.Actor.Role)))
}

func codePath(next string, recovery, adding bool) string {
	query := url.Values{}
	if next != "" {
		query.Set("next", next)
	}
	if recovery {
		query.Set("herstel", "1")
	}
	if adding {
		query.Set("account", anew)
	}
	if len(query) == 0 {
		return "/inloggen/code"
	}
	return "/inloggen/code?" + query.Encode()
}

func waitOf(c *fiber.Ctx) string {
	if token := c.Cookies(identity.WaitCookie); len(token) == tokenLength {
		return token
	}
	return ""
}

func (h *Handlers) codePage(c *fiber.Ctx) error {
	err := h.service.Waits(web.Ctx(c), waitOf(c))
	if err != nil {
		return passwordFirst(c, err)
	}
	return web.Render(c, fiber.StatusOK, codePage(codeForm{Next: nextOf(c.Query("next")), Recovery: c.Query("herstel") != "", Adding: adds(c.Query("account"))}))
}

func (h *Handlers) code(c *fiber.Ctx) error {
	form := codeForm{Next: nextOf(c.FormValue("next")), Recovery: c.FormValue("herstel") != "", Adding: adds(c.FormValue("account"))}
	in, err := h.service.Prove(web.Ctx(c), identity.Proof{Wait: waitOf(c), Code: c.FormValue("code"), IP: address(c), Before: tokenOf(c), Browser: browserOf(c), Adding: form.Adding})
	if err != nil {
		form.Problem = err
		return passwordFirst(c, again(c, err, func(status int) error { return web.Render(c, status, codePage(form)) }))
	}
	return h.enter(c, in, form.Next, form.Adding)
}

// passwordFirst goes back to the sign-in page when no password stands any more.
func passwordFirst(c *fiber.Ctx, err error) error {
	if fault.CodeOf(err) != fault.Gone {
		return err
	}
	web.SetHostCookie(c, identity.WaitCookie, "", -1)
	web.FlashProblem(c, "identity.error.wait_gone")
	return web.Go(c, "/inloggen")
}
