package org

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
	"ouderportaal/modules/locations"
)

// keptForm is what guardians read of a location, as it stands on the screen below its own data.
type keptForm struct {
	*locations.Kept
	OpeningProblem   error
	Exception        locations.Exception // that is added
	ExceptionProblem error
}

// refused is why one of the two forms came back.
func (k keptForm) refused() error {
	if k.OpeningProblem != nil {
		return k.OpeningProblem
	}
	return k.ExceptionProblem
}

func placePath(location ids.ID) string { return placesPath + "/" + location.String() }

// showLocation shows the page of a location with what typed makes of the forms about its times.
func (h *Handlers) showLocation(c *fiber.Ctx, status int, f locationForm, typed func(k *keptForm)) error {
	kept, err := h.rooms.Kept(web.Ctx(c), f.held.ID)
	if err != nil {
		return err
	}
	f.kept = keptForm{Kept: kept}
	typed(&f.kept)
	return web.Render(c, status, locationPage(f))
}

func untouched(*keptForm) {}

// openingOf reads the times of the week: two for each day, of which an empty one is none.
func openingOf(c *fiber.Ctx, location ids.ID) locations.Opening {
	o := locations.Opening{LocationID: location, Version: versionOf(c)}
	for n := 1; n <= 7; n++ {
		for _, which := range []string{"", "again_"} {
			day := strconv.Itoa(n)
			if from, to := c.FormValue(which+"from_"+day), c.FormValue(which+"to_"+day); from != "" || to != "" {
				o.Days = append(o.Days, children.CareDay{Weekday: n, From: from, To: to})
			}
		}
	}
	return o
}

func (h *Handlers) setOpening(c *fiber.Ctx) error {
	p, err := h.openLocation(c)
	if err != nil {
		return err
	}
	o := openingOf(c, p.ID)
	err = h.rooms.SetOpening(web.Ctx(c), o)
	return h.keepTimes(c, p, err, func(k *keptForm) {
		k.OpeningProblem, k.Opening.Days = err, o.Days
	})
}

func (h *Handlers) except(c *fiber.Ctx) error {
	p, err := h.openLocation(c)
	if err != nil {
		return err
	}
	e := locations.Exception{LocationID: p.ID, OnDay: dayOf(c, "on_day"), FromTime: c.FormValue("from_time"), ToTime: c.FormValue("to_time"), Reason: c.FormValue("reason")}
	err = h.rooms.Except(web.Ctx(c), e)
	return h.keepTimes(c, p, err, func(k *keptForm) {
		k.ExceptionProblem, k.Exception = err, e
	})
}

// keepTimes goes back to the location, or shows it again with what was typed.
func (h *Handlers) keepTimes(c *fiber.Ctx, p *children.Place, problem error, typed func(k *keptForm)) error {
	if problem != nil {
		return h.again(c, problem, func(status int) error { return h.showLocation(c, status, locationOf(c, p), typed) })
	}
	return saved(c, "org.saved", placePath(p.ID))
}

func (h *Handlers) dropException(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	location, err := h.rooms.DropException(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return saved(c, "org.saved", placePath(location))
}
