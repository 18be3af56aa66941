// Package org is the console in which a daycare organisation is run: its children, people, places, and what was done. It is
// put together from the services of modules.
package org

import (
	"context"
	"embed"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
)

// Policy holds the casbin lines of what belongs to no module.
//
//go:embed policy.csv
var Policy string

// Locales holds the words of this package.
//
//go:embed locales/*.json
var Locales embed.FS

// Handlers answer the routes of the console.
type Handlers struct {
	children *children.Service
	identity *identity.Service
}

// New makes the handlers.
func New(c *children.Service, i *identity.Service) *Handlers {
	return &Handlers{children: c, identity: i}
}

// Routes lists what can be asked of the console.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get("/beheer", "children.manage", h.overview)
}

// place is a page that the menu leads to, for whoever has its permission.
type place struct {
	section, href, icon, key, permission string
}

// places is the whole menu, in its order. A page that is added to the console gets its line here.
// i18n:keys org.rail.*
var places = []place{
	{"org.rail.today", "/beheer", "layout-dashboard", "org.rail.overview", "children.manage"},
}

// Rail is the menu of the console for who reads it; other packages that show pages in the console get it passed in.
func Rail(ctx context.Context) []ui.RailSection {
	var rail []ui.RailSection
	last := ""
	for _, p := range places {
		if !web.May(ctx, p.permission) {
			continue
		}
		if p.section != last {
			rail, last = append(rail, ui.RailSection{Title: i18n.T(ctx, p.section)}), p.section
		}
		section := &rail[len(rail)-1]
		section.Items = append(section.Items, ui.RailItem{Href: p.href, Icon: p.icon, Text: i18n.T(ctx, p.key)})
	}
	return rail
}
