package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
)

// anew is the value of the parameter account on the way to another account beside those that the browser has.
const anew = "nieuw"

func adds(value string) bool { return value == anew }

// browserOf is the token of a browser with several accounts, empty when there is none.
func browserOf(c *fiber.Ctx) string {
	if token := c.Cookies(identity.BrowserCookie); len(token) == tokenLength {
		return token
	}
	return ""
}

// inBrowser is who else can be gone on as in this browser, here and at other organisations.
type inBrowser struct {
	accounts []identity.BrowserAccount
	links    []identity.LinkedOrganisation
}

func (b inBrowser) several() bool { return len(b.accounts) > 1 || len(b.links) > 0 }

func (h *Handlers) startAdding(c *fiber.Ctx) error {
	token, err := h.service.StartAdding(web.Ctx(c), tokenOf(c), browserOf(c))
	if err != nil {
		return err
	}
	web.SetHostCookie(c, identity.BrowserCookie, token, identity.Remembered)
	return web.Go(c, "/inloggen?account="+anew)
}

func (h *Handlers) switchAccount(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := h.service.SwitchAccount(web.Ctx(c), tokenOf(c), browserOf(c), id)
	if err != nil {
		return err
	}
	settle(c, in)
	forget(c)
	return web.Go(c, home(in.Actor.Role))
}

// settle gives the browser a session, and the looks of its owner.
func settle(c *fiber.Ctx, in identity.SignedIn) {
	keep(c, in)
	web.SetAppearance(c, string(in.Appearance))
	web.SetLanguage(c, in.Actor.Language)
}

// forget makes the browser throw away photos that it kept: the next one at this device need not have them.
func forget(c *fiber.Ctx) { c.Set("Clear-Site-Data", `"cache"`) }

// signOut ends the session that is used now. With more accounts in this browser it goes on as another.
func (h *Handlers) signOut(c *fiber.Ctx) error {
	forget(c)
	if token := tokenOf(c); token != "" {
		next, err := h.service.Leave(web.Ctx(c), token, browserOf(c))
		if err != nil {
			return err
		}
		if next.Token != "" {
			settle(c, next)
			web.Flash(c, "identity.accounts.next")
			return web.Go(c, home(next.Actor.Role))
		}
	}
	return left(c)
}

func (h *Handlers) signOutAll(c *fiber.Ctx) error {
	forget(c)
	if token := tokenOf(c); token != "" {
		if err := h.service.LeaveAll(web.Ctx(c), token, browserOf(c)); err != nil {
			return err
		}
	}
	return left(c)
}

// left goes on after the last account is signed out. Nothing that scripts kept stays behind, nor the way in for push. The browser keeps its own cookie: it opens nothing, and who was in it before
// finds the accounts that they linked there.
func left(c *fiber.Ctx) error {
	c.Set("Clear-Site-Data", `"cache", "storage"`)
	web.SetHostCookie(c, identity.Cookie, "", -1)
	web.Flash(c, "identity.sign_in.signed_out")
	return web.Go(c, "/inloggen")
}
