package web

import (
	"bytes"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/web"
	"ouderportaal/tenants"
)

// visitForm is the page on which an operator says why they want to look into an organisation.
type visitForm struct {
	details
	Link string // where it goes on, once it was allowed
}

func (h *Handlers) askVisit(c *fiber.Ctx) error {
	d, err := h.open(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, visitPage(visitForm{details: d}))
}

func (h *Handlers) visit(c *fiber.Ctx) error {
	d, err := h.open(c)
	if err != nil {
		return err
	}
	form := visitForm{details: d}
	form.Reason = c.FormValue("reason")
	link, err := h.service.StartVisit(web.Ctx(c), d.Slug, form.Reason, c.FormValue("code"))
	if err != nil {
		form.Problem = err
		return again(err, func(status int) error { return web.Render(c, status, visitPage(form)) })
	}
	// A form may lead nowhere but to its own host, so the way on is a link.
	form.Link = d.Address + visitPath + "/" + link
	return web.Render(c, fiber.StatusOK, visitReadyPage(form))
}

const visitPath = "/toegang"

// EndVisitPath ends a visit by POST.
const EndVisitPath = visitPath + "/einde"

// VisitPages are what a visit needs at the portal that is visited.
type VisitPages struct{ visits *platform.Visits }

// NewVisitPages makes them.
func NewVisitPages(v *platform.Visits) *VisitPages { return &VisitPages{v} }

// Routes lists what can be asked about visits.
func (h *VisitPages) Routes(r *web.Routes) {
	r.Post(EndVisitPath, web.Public, h.end)
	r.Get(visitPath+"/:token", web.Public, h.ask)
	r.Post(visitPath+"/:token", web.Public, h.begin)
}

func (h *VisitPages) ask(c *fiber.Ctx) error {
	visit, err := h.visits.Peek(web.Ctx(c), c.Params("token"))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, visitBeginPage(c.Params("token"), visit))
}

func (h *VisitPages) begin(c *fiber.Ctx) error {
	token, err := h.visits.Begin(web.Ctx(c), c.Params("token"))
	if err != nil {
		return err
	}
	web.SetHostCookie(c, platform.VisitCookie, token, platform.VisitTime)
	return web.Go(c, "/beheer")
}

func (h *VisitPages) end(c *fiber.Ctx) error {
	ctx := web.Ctx(c)
	if visit, err := h.visits.Resolve(ctx, visitToken(c)); err == nil {
		if err := h.visits.End(ctx, visit); err != nil {
			return err
		}
	} else if fault.CodeOf(err) != fault.Unauthenticated {
		return err
	}
	web.SetHostCookie(c, platform.VisitCookie, "", -1)
	return web.Go(c, "/inloggen")
}

func visitToken(c *fiber.Ctx) string {
	if token := c.Cookies(platform.VisitCookie); len(token) == tokenLength {
		return token
	}
	return ""
}

// VisitSession stands before the session of a portal: with the cookie of a visit that lives, whoever asks is the operator, who reads
// pages, with their style sheets, and nothing else. No photo, no file and no stream comes through, and each page is in the organisation's log before it is shown.
func VisitSession(visits *platform.Visits, otherwise fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		token := visitToken(c)
		if token == "" || c.Path() == EndVisitPath {
			return otherwise(c)
		}
		ctx := c.UserContext()
		visit, err := visits.Resolve(ctx, token)
		if fault.CodeOf(err) == fault.Unauthenticated {
			return otherwise(c)
		}
		if err != nil {
			return err
		}
		tenant, _ := tenants.From(ctx)
		c.SetUserContext(platform.WithVisit(tenants.ReadOnly(actor.With(ctx, visit.Visitor(tenant))), visit))
		if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
			return fault.New(fault.Forbidden, "error.read_only")
		}
		if err := c.Next(); err != nil {
			return err
		}
		switch response := c.Response(); {
		case response.StatusCode() >= 300 && response.StatusCode() < 400:
			return nil
		case bytes.HasPrefix(response.Header.ContentType(), []byte("text/css")):
			return nil // part of a page that is in the log, and nothing but how it looks
		case !bytes.HasPrefix(response.Header.ContentType(), []byte("text/html")):
			return fault.New(fault.Forbidden, "error.read_only")
		}
		return visits.NotePage(ctx, visit, c.Path())
	}
}
