package web

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/house"
	"ouderportaal/tenants"
)

const settingsPath = "/beheer/instellingen"

// settingsView is the form as it stands on the screen.
type settingsView struct {
	rail     []ui.RailSection
	features []tenants.Feature
	manner   tenants.Manner
	problem  error
}

func (v *settingsView) has(f tenants.Feature) bool { return !slices.Contains(v.manner.Off, f) }

func (h *Handlers) settings(c *fiber.Ctx) error {
	tenant, _ := tenants.From(web.Ctx(c))
	m := tenants.Manner{Languages: tenant.Languages, Language: tenant.Language}
	for _, f := range h.house.Features() {
		if !tenant.Has(f) {
			m.Off = append(m.Off, f)
		}
	}
	return web.Render(c, fiber.StatusOK, settingsPage(&settingsView{rail: h.rail(web.Ctx(c)), features: h.house.Features(), manner: m}))
}

func (h *Handlers) arrange(c *fiber.Ctx) error {
	m := tenants.Manner{Language: c.FormValue("language"), Languages: web.Values(c, "languages")}
	on := web.Values(c, "features")
	for _, f := range h.house.Features() {
		if !slices.Contains(on, string(f)) {
			m.Off = append(m.Off, f)
		}
	}
	err := h.house.Arrange(web.Ctx(c), m)
	if fault.CodeOf(err) == fault.Invalid {
		return web.Render(c, fiber.StatusUnprocessableEntity, settingsPage(&settingsView{rail: h.rail(web.Ctx(c)), features: h.house.Features(), manner: m, problem: err}))
	}
	if err != nil {
		return err
	}
	web.Flash(c, "house.settings.saved")
	return web.Go(c, settingsPath)
}

// i18n:keys house.feature.* house.setting.*
func featureWords(ctx context.Context, f tenants.Feature) (title, detail string) {
	return i18n.T(ctx, "house.feature."+string(f)), i18n.T(ctx, "house.feature."+string(f)+".off")
}

// setting is one that is kept on a page of its own.
type setting struct{ key, href, permission string }

var settings = []setting{
	{"sign_in", signInPath, "house.arrange"},
	{"invitations", "/beheer/uitnodigingen", "invitations.choose"},
	{"absences", "/beheer/afwezig", "absences.choose"},
	{"messages", "/beheer/berichten", "messages.arrange"},
	{"consents", "/beheer/toestemmingen", "consents.define"},
	{"retention", "/beheer/bewaartermijnen", "retention.decide"},
}

func languageChoices(ctx context.Context, chosen string) []ui.Option {
	var list []ui.Option
	for _, language := range house.Languages {
		list = append(list, ui.Option{Value: language, Label: i18n.T(ctx, "house.language."+language), Selected: language == chosen})
	}
	return list
}
