package org

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

const placesPath = "/beheer/locaties"

func notFound() error { return fault.NotFound() }

// today is the organisation's day at the moment of the request.
func today(c *fiber.Ctx) tenants.Date {
	tenant, _ := tenants.From(web.Ctx(c))
	return tenant.DateOf(clock.Of(web.Ctx(c)))
}

func (h *Handlers) places(c *fiber.Ctx) error {
	list, err := h.children.Places(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, placesPage(list, today(c)))
}

// locationForm is the form for a location.
type locationForm struct {
	form
	Name     string // of a location that is there
	Location children.LocationDraft
	held     *children.Place
	today    tenants.Date
	kept     keptForm // of one that is there
}

func locationDraftOf(c *fiber.Ctx) children.LocationDraft {
	d := children.LocationDraft{Name: c.FormValue("name"), Street: c.FormValue("street"), Postcode: c.FormValue("postcode"), City: c.FormValue("city"),
		Phone: c.FormValue("phone"), Email: c.FormValue("email"), LRK: map[children.CareType]string{}, Version: versionOf(c)}
	for _, care := range children.CareTypes {
		if number := c.FormValue("lrk_" + string(care)); number != "" {
			d.LRK[care] = number
		}
	}
	return d
}

func (h *Handlers) newLocation(c *fiber.Ctx) error {
	return web.Render(c, fiber.StatusOK, locationPage(locationForm{form: form{Action: placesPath, Back: placesPath}}))
}

func (h *Handlers) addLocation(c *fiber.Ctx) error {
	draft := locationDraftOf(c)
	if _, err := h.children.AddLocation(web.Ctx(c), draft); err != nil {
		return h.again(c, err, func(status int) error {
			return web.Render(c, status, locationPage(locationForm{form: form{Action: placesPath, Back: placesPath, Problem: err}, Location: draft}))
		})
	}
	return saved(c, "org.place.added", placesPath)
}

// openPlace finds a location of the actor, or the location with a group of the actor and that group.
func (h *Handlers) openPlace(c *fiber.Ctx) (*children.Place, *children.PlaceGroup, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, nil, err
	}
	list, err := h.children.Places(web.Ctx(c))
	if err != nil {
		return nil, nil, err
	}
	for i := range list {
		if list[i].ID == id {
			return &list[i], nil, nil
		}
		for j := range list[i].Groups {
			if list[i].Groups[j].ID == id {
				return &list[i], &list[i].Groups[j], nil
			}
		}
	}
	return nil, nil, notFound()
}

// location is openPlace for addresses of a location.
func (h *Handlers) openLocation(c *fiber.Ctx) (*children.Place, error) {
	p, g, err := h.openPlace(c)
	if err == nil && g != nil {
		return nil, notFound()
	}
	return p, err
}

func locationOf(c *fiber.Ctx, p *children.Place) locationForm {
	f := locationForm{form: form{Action: placesPath + "/" + p.ID.String(), Back: placesPath, Version: p.Version}, Name: p.Name, held: p, today: today(c),
		Location: children.LocationDraft{Name: p.Name, Street: p.Street, Postcode: p.Postcode, City: p.City, Phone: p.Phone, Email: p.Email, LRK: map[children.CareType]string{}}}
	for _, care := range p.Cares {
		f.Location.LRK[care.CareType] = care.LRKNumber
	}
	f.Seen = seenNow(locationFieldsOf(f.Location, &f.Location))
	return f
}

func (h *Handlers) location(c *fiber.Ctx) error {
	p, err := h.openLocation(c)
	if err != nil {
		return err
	}
	return h.showLocation(c, fiber.StatusOK, locationOf(c, p), untouched)
}

func (h *Handlers) changeLocation(c *fiber.Ctx) error {
	draft := locationDraftOf(c)
	return h.stepLocation(c, "org.saved", func(p *children.Place) error { return h.children.EditLocation(web.Ctx(c), p.ID, draft) }, func(f *locationForm) {
		f.Location, f.Version = draft, draft.Version
	})
}

func (h *Handlers) closeLocation(c *fiber.Ctx) error {
	return h.stepLocation(c, "org.place.closed", func(p *children.Place) error {
		return h.children.CloseLocation(web.Ctx(c), p.ID, dayOf(c, "last"), versionOf(c))
	}, func(*locationForm) {})
}

