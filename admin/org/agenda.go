package org

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children"
)

const agendaPath = "/beheer/agenda"

// AgendaPages are where an organisation says when it is closed and what there is to do.
type AgendaPages struct {
	service  *agenda.Service
	children *children.Service
}

// NewAgendaPages makes them.
func NewAgendaPages(s *agenda.Service, c *children.Service) *AgendaPages { return &AgendaPages{s, c} }

// Routes lists what can be asked of the agenda.
func (h *AgendaPages) Routes(r *web.Routes) {
	r.Get(agendaPath, "agenda.keep", h.list)
	r.Post(agendaPath, "agenda.keep", h.add)
	r.Get(agendaPath+"/nieuw", "agenda.keep", h.blank)
	r.Get(agendaPath+"/:id", "agenda.keep", h.show)
	r.Post(agendaPath+"/:id", "agenda.keep", h.change)
	r.Post(agendaPath+"/:id/einde", "agenda.keep", h.remove)
}

// agendaForm is an entry as it stands on the screen.
type agendaForm struct {
	ID      ids.ID // Nil: a new one
	Draft   agenda.Draft
	Places  []children.Place
	Problem error
}

func (f agendaForm) action() string {
	if f.ID == ids.Nil {
		return agendaPath
	}
	return agendaPath + "/" + f.ID.String()
}

func (h *AgendaPages) list(c *fiber.Ctx) error {
	entries, err := h.service.Kept(web.Ctx(c))
	if err != nil {
		return err
	}
	places, err := h.children.Places(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, agendaListPage(entries, places))
}

func (h *AgendaPages) render(c *fiber.Ctx, status int, f agendaForm) (err error) {
	if f.Places, err = h.children.Places(web.Ctx(c)); err != nil {
		return err
	}
	return web.Render(c, status, agendaFormPage(f))
}

func (h *AgendaPages) blank(c *fiber.Ctx) error {
	return h.render(c, fiber.StatusOK, agendaForm{Draft: agenda.Draft{FormKey: formkey.New(), Kind: agenda.Activity}})
}

func (h *AgendaPages) show(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	e, err := h.service.Find(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return h.render(c, fiber.StatusOK, agendaForm{ID: id, Draft: agenda.Draft{Kind: e.Kind, LocationID: e.LocationID, GroupID: e.GroupID, FirstDay: e.FirstDay, LastDay: e.LastDay,
		FromTime: e.FromTime, ToTime: e.ToTime, Title: e.Title, Place: e.Place, Version: e.Version}})
}

// agendaDraftOf reads the form. A place that is none is BadRequest: empty means all of the organisation.
func agendaDraftOf(c *fiber.Ctx) (agenda.Draft, error) {
	d := agenda.Draft{Kind: agenda.Kind(c.FormValue("kind")), FirstDay: dayOf(c, "first_day"), LastDay: dayOf(c, "last_day"),
		FromTime: c.FormValue("from_time"), ToTime: c.FormValue("to_time"), Title: c.FormValue("title"), Place: c.FormValue("place"), Version: versionOf(c)}
	d.FormKey, _ = ids.Parse(c.FormValue(formkey.Field))
	location, group, _ := strings.Cut(c.FormValue("where"), "/")
	d.LocationID, d.GroupID = idOf(location), idOf(group)
	if location != "" && d.LocationID == ids.Nil || group != "" && d.GroupID == ids.Nil {
		return d, fault.New(fault.BadRequest, "error.bad_request")
	}
	return d, nil
}

func (h *AgendaPages) add(c *fiber.Ctx) error {
	draft, err := agendaDraftOf(c)
	if err != nil {
		return err
	}
	_, err = h.service.Add(web.Ctx(c), draft)
	return h.done(c, agendaForm{Draft: draft, Problem: err})
}

func (h *AgendaPages) change(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	draft, err := agendaDraftOf(c)
	if err != nil {
		return err
	}
	return h.done(c, agendaForm{ID: id, Draft: draft, Problem: h.service.Change(web.Ctx(c), id, draft)})
}

// done goes on to the list, or shows the form again with what is wrong.
func (h *AgendaPages) done(c *fiber.Ctx, f agendaForm) error {
	if f.Problem == nil {
		return saved(c, "org.saved", agendaPath)
	}
	if e, ok := fault.As(f.Problem); ok && e.Key == "form.error.key_used" {
		f.Draft.FormKey = formkey.New() // what is on the screen now is another form than the one that was sent
	}
	if code := fault.CodeOf(f.Problem); code == fault.Invalid || code == fault.Conflict {
		return h.render(c, fiber.StatusUnprocessableEntity, f)
	}
	return f.Problem
}

func (h *AgendaPages) remove(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := h.service.Remove(web.Ctx(c), id); err != nil {
		return err
	}
	return saved(c, "org.agenda.removed", agendaPath)
}

// i18n:keys org.agenda.kind.*
func agendaKinds(ctx context.Context, chosen agenda.Kind) []ui.Option {
	var list []ui.Option
	for _, kind := range []agenda.Kind{agenda.Activity, agenda.Closed} {
		list = append(list, ui.Option{Value: string(kind), Label: i18n.T(ctx, "org.agenda.kind."+string(kind)), Selected: kind == chosen})
	}
	return list
}

// agendaPlaces are where an entry can be of: all of the organisation for an admin, a location, or a group of one.
func agendaPlaces(ctx context.Context, f agendaForm) []ui.Option {
	var list []ui.Option
	if web.May(ctx, "children.open_location") {
		list = append(list, ui.Option{Label: i18n.T(ctx, "org.agenda.everywhere"), Selected: f.Draft.LocationID == ids.Nil})
	}
	for _, p := range f.Places {
		list = append(list, ui.Option{Value: p.ID.String(), Label: p.Name, Selected: f.Draft.LocationID == p.ID && f.Draft.GroupID == ids.Nil})
		for _, g := range p.Groups {
			list = append(list, ui.Option{Value: p.ID.String() + "/" + g.ID.String(), Label: p.Name + " · " + g.Name, Selected: f.Draft.GroupID == g.ID})
		}
	}
	return list
}

// whereWords name the place of an entry.
func whereWords(ctx context.Context, e *agenda.Entry, places []children.Place) string {
	for _, p := range places {
		if p.ID != e.LocationID {
			continue
		}
		for _, g := range p.Groups {
			if g.ID == e.GroupID {
				return p.Name + " · " + g.Name
			}
		}
		return p.Name
	}
	return i18n.T(ctx, "org.agenda.everywhere")
}

// whenWords are the days and times of an entry.
func whenWords(ctx context.Context, e *agenda.Entry) string {
	words := day(ctx, e.FirstDay)
	if e.LastDay != e.FirstDay {
		words += " – " + day(ctx, e.LastDay)
	}
	if e.FromTime != "" {
		words += ", " + strings.TrimSuffix(e.FromTime+"–"+e.ToTime, "–")
	}
	return words
}

// mayKeepAgenda tells that the reader may change an entry: one of all of the organisation is the admin's.
func mayKeepAgenda(ctx context.Context, e *agenda.Entry) bool {
	return e.LocationID != ids.Nil || web.May(ctx, "children.open_location")
}
