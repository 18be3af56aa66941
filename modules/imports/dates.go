package imports

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// trouble is why a cell cannot be read: a locale key with the words that its sentence needs. The zero value is no trouble.
type trouble struct {
	key  string
	args map[string]any
}

func (t trouble) any() bool { return t.key != "" }

func wrong(key string) trouble { return trouble{key: key} }

// The days that dates in a planning can lie between. A day outside is a typing mistake, and not a child of the Middle Ages.
const (
	firstDay = tenants.Date("1990-01-01")
	lastDay  = tenants.Date("2100-12-31")
)

// parseDate reads a date as people write it here: 1-9-2025, 01/09/2025, 1.9.2025, 1 september 2025, ma 1 sep. 2025,
// 2025-09-01, and the number of a day as a spreadsheet counts. A year of two digits is refused: nobody knows the century
// of a birthday better than who wrote it.
func parseDate(cell string) (tenants.Date, trouble) {
	parts := strings.FieldsFunc(withoutTime(cell), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(parts) > 1 {
		if _, is := children.WeekdayNamed(parts[0]); is {
			parts = parts[1:]
		}
	}
	if len(parts) == 1 {
		return serialDate(parts[0])
	}
	if len(parts) != 3 {
		return "", wrong("imports.error.date")
	}
	year, month, day := parts[2], parts[1], parts[0]
	if len(parts[0]) == 4 {
		year, day = day, year
	}
	m, named := children.MonthNamed(month)
	if !named {
		m = time.Month(digits(month, 2))
	}
	y, d := digits(year, 4), digits(day, 2)
	switch {
	case y < 0 || m < 0 || d < 0:
		return "", wrong("imports.error.date")
	case len(year) != 4:
		return "", wrong("imports.error.date_year")
	case m > 12 && d <= 12 && !named:
		return "", wrong("imports.error.date_month_first")
	}
	at := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if m < 1 || m > 12 || at.Day() != d || at.Month() != m {
		return "", wrong("imports.error.date_unknown")
	}
	return within(at)
}

func within(at time.Time) (tenants.Date, trouble) {
	date := tenants.Date(at.Format(time.DateOnly))
	if date < firstDay || date > lastDay {
		return "", wrong("imports.error.date_far")
	}
	return date, trouble{}
}

// serialDate reads the number of a day; a spreadsheet shows it when a cell has lost its format.
func serialDate(text string) (tenants.Date, trouble) {
	n, err := strconv.Atoi(text)
	if err != nil || len(text) != 5 {
		return "", wrong("imports.error.date")
	}
	return within(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n))
}

// withoutTime takes the midnight off that programs write behind a date.
func withoutTime(cell string) string {
	cell = strings.TrimSpace(cell)
	if at := strings.IndexByte(cell, ':'); at > 0 {
		if space := strings.LastIndexAny(cell[:at], " T"); space > 0 {
			return cell[:space]
		}
	}
	return cell
}

// digits is a whole number of at most so many digits, or -1.
func digits(text string, most int) int {
	if len(text) == 0 || len(text) > most {
		return -1
	}
	n := 0
	for _, r := range text {
		if r < '0' || r > '9' {
			return -1
		}
		n = 10*n + int(r-'0')
	}
	return n
}

// parseTime reads a time of the day: 07:30, 7.30, 7u30, 0730, 7. It gives 07:30.
func parseTime(cell string) (string, bool) {
	text := strings.TrimSpace(strings.ToLower(cell))
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(text, "uur"), "u"))
	hour, minute, cut := text, "00", false
	for _, mark := range []string{":", ".", "u", "h"} {
		if hour, minute, cut = strings.Cut(text, mark); cut {
			break
		}
	}
	if !cut {
		hour, minute = text, "00"
		if len(text) == 3 || len(text) == 4 {
			hour, minute = text[:len(text)-2], text[len(text)-2:]
		}
	}
	minute = strings.TrimSuffix(minute, ":00")
	h, m := digits(hour, 2), digits(minute, 2)
	if h < 0 || h > 23 || m < 0 || m > 59 || len(minute) != 2 {
		return "", false
	}
	return twoDigits(h) + ":" + twoDigits(m), true
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
