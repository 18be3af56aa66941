package children

import (
	"strings"
	"time"
	"unicode/utf8"

	"ouderportaal/tenants"
)

// search is what somebody may have meant with what they typed: words of a name, a day of birth, or a piece of an address.
type search struct {
	words   []string
	birth   tenants.Date
	address string
}

const maxSearch = 100

func searchOf(typed string) search {
	typed = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(typed, ""), "\x00", ""))
	if utf8.RuneCountInString(typed) > maxSearch {
		typed = string([]rune(typed)[:maxSearch])
	}
	if day, ok := ParseDay(typed); ok {
		return search{words: []string{}, birth: day}
	}
	if strings.Contains(typed, "@") {
		return search{words: []string{}, address: strings.ToLower(typed)}
	}
	return search{words: strings.Fields(typed)}
}

// dayLayouts are how days are written here.
var dayLayouts = []string{time.DateOnly, "2-1-2006", "2/1/2006", "2.1.2006", "2 1 2006"}

// ParseDay reads a day as people here write it, day first, or as programs do.
func ParseDay(typed string) (tenants.Date, bool) {
	typed = strings.TrimSpace(typed)
	for _, layout := range dayLayouts {
		if t, err := time.Parse(layout, typed); err == nil && t.Year() >= 1900 && t.Year() < 2200 {
			return tenants.Date(t.Format(time.DateOnly)), true
		}
	}
	return "", false
}
