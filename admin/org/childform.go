package org

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// childForm is the form for a child. First is the placement that a new child begins with; nil for a child that is there.
type childForm struct {
	form
	Child children.ChildDraft
	First *placementForm
}

func (h *Handlers) newChild(c *fiber.Ctx) error {
	places, err := h.children.Places(web.Ctx(c))
	if err != nil {
		return err
	}
	first := placementForm{places: places, Placement: children.PlacementDraft{}}
	return web.Render(c, fiber.StatusOK, childFormPage("", childForm{form: form{Action: childrenPath, Back: childrenPath}, First: &first}))
}

func (h *Handlers) addChild(c *fiber.Ctx) error {
	draft, first := childDraftOf(c), placementDraftOf(c)
	asked := &first
	if first.GroupID == ids.Nil && first.StartsOn == "" && len(first.Days) == 0 {
		asked = nil
	}
	id, err := h.children.AddChild(web.Ctx(c), draft, asked)
	if err != nil {
		return h.again(c, err, func(status int) error {
			places, other := h.children.Places(web.Ctx(c))
			if other != nil {
				return other
			}
			f := childForm{form: form{Action: childrenPath, Back: childrenPath, Problem: err}, Child: draft, First: &placementForm{places: places, Placement: first, form: form{Problem: err}}}
			return web.Render(c, status, childFormPage("", f))
		})
	}
	return saved(c, "org.child.added", childrenPath+"/"+id.String())
}

func childDraftOf(c *fiber.Ctx) children.ChildDraft {
	return children.ChildDraft{GivenName: c.FormValue("given_name"), FamilyName: c.FormValue("family_name"), BirthOn: dayOf(c, "birth_on"), Version: versionOf(c)}
}

func (h *Handlers) editChild(c *fiber.Ctx) error {
	f, err := h.openChild(c)
	if err != nil {
		return err
	}
	path := childrenPath + "/" + f.ID.String()
	draft := children.ChildDraft{GivenName: f.GivenName, FamilyName: f.FamilyName, BirthOn: f.BirthOn}
	return web.Render(c, fiber.StatusOK, childFormPage(f.Name(), childForm{form: form{Action: path, Back: path, Version: f.Version, Seen: seenNow(childFields(draft, &draft))}, Child: draft}))
}

// openChild gives the file of a child that the actor may change: a form for another is not found.
func (h *Handlers) openChild(c *fiber.Ctx) (*children.File, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	f, err := h.children.Open(web.Ctx(c), id)
	if err != nil {
		return nil, err
	}
	if !f.Kept {
		return nil, notFound()
	}
	return f, h.noteOpened(web.Ctx(c), f)
}

func (h *Handlers) changeChild(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	draft, path := childDraftOf(c), childrenPath+"/"+id.String()
	err = h.children.EditChild(web.Ctx(c), id, draft)
	if err != nil {
		return h.again(c, err, func(status int) error {
			f, other := h.children.Open(web.Ctx(c), id)
			if other != nil {
				return other
			}
			again := childForm{form: form{Action: path, Back: path, Version: draft.Version, Problem: err}, Child: draft}
			fields := childFields(children.ChildDraft{GivenName: f.GivenName, FamilyName: f.FamilyName, BirthOn: f.BirthOn}, &again.Child)
			if other := h.reopen(c, &again.form, id, f.Version, fields); other != nil {
				return other
			}
			return web.Render(c, status, childFormPage(f.Name(), again))
		})
	}
	f, err := h.children.Open(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return edited(c, path, path, draft.Version, f.Version)
}

// placementForm is the form for a placement.
type placementForm struct {
	form
	Placement children.PlacementDraft
	child     *children.File
	held      *children.FiledPlacement // nil for a new one
	places    []children.Place
}

func placementDraftOf(c *fiber.Ctx) children.PlacementDraft {
	return children.PlacementDraft{GroupID: idOf(c.FormValue("group")), StartsOn: dayOf(c, "starts_on"), EndsOn: dayOf(c, "ends_on"), Days: careDaysOf(c), Version: versionOf(c)}
}

func (h *Handlers) newPlacement(c *fiber.Ctx) error {
	f, err := h.openChild(c)
	if err != nil {
		return err
	}
	return h.showPlacement(c, fiber.StatusOK, placementForm{form: form{Action: childrenPath + "/" + f.ID.String() + "/plaatsingen"}, child: f})
}

func (h *Handlers) addPlacement(c *fiber.Ctx) error {
	f, err := h.openChild(c)
	if err != nil {
		return err
	}
	draft := placementDraftOf(c)
	if _, err := h.children.Place(web.Ctx(c), f.ID, draft); err != nil {
		return h.again(c, err, func(status int) error {
			return h.showPlacement(c, status, placementForm{form: form{Action: c.Path(), Problem: err}, child: f, Placement: draft})
		})
	}
	return saved(c, "org.placement.added", childrenPath+"/"+f.ID.String())
}

func (h *Handlers) placement(c *fiber.Ctx) error {
	f, p, err := h.openPlacement(c)
	if err != nil {
		return err
	}
	draft := children.PlacementDraft{GroupID: p.GroupID, StartsOn: p.StartsOn, EndsOn: p.EndsOn, Days: p.Days}
	seen := seenNow(placementFieldsOf(draft, &draft, nil))
	return h.showPlacement(c, fiber.StatusOK, placementForm{form: form{Action: c.Path(), Version: p.Version, Seen: seen}, child: f, held: p, Placement: draft})
}

func (h *Handlers) openPlacement(c *fiber.Ctx) (*children.File, *children.FiledPlacement, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, nil, err
	}
	f, p, err := h.children.FileOfPlacement(web.Ctx(c), id)
	if err != nil {
		return nil, nil, err
	}
	if !f.Kept {
		return nil, nil, notFound()
	}
	return f, p, h.noteOpened(web.Ctx(c), f)
}

