package org

import (
	"context"

	"slices"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/accesses"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
)

const (
	childrenPath = "/beheer/kinderen"
	childPeek    = "kijk-kind"
)

// childList is the page of children with what was asked for.
type childList struct {
	*children.Directory
	query  query
	filter children.Filter
	to     *consents.Definition // the question that is waited for, where it is one
}

func (h *Handlers) childList(c *fiber.Ctx) error {
	q := queryOf(c, childrenPath, "q", "status", "locatie", "groep", "account", "start", "toestemming", "sorteer", "na")
	f := children.Filter{Search: q.get("q"), Status: children.Status(q.get("status")), Location: idOf(q.get("locatie")), Group: idOf(q.get("groep")),
		Unreached: q.get("account") != "", Open: q.get("toestemming") != "", StartsSoon: q.get("start") != "", Sort: children.Sort(q.get("sorteer")), After: children.ParseCursor(q.get("na"))}
	switch {
	case f.StartsSoon: // whatever tab was open: who starts soon is in one of them
		f.Status = children.Soon
	case !slices.Contains(children.Statuses, f.Status):
		f.Status = children.Here
	}
	if f.StartsSoon {
		wishes, err := h.invited.Settings(web.Ctx(c))
		if err != nil {
			return err
		}
		f.SoonDays = wishes.LeadDays
	}
	if f.Sort == "" {
		f.Sort = children.ByName
	}
	open, to := consents.Unanswered, (*consents.Definition)(nil)
	if purpose := q.get("toestemming"); f.Open && purpose != "1" {
		var err error
		if to, err = h.consents.Question(web.Ctx(c), consents.Purpose(purpose)); err != nil {
			return err
		}
		open = consents.UnansweredTo(to)
	}
	found, err := h.children.List(web.Ctx(c), f, open)
	if err != nil {
		return err
	}
	l := childList{Directory: found, query: q, filter: f, to: to}
	if frame := web.FrameOf(c); frame != "" && frame != "lijst" {
		return web.Render(c, fiber.StatusOK, moreChildren(l, frame))
	}
	return web.Render(c, fiber.StatusOK, childrenPage(l))
}

// dossier is everything about a child that its page shows.
type dossier struct {
	*children.File
	Consents *consents.OfChild
	History  []line
}

// way is where something of the child is changed; empty, which shows no link, for who may only read.
func (d dossier) way(to string) string {
	if !d.Kept {
		return ""
	}
	return childrenPath + "/" + d.ID.String() + to
}

func (h *Handlers) child(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	d := dossier{}
	if d.File, err = h.children.Open(web.Ctx(c), id); err != nil {
		return err
	}
	if err := h.noteOpened(web.Ctx(c), d.File); err != nil {
		return err
	}
	if d.Consents, err = h.consents.Of(web.Ctx(c), id); err != nil {
		return err
	}
	if web.FrameOf(c) == childPeek {
		return web.Render(c, fiber.StatusOK, childPeekAnswer(d))
	}
	about := []ids.ID{d.ID}
	for _, p := range d.Placements {
		about = append(about, p.ID)
	}
	for _, g := range d.Guardians {
		about = append(about, g.ID)
	}
	if d.History, err = h.history(web.Ctx(c), audit.Filter{Subjects: about, Limit: historyLength}, d.Kept); err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, childPage(d))
}

// noteOpened notes for the guardians of a child that the actor opens its file, or a form with a part of it. What cannot be
// noted is not shown.
func (h *Handlers) noteOpened(ctx context.Context, f *children.File) error {
	return h.accesses.Note(ctx, []ids.ID{f.ID}, accesses.File, f.ID)
}

func childFace(f *children.File) *ui.Person { return &ui.Person{Name: f.Name(), Seed: f.Face} }
