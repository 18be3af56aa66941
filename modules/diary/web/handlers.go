package web

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/web"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// ahead asks for the timeline of the visitor, as a guardian. Others are sent on to where they work.
func (h *Handlers) ahead(c *fiber.Ctx) (context.Context, []tenants.Question) {
	return h.diary.Ahead(web.Ctx(c), filterOf(c))
}

func (h *Handlers) home(c *fiber.Ctx) error {
	if role := actor.From(web.Ctx(c)).Role; role != actor.Parent {
		return web.Go(c, web.Home(role))
	}
	filter := filterOf(c)
	timeline, err := h.diary.Read(web.Ctx(c), filter)
	if err != nil {
		return err
	}
	web.SetUnread(c, timeline.Unread.Bell, timeline.Unread.Messages)
	return web.Render(c, fiber.StatusOK, homePage(timeline, filter))
}

// older is the next part of the timeline, in a frame, or as a page for who has no JavaScript.
func (h *Handlers) older(c *fiber.Ctx) error {
	if actor.From(web.Ctx(c)).Role != actor.Parent {
		return web.Go(c, "/groep") // the timeline of everybody would be everything there is
	}
	filter := filterOf(c)
	timeline, err := h.diary.Read(web.Ctx(c), filter)
	if err != nil {
		return err
	}
	web.SetUnread(c, timeline.Unread.Bell, timeline.Unread.Messages)
	if c.Get("Turbo-Frame") == "" {
		return web.Render(c, fiber.StatusOK, homePage(timeline, filter))
	}
	return web.Render(c, fiber.StatusOK, olderItems(timeline, filter))
}

func filterOf(c *fiber.Ctx) diary.Filter {
	child, _ := ids.Parse(c.Query("kind"))
	return diary.Filter{ChildID: child, After: paging.Parse(c.Query("na"))}
}

func (h *Handlers) show(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	return h.showEntry(c, id, fiber.StatusOK, withdrawal{})
}

