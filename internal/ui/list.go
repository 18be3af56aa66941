package ui

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"ouderportaal/internal/i18n"
)

func anyChosen(options []Option) bool {
	for _, o := range options {
		if o.Selected && o.Value != "" {
			return true
		}
	}
	return false
}

// PeekLink is the link of a row: it opens href in the panel with this id, or as a page without scripts.
func PeekLink(id string) templ.Attributes {
	return templ.Attributes{"data-turbo-frame": id, "data-rows-target": "link"}
}

// RowLink is the link of a row that leads to a page.
func RowLink() templ.Attributes {
	return templ.Attributes{"data-rows-target": "link", "data-turbo-frame": "_top"}
}

var weekdays = [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// WeekdayName is the name of an ISO weekday: 1 is Monday.
func WeekdayName(ctx context.Context, day int) string { return i18n.T(ctx, "date."+weekdays[day]) }

func initial(name string) string {
	first, _ := utf8.DecodeRuneInString(name)
	return strings.ToUpper(string(first))
}

func weekdayNames(ctx context.Context, on [8]bool) string {
	var names []string
	for day := 1; day <= 7; day++ {
		if on[day] {
			names = append(names, WeekdayName(ctx, day))
		}
	}
	if len(names) == 0 {
		return i18n.T(ctx, "ui.weekday.none")
	}
	return i18n.List(ctx, names)
}
