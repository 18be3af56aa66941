package web

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/tenants"
)

const signInPath = settingsPath + "/inloggen"

// signInView is the form of the rules of signing in as it stands on the screen.
type signInView struct {
	rail    []ui.RailSection
	rules   tenants.SignIn // as they are: they go along as those of before
	problem error
}

func (h *Handlers) signIn(c *fiber.Ctx) error {
	rules, err := h.house.SignIn(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, signInPage(&signInView{rail: h.rail(web.Ctx(c)), rules: rules}))
}

func (h *Handlers) setSignIn(c *fiber.Ctx) error {
	ctx := web.Ctx(c)
	before, err := readRules(c.FormValue("before"))
	if err != nil {
		return fault.NotFound()
	}
	rules := tenants.SignIn{ParentFactor: c.FormValue("parent_factor") != ""}
	rules.ParentIdleDays, _ = strconv.Atoi(c.FormValue("parent_idle")) // what is no number is none of the choices
	rules.StaffIdleMinutes, _ = strconv.Atoi(c.FormValue("staff_idle"))
	err = h.house.SetSignIn(ctx, before, rules)
	if fault.CodeOf(err) == fault.Conflict {
		now, gone := h.house.SignIn(ctx)
		if gone != nil {
			return gone
		}
		return web.Render(c, fiber.StatusConflict, signInPage(&signInView{rail: h.rail(ctx), rules: now, problem: err}))
	}
	if err != nil {
		return err
	}
	web.Flash(c, "house.settings.saved")
	return web.Go(c, signInPath)
}

// writeRules is what the form carries of the rules that it changes, and readRules reads that.
func writeRules(r tenants.SignIn) string {
	return fmt.Sprintf("%t %d %d", r.ParentFactor, r.ParentIdleDays, r.StaffIdleMinutes)
}

func readRules(text string) (r tenants.SignIn, err error) {
	_, err = fmt.Sscanf(text, "%t %d %d", &r.ParentFactor, &r.ParentIdleDays, &r.StaffIdleMinutes)
	return r, err
}

// lengths are the choices of how long something may take; key is the words of a number of them.
func lengths(ctx context.Context, key string, of []int, chosen int) []ui.Option {
	var list []ui.Option
	for _, n := range of {
		list = append(list, ui.Option{Value: strconv.Itoa(n), Label: i18n.N(ctx, key, n), Selected: n == chosen})
	}
	return list
}
