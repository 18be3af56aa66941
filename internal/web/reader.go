package web

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/tenants"
)

// Cookies are bound to one host by their prefix, so that no organisation can plant one for another.
const (
	languageCookie = "__Host-taal"
	themeCookie    = "__Host-weergave"
	flashCookie    = "__Host-melding"
	flashTime      = time.Minute
)

// reader puts into the context what every page needs to know about who reads it: the language and ui.Chrome.
func (s *Server) reader(c *fiber.Ctx) error {
	ctx := c.UserContext()
	who := actor.From(ctx)
	l := s.cfg.Bundle.For(s.language(c))
	ctx = i18n.With(ctx, l)
	chrome := ui.Chrome{Language: l.Language()}
	if appearance := c.Cookies(themeCookie); appearance == "light" || appearance == "dark" {
		chrome.Theme = appearance
	}
	if s.cfg.Platform != "" {
		brand := s.brands.of(neutral)
		chrome.Platform, chrome.Tenant, chrome.ThemeHref, chrome.ThemeColor, chrome.ThemeDark = true, s.cfg.Platform, brand.path, brand.color, brand.dark
	}
	if tenant, ok := tenants.From(ctx); ok {
		brand := s.brands.of(tenant)
		chrome.Tenant, chrome.ThemeHref, chrome.ThemeColor, chrome.ThemeDark = tenant.Name, brand.path, brand.color, brand.dark
		chrome.Manifest, chrome.TouchIcon, chrome.LogoHref = manifestPath, iconHref(tenant, brand.color, touchIcon), logoHref(tenant)
	}
	if !who.Anonymous() {
		chrome.Person, chrome.PersonFace = who.Name, who.Face
	}
	chrome.Flash = s.flash(c, l)
	c.SetUserContext(ui.WithChrome(ctx, chrome))
	return c.Next()
}

// language is the reader's: what the person chose, else what this browser chose, else what it asks for, of those that the organisation
// offers, else the organisation's.
func (s *Server) language(c *fiber.Ctx) string {
	ctx := c.UserContext()
	if chosen := actor.From(ctx).Language; s.cfg.Bundle.Speaks(chosen) {
		return chosen
	}
	tenant, ok := tenants.From(ctx)
	if chosen := c.Cookies(languageCookie); s.cfg.Bundle.Speaks(chosen) && tenant.Offers(chosen) {
		return chosen
	}
	if !ok {
		return s.cfg.Bundle.Match(c.Get(fiber.HeaderAcceptLanguage), i18n.Fallback)
	}
	if asked := s.cfg.Bundle.Match(c.Get(fiber.HeaderAcceptLanguage), tenant.Language); tenant.Offers(asked) {
		return asked
	}
	return tenant.Language
}

// SetLanguage keeps the language for this browser. An unknown one is ignored.
func SetLanguage(c *fiber.Ctx, lang string) {
	if r := requestOf(c.UserContext()); r != nil && r.server.cfg.Bundle.Speaks(lang) {
		SetHostCookie(c, languageCookie, lang, 365*24*time.Hour)
	}
}

// SetAppearance keeps "light" or "dark" for this browser; anything else follows the system again.
func SetAppearance(c *fiber.Ctx, appearance string) {
	if appearance != "light" && appearance != "dark" {
		SetHostCookie(c, themeCookie, "", -1)
		return
	}
	SetHostCookie(c, themeCookie, appearance, 365*24*time.Hour)
}

// Flash says the sentence of key on the next page, once. Only the key travels in the cookie, and only a key with a
// sentence of ours is said.
func Flash(c *fiber.Ctx, key string) { SetHostCookie(c, flashCookie, key, flashTime) }

// FlashProblem is Flash for something that went wrong.
func FlashProblem(c *fiber.Ctx, key string) { SetHostCookie(c, flashCookie, "!"+key, flashTime) }

// FlashUndo is Flash for something that a POST to undo, a path of ours, takes back.
func FlashUndo(c *fiber.Ctx, key, undo string) {
	SetHostCookie(c, flashCookie, key+"@"+undo, flashTime)
}

// flash is what the next whole page says. A frame or a page that is fetched ahead does not use it up.
func (s *Server) flash(c *fiber.Ctx, l *i18n.Localizer) ui.Flash {
	key := c.Cookies(flashCookie)
	if key == "" || c.Method() != fiber.MethodGet || c.Get("Turbo-Frame") != "" || IsPrefetch(c) {
		return ui.Flash{}
	}
	problem := key[0] == '!'
	if problem {
		key = key[1:]
	}
	key, undo, _ := strings.Cut(key, "@")
	if len(key) > 100 || !l.Has(key) {
		return ui.Flash{}
	}
	return ui.Flash{Text: l.T(key), Problem: problem, Undo: SafeNext(undo, "")}
}

func clearFlash(c *fiber.Ctx) { SetHostCookie(c, flashCookie, "", -1) }

// IsPrefetch tells whether the browser fetches the page ahead of a click that may never come: such a request must not
// count as reading.
func IsPrefetch(c *fiber.Ctx) bool {
	return c.Get("X-Sec-Purpose") == "prefetch" || c.Get("Sec-Purpose") != "" || c.Get("Purpose") == "prefetch"
}

// SetHostCookie writes a cookie for this host only: Secure, HttpOnly, SameSite=Lax, Path=/, no Domain. The name must start
// with __Host-. A negative age removes it; 0 keeps it until the browser closes.
func SetHostCookie(c *fiber.Ctx, name, value string, age time.Duration) {
	cookie := fiber.Cookie{Name: name, Value: value, Path: "/", Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode}
	switch {
	case age < 0:
		cookie.Value, cookie.Expires, cookie.MaxAge = "", time.Unix(1, 0), -1
	case age > 0:
		cookie.MaxAge = int(age / time.Second)
	default:
		cookie.SessionOnly = true
	}
	c.Cookie(&cookie)
}

// InLanguage is the context of the same request for somebody who reads lang; ctx itself when nobody can.
func InLanguage(ctx context.Context, lang string) context.Context {
	if r := requestOf(ctx); r != nil && r.server.cfg.Bundle.Speaks(lang) {
		return i18n.With(ctx, r.server.cfg.Bundle.For(lang))
	}
	return ctx
}
