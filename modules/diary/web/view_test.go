package web

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestFirstWords(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "kort": "kort", "tien teken": "tien teken", "een twee drie": "een twee…", "onafgebroken woord": "onafg…", "een tw... en meer": "een tw…", "é é é é é é": "é é é é é…",
	} {
		if got := firstWords(text, 10); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text, most := rapid.StringOfN(rapid.RuneFrom([]rune("ab é\n\u00a0😀")), 0, 60, -1).Draw(t, "text"), rapid.IntRange(2, 40).Draw(t, "most")
		got := firstWords(text, most)
		kept := strings.TrimSuffix(got, "…")
		switch {
		case len([]rune(text)) <= most && got != text:
			t.Fatalf("%q was cut to %q", text, got)
		case len([]rune(text)) > most && (!strings.HasPrefix(text, kept) || got == kept || len([]rune(kept)) > most || kept != strings.TrimRightFunc(kept, unicode.IsSpace)):
			t.Fatalf("%q became %q", text, got)
		}
	})
}
