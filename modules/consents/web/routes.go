// Package web is where guardians give their consents and take them back.
package web

import (
	"context"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/consents"
	"ouderportaal/tenants"
)

const path = "/toestemmingen"

// Handlers answer the routes of consents.
type Handlers struct{ consents *consents.Service }

// New makes the handlers.
func New(s *consents.Service) *Handlers { return &Handlers{consents: s} }

// Routes lists what can be asked of consents.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get(path, "consents.answer", h.own)
	r.Get(path+"/kind/:child", "consents.answer", h.ofChild)
	r.Post(path+"/:child/:purpose", "consents.answer", h.answer)
}

func (h *Handlers) own(c *fiber.Ctx) error {
	list, err := h.consents.Own(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, ownPage(list, ""))
}

// ofChild is the part of the page of a child, and a page by itself for who has no scripts.
func (h *Handlers) ofChild(c *fiber.Ctx) error {
	child, err := web.ID(c, "child")
	if err != nil {
		return err
	}
	list, err := h.consents.Own(web.Ctx(c))
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(of consents.OfChild) bool { return of.Child.ID != child })
	switch {
	case len(list) == 0:
		return fault.NotFound()
	case web.FrameOf(c) == "":
		return web.Render(c, fiber.StatusOK, ownPage(list, ""))
	}
	return web.Render(c, fiber.StatusOK, childPart(list[0]))
}

// answer takes a yes or a no. What it was before is one tap away, so it is not asked twice.
func (h *Handlers) answer(c *fiber.Ctx) error {
	child, err := web.ID(c, "child")
	if err != nil {
		return err
	}
	word := c.FormValue("answer")
	if word != "ja" && word != "nee" {
		return fault.New(fault.BadRequest, "error.bad_request")
	}
	words, err := strconv.Atoi(c.FormValue("words"))
	if err != nil || words < 1 {
		return fault.New(fault.BadRequest, "error.bad_request")
	}
	err = h.consents.Say(web.Ctx(c), consents.Reply{ChildID: child, Purpose: consents.Purpose(c.Params("purpose")), Granted: word == "ja", Words: words})
	if f, ok := fault.As(err); ok && f.Code == fault.Conflict { // what is asked now stands below the reason
		list, err := h.consents.Own(web.Ctx(c))
		if err != nil {
			return err
		}
		return web.Render(c, fiber.StatusConflict, ownPage(list, f.Key))
	}
	if err != nil {
		return err
	}
	key := "consents.granted"
	if word == "nee" {
		key = "consents.refused"
	}
	web.Flash(c, key)
	return web.Go(c, path+"#"+anchor(child, consents.Purpose(c.Params("purpose"))))
}

func anchor(child ids.ID, p consents.Purpose) string { return string(p) + "-" + child.String() }

// wordsOf says which words an answer was given to.
func wordsOf(ctx context.Context, t *consents.Text) string {
	if t.PublishedAt.IsZero() {
		return i18n.T(ctx, "consents.then.first")
	}
	return i18n.T(ctx, "consents.then", "Day", i18n.LongDate(ctx, t.PublishedAt))
}

// notAsked says from when to when a question that is not asked now was asked, or from when it will be.
func notAsked(ctx context.Context, q consents.Standing) string {
	tenant, _ := tenants.From(ctx)
	if q.StartsOn > tenant.DateOf(clock.Of(ctx)) {
		return i18n.T(ctx, "consents.not_asked.until", "Day", i18n.CivilLongDate(ctx, string(q.StartsOn)))
	}
	return i18n.T(ctx, "consents.not_asked.since", "Day", i18n.CivilLongDate(ctx, string(q.EndsOn)))
}

func standing(ctx context.Context, s consents.Standing) (ui.Tone, string, string) {
	switch {
	case s.Never(), s.Open && !s.Granted && len(s.Waiting) > 0:
		return ui.Coral, "", i18n.T(ctx, "consents.open")
	case s.Granted:
		return ui.Ok, "check", i18n.T(ctx, "consents.yes")
	}
	return ui.Neutral, "x", i18n.T(ctx, "consents.no")
}
