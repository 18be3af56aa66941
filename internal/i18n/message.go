package i18n

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"unicode"

	"golang.org/x/text/feature/plural"
)

// message is one key in one language. Most are plain: there are thousands, and they must be small.
type message struct {
	plain string
	parts *parts // nil when the message is plain
}

// parts are a message with placeholders or plural forms.
type parts struct {
	forms   [plural.Many + 1]form // by plural.Form; only filled forms have pieces
	plural  bool                  // has more than one form
	complex bool                  // uses more of text/template than {{.Name}}: left to go-i18n
}

type form []piece

// piece is a stretch of text, or the name of what belongs there.
type piece struct{ text, name string }

func compile(s sentence) (message, error) {
	if s.other == "" {
		return message{}, errors.New(`no words (form "other")`)
	}
	only := s == sentence{other: s.other}
	if only && !strings.Contains(s.other, "{{") {
		return message{plain: s.other}, nil
	}
	out := parts{plural: !only}
	for which, text := range map[plural.Form]string{
		plural.Other: s.other, plural.Zero: s.zero, plural.One: s.one, plural.Two: s.two, plural.Few: s.few, plural.Many: s.many,
	} {
		if text == "" {
			continue
		}
		pieces, simple := split(text)
		out.forms[which] = pieces
		if simple {
			continue
		}
		out.complex = true
		if _, err := template.New("").Parse(text); err != nil {
			return message{}, err
		}
	}
	return message{parts: &out}, nil
}

// split cuts a text at its placeholders; simple is false when something else stands between braces.
func split(text string) (pieces form, simple bool) {
	pieces = make(form, 0, 1+2*strings.Count(text, "{{"))
	for text != "" {
		before, rest, braces := strings.Cut(text, "{{")
		if before != "" {
			pieces = append(pieces, piece{text: before})
		}
		if !braces {
			break
		}
		inner, after, closed := strings.Cut(rest, "}}")
		name, dot := strings.CutPrefix(strings.TrimSpace(inner), ".")
		if !closed || !dot || !isName(name) {
			return nil, false
		}
		pieces = append(pieces, piece{name: name})
		text = after
	}
	return pieces, true
}

// isName tells whether s is letters and digits, a letter first.
func isName(s string) bool {
	return s != "" && !unicode.IsDigit(rune(s[0])) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// words builds the sentence; value gives what belongs at a name.
func (f form) words(value func(name string) (any, bool), lost func(name string)) string {
	var b strings.Builder
	for _, p := range f {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		v, ok := value(p.name)
		if !ok {
			lost(p.name)
			continue
		}
		write(&b, v)
	}
	return b.String()
}

func write(b *strings.Builder, v any) {
	switch v := v.(type) {
	case string:
		b.WriteString(v)
	case int:
		b.WriteString(strconv.Itoa(v))
	default:
		fmt.Fprint(b, v)
	}
}
