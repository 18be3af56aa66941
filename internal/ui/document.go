package ui

import (
	"context"

	"ouderportaal/internal/i18n"
)

func language(ctx context.Context) string {
	if lang := ChromeFrom(ctx).Language; lang != "" {
		return lang
	}
	return i18n.Language(ctx)
}

// fullTitle is the words of the browser tab: the page first, because tabs are narrow.
func fullTitle(page, tenant string) string {
	switch {
	case page == "":
		return tenant
	case tenant == "":
		return page
	}
	return page + " – " + tenant
}

func colorScheme(theme string) string {
	if theme == "" {
		return "light dark"
	}
	return theme
}

// themeColor is the colour of the browser's own bars for a reader without a choice, or with this one.
func themeColor(c Chrome) string {
	if c.Theme == "dark" && c.ThemeDark != "" {
		return c.ThemeDark
	}
	return c.ThemeColor
}

func iconHref(c Chrome) string {
	if c.LogoHref != "" {
		return c.LogoHref
	}
	return Asset("mark.svg")
}