func (h *Handlers) stepLocation(c *fiber.Ctx, key string, do func(p *children.Place) error, typed func(f *locationForm)) error {
	p, err := h.openLocation(c)
	if err != nil {
		return err
	}
	if err := do(p); err != nil {
		return h.again(c, err, func(status int) error {
			f := locationOf(c, p)
			now := f.Location
			typed(&f)
			f.Problem = err
			if other := h.reopen(c, &f.form, p.ID, p.Version, locationFieldsOf(now, &f.Location)); other != nil {
				return other
			}
			return h.showLocation(c, status, f, untouched)
		})
	}
	return saved(c, key, placesPath)
}

// groupForm is the form for a group of a location.
type groupForm struct {
	form
	Name  string // of a group that is there
	Group children.GroupDraft
	place *children.Place
	held  *children.PlaceGroup
	today tenants.Date
}

func groupDraftOf(c *fiber.Ctx) children.GroupDraft {
	return children.GroupDraft{Name: c.FormValue("name"), Symbol: c.FormValue("symbol"), CareType: children.CareType(c.FormValue("care_type")),
		FromAgeMonths: numberOf(c.FormValue("from_age")), ToAgeMonths: numberOf(c.FormValue("to_age")), Version: versionOf(c)}
}

func (h *Handlers) newGroup(c *fiber.Ctx) error {
	p, err := h.openLocation(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, groupPage(groupForm{form: form{Action: placesPath + "/" + p.ID.String() + "/groepen", Back: placesPath}, place: p, Group: children.GroupDraft{ToAgeMonths: 48}}))
}

func (h *Handlers) addGroup(c *fiber.Ctx) error {
	p, err := h.openLocation(c)
	if err != nil {
		return err
	}
	draft := groupDraftOf(c)
	if _, err := h.children.AddGroup(web.Ctx(c), p.ID, draft); err != nil {
		return h.again(c, err, func(status int) error {
			return web.Render(c, status, groupPage(groupForm{form: form{Action: c.Path(), Back: placesPath, Problem: err}, place: p, Group: draft}))
		})
	}
	return saved(c, "org.group.added", placesPath)
}

func (h *Handlers) openGroup(c *fiber.Ctx) (groupForm, error) {
	p, g, err := h.openPlace(c)
	if err != nil {
		return groupForm{}, err
	}
	if g == nil {
		return groupForm{}, notFound()
	}
	draft := children.GroupDraft{Name: g.Name, Symbol: g.Symbol, CareType: g.CareType, FromAgeMonths: g.FromAgeMonths, ToAgeMonths: g.ToAgeMonths}
	return groupForm{form: form{Action: "/beheer/groepen/" + g.ID.String(), Back: placesPath, Version: g.Version, Seen: seenNow(groupFieldsOf(draft, &draft))}, Name: g.Name, place: p,
		held: g, today: today(c), Group: draft}, nil
}

func (h *Handlers) group(c *fiber.Ctx) error {
	f, err := h.openGroup(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, groupPage(f))
}

func (h *Handlers) changeGroup(c *fiber.Ctx) error {
	draft := groupDraftOf(c)
	return h.stepGroup(c, "org.saved", func(id ids.ID) error { return h.children.EditGroup(web.Ctx(c), id, draft) }, func(f *groupForm) { f.Group, f.Version = draft, draft.Version })
}

func (h *Handlers) closeGroup(c *fiber.Ctx) error {
	return h.stepGroup(c, "org.group.closed", func(id ids.ID) error {
		return h.children.CloseGroup(web.Ctx(c), id, dayOf(c, "last"), versionOf(c))
	}, func(*groupForm) {})
}

func (h *Handlers) stepGroup(c *fiber.Ctx, key string, do func(id ids.ID) error, typed func(f *groupForm)) error {
	f, err := h.openGroup(c)
	if err != nil {
		return err
	}
	if err := do(f.held.ID); err != nil {
		return h.again(c, err, func(status int) error {
			now := f.Group
			typed(&f)
			f.Problem = err
			if other := h.reopen(c, &f.form, f.held.ID, f.held.Version, groupFieldsOf(now, &f.Group)); other != nil {
				return other
			}
			return web.Render(c, status, groupPage(f))
		})
	}
	return saved(c, key, placesPath)
}
