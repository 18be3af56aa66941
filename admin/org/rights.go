package org

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
)

const rightsPath = "/beheer/rollen"

// shownRoles are the columns of the table of rights.
var shownRoles = []actor.Role{actor.Parent, actor.Staff, actor.Manager, actor.Admin}

// right is something that can be done in the portal, and which of shownRoles may.
type right struct {
	Words string
	May   []bool
}

// rightsOf are the permissions of all routes in words, as the policy gives them to roles.
// i18n:keys org.right.*
func rightsOf(ctx context.Context) []right {
	var list []right
	for _, permission := range web.PermissionsOf(ctx) {
		r := right{Words: i18n.T(ctx, "org.right."+permission)}
		for _, role := range shownRoles {
			r.May = append(r.May, web.RoleMay(ctx, role, permission))
		}
		list = append(list, r)
	}
	return list
}

func (h *Handlers) rights(c *fiber.Ctx) error {
	holders, err := h.children.Holders(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, rightsPage(holders, rightsOf(web.Ctx(c))))
}

func roleTitle(ctx context.Context, role actor.Role) string {
	return i18n.T(ctx, "identity.role."+strings.TrimPrefix(string(role), "role:"))
}

func groupWords(ctx context.Context, h children.Holder) string { return i18n.List(ctx, h.Groups) }
