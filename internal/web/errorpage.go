package web

import (
	"context"
	"embed"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/tenants"
)

// Locales holds the words of error pages: keys "error.…" that any package may use for its faults.
//
//go:embed locales
var Locales embed.FS

// i18n:keys error.*.title error.*.help error.*

// errorPage says what happened, what to do, and the number to name when asking for help.
func (s *Server) errorPage(c *fiber.Ctx, r *request, p problem) error {
	// A page about a time-out is rendered after the time is up.
	ctx := context.WithoutCancel(c.UserContext())
	l := i18n.From(ctx)
	props := ui.ProblemProps{
		Title:     l.T("error." + p.name + ".title"),
		Text:      l.Say(p.key, p.args) + " " + l.T("error."+p.name+".help"),
		RequestID: r.id,
	}
	tenant, ok := tenants.From(ctx)
	suspended := tenant.Status == tenants.Suspended
	if ok = ok || s.cfg.Platform != "" && p.status != fiber.StatusMisdirectedRequest; !ok && p.status == fiber.StatusNotFound {
		props.Text = l.Say(p.key, p.args) + " " + l.T("error.misdirected.help") // there is no front page to begin at
	} else if ok && !suspended { // where it is, each page is this notice
		props.Href, props.Action = "/", l.T("error.home")
		if p.status == fiber.StatusUnauthorized {
			props.Href, props.Action = s.signInFrom(c), l.T("error.sign_in")
		}
	}
	chrome := ui.ChromeFrom(ctx)
	chrome.Flash, chrome.Live = ui.Flash{}, ""
	chrome.Language = l.Language()
	if tenant.Status == tenants.Active {
		brand := s.brands.of(tenant)
		chrome.Tenant, chrome.ThemeHref, chrome.ThemeColor, chrome.ThemeDark = tenant.Name, brand.path, brand.color, brand.dark
	}
	c.SetUserContext(ui.WithChrome(ctx, chrome))
	return render(c, p.status, ui.ProblemPage(props)) // looks nothing up: that may be what failed
}

// Suspended is the notice of an organisation that is out of service, for tenants.Resolve.
func Suspended(t tenants.Tenant) error {
	return fault.New(fault.Unavailable, outOfService).With(map[string]any{"Name": t.Name})
}
