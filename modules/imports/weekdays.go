package imports

import (
	"strings"
	"unicode"

	"ouderportaal/modules/children"
)

// day is a weekday (ISO: 1 is Monday) with times, which are empty when only the day was said.
type day struct {
	weekday  int
	from, to string
}

// token is a word, a time or a dash.
type token struct {
	text string
	kind rune // 'w', '0', '-'
}

func tokens(cell string) (list []token) {
	text := strings.ToLower(cell)
	for _, dash := range []string{"tot en met", "t/m", "–", "—", " to ", " tot "} {
		text = strings.ReplaceAll(text, dash, "-")
	}
	runes := []rune(text)
	for i := 0; i < len(runes); {
		start := i
		switch r := runes[i]; {
		case unicode.IsDigit(r):
			for i < len(runes) && (unicode.IsDigit(runes[i]) || strings.ContainsRune(":.uh", runes[i])) {
				i++
			}
			list = append(list, token{strings.Trim(string(runes[start:i]), ".:"), '0'})
		case unicode.IsLetter(r):
			for i < len(runes) && unicode.IsLetter(runes[i]) {
				i++
			}
			if word := string(runes[start:i]); word != "en" && word != "and" && word != "van" && word != "uur" && word != "from" {
				list = append(list, token{word, 'w'})
			}
		case r == '-':
			list = append(list, token{"-", '-'})
			i++
		case unicode.IsSpace(r) || strings.ContainsRune(",;/+&()|.:", r):
			i++
		default:
			list = append(list, token{string(r), 'w'})
			i++
		}
	}
	return list
}

// parseDays reads the days of a placement: "ma,di,do", "ma 07:30-18:00; di 8-12", "ma t/m vr", "ma, di 7.30-18.30". Times
// are for all days since the last ones.
func parseDays(cell string) ([]day, trouble) {
	var days []day
	var waiting []int // days without times so far
	settle := func(from, to string) trouble {
		for _, weekday := range waiting {
			for _, d := range days {
				if d.weekday == weekday {
					return wrong("imports.error.day_twice")
				}
			}
			days = append(days, day{weekday, from, to})
		}
		waiting = nil
		return trouble{}
	}
	list := tokens(cell)
	kindAt := func(i int) rune {
		if i < len(list) {
			return list[i].kind
		}
		return 0
	}
	for i := 0; i < len(list); i++ {
		switch list[i].kind {
		case 'w':
			first, known := children.WeekdayNamed(list[i].text)
			if !known {
				return nil, trouble{"imports.error.day", map[string]any{"Word": list[i].text}}
			}
			last := first
			if kindAt(i+1) == '-' && kindAt(i+2) == 'w' {
				if last, known = children.WeekdayNamed(list[i+2].text); !known || last <= first {
					return nil, wrong("imports.error.days")
				}
				i += 2
			}
			for weekday := first; weekday <= last; weekday++ {
				waiting = append(waiting, weekday)
			}
		case '0':
			if kindAt(i+1) != '-' || kindAt(i+2) != '0' {
				return nil, wrong("imports.error.times")
			}
			if len(waiting) == 0 {
				return nil, wrong("imports.error.times_twice")
			}
			from, to, problem := span(list[i].text, list[i+2].text)
			if problem.any() {
				return nil, problem
			}
			if problem := settle(from, to); problem.any() {
				return nil, problem
			}
			i += 2
		default:
			return nil, wrong("imports.error.days")
		}
	}
	return days, settle("", "")
}

// span checks that times are times, and in their order.
func span(first, second string) (from, to string, problem trouble) {
	from, fine := parseTime(first)
	to, also := parseTime(second)
	switch {
	case !fine || !also:
		return "", "", wrong("imports.error.times")
	case to <= from:
		return "", "", wrong("imports.error.times_order")
	}
	return from, to, trouble{}
}

// parseDayCell reads the cell of one weekday: times, or a mark that says that the child comes. said is false for an empty
// cell and for "no".
func parseDayCell(weekday int, cell string) (d day, said bool, problem trouble) {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "", "nee", "no", "n", "0", "false", "onwaar", "-":
		return day{}, false, trouble{}
	case "x", "ja", "j", "yes", "y", "1", "v", "true", "waar", "✓", "✔":
		return day{weekday: weekday}, true, trouble{}
	}
	list := tokens(cell)
	if len(list) != 3 || list[0].kind != '0' || list[1].kind != '-' || list[2].kind != '0' {
		return day{}, false, wrong("imports.error.times")
	}
	from, to, problem := span(list[0].text, list[2].text)
	return day{weekday, from, to}, !problem.any(), problem
}
