package org

import (
	"context"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/invitations"
)

const (
	invitationsPath = "/beheer/uitnodigingen"
	wishesPath      = invitationsPath + "/instellingen"
)

// InvitationPages show who was invited to the portal, and what came of it.
type InvitationPages struct{ service *invitations.Service }

// NewInvitationPages makes them.
func NewInvitationPages(s *invitations.Service) *InvitationPages { return &InvitationPages{s} }

// Routes lists what can be asked about invitations.
func (h *InvitationPages) Routes(r *web.Routes) {
	r.Get(invitationsPath, "invitations.read", h.list)
	r.Post(invitationsPath+"/:id/mail", "invitations.send", h.send)
	r.Get(wishesPath, "invitations.choose", h.wishes)
	r.Post(wishesPath, "invitations.choose", h.choose)
}

// shownStates are the tabs of the list; the empty one is everything.
// i18n:keys org.invitations.state.*
var shownStates = []invitations.State{
	"", invitations.Planned, invitations.Sent, invitations.Activated, invitations.Expired, invitations.Failed, invitations.Cancelled,
}

// invitationList is a page of the list with what was asked for.
type invitationList struct {
	query query
	state invitations.State
	*invitations.List
}

func (h *InvitationPages) list(c *fiber.Ctx) error {
	l := invitationList{query: queryOf(c, invitationsPath, "q", "stand", "na")}
	for _, s := range shownStates {
		if string(s) == l.query.get("stand") {
			l.state = s
		}
	}
	var err error
	l.List, err = h.service.List(web.Ctx(c), invitations.Filter{State: l.state, Search: l.query.get("q"), After: paging.Parse(l.query.get("na"))})
	if err != nil {
		return err
	}
	if frame := web.FrameOf(c); frame != "" && frame != "lijst" {
		return web.Render(c, fiber.StatusOK, moreInvitations(l, frame))
	}
	return web.Render(c, fiber.StatusOK, invitationsPage(l))
}

// next is the address of the rows after these.
func (l invitationList) next() string { return nextOf(l.query, l.Next.String()) }

func (l invitationList) count(s invitations.State) int {
	switch s {
	case "":
	case invitations.Sent: // with what is on its way to the mail server
		return l.Counts[invitations.Sent] + l.Counts[invitations.Due]
	default:
		return l.Counts[s]
	}
	all := 0
	for _, n := range l.Counts {
		all += n
	}
	return all
}

func (l invitationList) tabs(ctx context.Context) []ui.ListTab {
	tabs := make([]ui.ListTab, len(shownStates))
	for i, s := range shownStates {
		tabs[i] = ui.ListTab{Href: l.query.with("stand", string(s)), Text: tabWords(ctx, s), Count: l.count(s), Current: s == l.state}
	}
	return tabs
}

// others are the tabs beside the one that is open, and the one with everything, that have what was looked for.
func (l invitationList) others(ctx context.Context) []ui.ListTab {
	if l.query.get("q") == "" {
		return nil
	}
	return slices.DeleteFunc(l.tabs(ctx)[1:], func(tab ui.ListTab) bool { return tab.Current || tab.Count == 0 })
}

// tabWords names a tab: what was sent and came to nothing yet is still on its way.
func tabWords(ctx context.Context, s invitations.State) string {
	if s == invitations.Sent {
		return i18n.T(ctx, "org.invitations.state.due")
	}
	return stateWords(ctx, s)
}

func stateWords(ctx context.Context, s invitations.State) string {
	if s == "" {
		return i18n.T(ctx, "org.invitations.state.all")
	}
	return i18n.T(ctx, "org.invitations.state."+string(s))
}

var stateTones = map[invitations.State]ui.Tone{
	invitations.Planned: ui.Sky, invitations.Due: ui.Sky, invitations.Sent: ui.Sun, invitations.Activated: ui.Ok, invitations.Expired: ui.Coral, invitations.Failed: ui.Coral,
}

// stateDetail says when, or why.
// i18n:keys org.invitations.reason.*
func stateDetail(ctx context.Context, l invitations.Line) string {
	switch {
	case l.State == invitations.Planned:
		return i18n.T(ctx, "org.invitations.detail.planned", "Day", i18n.ShortDate(ctx, l.DueAt), "Time", i18n.Time(ctx, l.DueAt))
	case l.State == invitations.Sent && l.SentAt != nil && l.ExpiresAt != nil:
		return i18n.T(ctx, "org.invitations.detail.sent", "Day", i18n.ShortDate(ctx, *l.SentAt), "Until", i18n.ShortDate(ctx, *l.ExpiresAt))
	case l.State == invitations.Expired && l.ExpiresAt != nil:
		return i18n.T(ctx, "org.invitations.detail.expired", "Day", i18n.ShortDate(ctx, *l.ExpiresAt))
	case l.Reason != "":
		return i18n.ShortDate(ctx, l.ChangedAt) + " · " + i18n.T(ctx, "org.invitations.reason."+l.Reason)
	}
	return i18n.ShortDate(ctx, l.ChangedAt)
}

func sendWords(ctx context.Context, l invitations.Line) string {
	if l.State == invitations.Planned {
		return i18n.T(ctx, "org.invitations.send_now")
	}
	return i18n.T(ctx, "org.invitations.send_again")
}

// firstOf tells of each line whether it is the first that its mail is about: one mail is about all the children whose
// invitations went together, or are planned for the same moment.
func firstOf(lines []invitations.Line) []bool {
	type mail struct {
		person, event ids.ID
		planned       int64
	}
	first, seen := make([]bool, len(lines)), map[mail]bool{}
	for i, l := range lines {
		of := mail{person: l.PersonID, event: l.EventID}
		if l.State == invitations.Planned {
			of = mail{person: l.PersonID, planned: l.DueAt.Unix()}
		}
		if l.Sendable() && !seen[of] {
			first[i], seen[of] = true, true
		}
	}
	return first
}

func (h *InvitationPages) send(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	back := web.SafeNext(c.FormValue("terug"), invitationsPath)
	return sent(c, h.service.Resend(web.Ctx(c), id, c.FormValue("seen")), back)
}

// sent says on the page that follows that a mail goes, or why none does.
// i18n:keys invitations.error.nothing_to_send invitations.error.meanwhile
func sent(c *fiber.Ctx, err error, back string) error {
	if refusal, ok := fault.As(err); ok && refusal.Code == fault.Conflict {
		web.FlashProblem(c, refusal.Key)
		return web.Go(c, back)
	}
	if err != nil {
		return err
	}
	return saved(c, "org.invitations.sent", back)
}

func (h *InvitationPages) wishes(c *fiber.Ctx) error {
	held, err := h.service.Settings(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, wishesPage(strconv.Itoa(held.LeadDays), held.SentFrom, nil))
}

func (h *InvitationPages) choose(c *fiber.Ctx) error {
	days, from := c.FormValue("lead_days"), c.FormValue("sent_from")
	lead, err := strconv.Atoi(days)
	if err != nil {
		lead = -1 // refused in words at the field
	}
	if err := h.service.Choose(web.Ctx(c), invitations.Settings{LeadDays: lead, SentFrom: from}); err != nil {
		if fault.CodeOf(err) == fault.Invalid {
			return web.Render(c, fiber.StatusUnprocessableEntity, wishesPage(days, from, err))
		}
		return err
	}
	web.Flash(c, "org.invitations.chosen")
	return web.Go(c, invitationsPath)
}