func (h *Handlers) showPlacement(c *fiber.Ctx, status int, p placementForm) error {
	var err error
	if p.places, err = h.children.Places(web.Ctx(c)); err != nil {
		return err
	}
	p.Back = childrenPath + "/" + p.child.ID.String()
	return web.Render(c, status, placementPage(p))
}

func (h *Handlers) changePlacement(c *fiber.Ctx) error {
	f, p, err := h.openPlacement(c)
	if err != nil {
		return err
	}
	draft := placementDraftOf(c)
	if err := h.children.EditPlacement(web.Ctx(c), p.ID, draft); err != nil {
		return h.again(c, err, func(status int) error {
			again := placementForm{form: form{Action: c.Path(), Version: draft.Version, Problem: err}, child: f, held: p, Placement: draft}
			groups, other := h.groupNames(c)
			if other != nil {
				return other
			}
			fields := placementFieldsOf(children.PlacementDraft{GroupID: p.GroupID, StartsOn: p.StartsOn, EndsOn: p.EndsOn, Days: p.Days}, &again.Placement, groups)
			if other := h.reopen(c, &again.form, p.ID, p.Version, fields); other != nil {
				return other
			}
			return h.showPlacement(c, status, again)
		})
	}
	now := draft.Version
	switch _, after, err := h.children.FileOfPlacement(web.Ctx(c), p.ID); {
	case err == nil:
		now = after.Version
	case fault.CodeOf(err) != fault.Missing: // it went to a location of another manager
		return err
	}
	return edited(c, "/beheer/plaatsingen/"+p.ID.String(), childrenPath+"/"+f.ID.String(), draft.Version, now)
}

// groupNames are the names of the actor's groups, by id.
func (h *Handlers) groupNames(c *fiber.Ctx) (map[string]string, error) {
	places, err := h.children.Places(web.Ctx(c))
	names := map[string]string{}
	for _, p := range places {
		for _, g := range p.Groups {
			names[g.ID.String()] = g.Name
		}
	}
	return names, err
}

// stepPlacement carries out one step on a placement that has no form of its own, and says what undoes it.
func (h *Handlers) stepPlacement(c *fiber.Ctx, key string, step func(p *children.FiledPlacement, version int) error, undo func(p *children.FiledPlacement, version int) string) error {
	f, p, err := h.openPlacement(c)
	if err != nil {
		return err
	}
	version := numberOf(c.FormValue("version"))
	if err := step(p, version); err != nil {
		return h.again(c, err, func(status int) error {
			again := placementForm{form: form{Action: "/beheer/plaatsingen/" + p.ID.String(), Version: p.Version, Problem: err}, child: f, held: p,
				Placement: children.PlacementDraft{GroupID: p.GroupID, StartsOn: p.StartsOn, EndsOn: p.EndsOn, Days: p.Days}}
			if isStale(err) {
				var other error
				if again.Conflict, other = h.meet(web.Ctx(c), p.ID, nil, nil); other != nil {
					return other
				}
			}
			return h.showPlacement(c, status, again)
		})
	}
	back := childrenPath + "/" + f.ID.String()
	after, err := h.children.Open(web.Ctx(c), f.ID)
	switch {
	case fault.CodeOf(err) == fault.Missing: // the child went with the placement
		return saved(c, key, childrenPath)
	case err != nil:
		return err
	}
	if way := undo(p, version+1); way != "" && after.Kept {
		return undoable(c, key, back, way)
	}
	return saved(c, key, back)
}

