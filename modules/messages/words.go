package messages

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ouderportaal/internal/plaintext"
)

// Bounds of what is kept to search in, and of what is searched for.
const (
	maxWords   = 600
	maxWord    = 40
	maxTyped   = 100
	maxSought  = 6
	minPrefix  = 1
	shortestIn = 2
)

// oneLine leaves a text without line breaks and with single spaces.
func oneLine(text string) string { return strings.Join(strings.Fields(plaintext.Of(text)), " ") }

// wordsOf gives the words of a text made even, each once: small letters without accents, so that "ge" finds "Géén".
func wordsOf(text string, shortest, most int) []string {
	var found []string
	even := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
	for word := range strings.FieldsFuncSeq(even, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if utf8.RuneCountInString(word) < shortest {
			continue
		}
		if runes := []rune(word); len(runes) > maxWord {
			word = string(runes[:maxWord])
		}
		found = append(found, word)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	return found[:min(len(found), most)]
}

// sought are the words of a search; never nil.
func sought(typed string) []string {
	typed = strings.ToValidUTF8(strings.ReplaceAll(typed, "\x00", ""), "")
	if runes := []rune(typed); len(runes) > maxTyped {
		typed = string(runes[:maxTyped])
	}
	return append([]string{}, wordsOf(typed, minPrefix, maxSought)...)
}
