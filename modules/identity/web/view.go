package web

import (
	"context"
	"strings"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// about is what public pages say about the organisation.
type about struct{ Name, Address, Phone, Email string }

func aboutOf(ctx context.Context) about {
	t, _ := tenants.From(ctx)
	return about{t.Name, t.Address, t.Phone, t.Email}
}

// titleOf is the title of a page with a form; it says so first when something is wrong.
func titleOf(ctx context.Context, key string, mistakes ui.Mistakes) string {
	title := i18n.T(ctx, key)
	if mistakes.Any() {
		return ui.ErrorTitle(ctx, title)
	}
	return title
}

// passwordRules is the sentence under the field for a new password.
func passwordRules(ctx context.Context, least int) string {
	return i18n.T(ctx, "identity.password.rules", "Least", least)
}

func onOff(ctx context.Context, on bool) string {
	if on {
		return i18n.T(ctx, "identity.security.on")
	}
	return i18n.T(ctx, "identity.security.off")
}

// welcomeWords are what the organisation says on its sign-in page, or our own words.
func welcomeWords(ctx context.Context) string {
	if t, ok := tenants.From(ctx); ok {
		if own := t.Words.SignIn[i18n.Language(ctx)]; own != "" {
			return own
		}
	}
	return i18n.T(ctx, "identity.sign_in.welcome")
}

func roleName(ctx context.Context, role actor.Role) string {
	return i18n.T(ctx, "identity.role."+roleWord(role))
}

func roleWord(role actor.Role) string { return strings.TrimPrefix(string(role), "role:") }

func deviceWords(ctx context.Context, d identity.Device) string {
	if d.Name == "" {
		return i18n.T(ctx, "identity.devices.unknown")
	}
	return d.Name
}

func languageOptions(ctx context.Context, chosen string) []ui.Option {
	var list []ui.Option
	tenant, _ := tenants.From(ctx)
	for _, language := range identity.Languages {
		if !tenant.Offers(language) && language != chosen {
			continue
		}
		list = append(list, ui.Option{Value: language, Label: i18n.T(ctx, "identity.language."+language), Selected: language == chosen})
	}
	return list
}

// themeOf is the value of an appearance in ui.ThemeForm; appearanceOf goes the other way.
func themeOf(a identity.Appearance) string {
	if a == identity.System {
		return ""
	}
	return string(a)
}

func appearanceOf(theme string) identity.Appearance {
	if theme == "" {
		return identity.System
	}
	return identity.Appearance(theme)
}