func (h *Handlers) endPlacement(c *fiber.Ctx) error {
	last := tenants.Date(c.FormValue("last"))
	if d, ok := children.ParseDay(string(last)); ok {
		last = d
	} else if last != "" || c.FormValue("undo") == "" {
		last = "?" // an end that is no day; the check says so
	}
	return h.stepPlacement(c, "org.placement.ended_on", func(p *children.FiledPlacement, version int) error {
		return h.children.EndPlacement(web.Ctx(c), p.ID, last, version)
	}, func(p *children.FiledPlacement, version int) string {
		if c.FormValue("undo") != "" {
			return ""
		}
		return undoPath("/beheer/plaatsingen/"+p.ID.String()+"/einde", version, p.EndsOn)
	})
}

func (h *Handlers) cancelPlacement(c *fiber.Ctx) error {
	return h.stepPlacement(c, "org.placement.was_cancelled", func(p *children.FiledPlacement, version int) error {
		return h.children.CancelPlacement(web.Ctx(c), p.ID, version)
	}, func(p *children.FiledPlacement, version int) string {
		return undoPath("/beheer/plaatsingen/"+p.ID.String()+"/herstel", version, "")
	})
}

func (h *Handlers) restorePlacement(c *fiber.Ctx) error {
	return h.stepPlacement(c, "org.placement.restored", func(p *children.FiledPlacement, version int) error {
		return h.children.RestorePlacement(web.Ctx(c), p.ID, version)
	}, func(*children.FiledPlacement, int) string { return "" })
}

// mentorForm is the form for who is the mentor of a child from which day on.
type mentorForm struct {
	form
	child     *children.File
	workers   []children.Worker
	Seen      ids.ID // the row of who is the mentor now
	Mentor    ids.ID
	ValidFrom tenants.Date
}

func (h *Handlers) mentor(c *fiber.Ctx) error {
	f, err := h.openChild(c)
	if err != nil {
		return err
	}
	m := mentorForm{child: f, ValidFrom: f.Today}
	if now := f.Mentor(); now != nil {
		m.Seen, m.Mentor = now.ID, now.PersonID
	}
	return h.showMentor(c, fiber.StatusOK, m)
}

func (h *Handlers) showMentor(c *fiber.Ctx, status int, m mentorForm) error {
	var err error
	if m.workers, err = h.children.Workers(web.Ctx(c), m.child.ID); err != nil {
		return err
	}
	m.Action, m.Back = c.Path(), childrenPath+"/"+m.child.ID.String()
	return web.Render(c, status, mentorPage(m))
}

func (h *Handlers) setMentor(c *fiber.Ctx) error {
	f, err := h.openChild(c)
	if err != nil {
		return err
	}
	m := mentorForm{child: f, Seen: idOf(c.FormValue("seen")), Mentor: idOf(c.FormValue("mentor")), ValidFrom: dayOf(c, "valid_from")}
	if err := h.children.SetMentor(web.Ctx(c), f.ID, m.Mentor, m.ValidFrom, m.Seen); err != nil {
		return h.again(c, err, func(status int) error {
			m.Problem = err
			if isStale(err) {
				name := ""
				m.Seen = ids.Nil
				if now := f.Mentor(); now != nil {
					m.Seen, name = now.ID, now.Name
				}
				var other error
				if m.Conflict, other = h.meet(web.Ctx(c), f.ID, nil, []meeting{{field: "mentor", now: orDash(name), typed: h.workerName(c, f.ID, m.Mentor)}}); other != nil {
					return other
				}
			}
			return h.showMentor(c, status, m)
		})
	}
	return saved(c, "org.saved", childrenPath+"/"+f.ID.String())
}

// workerName is the name of who was chosen, as far as they can be.
func (h *Handlers) workerName(c *fiber.Ctx, child, chosen ids.ID) string {
	workers, err := h.children.Workers(web.Ctx(c), child)
	if err == nil {
		for _, w := range workers {
			if w.ID == chosen {
				return w.Name
			}
		}
	}
	return "–"
}
