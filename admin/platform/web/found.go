package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

const foundPath = "/organisaties/nieuw"

// foundForm is the page on which an organisation begins.
type foundForm struct {
	platform.Founding
	hosts   tenants.Hosts
	Problem error
}

func draftOf(c *fiber.Ctx) identity.Draft {
	return identity.Draft{GivenName: c.FormValue("given_name"), FamilyName: c.FormValue("family_name"), Email: c.FormValue("email")}
}

func (h *Handlers) foundPage(c *fiber.Ctx) error {
	return web.Render(c, fiber.StatusOK, foundPage(foundForm{hosts: h.hosts}))
}

func (h *Handlers) found(c *fiber.Ctx) error {
	form := foundForm{hosts: h.hosts, Founding: platform.Founding{Tenant: tenants.NewTenant{Name: c.FormValue("name"), Slug: c.FormValue("slug"), Example: c.FormValue("example") != ""}, Admin: draftOf(c)}}
	t, err := h.service.Found(web.Ctx(c), h.admins, form.Founding)
	if errors.Is(err, platform.ErrNoAdmin) {
		web.FlashProblem(c, "platform.found.no_admin")
		return web.Go(c, "/organisaties/"+t.ID.String())
	}
	if err != nil {
		form.Problem = err
		return again(err, func(status int) error { return web.Render(c, status, foundPage(form)) })
	}
	web.Flash(c, "platform.found.done")
	return web.Go(c, "/organisaties/"+t.ID.String())
}

// free answers while somebody types the address of a new organisation.
func (h *Handlers) free(c *fiber.Ctx) error {
	slug := platform.SlugOf(text(c.Query("slug")))
	err := h.service.Free(web.Ctx(c), slug)
	if err != nil && fault.CodeOf(err) != fault.Invalid {
		return err
	}
	return web.Render(c, fiber.StatusOK, freeAnswer(h.hosts.URL(slug), err))
}

// adminForm is the page on which an admin is invited to an organisation that is there.
type adminForm struct {
	details
	Draft identity.Draft
}

func (h *Handlers) askAdmin(c *fiber.Ctx) error {
	d, err := h.open(c)
	if err != nil {
		return err
	}
	if err := h.admins.Awaited(web.Ctx(c), d.tenant()); err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, adminPage(adminForm{details: d}))
}

func (h *Handlers) inviteAdmin(c *fiber.Ctx) error {
	d, err := h.open(c)
	if err != nil {
		return err
	}
	form := adminForm{details: d, Draft: draftOf(c)}
	if err := h.service.InviteFirst(web.Ctx(c), h.admins, d.Slug, form.Draft, c.FormValue("code")); err != nil {
		form.Problem = err
		return again(err, func(status int) error { return web.Render(c, status, adminPage(form)) })
	}
	web.Flash(c, "platform.admin.invited")
	return web.Go(c, d.href())
}
