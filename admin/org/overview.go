package org

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/house"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/invitations"
	"ouderportaal/modules/keepsake"
	"ouderportaal/modules/messages"
	"ouderportaal/modules/news"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/particulars"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

const (
	presencePath   = "/beheer/aanwezig"
	unansweredPath = "/beheer/onbeantwoord"
	stepsOverPath  = "/beheer/eerste-stappen/einde"
)

// OverviewPages are the first page of the console, and the lists behind its numbers that are nowhere else.
type OverviewPages struct {
	children      *children.Service
	invited       *invitations.Service
	care          *care.Service
	messages      *messages.Service
	notifications *notifications.Service
	photos        *photos.Service
	keepsake      *keepsake.Service
	particulars   *particulars.Service
	house         *house.Service
	identity      *identity.Service
	news          *news.Service
}

// NewOverviewPages makes them.
func NewOverviewPages(c *children.Service, v *invitations.Service, d *care.Service, m *messages.Service, n *notifications.Service, p *photos.Service, k *keepsake.Service,
	r *particulars.Service, h *house.Service, i *identity.Service, a *news.Service) *OverviewPages {
	return &OverviewPages{c, v, d, m, n, p, k, r, h, i, a}
}

// Routes lists what can be asked about how things stand.
func (h *OverviewPages) Routes(r *web.Routes) {
	r.Get("/beheer", "children.manage", h.overview)
	r.Get(presencePath+"/:id", "children.manage", h.presence)
	r.Post(stepsOverPath, "house.arrange", h.endSteps)
	r.Get(unansweredPath, "children.manage", h.unanswered)
}

// overview is what the first page tells.
type overview struct {
	*children.Overview
	SoonDays   int
	Presence   []care.Presence
	Unanswered int64
	Failures   int64
	Requests   int // changes that guardians ask for
	// What is kept, in bytes; all zero for who runs a part of the organisation.
	Photos, Attachments, Archives int64
	Start                         start
}

func (h *OverviewPages) overview(c *fiber.Ctx) error {
	ctx := web.Ctx(c)
	wishes, err := h.invited.Settings(ctx)
	if err != nil {
		return err
	}
	o := overview{SoonDays: wishes.LeadDays}
	questions := []tenants.Question{h.care.PresenceToday(ctx, &o.Presence), h.messages.CountUnanswered(ctx, &o.Unanswered), h.notifications.CountFailures(ctx, &o.Failures)}
	if o.whole(ctx) {
		questions = append(questions, h.photos.Storage(ctx, &o.Photos), h.messages.Storage(ctx, &o.Attachments), h.keepsake.Storage(ctx, &o.Archives),
			h.house.AskStart(ctx, &o.Start.House), h.identity.AskColleagues(ctx, &o.Start.Staff), h.news.AskPublished(ctx, &o.Start.News), h.invited.AskSent(ctx, &o.Start.Invited))
	}
	if o.Overview, err = h.children.Overview(ctx, o.SoonDays, consents.Unanswered, questions...); err != nil {
		return err
	}
	if o.Requests, err = h.particulars.CountPending(ctx); err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, overviewPage(o))
}

// whole tells whether the reader runs the whole organisation.
func (o overview) whole(ctx context.Context) bool { return web.May(ctx, "children.open_location") }

func (o overview) storage() int64 { return o.Photos + o.Attachments + o.Archives }

// todo is a number of things that wait for somebody, with the list of them.
type todo struct {
	qa, icon, words, href string
	count                 int64
}

// todos are what is to be done, in the order in which it matters.
func (o overview) todos(ctx context.Context) []todo {
	all := []todo{
		{"unanswered", "messages-square", i18n.N(ctx, "org.overview.unanswered", int(o.Unanswered)), unansweredPath, o.Unanswered},
		{"requests", "pencil", i18n.N(ctx, "org.overview.requests", o.Requests), requestsPath, int64(o.Requests)},
		{"failures", "triangle-alert", i18n.N(ctx, "org.overview.failures", int(o.Failures)), failuresPath, o.Failures},
		{"unreached", "mail", i18n.N(ctx, "org.overview.unreached", int(o.Unreached), "Within", withinWords(ctx, o.SoonDays)), childrenPath + "?status=" + string(children.Soon) + "&account=1&start=1", o.Unreached},
		{"consents", "shield-check", i18n.N(ctx, "org.overview.consents", int(o.Open)), childrenPath + "?toestemming=1", o.Open},
	}
	return slices.DeleteFunc(all, func(t todo) bool { return t.count == 0 })
}

// withinWords is a number of days in weeks when it is that.
func withinWords(ctx context.Context, days int) string {
	if days > 0 && days%7 == 0 {
		return i18n.N(ctx, "org.within.weeks", days/7)
	}
	return i18n.N(ctx, "org.within.days", days)
}

func (h *OverviewPages) presence(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	name, list, err := h.care.PresentAt(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, presencePage(name, list))
}

func (h *OverviewPages) unanswered(c *fiber.Ctx) error {
	list, err := h.messages.Unanswered(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, unansweredPage(list))
}

// presenceChip is how it stands with a child today.
func presenceChip(ctx context.Context, p care.Present) (ui.Tone, string) {
	switch {
	case p.LeftAt != nil:
		return ui.Neutral, i18n.T(ctx, "org.presence.left", "Time", i18n.Time(ctx, *p.LeftAt))
	case p.ArrivedAt != nil:
		return ui.Ok, i18n.T(ctx, "org.presence.here", "Time", i18n.Time(ctx, *p.ArrivedAt))
	case p.Absent:
		return ui.Sun, i18n.T(ctx, "org.presence.absent")
	}
	return ui.Sky, i18n.T(ctx, "org.presence.expected")
}
