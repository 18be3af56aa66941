package ui

import (
	"testing"

	"github.com/a-h/templ"
	"github.com/stretchr/testify/require"
)

func FuzzTextIsWrittenAsTemplatesDo(f *testing.F) {
	for _, words := range []string{"", `<b class="x">Noor & 'Mees' > 3</b>`, "Zoë – ｢日本｣", "a\x00\xff<\xfe>", "&&", ">"} {
		f.Add(words)
	}
	f.Fuzz(func(t *testing.T, words string) {
		var h HTML
		h.Text(words)
		require.Equal(t, templ.EscapeString(words), string(h))
	})
}
