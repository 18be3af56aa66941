package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/absences"
	"ouderportaal/tenants"
)

func (h *Handlers) open(c *fiber.Ctx) error {
	page, err := h.absences.Open(web.Ctx(c))
	if err != nil {
		return err
	}
	f := form{Draft: absences.Draft{FormKey: formkey.New()}}
	if child, ok := ids.Parse(c.Query("kind")); ok {
		f.Draft.ChildIDs = []ids.ID{child}
	} else if len(page.Children) == 1 {
		f.Draft.ChildIDs = []ids.ID{page.Children[0].ID}
	}
	if on := tenants.Date(c.Query("dag")); on.Valid() {
		f.Draft.Days = []tenants.Date{on}
	}
	return web.Render(c, fiber.StatusOK, absencesPage(page, f))
}

func (h *Handlers) report(c *fiber.Ctx) error {
	draft, err := draftOf(c)
	if err != nil {
		return err
	}
	done, err := h.absences.Report(web.Ctx(c), draft)
	if fault.CodeOf(err) == fault.Invalid && err != nil {
		page, openErr := h.absences.Open(web.Ctx(c))
		if openErr != nil {
			return openErr
		}
		return web.Render(c, fiber.StatusUnprocessableEntity, absencesPage(page, refused(draft, err)))
	}
	if err != nil {
		return err
	}
	switch {
	case done.Reported == 0:
		web.Flash(c, "absences.reported.before")
	case done.Late:
		web.Flash(c, "absences.reported.late")
	default:
		web.Flash(c, "absences.reported")
	}
	return web.Go(c, path)
}

// withdraw takes back what can still be taken back. That it cannot any more is told on the page that follows.
func (h *Handlers) withdraw(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	err = h.absences.Withdraw(web.Ctx(c), id)
	if refusal, ok := fault.As(err); ok && refusal.Code == fault.Conflict {
		web.FlashProblem(c, refusal.Key)
		return web.Go(c, path)
	}
	if err != nil {
		return err
	}
	web.Flash(c, "absences.withdrawn")
	return web.Go(c, path)
}
