package web

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/tenants"
)

// list is a page of organisations with what was asked for.
type list struct {
	platform.Page
	filter platform.Filter
	hosts  tenants.Hosts
}

func (h *Handlers) list(c *fiber.Ctx) error {
	l := list{hosts: h.hosts, filter: platform.Filter{Search: text(c.Query("q")), Sort: platform.Sort(text(c.Query("sorteer"))), After: text(c.Query("na"))}}
	if status := tenants.Status(c.Query("stand")); status == tenants.Active || status == tenants.Suspended {
		l.filter.Status = status
	}
	var err error
	if l.Page, err = h.service.Organisations(web.Ctx(c), l.filter); err != nil {
		return err
	}
	if frame := web.FrameOf(c); frame != "" && frame != "lijst" {
		return web.Render(c, fiber.StatusOK, moreOrganisations(l, frame))
	}
	return web.Render(c, fiber.StatusOK, organisationsPage(l))
}

// text is what was asked for, unless no page of ours asks for it.
func text(value string) string {
	if len(value) > 500 || !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		return ""
	}
	return value
}

// href is the address of the list sorted so, from the place after.
func (l list) href(sort platform.Sort, after string) string {
	values := url.Values{}
	for name, value := range map[string]string{"q": l.filter.Search, "stand": string(l.filter.Status), "sorteer": string(sort), "na": after} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return listPath
	}
	return listPath + "?" + values.Encode()
}

// column is the head of a column; first is how it is sorted when it was not before.
func (l list) column(text string, first platform.Sort) ui.Column {
	c := ui.Column{Text: text, Href: l.href(first, "")}
	now := l.filter.Sort
	if now == "" {
		now = platform.ByName
	}
	if now == first || now == first.Turned() {
		c.Sorted = "ascending"
		if strings.HasPrefix(string(now), "-") {
			c.Sorted = "descending"
		}
		c.Href = l.href(now.Turned(), "")
	}
	return c
}

// details is everything about one organisation that its page shows.
type details struct {
	*platform.Organisation
	Address string
	Deeds   []platform.Deed
	Awaited bool // it has no admin yet
	Fill    *platform.Fill
	Reason  string
	Problem error
}

func (h *Handlers) open(c *fiber.Ctx) (d details, err error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return d, err
	}
	if d.Organisation, err = h.service.Organisation(web.Ctx(c), id); err != nil {
		return d, err
	}
	d.Address = h.hosts.URL(d.Slug)
	return d, nil
}

func (h *Handlers) show(c *fiber.Ctx) error {
	d, err := h.open(c)
	if err != nil {
		return err
	}
	if err := h.admins.Awaited(web.Ctx(c), d.tenant()); err == nil {
		d.Awaited = true
	} else if fault.CodeOf(err) != fault.Conflict {
		return err
	}
	if d.Fill, err = h.fill(c, d); err != nil {
		return err
	}
	if d.Deeds, err = h.service.Deeds(web.Ctx(c), d.ID); err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, organisationPage(d))
}

// fill is how far an organisation is with its example data; nil when there is nothing to tell.
func (h *Handlers) fill(c *fiber.Ctx, d details) (*platform.Fill, error) {
	f, err := h.service.Fill(web.Ctx(c), d.ID)
	if fault.CodeOf(err) == fault.Missing {
		return nil, nil
	}
	return &f, err
}

func (h *Handlers) example(c *fiber.Ctx) error {
	d, err := h.open(c)
	if err != nil {
		return err
	}
	f, err := h.service.Fill(web.Ctx(c), d.ID)
	if err != nil {
		return err
	}
	if web.FrameOf(c) == "" { // without scripts
		return web.Go(c, d.href())
	}
	return web.Render(c, fiber.StatusOK, fillAnswer(d.href()+"/voorbeeld", f))
}

func (h *Handlers) askSuspend(c *fiber.Ctx) error {
	d, err := h.open(c)
	if err != nil {
		return err
	}
	d.Reason = d.StatusReason
	return web.Render(c, fiber.StatusOK, suspendPage(d))
}

func (h *Handlers) suspend(c *fiber.Ctx) error {
	d, err := h.open(c)
	if err != nil {
		return err
	}
	d.Reason = c.FormValue("reason")
	if err := h.service.Suspend(web.Ctx(c), d.Slug, d.Reason); err != nil {
		d.Problem = err
		return again(err, func(status int) error { return web.Render(c, status, suspendPage(d)) })
	}
	web.Flash(c, "platform.suspended")
	return web.Go(c, d.href())
}

func (h *Handlers) resume(c *fiber.Ctx) error {
	d, err := h.open(c)
	if err != nil {
		return err
	}
	if err := h.service.Resume(web.Ctx(c), d.Slug); err != nil {
		return err
	}
	web.Flash(c, "platform.resumed")
	return web.Go(c, d.href())
}

func (d details) tenant() tenants.Tenant {
	return tenants.Tenant{ID: d.ID, Slug: d.Slug, Example: d.Example}
}

func (d details) href() string { return "/organisaties/" + d.ID.String() }

// sizeWords is "1,3 GB".
func sizeWords(ctx context.Context, bytes int64) string {
	if l := i18n.From(ctx); l != nil {
		return l.FileSize(bytes)
	}
	return ""
}

// moment is a day with its time; a dash for none.
func moment(ctx context.Context, at *time.Time) string {
	l := i18n.From(ctx)
	if at == nil || l == nil {
		return "–"
	}
	local := at.In(platform.Zone.Location())
	return l.ShortDate(local) + " " + l.Time(local)
}
