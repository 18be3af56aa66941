package web

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/notifications"
)

func (h *Handlers) list(c *fiber.Ctx) error {
	list, err := h.service.List(web.Ctx(c), ids.Nil)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, listPage(h.menu(c), list))
}

// older is the next part of the list: in a frame, or as a page for who has no JavaScript.
func (h *Handlers) older(c *fiber.Ctx) error {
	before, ok := ids.Parse(c.Query("voor"))
	if !ok {
		return fault.NotFound()
	}
	list, err := h.service.List(web.Ctx(c), before)
	if err != nil {
		return err
	}
	if c.Get("Turbo-Frame") == "" {
		return web.Render(c, fiber.StatusOK, listPage(h.menu(c), list))
	}
	return web.Render(c, fiber.StatusOK, olderLines(before, list))
}

// read marks one as read and goes to what it is about. It is a form, because reading a page changes nothing.
func (h *Handlers) read(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	path, err := h.service.Read(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Go(c, path)
}

func (h *Handlers) readAll(c *fiber.Ctx) error {
	if err := h.service.ReadAll(web.Ctx(c)); err != nil {
		return err
	}
	return web.Go(c, "/meldingen")
}

// choices is the page of what somebody wants to hear of, where, and when.
type choices struct {
	list    []notifications.Preference
	rhythm  notifications.Rhythm
	problem error // with the rhythm
	devices devices
}

// devices is its part about push; without key there is none.
type devices struct {
	key     string
	list    []notifications.Device
	here    *notifications.Device // the one that the page is read on
	problem error
	named   ids.ID // whose new name came back, with what was typed
	typed   string
}

func (h *Handlers) preferences(c *fiber.Ctx) error {
	return h.showChoices(c, fiber.StatusOK, func(*choices) {})
}

// showChoices shows the page as it is kept, changed by what came back of a form.
func (h *Handlers) showChoices(c *fiber.Ctx, status int, change func(*choices)) error {
	ctx := web.Ctx(c)
	var page choices
	var err error
	if page.list, err = h.service.Preferences(ctx); err != nil {
		return err
	}
	if page.rhythm, err = h.service.Rhythm(ctx); err != nil {
		return err
	}
	page.devices.key = h.pushKey(ctx)
	if page.devices.list, err = h.service.Devices(ctx); err != nil {
		return err
	}
	for i := range page.devices.list {
		if page.devices.list[i].Current(actor.From(ctx)) {
			page.devices.here = &page.devices.list[i]
		}
	}
	change(&page)
	return web.Render(c, status, preferencesPage(h.menu(c), page))
}

// pushKey is empty where nobody is told anything by push.
func (h *Handlers) pushKey(ctx context.Context) string {
	if !web.May(ctx, push) {
		return ""
	}
	return h.service.PushKey()
}

// setRhythm keeps when mail may come. Hours that are not asked for keep what the form proposed.
func (h *Handlers) setRhythm(c *fiber.Ctx) error {
	rhythm := notifications.Rhythm{
		Daily: c.FormValue("daily") == "ja", DailyAt: c.FormValue("daily_at"),
		Quiet: c.FormValue("quiet") == "ja", QuietFrom: c.FormValue("quiet_from"), QuietUntil: c.FormValue("quiet_until"),
	}
	err := h.service.SetRhythm(web.Ctx(c), rhythm)
	if fault.CodeOf(err) == fault.Invalid {
		return h.showChoices(c, fiber.StatusUnprocessableEntity, func(page *choices) { page.rhythm, page.problem = rhythm, err })
	}
	if err != nil {
		return err
	}
	web.Flash(c, "notifications.preferences.saved")
	return web.Go(c, "/overig/notificaties")
}

// setPreferences takes the whole form: a switch that is off is not in it. Where there is no push, nothing is chosen about it.
func (h *Handlers) setPreferences(c *fiber.Ctx) error {
	list, err := h.service.Preferences(web.Ctx(c))
	if err != nil {
		return err
	}
	channels := []string{notifications.MailChannel}
	if h.pushKey(web.Ctx(c)) != "" {
		channels = append(channels, notifications.PushChannel)
	}
	for _, channel := range channels {
		on, wanted := web.Values(c, channel), map[string]bool{}
		for _, p := range list {
			wanted[p.Item] = slices.Contains(on, p.Item)
		}
		if err := h.service.SetWanted(web.Ctx(c), channel, wanted); err != nil {
			return err
		}
	}
	web.Flash(c, "notifications.preferences.saved")
	return web.Go(c, "/overig/notificaties")
}

func (h *Handlers) unsubscribing(c *fiber.Ctx) error {
	label, err := h.service.Unsubscribing(web.Ctx(c), c.Params("token"))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, unsubscribePage(c.Path(), label))
}

// unsubscribe answers with a page and not with a redirect: mail programs only look for success.
func (h *Handlers) unsubscribe(c *fiber.Ctx) error {
	label, err := h.service.Unsubscribe(web.Ctx(c), c.Params("token"))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, unsubscribedPage(label))
}

// menu is the menu around a page of one's own: the group app's, or nil for a guardian's tabs.
func (h *Handlers) menu(c *fiber.Ctx) []ui.RailItem {
	if actor.From(web.Ctx(c)).Role == actor.Parent {
		return nil
	}
	return h.rail(web.Ctx(c))
}