func (h *Handlers) showEntry(c *fiber.Ctx, id ids.ID, status int, w withdrawal) error {
	page, err := h.diary.Open(web.Ctx(c), id)
	if err != nil {
		return err
	}
	reports, err := h.reportsFor(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Render(c, status, entryPage(h.rail(web.Ctx(c)), page, actor.From(web.Ctx(c)), w, reports))
}

// seen answers a script: there is no page to go to.
func (h *Handlers) seen(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := h.diary.Seen(web.Ctx(c), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (h *Handlers) withdraw(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	reason := c.FormValue("reason")
	err = h.diary.Withdraw(web.Ctx(c), id, reason)
	if fault.CodeOf(err) == fault.Invalid {
		return h.showEntry(c, id, fiber.StatusUnprocessableEntity, withdrawal{reason, err})
	}
	if err != nil {
		return err
	}
	web.Flash(c, "diary.withdrawn")
	return web.Go(c, "/groep")
}

// withdrawal is the form in which somebody says why an entry goes.
type withdrawal struct {
	Reason  string
	Problem error
}

// takeBack is what the toast after sending offers, and the page of an entry for a while.
func (h *Handlers) takeBack(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	entry, _, err := h.diary.Find(web.Ctx(c), id)
	if err == nil {
		err = h.diary.TakeBack(web.Ctx(c), id)
	}
	if fault.CodeOf(err) == fault.Conflict {
		web.FlashProblem(c, "diary.error.too_late")
		return web.Go(c, "/dagboek/"+id.String())
	}
	if err != nil {
		return err
	}
	web.Flash(c, "diary.taken_back")
	if entry.Kind == diary.DayPost { // its words are where they were written
		tenant, _ := tenants.From(web.Ctx(c))
		return web.Go(c, daysPath(entry.GroupID, tenant.DateOf(entry.PublishedAt))+"#"+dayAnchor(entry.Children[0].ID))
	}
	return web.Go(c, "/") // who works here goes on to the group
}

// visit answers a script, as seen does.
func (h *Handlers) visit(c *fiber.Ctx) error {
	if err := h.diary.Visit(web.Ctx(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// takeBackPath is where a POST takes an entry back.
func takeBackPath(id ids.ID) string { return "/dagboek/" + id.String() + "/terugname" }

func (h *Handlers) groups(c *fiber.Ctx) error {
	list, err := h.diary.Workplaces(web.Ctx(c))
	if err != nil {
		return err
	}
	if len(list) == 1 {
		return web.Go(c, "/groep/"+list[0].ID.String())
	}
	return web.Render(c, fiber.StatusOK, groupsPage(h.rail(web.Ctx(c)), list))
}

func (h *Handlers) desk(c *fiber.Ctx) error {
	desk, err := h.openDesk(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, deskPage(h.rail(web.Ctx(c)), desk, today(web.Ctx(c))))
}

func (h *Handlers) deskOlder(c *fiber.Ctx) error {
	desk, err := h.openDesk(c)
	if err != nil {
		return err
	}
	if c.Get("Turbo-Frame") == "" {
		return web.Render(c, fiber.StatusOK, deskPage(h.rail(web.Ctx(c)), desk, today(web.Ctx(c))))
	}
	return web.Render(c, fiber.StatusOK, deskOlderItems(desk, c.Query("na")))
}

func (h *Handlers) openDesk(c *fiber.Ctx) (*diary.Desk, error) {
	group, err := web.ID(c, "group")
	if err != nil {
		return nil, err
	}
	return h.diary.Desk(web.Ctx(c), group, paging.Parse(c.Query("na")))
}

// today is the organisation's day at the moment of the request.
func today(ctx context.Context) tenants.Date {
	tenant, _ := tenants.From(ctx)
	return tenant.DateOf(clock.Of(ctx))
}

func (h *Handlers) compose(c *fiber.Ctx) error {
	desk, err := h.openDesk(c)
	if err != nil {
		return err
	}
	form := newForm()
	for _, value := range c.Context().QueryArgs().PeekMulti("kind") {
		if id, ok := ids.Parse(string(value)); ok {
			form.Chosen[id] = true
		}
	}
	return web.Render(c, fiber.StatusOK, composePage(h.rail(web.Ctx(c)), desk, form))
}

func (h *Handlers) publish(c *fiber.Ctx) error {
	group, err := web.ID(c, "group")
	if err != nil {
		return err
	}
	draft, err := draftOf(c, group)
	if err != nil {
		return err
	}
	id, err := h.diary.Publish(web.Ctx(c), draft)
	if fault.CodeOf(err) == fault.Invalid {
		return h.composeAgain(c, draft, err)
	}
	if err != nil {
		return err
	}
	switch {
	case !draft.Wordless():
		web.FlashUndo(c, "diary.published", takeBackPath(id))
	case len(draft.Photos) == 1:
		web.Flash(c, "diary.published.waits.one")
	default:
		web.Flash(c, "diary.published.waits.other")
	}
	return web.Go(c, "/groep/"+group.String())
}

// composeAgain shows the form as it was sent, with what is wrong.
func (h *Handlers) composeAgain(c *fiber.Ctx, draft diary.Draft, problem error) error {
	desk, err := h.openDesk(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusUnprocessableEntity, composePage(h.rail(web.Ctx(c)), desk, formOf(draft, problem)))
}

func (h *Handlers) live(ctx context.Context, since time.Time) (web.Feed, error) {
	topics, err := h.diary.Topics(ctx)
	if err != nil {
		return web.Feed{}, err
	}
	stream := h.hub.Open(actor.From(ctx).TenantID, topics, since)
	return web.Feed{
		C: stream.C,
		Check: func(ctx context.Context) error {
			topics, err := h.diary.Topics(ctx)
			if err == nil {
				stream.Watch(topics)
			}
			return err
		},
		Close: stream.Close,
	}, nil
}
