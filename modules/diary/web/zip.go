package web

import (
	"mime"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/diary"
)

// takeHome sends photos as a ZIP. It is a form and not a link: what is taken home is noted, and no browser fetches it ahead.
func (h *Handlers) takeHome(c *fiber.Ctx) error {
	choice, err := choiceOf(c)
	if err != nil {
		return err
	}
	pack, err := h.diary.Pack(web.Ctx(c), choice)
	if fault.CodeOf(err) == fault.Invalid && actor.From(web.Ctx(c)).Role == actor.Parent {
		return h.chooseAgain(c, choice, err)
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": pack.FileName}))
	c.Set(fiber.HeaderCacheControl, "no-store")
	return web.SendLong(c, pack.Open)
}

func choiceOf(c *fiber.Ctx) (diary.Choice, error) {
	choice := diary.Choice{Month: diary.ParseMonth(c.FormValue("maand"))}
	choice.EntryID, _ = ids.Parse(c.FormValue("stukje"))
	choice.ChildID, _ = ids.Parse(c.FormValue("kind"))
	var err error
	choice.PhotoIDs, err = web.IDs(c, "foto")
	return choice, err
}

// chooseAgain shows the boxes as they were ticked, with what is wrong.
func (h *Handlers) chooseAgain(c *fiber.Ctx, choice diary.Choice, problem error) error {
	a := asked{BookFilter: diary.BookFilter{ChildID: choice.ChildID}, Choose: true, Chosen: setOf(choice.PhotoIDs), Problem: problem}
	book, err := h.diary.Photos(web.Ctx(c), a.BookFilter)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusUnprocessableEntity, albumPage(book, a))
}
