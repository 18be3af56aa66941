// Package web is where guardians read the agenda.
package web

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/web"
	"ouderportaal/modules/agenda"
	"ouderportaal/tenants"
)

const path = "/agenda"

// Handlers answer the routes of the agenda.
type Handlers struct {
	agenda *agenda.Service
	hosts  tenants.Hosts
	asked  *counter
}

// New makes the handlers. hosts know the address of an organisation.
func New(s *agenda.Service, hosts tenants.Hosts) *Handlers {
	return &Handlers{agenda: s, hosts: hosts, asked: &counter{}}
}

// Routes lists what can be asked of the agenda.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get(path, "agenda.read", h.open)
	r.Post(path+"/feed", "agenda.read", h.makeFeed)
	r.Post(path+"/feed/einde", "agenda.read", h.endFeed)
	r.PublicPart(path+"/feed/:secret", "agenda.read", h.feed)
}

func (h *Handlers) open(c *fiber.Ctx) error {
	in := tenants.Date("")
	if month := c.Query("maand"); month != "" {
		in = tenants.Date(month + "-01")
	}
	page, err := h.agenda.Open(web.Ctx(c), in)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, agendaPage(page))
}

func monthHref(first tenants.Date) string { return path + "?maand=" + string(first)[:7] }

func monthWords(ctx context.Context, first tenants.Date) string {
	words := []rune(i18n.Month(ctx, i18n.Civil(string(first))))
	return strings.ToUpper(string(words[:1])) + string(words[1:])
}

// dayOfMonth is "1" for who sees the month as a whole; its heading says the weekday too.
func dayOfMonth(d *agenda.Day) string { return strconv.Itoa(i18n.Civil(string(d.On)).Day()) }

// dayClass places the first day under its weekday, and marks days on which there is nothing and, in this month, those that are
// over: a list on a phone leaves them out.
func dayClass(p *agenda.Page, d *agenda.Day) string {
	class := "agenda__day"
	if d.On == p.First {
		class += " from" + strconv.Itoa(d.On.Weekday())
	}
	if len(d.Items) == 0 {
		class += " bare"
	}
	if d.On < p.Today && p.Today < p.Days[len(p.Days)-1].On.Add(1) {
		class += " past"
	}
	return class
}

func nothing(p *agenda.Page) bool {
	for i := range p.Days {
		if len(p.Days[i].Items) > 0 {
			return false
		}
	}
	return true
}

// over tells of this month that there is nothing to come in it: a list on a phone is empty then.
func over(p *agenda.Page) bool {
	last := p.Days[len(p.Days)-1].On
	return p.First <= p.Today && p.Today <= last && !slices.ContainsFunc(p.Days, func(d agenda.Day) bool { return d.On >= p.Today && len(d.Items) > 0 })
}

var icons = map[agenda.Kind]string{agenda.Care: "baby", agenda.Absent: "calendar-x-2", agenda.Closed: "ban", agenda.Activity: "star", agenda.Birthday: "cake"}

// itemTitle is "Mila", "Mila afgemeld", or the name of what there is to do.
func itemTitle(ctx context.Context, item *agenda.Item) string {
	if item.Title != "" {
		return item.Title
	}
	if item.Kind == agenda.Birthday {
		return item.BirthdayWords(ctx)
	}
	if item.Kind == agenda.Absent {
		return i18n.T(ctx, "agenda.absent", "Name", item.Child.GivenName)
	}
	return item.Child.GivenName
}

// itemDetail is "8:00–17:30 · Kikkers".
func itemDetail(ctx context.Context, item *agenda.Item) string {
	var parts []string
	if item.Kind == agenda.Closed {
		parts = append(parts, i18n.T(ctx, "agenda.closed"))
	}
	if item.From != "" && item.Kind != agenda.Absent {
		parts = append(parts, strings.TrimSuffix(strings.TrimPrefix(item.From, "0")+"–"+strings.TrimPrefix(item.To, "0"), "–"))
	}
	if item.Place != "" {
		parts = append(parts, item.Place)
	}
	if item.Group != "" {
		parts = append(parts, item.Group)
	}
	return strings.Join(parts, " · ")
}
