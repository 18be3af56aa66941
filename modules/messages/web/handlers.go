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

// list is *Berichten*.
func (h *Handlers) list(c *fiber.Ctx) error {
	b := &box{Path: "/berichten", Filter: filterOf(c)}
	answered, err := h.fill(c, b)
	if answered || err != nil {
		return err
	}
	if b.Groups, err = h.messages.Workplaces(web.Ctx(c)); err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, listPage(h.menus(web.Ctx(c), nil), b))
}

// led is the list in the console: what guardians write to who runs their location, and what they write to groups for who asks for that too.
func (h *Handlers) led(c *fiber.Ctx) error {
	b := &box{Path: consolePath, Filter: filterOf(c)}
	b.Filter.GroupID, b.Filter.ToManagement = ids.Nil, c.Query("groepen") == ""
	answered, err := h.fill(c, b)
	if answered || err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, ledPage(h.console(web.Ctx(c)), b))
}

// fill reads a list, and answers with what is older when a frame asks for that alone.
func (h *Handlers) fill(c *fiber.Ctx, b *box) (answered bool, err error) {
	if b.List, err = h.messages.List(web.Ctx(c), b.Filter); err != nil {
		return false, err
	}
	web.SetUnread(c, b.List.Unread.Bell, b.List.Unread.Messages)
	if !strings.HasPrefix(c.Get("Turbo-Frame"), moreFrame) {
		return false, nil
	}
	return true, web.Render(c, fiber.StatusOK, olderThreads(b))
}

func filterOf(c *fiber.Ctx) messages.Filter {
	f := messages.Filter{Search: c.Query("q"), Unread: c.Query("ongelezen") != "", Mine: c.Query("mij") != "", After: paging.Parse(c.Query("na"))}
	f.GroupID, _ = ids.Parse(c.Query("groep"))
	return f
}

// menus are those beside the pages of who works here: of the group app, or of the console for a conversation with management. A guardian has none.
type menus struct {
	rail    []ui.RailItem
	console []ui.RailSection
}

func (h *Handlers) menus(ctx context.Context, of *messages.Heading) menus {
	switch {
	case actor.From(ctx).Role == actor.Parent:
		return menus{}
	case of != nil && of.ToManagement():
		return menus{console: h.console(ctx)}
	}
	return menus{rail: h.rail(ctx)}
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
	return web.Render(c, status, threadPage(h.menus(web.Ctx(c), &page.Heading), page, form))
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
	draft.ToManagement = c.Query("aan") == toManagement
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
	draft := messages.Draft{ToManagement: c.FormValue("to") == toManagement, Subject: c.FormValue("subject"), Body: c.FormValue("body")}
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
