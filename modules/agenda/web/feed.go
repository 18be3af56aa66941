package web

import (
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/web"
	"ouderportaal/tenants"
)

// feed answers a calendar program. A secret cannot be guessed; what is bounded is the work that one address can ask for.
func (h *Handlers) feed(c *fiber.Ctx) error {
	tenant, _ := tenants.From(web.Ctx(c))
	if wait := h.asked.count(tenant.ID.String()+c.IP(), clock.Of(web.Ctx(c))); wait > 0 {
		return fault.New(fault.TooMany, "error.too_many").After(wait)
	}
	secret, named := strings.CutSuffix(c.Params("secret"), ".ics")
	if !named {
		return fault.NotFound()
	}
	calendar, err := h.agenda.Feed(web.Ctx(c), secret)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.SendString(calendar)
}

// makeFeed shows the address once: it is not kept. The form is sent without Turbo, which would ask for another page.
func (h *Handlers) makeFeed(c *fiber.Ctx) error {
	secret, err := h.agenda.MakeFeed(web.Ctx(c))
	if err != nil {
		return err
	}
	tenant, _ := tenants.From(web.Ctx(c))
	c.Set(fiber.HeaderCacheControl, "no-store")
	return web.Render(c, fiber.StatusOK, feedPage(h.hosts.URL(tenant.Slug)+path+"/feed/"+secret+".ics"))
}

func (h *Handlers) endFeed(c *fiber.Ctx) error {
	if err := h.agenda.EndFeed(web.Ctx(c)); err != nil {
		return err
	}
	web.Flash(c, "agenda.feed.ended")
	return web.Go(c, path)
}

// The most that one address may ask of the feeds of an organisation, in each process: a house of calendar programs, and no more.
const (
	mostAsked  = 60
	askedSpan  = time.Minute
	mostCounts = 10000
)

// counter counts who asked since the minute began.
type counter struct {
	mu     sync.Mutex
	since  time.Time
	counts map[string]int
}

// count gives how long to wait; 0: not at all.
func (k *counter) count(who string, now time.Time) time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.counts == nil || now.Sub(k.since) >= askedSpan || now.Before(k.since) || len(k.counts) >= mostCounts {
		k.since, k.counts = now, map[string]int{}
	}
	if k.counts[who]++; k.counts[who] > mostAsked {
		return k.since.Add(askedSpan).Sub(now)
	}
	return 0
}
