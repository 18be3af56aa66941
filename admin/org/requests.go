package org

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/particulars"
)

const requestsPath = "/beheer/wijzigingen"

// RequestPages are where changes that guardians ask for are decided.
type RequestPages struct{ service *particulars.Service }

// NewRequestPages makes them.
func NewRequestPages(s *particulars.Service) *RequestPages { return &RequestPages{s} }

// Routes lists what can be asked about them.
func (h *RequestPages) Routes(r *web.Routes) {
	r.Get(requestsPath, "particulars.decide", h.list)
	r.Post(requestsPath+"/:id/akkoord", "particulars.decide", h.approve)
	r.Post(requestsPath+"/:id/weigering", "particulars.decide", h.refuse)
	r.Get("/beheer/kinderen/:id/contacten", "particulars.decide", h.card)
}

// requestList is what is shown of them.
type requestList struct {
	Decided bool
	Rows    []particulars.Asked
	Refused ids.ID // whose refusal was not right
	Reason  string // as typed
	Problem error
}

func (h *RequestPages) show(c *fiber.Ctx, status int, l requestList) (err error) {
	if l.Rows, err = h.service.Requests(web.Ctx(c), !l.Decided); err != nil {
		return err
	}
	return web.Render(c, status, requestsPage(l))
}

func (h *RequestPages) list(c *fiber.Ctx) error {
	return h.show(c, fiber.StatusOK, requestList{Decided: c.Query("welke") == "klaar"})
}

// approve lets a change hold. What stands in the way is said on the list: somebody decided, or what was asked for is not right by now.
func (h *RequestPages) approve(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	err = h.service.Approve(web.Ctx(c), id)
	if f, ok := fault.As(err); ok && (f.Code == fault.Conflict || f.Code == fault.Invalid) {
		key := f.Key
		if len(f.Fields) > 0 {
			key = f.Fields[0].Key
		}
		web.FlashProblem(c, key)
		return web.Go(c, requestsPath)
	}
	if err != nil {
		return err
	}
	return saved(c, "org.request.approved", requestsPath)
}

func (h *RequestPages) refuse(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	reason, decided := c.FormValue("reason"), c.Query("welke") == "klaar"
	err = h.service.Refuse(web.Ctx(c), id, reason)
	if f, ok := fault.As(err); ok && f.Code == fault.Conflict {
		web.FlashProblem(c, f.Key)
		return web.Go(c, listPath(decided))
	}
	if err != nil && fault.CodeOf(err) == fault.Invalid {
		return h.show(c, fiber.StatusUnprocessableEntity, requestList{Decided: decided, Refused: id, Reason: reason, Problem: err})
	}
	if err != nil {
		return err
	}
	return saved(c, "org.request.refused", listPath(decided))
}

// listPath is where what was decided is, or what is still to be.
func listPath(decided bool) string {
	if decided {
		return requestsPath + "?welke=klaar"
	}
	return requestsPath
}

// refusePath is where a change is refused, from the list on which it is.
func refusePath(a *particulars.Asked) string {
	path := requestsPath + "/" + a.ID.String() + "/weigering"
	if a.State != particulars.Pending {
		path += "?welke=klaar"
	}
	return path
}

// refuseWords are the heading of the form in which a change is refused.
func refuseWords(ctx context.Context, a *particulars.Asked) string {
	if a.State == particulars.Pending {
		return i18n.T(ctx, "org.request.refuse")
	}
	return i18n.T(ctx, "org.request.call_off")
}

// card is the part of a child's file about whom to call. The file that it stands in is noted for the guardians.
func (h *RequestPages) card(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	card, err := h.service.CardOf(web.Ctx(c), id)
	if err != nil {
		return err
	}
	if web.FrameOf(c) == "" {
		return web.Go(c, childrenPath+"/"+id.String())
	}
	return web.Render(c, fiber.StatusOK, contactPart(card))
}

// valueOrNothing is what stood, or is to stand, in a field.
func valueOrNothing(ctx context.Context, s string) string {
	if s == "" {
		return i18n.T(ctx, "org.request.nothing")
	}
	return s
}

func contactUses(ctx context.Context, k particulars.Contact) string {
	switch {
	case k.Emergency && k.Collects:
		return i18n.T(ctx, "org.contact.both")
	case k.Collects:
		return i18n.T(ctx, "org.contact.collects")
	}
	return i18n.T(ctx, "org.contact.emergency")
}

func requestTone(a *particulars.Asked) ui.Tone {
	switch {
	case a.State == particulars.Refused:
		return ui.Coral
	case a.State == particulars.Withdrawn:
		return ui.Neutral
	case a.State == particulars.Applied && !a.Overtaken():
		return ui.Ok
	}
	return ui.Sun
}
