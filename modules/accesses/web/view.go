package web

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/accesses"
	"ouderportaal/tenants"
)

// page is a list with what was asked for.
type page struct {
	*accesses.List
	path   string
	filter accesses.Filter
}

func (p page) href(child ids.ID, after paging.Cursor) string {
	query := url.Values{}
	if child != ids.Nil && p.path == "/inzage" {
		query.Set("kind", child.String())
	}
	if after.ID != ids.Nil {
		query.Set("na", after.String())
	}
	if len(query) == 0 {
		return p.path
	}
	return p.path + "?" + query.Encode()
}

// entry is a line of the list: what somebody opened at once, or one photo after the other.
type entry struct {
	accesses.Access           // the newest
	From            time.Time // the oldest
	Objects         []ids.ID
	Children        []string
}

// day is the lines of one day, newest first.
type day struct {
	title, detail string // empty for the rest of a day whose beginning is on the page before
	entries       []entry
}

// days puts what belongs together on one line, and the lines under their days.
func days(ctx context.Context, p page) []day {
	tenant, _ := tenants.From(ctx)
	var list []day
	previous := tenants.Date("")
	if p.filter.After.ID != ids.Nil {
		previous = tenant.DateOf(p.filter.After.At)
	}
	for _, a := range p.Accesses {
		on := tenant.DateOf(a.At)
		if on != previous || len(list) == 0 {
			d := day{}
			if on != previous {
				d.title, d.detail = i18n.DayHeading(ctx, a.At, clock.Of(ctx)), i18n.Date(ctx, a.At)
				if d.title == d.detail {
					d.detail = ""
				}
			}
			list = append(list, d)
			previous = on
		}
		list[len(list)-1].add(a, p.ChildOf(a.ChildID).GivenName)
	}
	return list
}

// add puts an access on the last line when it goes on with it.
func (d *day) add(a accesses.Access, child string) {
	if n := len(d.entries); n == 0 || !d.entries[n-1].goesOn(a) {
		d.entries = append(d.entries, entry{Access: a, From: a.At})
	}
	e := &d.entries[len(d.entries)-1]
	e.From = a.At
	if !slices.Contains(e.Objects, a.ObjectID) {
		e.Objects = append(e.Objects, a.ObjectID)
	}
	if !slices.Contains(e.Children, child) {
		e.Children = append(e.Children, child)
	}
}

// goesOn tells whether a is of the same action, or another photo of the same person. Of somebody without a name it is not known.
func (e *entry) goesOn(a accesses.Access) bool {
	if e.What != a.What || e.Role != a.Role || e.PersonID != a.PersonID {
		return false
	}
	if e.At.Equal(a.At) && e.ObjectID == a.ObjectID {
		return true
	}
	return a.PersonID != ids.Nil && (a.What == accesses.Photo || a.What == accesses.Download)
}

func (e *entry) icon() string {
	switch e.What {
	case accesses.File:
		return "file-text"
	case accesses.Card:
		return "phone"
	case accesses.Photo:
		return "expand"
	case accesses.Photos:
		return "images"
	case accesses.Export:
		return "scroll-text"
	}
	return "download"
}

// i18n:keys accesses.what.* accesses.role.* accesses.tie.*

func (e *entry) what(ctx context.Context) string {
	key := "accesses.what." + string(e.What)
	if e.What == accesses.Photo || e.What == accesses.Download {
		return i18n.N(ctx, key, len(e.Objects))
	}
	return i18n.T(ctx, key)
}

// who is who it was, with what they are to the child or the organisation.
func (e *entry) who(ctx context.Context) (name, detail string) {
	switch {
	case e.Own:
		name = i18n.T(ctx, "accesses.you")
	case e.Name == "":
		return i18n.T(ctx, "accesses.other_parent"), i18n.T(ctx, "accesses.other_parent.detail")
	default:
		name = e.Name
	}
	if e.Tie != "" {
		return name, i18n.T(ctx, "accesses.tie."+string(e.Tie))
	}
	return name, i18n.T(ctx, "accesses.role."+strings.TrimPrefix(string(e.Role), "role:"))
}

// when is "14:03", or "14:03–14:20" of one photo after the other.
func (e *entry) when(ctx context.Context) string {
	from, to := i18n.Time(ctx, e.From), i18n.Time(ctx, e.At)
	if from == to {
		return to
	}
	return from + "–" + to
}

func kids(ctx context.Context, p page) []ui.KidLink {
	links := []ui.KidLink{{Name: i18n.T(ctx, "accesses.every_child"), Href: p.href(ids.Nil, paging.Cursor{}), Current: p.filter.ChildID == ids.Nil}}
	for _, child := range p.Children {
		links = append(links, ui.KidLink{Name: child.GivenName, Href: p.href(child.ID, paging.Cursor{}), Avatar: ui.Person{Name: child.GivenName, Seed: child.Face}, Current: p.filter.ChildID == child.ID})
	}
	return links
}

// about names the children that the page is about.
func about(ctx context.Context, p page) string {
	var names []string
	for _, child := range p.Children {
		if p.filter.ChildID == ids.Nil || p.filter.ChildID == child.ID {
			names = append(names, child.GivenName)
		}
	}
	return i18n.List(ctx, names)
}

func lead(ctx context.Context, p page) string {
	if len(p.Children) > 1 {
		return i18n.T(ctx, "accesses.lead.other")
	}
	return i18n.T(ctx, "accesses.lead")
}

func nothing(ctx context.Context, p page) ui.EmptyProps {
	if len(p.Children) == 0 {
		return ui.EmptyProps{Title: i18n.T(ctx, "accesses.no_children"), Text: i18n.T(ctx, "accesses.no_children.text")}
	}
	return ui.EmptyProps{Picture: "book", Title: i18n.T(ctx, "accesses.none"), Text: i18n.T(ctx, "accesses.none.text")}
}
