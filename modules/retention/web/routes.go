// Package web is where guardians read what is kept of their children and of them, why, and how long.
package web

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/web"
	"ouderportaal/modules/retention"
	"ouderportaal/tenants"
)

// Handlers answer the routes of retention.
type Handlers struct{ retention *retention.Service }

// New makes the handlers.
func New(s *retention.Service) *Handlers { return &Handlers{s} }

// Routes lists what can be asked of it.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get("/overig/privacy", "retention.read", h.own)
}

func (h *Handlers) own(c *fiber.Ctx) error {
	kept, err := h.retention.Own(web.Ctx(c))
	if err != nil {
		return err
	}
	tenant, _ := tenants.From(web.Ctx(c))
	return web.Render(c, fiber.StatusOK, ownPage(kept, tenant))
}

// topic is something that is kept: what it is, why, how long and who sees it.
type topic struct{ key, term string }

// i18n:keys retention.topic.*
func (t topic) words(ctx context.Context, part string, tenant tenants.Tenant) string {
	return i18n.T(ctx, "retention.topic."+t.key+"."+part, "Organisation", tenant.Name)
}

// ofChild are the topics about a child.
func ofChild(ctx context.Context, k *retention.Kept) []topic {
	file := i18n.T(ctx, "retention.term.after_care", "Period", period(ctx, k.FileMonths))
	return []topic{
		{"file", file},
		{"messages", file},
		{"answers", file},
		{"health", file},
		{"office", i18n.T(ctx, "retention.term.after_year", "Period", i18n.N(ctx, "retention.years", k.OfficeYears))},
	}
}

// ofReader are the topics about who reads the page.
func ofReader(ctx context.Context) []topic {
	return []topic{
		{"account", i18n.T(ctx, "retention.term.account")},
		{"reading", i18n.T(ctx, "retention.term.reading")},
		{"news", i18n.T(ctx, "retention.term.news", "Period", i18n.N(ctx, "retention.days", retention.NewsDays))},
		{"log", i18n.T(ctx, "retention.term.log", "Period", i18n.N(ctx, "retention.years", retention.ChangesYears))},
	}
}

// period is "2 jaar", or "18 maanden".
func period(ctx context.Context, months int) string {
	if months%12 == 0 {
		return i18n.N(ctx, "retention.years", months/12)
	}
	return i18n.N(ctx, "retention.months", months)
}

// left says until when the file of a child who left is kept.
//
// i18n:keys retention.left.*
func left(ctx context.Context, f retention.File, tenant tenants.Tenant) string {
	return i18n.T(ctx, "retention.left."+string(f.Stage), "Name", f.GivenName, "Organisation", tenant.Name, "Last", i18n.CivilLongDate(ctx, string(f.LastOn)), "Until", i18n.CivilLongDate(ctx, string(f.EndsOn)))
}

// dialled is the address that rings a phone as it is written.
func dialled(phone string) string {
	return "tel:" + strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}
