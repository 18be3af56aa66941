package children

import (
	"strings"
	"unicode/utf8"

	"ouderportaal/tenants"
)

// search is what somebody may have meant with what they typed: words of a name, days of birth, or a piece of an address.
// Words and an address together mean either.
type search struct {
	words       []string
	first, last tenants.Date // days of birth; empty: any
	address     string
}

const (
	maxSearch = 100
	// minAddress is how long a word must be to be looked for in mail addresses: shorter ones stand in nearly all.
	minAddress = 3
)

func searchOf(typed string) search {
	typed = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(typed, ""), "\x00", ""))
	if utf8.RuneCountInString(typed) > maxSearch {
		typed = string([]rune(typed)[:maxSearch])
	}
	if day, ok := ParseDay(typed); ok {
		return search{words: []string{}, first: day, last: day}
	}
	if first, last, ok := parseMonth(typed); ok {
		return search{words: []string{}, first: first, last: last}
	}
	if strings.Contains(typed, "@") {
		return search{words: []string{}, address: strings.ToLower(typed)}
	}
	found := search{words: strings.Fields(typed)}
	if len(found.words) == 1 && len(typed) >= minAddress {
		found.address = strings.ToLower(typed)
	}
	return found
}

// ofChildren looks for a word in the addresses of guardians only when it could be nothing but a piece of one: who looks for
// Jan does not want every child of a guardian at jansen.nl.
func (s search) ofChildren() search {
	if len(s.words) > 0 && !strings.ContainsAny(s.address, "._0123456789") {
		s.address = ""
	}
	return s
}

// namedSQL: the name_key has all the words of a parameter, of which each key is computed once.
func namedSQL(key, words string) string {
	return `NOT EXISTS (SELECT FROM unnest(ARRAY(SELECT name_key(w) FROM unnest(` + words + `::text[]) w)) k WHERE strpos(` + key + `, k) = 0)`
}
