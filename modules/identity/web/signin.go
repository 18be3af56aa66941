package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
)

// signInForm is what the sign-in page shows again after a mistake.
type signInForm struct {
	User, Next string
	Adding     bool // beside the accounts that the browser has
	Problem    error
}

func (h *Handlers) signInPage(c *fiber.Ctx) error {
	next := nextOf(c.Query("next"))
	adding := adds(c.Query("account"))
	if who := actor.From(web.Ctx(c)); !who.Anonymous() && !adding {
		return web.Go(c, or(next, home(who.Role)))
	}
	return web.Render(c, fiber.StatusOK, signInPage(signInForm{Next: next, Adding: adding}))
}

func (h *Handlers) signIn(c *fiber.Ctx) error {
	form := signInForm{User: c.FormValue("username"), Next: nextOf(c.FormValue("next")), Adding: adds(c.FormValue("account"))}
	in, err := h.service.SignIn(web.Ctx(c), identity.Credentials{
		Email: form.User, Password: c.FormValue("password"), IP: address(c), Device: DeviceName(c.Get(fiber.HeaderUserAgent)), Before: tokenOf(c),
		Browser: browserOf(c), Adding: form.Adding,
	})
	if err != nil {
		form.Problem = err
		return again(c, err, func(status int) error { return web.Render(c, status, signInPage(form)) })
	}
	return h.enter(c, in, form.Next, form.Adding)
}

func (h *Handlers) switchRole(c *fiber.Ctx) error {
	role := actor.Role("role:" + c.FormValue("role"))
	in, err := h.service.SwitchRole(web.Ctx(c), tokenOf(c), role)
	if fault.CodeOf(err) == fault.Unauthenticated {
		return web.Go(c, "/inloggen") // too long ago for this role
	}
	if err != nil {
		return err
	}
	keep(c, in)
	return web.Go(c, home(in.Actor.Role))
}

// again shows a form once more when err is something that its sender can do something about, and passes on anything else.
func again(c *fiber.Ctx, err error, show func(status int) error) error {
	problem, ok := fault.As(err)
	if !ok {
		return err
	}
	switch problem.Code {
	case fault.Invalid, fault.TooMany, fault.Unavailable:
		if problem.RetryAfter > 0 {
			c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int((problem.RetryAfter+time.Second-1)/time.Second)))
		}
		return show(int(problem.Code))
	}
	return err
}

// nextOf is where a visitor was going: a page of ours that is not the sign-in page; "" for anything else.
func nextOf(raw string) string {
	next := web.SafeNext(raw, "")
	if strings.HasPrefix(next, "/inloggen") || strings.HasPrefix(next, "/uitloggen") {
		return ""
	}
	return next
}

func or(value, otherwise string) string {
	if value != "" {
		return value
	}
	return otherwise
}
