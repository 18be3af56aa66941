package web

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
)

func (h *Handlers) askToProve(c *fiber.Ctx) error {
	asked, err := h.service.AskToProve(web.Ctx(c), address(c), tokenOf(c))
	return challenge(c, asked, err)
}

func (h *Handlers) askToAdd(c *fiber.Ctx) error {
	asked, err := h.service.AskToAdd(web.Ctx(c))
	return challenge(c, asked, err)
}

// challenge tells the browser what it must sign, and ties it to this browser.
func challenge(c *fiber.Ctx, asked identity.Challenge, err error) error {
	if err != nil {
		return err
	}
	web.SetHostCookie(c, identity.ChallengeCookie, asked.Token, identity.ChallengeTime)
	return web.JSON(c, fiber.StatusOK, asked.Options)
}

func answerOf(c *fiber.Ctx) identity.Answer {
	return identity.Answer{Challenge: c.Cookies(identity.ChallengeCookie), Response: c.FormValue("passkey")}
}

func (h *Handlers) passkeySignIn(c *fiber.Ctx) error {
	form := signInForm{Next: nextOf(c.FormValue("next")), Adding: adds(c.FormValue("account"))}
	in, err := h.service.SignInByPasskey(web.Ctx(c), identity.PasskeyVisit{Answer: answerOf(c), IP: address(c),
		Device: DeviceName(c.Get(fiber.HeaderUserAgent)), Before: tokenOf(c), Browser: browserOf(c), Adding: form.Adding})
	if err != nil {
		form.Problem = err
		return again(c, err, func(status int) error { return web.Render(c, status, signInPage(form)) })
	}
	return h.enter(c, in, form.Next, form.Adding)
}

func (h *Handlers) addPasskey(c *fiber.Ctx) error {
	ctx := web.Ctx(c)
	in, codes, err := h.service.AddPasskey(ctx, tokenOf(c), c.FormValue("name"), answerOf(c))
	if err != nil {
		return again(c, err, func(status int) error { return h.showSecurity(c, status, err) })
	}
	keep(c, in)
	if len(codes) > 0 {
		return h.hand(c, codes)
	}
	web.Flash(c, "identity.passkey.added")
	return web.Go(c, "/overig/beveiliging")
}

func (h *Handlers) removePasskey(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := h.service.RemovePasskey(web.Ctx(c), tokenOf(c), id)
	return h.removed(c, in, err, "identity.passkey.removed")
}

func (h *Handlers) removeApp(c *fiber.Ctx) error {
	in, err := h.service.RemoveApp(web.Ctx(c), tokenOf(c))
	return h.removed(c, in, err, "identity.app.removed")
}

func (h *Handlers) removed(c *fiber.Ctx, in identity.SignedIn, err error, words string) error {
	if problem, ok := fault.As(err); ok && problem.Code == fault.Conflict {
		web.FlashProblem(c, problem.Key)
		return web.Go(c, "/overig/beveiliging")
	}
	if err != nil {
		return err
	}
	keep(c, in)
	web.Flash(c, words)
	return web.Go(c, "/overig/beveiliging")
}

func (h *Handlers) newCodes(c *fiber.Ctx) error {
	in, codes, err := h.service.NewCodes(web.Ctx(c), tokenOf(c))
	if err != nil {
		return err
	}
	keep(c, in)
	return h.hand(c, codes)
}

// confirmForm is the page that asks somebody who is signed in to prove again who they are.
type confirmForm struct {
	Next     string
	Recovery bool // a recovery code is asked for instead of the app's
	Security identity.Security
	Forced   bool // to set up a second factor, without which nothing can be done
	Works    bool // it is their work that asks for it
	Problem  error
}

// asksCode tells that there is a code that can be typed.
func (f confirmForm) asksCode() bool { return f.Security.App || f.Security.CodesLeft > 0 }

func confirmPath(next string, recovery bool) string {
	path := "/bevestigen?next=" + url.QueryEscape(next)
	if recovery {
		path += "&herstel=1"
	}
	return path
}

func (h *Handlers) confirmPage(c *fiber.Ctx) error {
	return h.showConfirm(c, fiber.StatusOK, confirmForm{Next: c.Query("next"), Recovery: c.Query("herstel") != ""})
}

func (h *Handlers) showConfirm(c *fiber.Ctx, status int, form confirmForm) (err error) {
	if form.Security, err = h.service.Security(web.Ctx(c)); err != nil {
		return err
	}
	if form.Forced = actor.From(web.Ctx(c)).Role == actor.Enrolling; form.Forced {
		if _, form.Works, err = h.service.Open(web.Ctx(c)); err != nil {
			return err
		}
	}
	form.Next = web.SafeNext(form.Next, "/overig/beveiliging")
	form.Recovery = form.Recovery || !form.Security.App
	return web.Render(c, status, confirmPage(form))
}

func (h *Handlers) confirm(c *fiber.Ctx) error {
	form := confirmForm{Next: c.FormValue("next"), Recovery: c.FormValue("herstel") != ""}
	in, err := h.service.Confirm(web.Ctx(c), tokenOf(c), identity.Confirmation{Password: c.FormValue("password"), Code: c.FormValue("code"), Passkey: answerOf(c), IP: address(c)})
	if err != nil {
		form.Problem = err
		return again(c, err, func(status int) error { return h.showConfirm(c, status, form) })
	}
	keep(c, in)
	return web.Go(c, web.SafeNext(form.Next, "/overig/beveiliging"))
}

// proofFirst sends who must prove again who they are to the page for that, and back afterwards: a reader to the page they
// asked for, the sender of a form to the page that it stands on.
func proofFirst(c *fiber.Ctx, err error) error {
	if !identity.NeedsProof(err) {
		return err
	}
	next := string(c.Context().RequestURI())
	if c.Method() != fiber.MethodGet {
		next = "/overig/beveiliging"
		if from, wrong := url.Parse(c.Get(fiber.HeaderReferer)); wrong == nil && from.Host == string(c.Context().Host()) {
			next = from.RequestURI()
		}
	}
	path := confirmPath(web.SafeNext(next, "/overig/beveiliging"), false)
	if web.WantsJSON(c) { // a script goes there itself
		return web.JSON(c, fiber.StatusForbidden, map[string]string{"confirm": path})
	}
	return web.Go(c, path)
}

func truth(b bool) string { return strconv.FormatBool(b) }

// moment is a day and a time as people say it.
func moment(ctx context.Context, at time.Time) string {
	return i18n.DayHeading(ctx, at, clock.Of(ctx)) + " " + i18n.Time(ctx, at)
}
