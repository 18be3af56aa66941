package web

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/messages"
)

func (h *Handlers) list(c *fiber.Ctx) error {
	f := messages.Filter{Search: c.Query("q"), Unread: c.Query("ongelezen") != "", Mine: c.Query("mij") != "", After: paging.Parse(c.Query("na"))}
	f.GroupID, _ = ids.Parse(c.Query("groep"))
	list, err := h.messages.List(web.Ctx(c), f)
	if err != nil {
		return err
	}
	web.SetUnread(c, list.Unread.Bell, list.Unread.Messages)
	if strings.HasPrefix(c.Get("Turbo-Frame"), moreFrame) {
		return web.Render(c, fiber.StatusOK, olderThreads(list, f))
	}
	groups, err := h.messages.Workplaces(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, listPage(h.menu(web.Ctx(c)), list, f, groups))
}

// menu is that of the group app; nil for a guardian.
func (h *Handlers) menu(ctx context.Context) []ui.RailItem {
	if actor.From(ctx).Role == actor.Parent {
		return nil
	}
	return h.rail(ctx)
}

func (h *Handlers) show(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	form := answerForm{Key: formkey.New()}
	if back, ok := h.takenBack(c); ok && back.ThreadID == id {
		form.Body, form.attachments = back.Draft.Body, back.Draft.Attachments
	}
	return h.showThread(c, id, fiber.StatusOK, form)
}

// takenBack is what somebody took back and is sent here to write on.
func (h *Handlers) takenBack(c *fiber.Ctx) (*messages.Back, bool) {
	id, ok := ids.Parse(c.Query("terug"))
	if !ok {
		return nil, false
	}
	back, err := h.messages.TakenBack(web.Ctx(c), id)
	return back, err == nil
}

func (h *Handlers) showThread(c *fiber.Ctx, id ids.ID, status int, form answerForm) error {
	page, err := h.messages.Open(web.Ctx(c), id, paging.Parse(c.Query("voor")))
	if err != nil {
		return err
	}
	if form.Files, err = h.uploads(c, id.String(), form.attachments); err != nil {
		return err
	}
	if form.NoteKey == ids.Nil {
		form.NoteKey = formkey.New()
	}
	return web.Render(c, status, threadPage(h.menu(web.Ctx(c)), page, form))
}

func (h *Handlers) answer(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	key, _ := ids.Parse(c.FormValue(formkey.Field))
	answer := messages.Answer{FormKey: key, Body: c.FormValue("body")}
	if answer.Attachments, err = attachmentsOf(c); err != nil {
		return err
	}
	err = h.messages.Answer(web.Ctx(c), id, answer)
	if fault.CodeOf(err) == fault.Invalid {
		return h.showThread(c, id, fiber.StatusUnprocessableEntity, answerForm{Key: keyAfter(key, err), Body: answer.Body, attachments: answer.Attachments, Problem: err})
	}
	if err != nil {
		return err
	}
	return web.Go(c, threadPath(id))
}

// keyAfter is the key of a form that came back: another one when what is on the screen now is another form than the one that was sent.
func keyAfter(key ids.ID, problem error) ids.ID {
	if e, ok := fault.As(problem); ok && e.Key == "form.error.key_used" {
		return formkey.New()
	}
	return key
}

func (h *Handlers) write(c *fiber.Ctx) error {
	draft := messages.Draft{FormKey: formkey.New()}
	draft.ChildID, _ = ids.Parse(c.Query("kind"))
	if back, ok := h.takenBack(c); ok && back.First {
		key := draft.FormKey
		draft = back.Draft
		draft.FormKey = key
	}
	return h.showForm(c, fiber.StatusOK, draft, nil)
}

func (h *Handlers) showForm(c *fiber.Ctx, status int, draft messages.Draft, problem error) error {
	subjects, err := h.messages.Subjects(web.Ctx(c))
	if err != nil {
		return err
	}
	if len(subjects) == 1 {
		draft.ChildID = subjects[0].ID
	}
	files, err := h.uploads(c, "nieuw", draft.Attachments)
	if err != nil {
		return err
	}
	reading, err := h.messages.ReadingOf(web.Ctx(c), subjects)
	if err != nil {
		return err
	}
	return web.Render(c, status, writePage(writeForm{draft, files, subjects, reading, problem}))
}

func (h *Handlers) begin(c *fiber.Ctx) error {
	draft := messages.Draft{Subject: c.FormValue("subject"), Body: c.FormValue("body")}
	draft.FormKey, _ = ids.Parse(c.FormValue(formkey.Field))
	draft.ChildID, _ = ids.Parse(c.FormValue("child"))
	draft.GroupID, _ = ids.Parse(c.FormValue("group"))
	var err error
	if draft.Attachments, err = attachmentsOf(c); err != nil {
		return err
	}
	thread, err := h.messages.Write(web.Ctx(c), draft)
	if fault.CodeOf(err) == fault.Invalid {
		draft.FormKey = keyAfter(draft.FormKey, err)
		return h.showForm(c, fiber.StatusUnprocessableEntity, draft, err)
	}
	if err != nil {
		return err
	}
	return web.Go(c, threadPath(thread))
}

// takeBack leads to the form in which the message was written, with what it said.
func (h *Handlers) takeBack(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	back, err := h.messages.TakeBack(web.Ctx(c), id)
	if fault.CodeOf(err) == fault.Conflict {
		web.FlashProblem(c, "messages.error.too_late")
		return web.Go(c, "/berichten/bericht/"+id.String())
	}
	if err != nil {
		return err
	}
	web.Flash(c, "messages.taken_back")
	if back.Mailing != nil {
		return web.Go(c, addressPath(back.Mailing.GroupID)+"?terug="+id.String())
	}
	if back.First && actor.From(web.Ctx(c)).Role == actor.Parent {
		return web.Go(c, "/berichten/nieuw?terug="+id.String())
	}
	return web.Go(c, threadPath(back.ThreadID)+"?terug="+id.String()+"#antwoord")
}

// find leads from what somebody was told of to where it stands.
func (h *Handlers) find(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	thread, err := h.messages.ThreadOf(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Go(c, threadPath(thread)+"#bericht-"+id.String())
}

// seen answers a script: there is no page to go to.
func (h *Handlers) seen(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	until, ok := ids.Parse(c.Query("tot"))
	if !ok {
		return fault.NotFound()
	}
	if err := h.messages.Seen(web.Ctx(c), id, until); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// note keeps a note, and leads back to where it stands.
func (h *Handlers) note(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	draft := messages.NoteDraft{Body: c.FormValue("note")}
	draft.FormKey, _ = ids.Parse(c.FormValue(formkey.Field))
	err = h.messages.Note(web.Ctx(c), id, draft)
	if fault.CodeOf(err) == fault.Invalid {
		return h.showThread(c, id, fiber.StatusUnprocessableEntity, answerForm{Key: formkey.New(), NoteKey: keyAfter(draft.FormKey, err), Note: draft.Body, Problem: err})
	}
	if err != nil {
		return err
	}
	return web.Go(c, threadPath(id))
}

func (h *Handlers) assign(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	person, _ := ids.Parse(c.FormValue("to")) // anything else is nobody
	if err := h.messages.Assign(web.Ctx(c), id, person); err != nil {
		return err
	}
	web.Flash(c, "messages.assigned")
	return web.Go(c, threadPath(id))
}

func threadPath(id ids.ID) string { return "/berichten/" + id.String() }
