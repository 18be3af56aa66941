package org

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
)

// undoEdit is what an address of something that was edited gets, to take the edit back.
const undoEdit = "/wijzigen/herstel"

// edited says that an edit was kept, and offers to take it back when it changed anything: then the version of the row is the
// one after seen. row is the address of the row.
func edited(c *fiber.Ctx, row, back string, seen, now int) error {
	if now != seen+1 {
		return saved(c, "org.saved", back)
	}
	return undoable(c, "org.saved", back, row+undoEdit+"?version="+itoa(now))
}

// takeBack undoes the edit of the row of the address and says so on the page of back; or that it cannot be any more, because
// somebody changed the row since or what was there does not fit by now.
func takeBack(c *fiber.Ctx, undo func(id ids.ID, version int) error, back string) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	err = undo(id, versionOf(c))
	switch fault.CodeOf(err) {
	case fault.Conflict, fault.Invalid:
		web.FlashProblem(c, "org.undo.refused")
		return web.Go(c, back)
	}
	if err != nil {
		return err
	}
	return saved(c, "org.undo.done", back)
}

func (h *Handlers) undoChild(c *fiber.Ctx) error {
	return takeBack(c, func(id ids.ID, version int) error { return h.children.UndoChild(web.Ctx(c), id, version) }, childrenPath+"/"+c.Params("id"))
}

func (h *Handlers) undoPerson(c *fiber.Ctx) error {
	return takeBack(c, func(id ids.ID, version int) error { return h.children.UndoPerson(web.Ctx(c), id, version) }, personPath(c)+"/"+c.Params("id"))
}

func (h *Handlers) undoPlacement(c *fiber.Ctx) error {
	f, _, err := h.openPlacement(c)
	if err != nil {
		return err
	}
	return takeBack(c, func(id ids.ID, version int) error { return h.children.UndoPlacement(web.Ctx(c), id, version) }, childrenPath+"/"+f.ID.String())
}

func (h *Handlers) undoTie(c *fiber.Ctx) error {
	f, _, err := h.openTie(c)
	if err != nil {
		return err
	}
	return takeBack(c, func(id ids.ID, version int) error { return h.children.UndoTie(web.Ctx(c), id, version) }, childrenPath+"/"+f.ID.String())
}
