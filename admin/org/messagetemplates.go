package org

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/messages"
)

const templatesPath = messagesPath + "/standaardantwoorden"

// templateForm is a template as it stands on the screen.
type templateForm struct {
	ID      ids.ID // Nil: a new one
	Draft   messages.TemplateDraft
	Problem error
}

func (f templateForm) action() string {
	if f.ID == ids.Nil {
		return templatesPath
	}
	return templatesPath + "/" + f.ID.String()
}

func (h *MessagePages) blankTemplate(c *fiber.Ctx) error {
	return web.Render(c, fiber.StatusOK, templatePage(templateForm{Draft: messages.TemplateDraft{FormKey: formkey.New()}}))
}

func (h *MessagePages) template(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	t, err := h.service.Template(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, templatePage(templateForm{ID: id, Draft: messages.TemplateDraft{Title: t.Title, Body: t.Body, Version: t.Version}}))
}

func templateDraftOf(c *fiber.Ctx) messages.TemplateDraft {
	d := messages.TemplateDraft{Title: c.FormValue("title"), Body: c.FormValue("body"), Version: versionOf(c)}
	d.FormKey, _ = ids.Parse(c.FormValue(formkey.Field))
	return d
}

func (h *MessagePages) addTemplate(c *fiber.Ctx) error {
	draft := templateDraftOf(c)
	return h.templateDone(c, templateForm{Draft: draft, Problem: h.service.AddTemplate(web.Ctx(c), draft)})
}

func (h *MessagePages) changeTemplate(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	draft := templateDraftOf(c)
	return h.templateDone(c, templateForm{ID: id, Draft: draft, Problem: h.service.ChangeTemplate(web.Ctx(c), id, draft)})
}

// templateDone goes on to the list, or shows the form again with what is wrong.
func (h *MessagePages) templateDone(c *fiber.Ctx, f templateForm) error {
	if f.Problem == nil {
		return saved(c, "org.saved", arrangePath)
	}
	if e, ok := fault.As(f.Problem); ok && e.Key == "form.error.key_used" {
		f.Draft.FormKey = formkey.New() // what is on the screen now is another form than the one that was sent
	}
	if code := fault.CodeOf(f.Problem); code == fault.Invalid || code == fault.Conflict {
		return web.Render(c, fiber.StatusUnprocessableEntity, templatePage(f))
	}
	return f.Problem
}

func (h *MessagePages) removeTemplate(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := h.service.RemoveTemplate(web.Ctx(c), id); err != nil {
		return err
	}
	return saved(c, "org.messages.template.removed", arrangePath)
}
