package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/qrcode"
	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
)

func (h *Handlers) security(c *fiber.Ctx) error { return h.showSecurity(c, fiber.StatusOK, nil) }

func (h *Handlers) showSecurity(c *fiber.Ctx, status int, problem error) error {
	ctx := web.Ctx(c)
	if actor.From(ctx).Role == actor.Enrolling {
		offer, err := h.offer(c)
		if err != nil {
			return err
		}
		return h.showApp(c, status, appForm{Offer: offer, Problem: problem})
	}
	security, err := h.service.Security(ctx)
	if err != nil {
		return err
	}
	return web.Render(c, status, securityPage(h.menu(ctx), security, DeviceName(c.Get(fiber.HeaderUserAgent)), problem))
}

// appForm is the page that sets up an authenticator app.
type appForm struct {
	Offer   identity.Offer
	Square  qrcode.Square
	Device  string // what a passkey of this browser may be called
	Forced  bool   // nothing else can be done before
	Works   bool   // it is their work that asks for it
	Roles   []identity.Membership
	Problem error
}

// offer is the secret to set an app up with: the one that this browser was shown before, while it can be confirmed.
func (h *Handlers) offer(c *fiber.Ctx) (identity.Offer, error) {
	before := c.Cookies(identity.OfferCookie)
	offer, err := h.service.OfferTOTP(web.Ctx(c), before)
	if err == nil && offer.Sealed != before {
		web.SetHostCookie(c, identity.OfferCookie, offer.Sealed, identity.OfferTime)
	}
	return offer, err
}

func (h *Handlers) appPage(c *fiber.Ctx) error {
	offer, err := h.offer(c)
	if err != nil {
		return err
	}
	return h.showApp(c, fiber.StatusOK, appForm{Offer: offer})
}

func (h *Handlers) showApp(c *fiber.Ctx, status int, form appForm) (err error) {
	ctx := web.Ctx(c)
	form.Device = DeviceName(c.Get(fiber.HeaderUserAgent))
	if form.Square, err = qrcode.Draw(form.Offer.URL); err != nil {
		return err
	}
	if form.Forced = actor.From(ctx).Role == actor.Enrolling; form.Forced {
		if form.Roles, form.Works, err = h.service.Open(ctx); err != nil {
			return err
		}
	}
	return web.Render(c, status, appPage(h.menu(ctx), form))
}

func (h *Handlers) confirmApp(c *fiber.Ctx) error {
	ctx, sealed := web.Ctx(c), c.FormValue("offer")
	in, codes, err := h.service.ConfirmTOTP(ctx, tokenOf(c), sealed, c.FormValue("code"))
	if fault.CodeOf(err) == fault.Gone {
		web.FlashProblem(c, "identity.error.offer_gone")
		return web.Go(c, "/overig/beveiliging/app")
	}
	if err != nil {
		return again(c, err, func(status int) error {
			offer, gone := h.service.Offered(ctx, sealed)
			if gone != nil {
				return gone
			}
			return h.showApp(c, status, appForm{Offer: offer, Problem: err})
		})
	}
	web.SetHostCookie(c, identity.OfferCookie, "", -1)
	keep(c, in)
	return h.hand(c, codes)
}

// codesTime is how long new recovery codes can be on their way to the page that shows them.
const codesTime = 5 * time.Minute

// hand goes on to the page that shows recovery codes once.
func (h *Handlers) hand(c *fiber.Ctx, codes []string) error {
	sealed, err := h.service.Carry(web.Ctx(c), codes)
	if err != nil {
		return err
	}
	web.SetHostCookie(c, identity.CodesCookie, sealed, codesTime)
	return web.Go(c, "/overig/beveiliging/herstelcodes")
}

func (h *Handlers) codesPage(c *fiber.Ctx) error {
	ctx := web.Ctx(c)
	codes := h.service.Carried(ctx, c.Cookies(identity.CodesCookie))
	if len(codes) > 0 && !web.IsPrefetch(c) {
		web.SetHostCookie(c, identity.CodesCookie, "", -1)
	}
	return web.Render(c, fiber.StatusOK, codesPage(h.menu(ctx), codes, home(actor.From(ctx).Role)))
}
