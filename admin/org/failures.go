package org

import (
	"context"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/notifications"
)

const failuresPath = "/beheer/bezorging"

// FailurePages show whom the portal could not reach.
type FailurePages struct{ service *notifications.Service }

// NewFailurePages makes them.
func NewFailurePages(s *notifications.Service) *FailurePages { return &FailurePages{s} }

// Routes lists what can be asked about deliveries that failed.
func (h *FailurePages) Routes(r *web.Routes) {
	r.Get(failuresPath, "notifications.oversee", h.list)
	r.Post(failuresPath+"/opnieuw", "notifications.oversee", h.again)
}

// failureList is a page of the list with what was asked for.
type failureList struct {
	query   query
	channel string
	label   func(item string) string // the locale key of an item
	*notifications.Failures
}

func (h *FailurePages) list(c *fiber.Ctx) error {
	l := failureList{query: queryOf(c, failuresPath, "q", "kanaal", "na"), label: h.service.ItemLabel}
	l.channel = channelOf(l.query.get("kanaal"))
	var err error
	l.Failures, err = h.service.Failures(web.Ctx(c), notifications.FailureFilter{Channel: l.channel, Search: l.query.get("q"), After: paging.Parse(l.query.get("na"))})
	if err != nil {
		return err
	}
	if frame := web.FrameOf(c); frame != "" && frame != "lijst" {
		return web.Render(c, fiber.StatusOK, moreFailures(l, frame))
	}
	return web.Render(c, fiber.StatusOK, failuresPage(l))
}

func channelOf(asked string) string {
	if asked == notifications.MailChannel || asked == notifications.PushChannel {
		return asked
	}
	return ""
}

// again sends the ticked ones again, or all that the list finds.
func (h *FailurePages) again(c *fiber.Ctx) error {
	f := notifications.FailureFilter{Channel: channelOf(c.FormValue("kanaal")), Search: c.FormValue("q")}
	var chosen []ids.ID // nil: all
	if c.FormValue("alles") == "" {
		var err error
		if chosen, err = web.IDs(c, "keuze"); err != nil {
			return err
		}
		if len(chosen) == 0 {
			web.FlashProblem(c, "org.failures.none_chosen")
			return web.Go(c, web.SafeNext(c.FormValue("terug"), failuresPath))
		}
	}
	n, err := h.service.Redrive(web.Ctx(c), chosen, f)
	if err != nil {
		return err
	}
	if n == 0 {
		web.FlashProblem(c, "org.failures.nothing_again")
	} else {
		web.Flash(c, "org.failures.again.done")
	}
	return web.Go(c, web.SafeNext(c.FormValue("terug"), failuresPath))
}

func (l failureList) next() string { return nextOf(l.query, l.Next.String()) }

// i18n:keys org.failures.channel.*
func (l failureList) tabs(ctx context.Context) []ui.ListTab {
	all := l.Counts[notifications.MailChannel] + l.Counts[notifications.PushChannel]
	tabs := []ui.ListTab{{Href: l.query.with("kanaal", ""), Text: i18n.T(ctx, "org.failures.channel.all"), Count: all, Current: l.channel == ""}}
	for _, channel := range []string{notifications.MailChannel, notifications.PushChannel} {
		tabs = append(tabs, ui.ListTab{Href: l.query.with("kanaal", channel), Text: i18n.T(ctx, "org.failures.channel."+channel), Count: l.Counts[channel], Current: l.channel == channel})
	}
	return tabs
}

// sendable tells whether anything on the page can be sent again.
func (l failureList) sendable() bool {
	for _, f := range l.List {
		if f.Again {
			return true
		}
	}
	return false
}

// i18n:keys org.failures.reason.*
func failureWords(ctx context.Context, f notifications.Failure) string {
	return i18n.T(ctx, "org.failures.reason."+string(f.Reason()))
}

// failedPath is the page of whom it is about.
func failedPath(f notifications.Failure) string {
	if f.Guardian {
		return parentsPath + "/" + f.PersonID.String()
	}
	return staffPath + "/" + f.PersonID.String()
}

func failedWhere(ctx context.Context, f notifications.Failure) string {
	where := i18n.T(ctx, "org.failures.channel."+f.Channel)
	if f.Tries > 1 {
		return strings.Join([]string{where, i18n.N(ctx, "org.failures.tries", f.Tries)}, " · ")
	}
	return where
}

// i18n:keys org.failures.failing.*
func failingWords(ctx context.Context, p personFile) string {
	return i18n.T(ctx, "org.failures.failing."+string(p.Failing.Reason), "Email", p.Failing.Address, "Day", i18n.ShortDate(ctx, p.Failing.NotedAt))
}

func urlOf(text string) string { return url.QueryEscape(text) }
