package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/declarations"
)

func (h *Handlers) own(c *fiber.Ctx) error {
	list, err := h.declarations.Own(web.Ctx(c), ids.Nil)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, ownPage(list))
}

// ofChild is the part of the page of a child, and a page by itself for who has no scripts.
func (h *Handlers) ofChild(c *fiber.Ctx) error {
	child, err := web.ID(c, "child")
	if err != nil {
		return err
	}
	list, err := h.declarations.Own(web.Ctx(c), child)
	if err != nil {
		return err
	}
	if frame := web.FrameOf(c); frame != "" {
		return web.Render(c, fiber.StatusOK, childPart(list[0]))
	}
	return web.Render(c, fiber.StatusOK, ownPage(list))
}

// filledForm is the form as it stands on the screen.
type filledForm struct {
	*declarations.Standing
	Name    string // what the actor signs with
	Filled  declarations.Filled
	Problem error
}

func (h *Handlers) open(c *fiber.Ctx) (f filledForm, err error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return f, err
	}
	child, err := web.ID(c, "child")
	if err != nil {
		return f, err
	}
	f.Standing, f.Name, err = h.declarations.Form(web.Ctx(c), id, child)
	if err == nil {
		f.Filled = f.Standing.Filled()
	}
	return f, err
}

func (h *Handlers) form(c *fiber.Ctx) error {
	f, err := h.open(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, formPage(f))
}

// answer keeps what was filled in. What is refused is kept by the service too, and stands in the form that follows.
func (h *Handlers) answer(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	child, err := web.ID(c, "child")
	if err != nil {
		return err
	}
	words, err := strconv.Atoi(c.FormValue("words"))
	if err != nil || words < 1 {
		return fault.New(fault.BadRequest, "error.bad_request")
	}
	refused := h.declarations.Answer(web.Ctx(c), declarations.Reply{DeclarationID: id, ChildID: child, Words: words, Filled: filledOf(c)})
	status := fiber.StatusSeeOther
	switch fault.CodeOf(refused) {
	case fault.Invalid:
		status = fiber.StatusUnprocessableEntity
	case fault.Conflict:
		status = fiber.StatusConflict
	default:
		if refused != nil {
			return refused
		}
	}
	if refused == nil {
		web.Flash(c, "declarations.answered")
		return web.Go(c, path+"#"+anchor(id, child))
	}
	f, err := h.open(c)
	if err != nil {
		return err
	}
	f.Problem = refused
	return web.Render(c, status, formPage(f))
}

// filledOf reads every field of the form by its name: of no more fields than there can be, and of each no more values than can be chosen.
// A form with more in it was not made by this page.
func filledOf(c *fiber.Ctx) declarations.Filled {
	filled := declarations.Filled{}
	prefix := declarations.ControlName("")
	for name, value := range c.Request().PostArgs().All() {
		key, ours := strings.CutPrefix(string(name), prefix)
		if _, known := filled[key]; !ours || key == "" || !known && len(filled) >= declarations.MaxFields {
			continue
		}
		if len(filled[key]) < declarations.MaxOptions {
			filled[key] = append(filled[key], string(value))
		}
	}
	return filled
}
