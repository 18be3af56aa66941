package ui

import (
	"context"
	"slices"

	"ouderportaal/internal/i18n"
)

// Chrome is what every page of one request shares: who the organisation is, who is reading, what waits for them. The web
// package puts it in the context once; layouts take it from there, so that a page only names itself.
type Chrome struct {
	Tenant     string // name of the organisation
	Language   string // BCP 47, for <html lang>
	Theme      string // "", "light" or "dark": what the reader chose; empty follows the system
	ThemeHref  string // theme.Path of the organisation's colour
	ThemeColor string // theme.Hex for the browser's own bars
	ThemeDark  string // the same in the dark scheme; empty: ThemeColor in both
	LogoHref   string // empty: our own mark
	Manifest   string // address of the web app manifest; empty for none
	TouchIcon  string // address of the icon on the home screen of an iPhone; empty for none
	Live       string // address of the event stream; empty when nobody is signed in
	Person     string // name of the reader; empty when nobody is signed in
	PersonFace int    // seed of the reader's face
	Unread     int    // unread messages, for the tab
	Bell       int    // unread notifications, for the bell
	Counted    bool   // Bell and Unread are right already
	Flash      Flash  // said once, after a redirect
	Visit      Visit  // of somebody of the platform
	Banner     Banner // of the platform, for everybody
	Platform   bool   // the console of the platform, where Tenant is the name of that
	Tabs       []Tab  // the parts of the portal that this organisation has; nil for all
}

// Flash is a sentence for the reader about what just happened.
type Flash struct {
	Text    string
	Problem bool   // something went wrong
	Undo    string // address that undoes it by POST; empty when it cannot be undone
}

// has tells whether the organisation's portal has the part behind a tab.
func (c Chrome) has(t Tab) bool { return c.Tabs == nil || slices.Contains(c.Tabs, t) }

type chromeKey struct{}

// WithChrome returns a context whose layouts use c.
func WithChrome(ctx context.Context, c Chrome) context.Context {
	return context.WithValue(ctx, chromeKey{}, c)
}

// ChromeFrom is the Chrome of ctx; without one a page has no colour of its own and says nothing about its reader.
func ChromeFrom(ctx context.Context) Chrome {
	c, _ := ctx.Value(chromeKey{}).(Chrome)
	return c
}

func bellLabel(ctx context.Context, count int) string {
	if count == 0 {
		return i18n.T(ctx, "ui.bell")
	}
	return i18n.N(ctx, "ui.bell.count", count)
}
