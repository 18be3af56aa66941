package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/messages"
)

// mailingForm is the page on which who works here writes to families, as it stands on the screen. Families is how many it goes to,
// once that was counted.
type mailingForm struct {
	Draft   messages.MailingDraft
	Files   uploads
	Problem error
}

// to is the choice of whom it goes to, as the form sends it: "group:…".
func (f mailingForm) to() string { return string(f.Draft.Reach) + ":" + f.Draft.ReachID.String() }

// chooseGroup lets somebody who works with several groups choose one.
func (h *Handlers) chooseGroup(c *fiber.Ctx) error {
	groups, err := h.messages.Workplaces(web.Ctx(c))
	if err != nil {
		return err
	}
	if len(groups) == 1 {
		return web.Go(c, addressPath(groups[0].ID))
	}
	return web.Render(c, fiber.StatusOK, chooseGroupPage(h.rail(web.Ctx(c)), groups))
}

func (h *Handlers) addressing(c *fiber.Ctx) error {
	group, err := web.ID(c, "group")
	if err != nil {
		return err
	}
	draft := messages.MailingDraft{FormKey: formkey.New(), GroupID: group}
	if child, ok := ids.Parse(c.Query("kind")); ok {
		draft.Reach, draft.ReachID = messages.ToChild, child
	}
	if back, ok := h.takenBack(c); ok && back.Mailing != nil && back.Mailing.GroupID == group {
		draft.Reach, draft.ReachID, draft.Subject, draft.Body = back.Mailing.Reach, back.Mailing.ReachID, back.Draft.Subject, back.Draft.Body
		draft.Attachments = back.Draft.Attachments
	}
	return h.showMailing(c, fiber.StatusOK, mailingForm{Draft: draft})
}

func (h *Handlers) showMailing(c *fiber.Ctx, status int, form mailingForm) error {
	to, err := h.messages.Addressees(web.Ctx(c), form.Draft.GroupID)
	if err != nil {
		return err
	}
	if form.Files, err = h.uploads(c, form.Draft.GroupID.String(), form.Draft.Attachments); err != nil {
		return err
	}
	return web.Render(c, status, mailingPage(h.rail(web.Ctx(c)), to, form))
}

// address counts the families first, and sends when the author has seen that number.
func (h *Handlers) address(c *fiber.Ctx) error {
	group, err := web.ID(c, "group")
	if err != nil {
		return err
	}
	draft := messages.MailingDraft{GroupID: group, Subject: c.FormValue("subject"), Body: c.FormValue("body")}
	draft.FormKey, _ = ids.Parse(c.FormValue(formkey.Field))
	reach, id, _ := strings.Cut(c.FormValue("to"), ":")
	draft.Reach = messages.Reach(reach)
	draft.ReachID, _ = ids.Parse(id)
	if draft.Attachments, err = attachmentsOf(c); err != nil {
		return err
	}
	message := ids.Nil
	draft.Families, err = h.messages.Reaches(web.Ctx(c), draft)
	if err == nil && c.FormValue("families") != c.FormValue("to")+"="+itoa(draft.Families) {
		return h.showMailing(c, fiber.StatusUnprocessableEntity, mailingForm{Draft: draft})
	}
	if err == nil {
		message, err = h.messages.Address(web.Ctx(c), draft)
	}
	if code := fault.CodeOf(err); code == fault.Conflict || code == fault.Missing {
		err = chooseAnew(code) // whose group it is not is answered so by the form
	}
	if fault.CodeOf(err) == fault.Invalid {
		draft.FormKey, draft.Families = keyAfter(draft.FormKey, err), 0
		return h.showMailing(c, fiber.StatusUnprocessableEntity, mailingForm{Draft: draft, Problem: err})
	}
	if err != nil {
		return err
	}
	if draft.Families > 1 {
		web.FlashUndo(c, "messages.addressed", "/berichten/bericht/"+message.String()+"/terugname")
		return web.Go(c, "/berichten")
	}
	return web.Go(c, "/berichten/bericht/"+message.String())
}

// chooseAnew is what is wrong when families or a child came or went while somebody was writing to them.
func chooseAnew(code fault.Code) error {
	key := "messages.error.families_changed"
	if code == fault.Missing {
		key = "messages.error.to_gone"
	}
	var problems fault.Fields
	problems.Add("to", key)
	return problems.Err()
}

func addressPath(group ids.ID) string { return "/berichten/aan/" + group.String() }
