package web

import (
	"context"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/care"
	"ouderportaal/tenants"
)

func (h *Handlers) arrive(c *fiber.Ctx) error { return h.act(c, h.care.Arrive, "care.arrived") }

func (h *Handlers) collect(c *fiber.Ctx) error { return h.act(c, h.care.Collect, "care.collected") }

func (h *Handlers) wake(c *fiber.Ctx) error { return h.act(c, h.care.Wake, "care.woken") }

// i18n:keys care.arrived* care.collected* care.woken*

// act does one thing for the chosen children, which the group's page names "kind" and the form "children".
func (h *Handlers) act(c *fiber.Ctx, do func(ctx context.Context, key, group ids.ID, childIDs []ids.ID) (care.Done, error), said string) error {
	group, err := web.ID(c, "group")
	if err != nil {
		return err
	}
	key, _ := ids.Parse(c.FormValue(formkey.Field))
	chosen, err := web.IDs(c, "kind")
	if err != nil {
		return err
	}
	also, err := web.IDs(c, "children")
	if err != nil {
		return err
	}
	done, err := do(web.Ctx(c), key, group, append(chosen, also...))
	switch e, _ := fault.As(err); {
	case fault.CodeOf(err) == fault.Invalid && err != nil:
		web.FlashProblem(c, e.Key)
	case err != nil:
		return err
	case done.Children == 0 && len(chosen)+len(also) == 0:
		web.FlashProblem(c, "care.nobody_chosen")
	case done.Children == 0:
		web.Flash(c, said+".nobody")
	default:
		web.FlashUndo(c, said, undoPath(group, done.ActionID))
	}
	return web.Go(c, groupPath(group))
}

func groupPath(group ids.ID) string { return "/groep/" + group.String() }

// dayPath is where a day of a group is written in; empty is today.
func dayPath(group ids.ID, on tenants.Date) string {
	path := groupPath(group) + "/zorg"
	if on == "" {
		return path
	}
	return path + "?dag=" + string(on)
}

// backTo leads from what was noted of today to the group, and of an earlier day to that day.
func backTo(group ids.ID, on, today tenants.Date) string {
	if on == "" || on == today {
		return groupPath(group)
	}
	return dayPath(group, on)
}

func undoPath(group, action ids.ID) string { return groupPath(group) + "/ongedaan/" + action.String() }

func (h *Handlers) undo(c *fiber.Ctx) error {
	group, err := web.ID(c, "group")
	if err != nil {
		return err
	}
	action, err := web.ID(c, "action")
	if err != nil {
		return err
	}
	n, err := h.care.Undo(web.Ctx(c), group, action)
	if err != nil {
		return err
	}
	if n == 0 {
		web.Flash(c, "care.undone.nothing")
	} else {
		web.Flash(c, "care.undone")
	}
	return web.Go(c, groupPath(group))
}

func (h *Handlers) open(c *fiber.Ctx) error {
	group, err := web.ID(c, "group")
	if err != nil {
		return err
	}
	page, err := h.care.Open(web.Ctx(c), group, tenants.Date(c.Query("dag")))
	if err != nil {
		return err
	}
	f := newForm("")
	if page.On == page.Today {
		f.From = i18n.Time(web.Ctx(c), clock.Of(web.Ctx(c)))
	}
	for _, value := range c.Context().QueryArgs().PeekMulti("kind") {
		if id, ok := ids.Parse(string(value)); ok {
			f.Chosen[id] = true
		}
	}
	return web.Render(c, fiber.StatusOK, openPage(h.rail(web.Ctx(c)), page, f))
}

func (h *Handlers) note(c *fiber.Ctx) error {
	group, err := web.ID(c, "group")
	if err != nil {
		return err
	}
	f, err := formOf(c)
	if err != nil {
		return err
	}
	done, err := h.care.Note(web.Ctx(c), f.draft(group))
	if fault.CodeOf(err) == fault.Invalid && err != nil {
		page, openErr := h.care.Open(web.Ctx(c), group, f.On)
		if openErr != nil {
			return openErr
		}
		return web.Render(c, fiber.StatusUnprocessableEntity, openPage(h.rail(web.Ctx(c)), page, f.refused(err)))
	}
	if err != nil {
		return err
	}
	web.FlashUndo(c, "care.noted", undoPath(group, done.ActionID))
	return web.Go(c, backTo(group, f.On, today(web.Ctx(c))))
}

func (h *Handlers) show(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	file, err := h.care.Find(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, recordPage(h.rail(web.Ctx(c)), file, formOfRecord(web.Ctx(c), file.Record)))
}

func (h *Handlers) correct(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	file, err := h.care.Find(web.Ctx(c), id)
	if err != nil {
		return err
	}
	f, err := formOf(c)
	if err != nil {
		return err
	}
	f.Kind = file.Record.Kind
	version, _ := strconv.Atoi(c.FormValue("version"))
	err = h.care.Correct(web.Ctx(c), id, version, f.draft(file.Record.GroupID))
	if code := fault.CodeOf(err); err != nil && (code == fault.Invalid || code == fault.Conflict) {
		return web.Render(c, fiber.StatusUnprocessableEntity, recordPage(h.rail(web.Ctx(c)), file, f.refused(err)))
	}
	if err != nil {
		return err
	}
	web.Flash(c, "care.corrected")
	return web.Go(c, backTo(file.Record.GroupID, file.Record.CareOn, file.Today))
}

func (h *Handlers) withdraw(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	file, err := h.care.Find(web.Ctx(c), id)
	if err != nil {
		return err
	}
	if err := h.care.Withdraw(web.Ctx(c), id); err != nil {
		return err
	}
	web.Flash(c, "care.withdrawn")
	return web.Go(c, backTo(file.Record.GroupID, file.Record.CareOn, file.Today))
}
