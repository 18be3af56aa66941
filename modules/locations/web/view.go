package web

import (
	"context"
	"net/url"
	"strings"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/locations"
	"ouderportaal/tenants"
)

func placeHref(id ids.ID) string { return path + "/" + id.String() }

func colleagueHref(id ids.ID) string { return path + "/team/" + id.String() }

// pictureOf is the address of a version of a photo; empty for none.
func pictureOf(photo ids.ID, version string) string {
	if photo == ids.Nil {
		return ""
	}
	return picturePath + "/" + photo.String() + "/" + version
}

func faceOf(c *locations.Colleague) ui.Person {
	return ui.Person{Name: c.GivenName, Seed: c.Face, Adult: true, Photo: pictureOf(c.PhotoID, "320.webp")}
}

// addressLines are "Brinkweg 4" and "7437 ZZ Bathmen"; empty ones are left out.
func addressLines(p *locations.Place) []string {
	var lines []string
	for _, line := range []string{p.Street, strings.TrimSpace(p.Postcode + " " + p.City)} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// mapHref leads to the address on a map of somebody else's; the page asks nothing of it.
func mapHref(p *locations.Place) string {
	return "https://www.openstreetmap.org/search?query=" + url.QueryEscape(strings.Join(addressLines(p), ", "))
}

// dialled is a telephone number as telephones read it.
func dialled(phone string) string {
	return "tel:" + strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}

// i18n:keys locations.care.*
func careWords(ctx context.Context, care string) string {
	return i18n.T(ctx, "locations.care."+care)
}

// timesWords are "7:30–18:30", or both times of a day.
func timesWords(times []locations.Times) string {
	words := make([]string, len(times))
	for i, t := range times {
		words[i] = hour(t.From) + "–" + hour(t.To)
	}
	return strings.Join(words, ", ")
}

func hour(clock string) string { return strings.TrimPrefix(clock, "0") }

// todayWords are where one is and whether it is open today.
func todayWords(ctx context.Context, page *locations.Page) string {
	p := page.Place
	if len(p.Opening.Days) == 0 {
		return p.Name
	}
	if times := p.Today(page.Today); len(times) > 0 {
		return i18n.T(ctx, "locations.open_today", "Name", p.Name, "Times", timesWords(times))
	}
	return i18n.T(ctx, "locations.closed_today", "Name", p.Name)
}

// comingWords say whose children come here, and from when if that is still to come.
func comingWords(ctx context.Context, p *locations.Place) string {
	names := make([]string, len(p.Children))
	for i, child := range p.Children {
		names[i] = child.GivenName
	}
	if p.StartsOn != "" {
		return i18n.T(ctx, "locations.starts", "Names", i18n.List(ctx, names), "Day", i18n.CivilDate(ctx, string(p.StartsOn)))
	}
	return i18n.T(ctx, "locations.comes", "Names", i18n.List(ctx, names))
}

// specialDays are "vrijdag 25 december", or the first and the last of a period.
func specialDays(ctx context.Context, s *locations.Special) string {
	words := i18n.CivilDate(ctx, string(s.First))
	if s.Last != s.First {
		words = i18n.T(ctx, "locations.until", "First", words, "Last", i18n.CivilDate(ctx, string(s.Last)))
	}
	return words
}

func specialWords(ctx context.Context, s *locations.Special) string {
	words := i18n.T(ctx, "locations.closed")
	if s.From != "" {
		words = i18n.T(ctx, "locations.other_times", "Times", timesWords([]locations.Times{{From: s.From, To: s.To}}))
	}
	if s.Reason != "" {
		words += " · " + s.Reason
	}
	return words
}

func titleWords(ctx context.Context, title string) string {
	if title == "" {
		return i18n.T(ctx, "locations.team.title_unsaid")
	}
	return title
}

// daysWords are the weekdays on which somebody works.
func daysWords(ctx context.Context, weekdays []int) string {
	words := make([]string, len(weekdays))
	for i, n := range weekdays {
		words[i] = ui.WeekdayName(ctx, n)
	}
	return i18n.List(ctx, words)
}

func isToday(weekday int, today tenants.Date) bool { return today.Weekday() == weekday }
