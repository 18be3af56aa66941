package org

import (
	"context"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/declarations"
	declarationsweb "ouderportaal/modules/declarations/web"
	"ouderportaal/tenants"
)

// enclosuresPath is where files of answers are had.
const enclosuresPath = declarationsPath + "/bestanden"

func paperPath(declaration, child ids.ID) string {
	return declarationPath(declaration) + "/papier/" + child.String()
}

func (h *DeclarationPages) file(c *fiber.Ctx) error { return declarationsweb.SendFile(c, h.service) }

// sheetForm is an answer on paper as it stands on the screen.
type sheetForm struct {
	form
	*declarations.Sheet
	Paper declarations.Paper
}

func (h *DeclarationPages) openPaper(c *fiber.Ctx) (f sheetForm, err error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return f, err
	}
	child, err := web.ID(c, "child")
	if err != nil {
		return f, err
	}
	if f.Sheet, err = h.service.Sheet(web.Ctx(c), id, child); err != nil {
		return f, err
	}
	f.form = form{Action: paperPath(id, child), Back: declarationPath(id)}
	f.Paper = declarations.Paper{DeclarationID: id, ChildID: child, Words: f.TextVersion, FormKey: formkey.New()}
	if len(f.Guardians) == 1 {
		f.Paper.Guardian = f.Guardians[0].ID
	}
	return f, nil
}

func (h *DeclarationPages) paper(c *fiber.Ctx) error {
	f, err := h.openPaper(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, sheetPage(f))
}

// keepPaper keeps what was typed over. A file that was sent with what is not right yet stays with the form.
func (h *DeclarationPages) keepPaper(c *fiber.Ctx) error {
	f, err := h.openPaper(c)
	if err != nil {
		return err
	}
	p := &f.Paper
	if p.Words, err = strconv.Atoi(c.FormValue("words")); err != nil {
		return fault.New(fault.BadRequest, "error.bad_request")
	}
	p.Guardian, _ = ids.Parse(c.FormValue("guardian"))
	p.FormKey, _ = ids.Parse(c.FormValue(formkey.Field))
	p.On, p.Filled = tenants.Date(c.FormValue("paper_on")), declarationsweb.FilledOf(c)
	if p.Files, err = declarationsweb.FilesOf(c); err != nil {
		return err
	}
	refused := h.service.AnswerOnPaper(web.Ctx(c), p)
	code := fault.CodeOf(refused)
	if refused != nil && code != fault.Invalid && code != fault.Conflict {
		return refused
	}
	if refused == nil {
		return saved(c, "org.declaration.paper.kept", declarationPath(f.ID))
	}
	typed := f.Paper
	if f, err = h.openPaper(c); err != nil { // with what was uploaded, and the words of now
		return err
	}
	typed.Words = f.Paper.Words
	if e, ok := fault.As(refused); ok && e.Key == "form.error.key_used" {
		typed.FormKey = f.Paper.FormKey
	}
	f.Paper, f.Problem = typed, refused
	return web.Render(c, int(code), sheetPage(f))
}

func giverOptions(ctx context.Context, f sheetForm) []ui.Option {
	list := []ui.Option{{Value: "", Label: i18n.T(ctx, "org.declaration.paper.choose")}}
	for _, g := range f.Guardians {
		list = append(list, ui.Option{Value: g.ID.String(), Label: g.Name, Selected: g.ID == f.Paper.Guardian})
	}
	return list
}
