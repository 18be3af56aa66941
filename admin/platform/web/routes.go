// Package web shows the console of the platform, on a host of its own.
package web

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/tenants"
)

// run is the one permission of operators.
const run = "platform.run"

// Handlers answer the routes of the console.
type Handlers struct {
	service *platform.Service
	admins  *platform.Admins
	hosts   tenants.Hosts
}

// New makes the handlers.
func New(service *platform.Service, admins *platform.Admins, hosts tenants.Hosts) *Handlers {
	return &Handlers{service, admins, hosts}
}

// Routes lists what can be asked of the platform's host.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get(signInPath, web.Public, h.signInPage)
	r.Post(signInPath, web.Public, h.signIn)
	r.Get(codePath, web.Public, h.codePage)
	r.Post(codePath, web.Public, h.code)
	r.Post(codePath+"/passkey", web.Public, h.provePasskey)
	r.Post(codePath+"/passkey/vraag", web.Public, h.askToProve)
	r.Get("/begin/:token", web.Public, h.startPage)
	r.Post("/begin/:token", web.Public, h.start)
	r.Post("/uitloggen", run, h.signOut)
	r.Post("/taal", run, h.setLanguage)

	r.Get(securityPath, run, h.security)
	r.Post(passkeysPath, run, h.addPasskey)
	r.Post(passkeysPath+"/vraag", run, h.askToAdd)
	r.Post(passkeysPath+"/:id/verwijderen", run, h.removePasskey)
	r.Get(confirmPath, run, h.confirmPage)
	r.Post(confirmPath, run, h.confirm)

	r.Get(listPath, run, h.list)
	r.Get(foundPath, run, h.foundPage)
	r.Post(foundPath, run, h.found)
	r.Get(foundPath+"/adres", run, h.free)
	r.Get("/organisaties/:id", run, h.show)
	r.Get("/organisaties/:id/voorbeeld", run, h.example)
	r.Get("/organisaties/:id/beheerder", run, h.askAdmin)
	r.Post("/organisaties/:id/beheerder", run, h.inviteAdmin)
	r.Get("/organisaties/:id/opschorten", run, h.askSuspend)
	r.Post("/organisaties/:id/opschorten", run, h.suspend)
	r.Post("/organisaties/:id/hervatten", run, h.resume)
	r.Get("/organisaties/:id/limieten", run, h.askLimits)
	r.Post("/organisaties/:id/limieten", run, h.setLimits)
	r.Get("/organisaties/:id/toegang", run, h.askVisit)
	r.Post("/organisaties/:id/toegang", run, h.visit)

	r.Get(deliveriesPath, run, h.deliveries)
	r.Post(deliveriesPath+"/:id/opnieuw", run, h.redrive)
	r.Get(bannerPath, run, h.banners)
	r.Post(bannerPath, run, h.say)
	r.Post(bannerPath+"/:id/einde", run, h.unsay)
}

const (
	signInPath = "/inloggen"
	codePath   = "/inloggen/code"
	listPath   = "/"
)

// tokenLength is 256 bit in base64url. Anything else is not looked up.
const tokenLength = 43

// Session puts the operator of the cookie into the context, or nobody.
func Session(service *platform.Service) fiber.Handler {
	return func(c *fiber.Ctx) error {
		token := tokenOf(c)
		if token == "" {
			return c.Next()
		}
		who, err := service.Resolve(c.UserContext(), token)
		switch fault.CodeOf(err) {
		case fault.Unauthenticated:
			return c.Next()
		case fault.Internal:
			if err != nil {
				return fault.New(fault.Unavailable, "error.unavailable").After(5 * time.Second).Wrap(err)
			}
		}
		c.SetUserContext(actor.With(c.UserContext(), who))
		return c.Next()
	}
}

func tokenOf(c *fiber.Ctx) string {
	if token := c.Cookies(platform.Cookie); len(token) == tokenLength {
		return token
	}
	return ""
}

// keep gives the browser its session, until it is closed.
func keep(c *fiber.Ctx, token string) { web.SetHostCookie(c, platform.Cookie, token, 0) }

// address is the browser's, as the trusted proxy tells.
func address(c *fiber.Ctx) netip.Addr {
	ip, err := netip.ParseAddr(c.IP())
	if err != nil {
		return netip.Addr{}
	}
	return ip
}

// again shows a form once more when err is something that its sender can do something about, and passes on anything else.
func again(err error, show func(status int) error) error {
	problem, ok := fault.As(err)
	if !ok {
		return err
	}
	switch problem.Code {
	case fault.Invalid, fault.TooMany, fault.Unavailable, fault.Conflict:
		return show(int(problem.Code))
	}
	return err
}

// nextOf is where a visitor was going: a page of ours that is not one of signing in.
func nextOf(raw string) string {
	next := web.SafeNext(raw, listPath)
	if strings.HasPrefix(next, signInPath) || strings.HasPrefix(next, "/uitloggen") {
		return listPath
	}
	return next
}

// rail is the menu.
func rail(ctx context.Context) []ui.RailSection {
	return []ui.RailSection{{Title: i18n.T(ctx, "platform.rail"), Items: []ui.RailItem{
		{Href: listPath, Icon: "house", Text: i18n.T(ctx, "platform.list.title")},
		{Href: deliveriesPath, Icon: "send", Text: i18n.T(ctx, "platform.deliveries.title")},
		{Href: bannerPath, Icon: "megaphone", Text: i18n.T(ctx, "platform.banner.title")},
		{Href: securityPath, Icon: "key-round", Text: i18n.T(ctx, "identity.security.title")},
	}}}
}
