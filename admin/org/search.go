package org

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
)

const (
	searchPath = "/beheer/zoeken"
	// minSearch is how many characters make a search: with one, everything would be found.
	minSearch = 2
)

// SearchPages find anything in the console by its name, on a page of their own and in the dialog that Ctrl K opens.
type SearchPages struct{ children *children.Service }

// NewSearchPages makes them.
func NewSearchPages(c *children.Service) *SearchPages { return &SearchPages{c} }

// Routes lists what can be asked of the search.
func (h *SearchPages) Routes(r *web.Routes) {
	r.Get(searchPath, "children.manage", h.search)
}

// finding is something that was found.
type finding struct {
	href, text, detail string
	icon               string     // of what has no face
	person             *ui.Person // nil: it has none
}

// kind is what was found of a kind.
type kind struct {
	title string
	found []finding
}

// search answers with a page, or with what the dialog shows.
func (h *SearchPages) search(c *fiber.Ctx) error {
	ctx, q := web.Ctx(c), queryOf(c, searchPath, "q").get("q")
	var kinds []kind
	if utf8.RuneCountInString(strings.TrimSpace(q)) >= minSearch {
		hits, err := h.children.Find(ctx, q)
		if err != nil {
			return err
		}
		kinds = kindsOf(ctx, hits, pagesNamed(ctx, q))
	}
	if web.FrameOf(c) == ui.FoundFrame {
		return web.Render(c, fiber.StatusOK, foundAnswer(q, kinds))
	}
	return web.Render(c, fiber.StatusOK, searchPage(q, kinds))
}

func kindsOf(ctx context.Context, hits *children.Hits, pages []finding) []kind {
	all := []kind{
		{i18n.T(ctx, "org.children.title"), findings(ctx, hits.Children, childrenPath, "", true)},
		{i18n.T(ctx, "org.parents.title"), findings(ctx, hits.Guardians, parentsPath, "", false)},
		{i18n.T(ctx, "org.staff.title"), findings(ctx, hits.Staff, staffPath, "", false)},
		{i18n.T(ctx, "org.search.groups"), findings(ctx, hits.Groups, "/beheer/groepen", "users-round", false)},
		{i18n.T(ctx, "org.places.title"), findings(ctx, hits.Locations, placesPath, "house", false)},
		{i18n.T(ctx, "org.search.pages"), pages},
	}
	var some []kind
	for _, k := range all {
		if len(k.found) > 0 {
			some = append(some, k)
		}
	}
	return some
}

// findings are hits with where they lead; without an icon they have a face.
func findings(ctx context.Context, hits []children.Hit, path, icon string, born bool) []finding {
	list := make([]finding, len(hits))
	for i, hit := range hits {
		f := finding{href: path + "/" + hit.ID.String(), text: hit.Name, detail: hit.Detail, icon: icon}
		if born {
			f.detail = i18n.ShortDate(ctx, i18n.Civil(hit.Detail))
		}
		if hit.Gone {
			f.detail = strings.TrimPrefix(f.detail+" · "+i18n.T(ctx, "org.search.gone"), " · ")
		}
		if icon == "" {
			f.person = &ui.Person{Name: hit.Name, Seed: hit.Face, Adult: !born}
		}
		list[i] = f
	}
	return list
}

// pagesNamed are the pages of the console that the reader may open and whose name has all the words.
func pagesNamed(ctx context.Context, typed string) []finding {
	var list []finding
	for _, p := range places {
		name := i18n.T(ctx, p.key)
		if p.href == searchPath || !web.May(ctx, p.permission) || !hasWords(name, typed) {
			continue
		}
		list = append(list, finding{href: p.href, text: name, detail: i18n.T(ctx, p.section), icon: p.icon})
	}
	return list
}

func hasWords(name, typed string) bool {
	for word := range strings.FieldsSeq(strings.ToLower(typed)) {
		if !strings.Contains(strings.ToLower(name), word) {
			return false
		}
	}
	return true
}

// countFound is how many there are of all kinds.
func countFound(kinds []kind) int {
	n := 0
	for _, k := range kinds {
		n += len(k.found)
	}
	return n
}

// foundWords tell what came of a search.
func foundWords(ctx context.Context, q string, kinds []kind) string {
	switch n := countFound(kinds); {
	case utf8.RuneCountInString(strings.TrimSpace(q)) < minSearch:
		return i18n.T(ctx, "org.search.help")
	case n == 0:
		return i18n.T(ctx, "org.search.none", "Words", strings.TrimSpace(q))
	default:
		return i18n.N(ctx, "org.search.found", n)
	}
}
