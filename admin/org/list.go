package org

import (
	"context"
	"maps"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/children"
)

// query builds addresses of a list that differ in one thing from the one that was asked for.
type query struct {
	path   string
	values url.Values
}

// maxAsked is longer than anything that a page of ours puts into an address.
const maxAsked = 1000

// queryOf reads what was asked for. What cannot be text, which no page of ours asks for, was not asked.
func queryOf(c *fiber.Ctx, path string, names ...string) query {
	q := query{path: path, values: url.Values{}}
	for _, name := range names {
		if value := c.Query(name); value != "" && len(value) <= maxAsked && utf8.ValidString(value) && !strings.ContainsRune(value, 0) {
			q.values.Set(name, value)
		}
	}
	return q
}

func (q query) get(name string) string { return q.values.Get(name) }

// with is the address with name set to value, from the start of the list.
func (q query) with(name, value string) string {
	values := url.Values{}
	for k, v := range q.values {
		if k != "na" {
			values[k] = v
		}
	}
	values.Del(name)
	if value != "" {
		values.Set(name, value)
	}
	if len(values) == 0 {
		return q.path
	}
	return q.path + "?" + values.Encode()
}

// without is the query as if name had not been asked for.
func (q query) without(name string) query {
	values := maps.Clone(q.values)
	values.Del(name)
	return query{q.path, values}
}

// column is the head of a column that the list can be sorted by.
func (q query) column(text string, by children.Sort, now children.Sort) ui.Column {
	c := ui.Column{Text: text, Href: q.with("sorteer", string(by))}
	switch now {
	case by:
		c.Sorted, c.Href = "ascending", q.with("sorteer", string(by.Turned()))
	case by.Turned():
		c.Sorted = "descending"
	}
	return c
}

// placeOptions are the locations to filter by.
func placeOptions(ctx context.Context, places []children.Place, chosen ids.ID) []ui.Option {
	list := []ui.Option{{Label: i18n.T(ctx, "org.filter.every_location")}}
	for _, p := range places {
		list = append(list, ui.Option{Value: p.ID.String(), Label: p.Name, Selected: p.ID == chosen})
	}
	return list
}

// groupOptions are groups to choose from, with their location when there are several; first is the word of the empty choice.
func groupOptions(places []children.Place, chosen ids.ID, first string, want func(*children.PlaceGroup) bool) []ui.Option {
	list := []ui.Option{{Label: first}}
	for _, p := range places {
		for i := range p.Groups {
			g := &p.Groups[i]
			if g.ID != chosen && want != nil && !want(g) {
				continue
			}
			label := g.Name
			if len(places) > 1 {
				label = p.Name + " · " + g.Name
			}
			list = append(list, ui.Option{Value: g.ID.String(), Label: label, Selected: g.ID == chosen})
		}
	}
	return list
}

func idOf(value string) ids.ID {
	id, _ := ids.Parse(value)
	return id
}
