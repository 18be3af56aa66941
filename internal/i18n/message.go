package i18n

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
)

// message is one key in one language. A message without placeholders and plural forms is its own answer.
type message struct {
	plain   string
	isPlain bool
	forms   [plural.Many + 1]form // by plural.Form; only filled forms have pieces
	plural  bool                  // has more than one form
	complex bool                  // uses more of text/template than {{.Name}}: left to go-i18n
}

type form []piece

// piece is a stretch of text, or the name of what belongs there.
type piece struct{ text, name string }

var placeholder = regexp.MustCompile(`\{\{\s*\.([A-Za-z][A-Za-z0-9]*)\s*\}\}`)

func compile(m *goi18n.Message) (message, error) {
	texts := map[plural.Form]string{
		plural.Other: m.Other, plural.Zero: m.Zero, plural.One: m.One, plural.Two: m.Two, plural.Few: m.Few, plural.Many: m.Many,
	}
	if m.Other == "" {
		return message{}, fmt.Errorf("key %q has no words (form \"other\")", m.ID)
	}
	var out message
	plurals := 0
	for which, text := range texts {
		if text == "" {
			continue
		}
		plurals++
		pieces, simple := split(text)
		out.forms[which] = pieces
		out.complex = out.complex || !simple
		if simple {
			continue
		}
		if _, err := template.New("").Parse(text); err != nil {
			return message{}, fmt.Errorf("key %q: %w", m.ID, err)
		}
	}
	out.plural = plurals > 1
	if plurals == 1 && len(out.forms[plural.Other]) == 1 && out.forms[plural.Other][0].name == "" {
		out.plain, out.isPlain = m.Other, true
	}
	return out, nil
}

// split cuts a text at its placeholders; simple is false when something else between braces is left.
func split(text string) (pieces form, simple bool) {
	if !strings.Contains(text, "{{") {
		return form{{text: text}}, true
	}
	at := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		if m[0] > at {
			pieces = append(pieces, piece{text: text[at:m[0]]})
		}
		pieces = append(pieces, piece{name: text[m[2]:m[3]]})
		at = m[1]
	}
	if at < len(text) {
		pieces = append(pieces, piece{text: text[at:]})
	}
	for _, p := range pieces {
		if strings.Contains(p.text, "{{") {
			return pieces, false
		}
	}
	return pieces, true
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
