package web

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
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// daysForm is what staff wrote about a day, as it stands on the screen.
type daysForm struct {
	Key     ids.ID
	Typed   map[ids.ID]diary.DayText // of a form that came back; nil: as it is kept
	Chosen  map[ids.ID]bool
	Problem error
}

// days is where staff write the day reports of a group.
func (h *Handlers) days(c *fiber.Ctx) error {
	return h.showDays(c, tenants.Date(c.Query("dag")), fiber.StatusOK, daysForm{Key: formkey.New(), Chosen: map[ids.ID]bool{}})
}

func (h *Handlers) showDays(c *fiber.Ctx, on tenants.Date, status int, f daysForm) error {
	group, err := web.ID(c, "group")
	if err != nil {
		return err
	}
	desk, err := h.diary.OpenDays(web.Ctx(c), group, on)
	if err != nil {
		return err
	}
	return web.Render(c, status, daysPage(h.rail(web.Ctx(c)), desk, f))
}

func (h *Handlers) writeDays(c *fiber.Ctx) error {
	group, err := web.ID(c, "group")
	if err != nil {
		return err
	}
	draft, err := daysDraftOf(c, group)
	if err != nil {
		return err
	}
	posted, err := h.diary.WriteDays(web.Ctx(c), draft)
	if fault.CodeOf(err) == fault.Invalid {
		return h.showDays(c, draft.On, fiber.StatusUnprocessableEntity, daysFormOf(draft, err))
	}
	if err != nil {
		return err
	}
	switch {
	case !draft.Posting:
		web.Flash(c, "diary.days.kept")
	case posted == 1:
		web.Flash(c, "diary.days.posted.one")
	case posted == 0:
		web.Flash(c, "diary.days.posted.before")
	default:
		web.Flash(c, "diary.days.posted.other")
	}
	return web.Go(c, daysPath(group, draft.On))
}

func daysPath(group ids.ID, on tenants.Date) string {
	path := "/groep/" + group.String() + "/dagverslagen"
	if on == "" {
		return path
	}
	return path + "?dag=" + string(on)
}

// dayAnchor is where the day of a child stands on the page of its group.
func dayAnchor(child ids.ID) string { return "dag-" + child.String() }

func daysDraftOf(c *fiber.Ctx, group ids.ID) (diary.DaysDraft, error) {
	d := diary.DaysDraft{GroupID: group, On: tenants.Date(c.FormValue("dag")), Posting: c.FormValue("doe") == "plaatsen"}
	var ok bool
	if d.FormKey, ok = ids.Parse(c.FormValue(formkey.Field)); !ok {
		return d, fault.New(fault.BadRequest, "error.bad_request")
	}
	written, err := web.IDs(c, "kind")
	if err != nil {
		return d, err
	}
	for _, child := range written {
		version, _ := strconv.Atoi(c.FormValue("versie-" + child.String()))
		d.Texts = append(d.Texts, diary.DayText{ChildID: child, Body: c.FormValue(diary.BodyField(child)), Version: version})
	}
	if d.Post, err = web.IDs(c, "children"); err != nil || d.Posting {
		return d, err
	}
	d.Post = nil
	return d, nil
}

func daysFormOf(d diary.DaysDraft, problem error) daysForm {
	f := daysForm{Key: d.FormKey, Typed: map[ids.ID]diary.DayText{}, Chosen: setOf(d.Post), Problem: problem}
	for _, text := range d.Texts {
		f.Typed[text.ChildID] = text
	}
	if e, ok := fault.As(problem); ok && e.Key == "form.error.key_used" {
		f.Key = formkey.New() // what is on the screen now is another form than the one that was sent
	}
	return f
}

// textOf is what is in the field of a child. What somebody else wrote meanwhile is told beside it.
func (f daysForm) textOf(p *diary.DayPupil) diary.DayText {
	if typed, ok := f.Typed[p.ID]; ok {
		typed.Version = p.Report.Version // who sends it again has seen what the other wrote
		return typed
	}
	return diary.DayText{Body: p.Report.Body, Version: p.Report.Version}
}

// meanwhile is what somebody else wrote since the form was on the screen; empty when nobody did.
func (f daysForm) meanwhile(p *diary.DayPupil) string {
	if typed, ok := f.Typed[p.ID]; ok && typed.Version != p.Report.Version && typed.Body != p.Report.Body {
		return p.Report.Body
	}
	return ""
}

// told are the children of whose day there is something, and the others.
func told(d *diary.DayDesk) (with, without []*diary.DayPupil) {
	for i := range d.Children {
		p := &d.Children[i]
		if len(p.Facts) > 0 || p.Report.Version > 0 {
			with = append(with, p)
		} else {
			without = append(without, p)
		}
	}
	return with, without
}

// postable tells that somebody can still write about one of them.
func postable(list []*diary.DayPupil) bool {
	for _, p := range list {
		if !p.Report.Posted() {
			return true
		}
	}
	return false
}

// dayChoices are the days that can be written in, newest first.
func dayChoices(d *diary.DayDesk) []tenants.Date {
	list := make([]tenants.Date, 0, diary.DaysBack+1)
	for back := 0; back <= diary.DaysBack; back++ {
		list = append(list, d.Today.Add(-back))
	}
	return list
}

func daysTitle(ctx context.Context, mistakes ui.Mistakes) string {
	title := i18n.T(ctx, "diary.days")
	if mistakes.Any() {
		return ui.ErrorTitle(ctx, title)
	}
	return title
}

// drawFacts sums up the care of a day, as tiles; nothing when there is nothing to sum up.
func drawFacts(ctx context.Context, h *ui.HTML, facts diary.Facts) {
	gists := facts.Day().Gists(ctx)
	if len(gists) == 0 {
		return
	}
	h.Raw(`<dl class="dayfacts" data-qa="facts">`)
	for _, g := range gists {
		kind := string(g.Kind)
		h.Raw(`<div class="dayfact dayfact--`, toneOf(kind), `">`)
		h.Icon(lineIcons[kind])
		h.Raw(`<dt>`)
		h.Text(g.Name)
		h.Raw(`</dt><dd class="num">`)
		h.Text(g.Words)
		h.Raw(`</dd></div>`)
	}
	h.Raw(`</dl>`)
}
