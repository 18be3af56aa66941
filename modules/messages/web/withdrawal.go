package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/messages"
)

// withdrawalForm is the page that asks why a message is withdrawn, as it stands on the screen.
type withdrawalForm struct {
	*messages.Withdrawable
	Reason  string
	Problem error
}

func withdrawalPath(message ids.ID) string {
	return "/berichten/bericht/" + message.String() + "/intrekking"
}

// withdrawing asks for the reason, and says first what comes of it.
func (h *Handlers) withdrawing(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	return h.askWhy(c, id, fiber.StatusOK, withdrawalForm{})
}

func (h *Handlers) askWhy(c *fiber.Ctx, id ids.ID, status int, form withdrawalForm) error {
	var err error
	if form.Withdrawable, err = h.messages.Withdrawing(web.Ctx(c), id); err != nil {
		return err
	}
	return web.Render(c, status, withdrawalPage(h.console(web.Ctx(c)), form))
}

func (h *Handlers) withdraw(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	thread, err := h.messages.Withdraw(web.Ctx(c), id, c.FormValue("reason"))
	if fault.CodeOf(err) == fault.Invalid {
		return h.askWhy(c, id, fiber.StatusUnprocessableEntity, withdrawalForm{Reason: c.FormValue("reason"), Problem: err})
	}
	if err != nil {
		return err
	}
	web.Flash(c, "messages.withdrawal.done")
	return web.Go(c, threadPath(thread)+"#bericht-"+id.String())
}
