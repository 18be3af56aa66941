package children

import (
	"strings"
	"time"
	"unicode"

	"ouderportaal/tenants"
)

// monthNames and weekdayNames are how people here write them, whole and short, in both languages.
var monthNames = map[string]time.Month{
	"jan": 1, "januari": 1, "january": 1, "feb": 2, "februari": 2, "february": 2, "mrt": 3, "maa": 3, "maart": 3, "mar": 3, "march": 3,
	"apr": 4, "april": 4, "mei": 5, "may": 5, "jun": 6, "juni": 6, "june": 6, "jul": 7, "juli": 7, "july": 7, "aug": 8, "augustus": 8, "august": 8,
	"sep": 9, "sept": 9, "september": 9, "okt": 10, "oktober": 10, "oct": 10, "october": 10, "nov": 11, "november": 11, "dec": 12, "december": 12,
}

var weekdayNames = map[string]int{
	"ma": 1, "maa": 1, "maandag": 1, "mo": 1, "mon": 1, "monday": 1, "di": 2, "din": 2, "dinsdag": 2, "tu": 2, "tue": 2, "tues": 2, "tuesday": 2,
	"wo": 3, "woe": 3, "woensdag": 3, "we": 3, "wed": 3, "wednesday": 3, "do": 4, "don": 4, "donderdag": 4, "th": 4, "thu": 4, "thur": 4, "thurs": 4, "thursday": 4,
	"vr": 5, "vrij": 5, "vrijdag": 5, "fr": 5, "fri": 5, "friday": 5, "za": 6, "zat": 6, "zaterdag": 6, "sa": 6, "sat": 6, "saturday": 6,
	"zo": 7, "zon": 7, "zondag": 7, "su": 7, "sun": 7, "sunday": 7,
}

// MonthNamed is the month of a name: "mei", "May", "sept".
func MonthNamed(name string) (time.Month, bool) {
	m, known := monthNames[strings.ToLower(name)]
	return m, known
}

// WeekdayNamed is the weekday (ISO) of a name: "ma", "Monday".
func WeekdayNamed(name string) (int, bool) {
	day, known := weekdayNames[strings.ToLower(name)]
	return day, known
}

// dayLayouts are how days are written here, after the name of a month was made the one that time knows.
var dayLayouts = []string{time.DateOnly, "2-1-2006", "2/1/2006", "2.1.2006", "2 1 2006", "2-January-2006"}

// ParseDay reads a day as people here write it, day first, as programs do, and as our own pages print it: 4-5-2024,
// 2024-05-04, 4 mei 2024, zaterdag 4 mei 2024.
func ParseDay(typed string) (tenants.Date, bool) {
	typed = strings.TrimSpace(typed)
	if parts := wordsOfDay(typed); len(parts) == 3 {
		if month, named := MonthNamed(parts[1]); named {
			typed = parts[0] + "-" + month.String() + "-" + parts[2]
		}
	}
	for _, layout := range dayLayouts {
		if t, err := time.Parse(layout, typed); err == nil && t.Year() >= 1900 && t.Year() < 2200 {
			return tenants.Date(t.Format(time.DateOnly)), true
		}
	}
	return "", false
}

// parseMonth reads "mei 2024" as its first and last day.
func parseMonth(typed string) (first, last tenants.Date, ok bool) {
	parts := wordsOfDay(typed)
	if len(parts) != 2 {
		return "", "", false
	}
	month, named := MonthNamed(parts[0])
	start, known := ParseDay("1-" + month.String() + "-" + parts[1])
	if !named || !known {
		return "", "", false
	}
	at, err := time.Parse(time.DateOnly, string(start))
	if err != nil {
		return "", "", false
	}
	return start, tenants.Date(at.AddDate(0, 1, -1).Format(time.DateOnly)), true
}

// wordsOfDay are the words and numbers of a day, without the weekday before it.
func wordsOfDay(typed string) []string {
	parts := strings.FieldsFunc(typed, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(parts) > 3 {
		if _, weekday := WeekdayNamed(parts[0]); weekday {
			parts = parts[1:]
		}
	}
	return parts
}
