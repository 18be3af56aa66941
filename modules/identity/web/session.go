package web

import (
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// tokenLength is 256 bit in base64url. Anything else is not looked up.
const tokenLength = 43

// Session is the second gate of every request: it puts the actor of the cookie into the context, or nobody. The cookie of a
// session that ended stays: it tells later that its owner has signed in with this browser before. One that was carried here
// from another organisation finds nothing, and goes.
func Session(service *identity.Service) fiber.Handler {
	return func(c *fiber.Ctx) error {
		token, err := carriedToken(c)
		if err != nil {
			web.SetHostCookie(c, identity.Cookie, "", -1)
			return err
		}
		if token == "" {
			return c.Next()
		}
		ctx, ahead := web.ReadAhead(c)
		visit, err := service.Resolve(ctx, token, ahead...)
		switch {
		case err == nil:
			if !visit.Ahead {
				ctx = c.UserContext()
			}
			c.SetUserContext(actor.With(ctx, visit.Actor))
			err := proofFirst(c, c.Next())
			if visit.Actor.Role == actor.Enrolling {
				return enrolFirst(c, err)
			}
			return err
		case fault.CodeOf(err) == fault.Internal:
			return fault.New(fault.Unavailable, "error.unavailable").After(5 * time.Second).Wrap(err)
		case fault.CodeOf(err) != fault.Unauthenticated:
			return err
		}
		return c.Next()
	}
}

// enrolPath is where somebody sets up the second factor that their role asks for.
const enrolPath = "/overig/beveiliging/app"

// enrolFirst sends somebody there who asked for a page that they may not see before.
func enrolFirst(c *fiber.Ctx, err error) error {
	if fault.CodeOf(err) == fault.Forbidden && c.Method() == fiber.MethodGet && !web.WantsJSON(c) {
		return web.Go(c, enrolPath)
	}
	return err
}

// tokenOf is the token of the browser's session, empty when there is none. It is asked after Session, which sees what is carried here.
func tokenOf(c *fiber.Ctx) string {
	token, _ := carriedToken(c)
	return token
}

func carriedToken(c *fiber.Ctx) (string, error) {
	tenant, ok := tenants.From(c.UserContext())
	if !ok {
		return "", nil
	}
	token, err := identity.TokenIn(c.Cookies(identity.Cookie), tenant)
	if len(token) != tokenLength {
		token = ""
	}
	return token, err
}

// keep gives the browser its session.
func keep(c *fiber.Ctx, in identity.SignedIn) {
	if tenant, ok := tenants.From(c.UserContext()); ok {
		web.SetHostCookie(c, identity.Cookie, identity.CookieValue(in.Token, tenant), identity.Remembered)
	}
}

// home is where somebody goes from signing in.
func home(role actor.Role) string {
	if role == actor.Enrolling {
		return enrolPath
	}
	return web.Home(role)
}

// address is the browser's, as the trusted proxy tells.
func address(c *fiber.Ctx) netip.Addr {
	ip, err := netip.ParseAddr(c.IP())
	if err != nil {
		return netip.Addr{}
	}
	return ip
}
