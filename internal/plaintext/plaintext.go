// Package plaintext cleans what people type.
package plaintext

import (
	"strings"
	"unicode"
)

// Of leaves of a text what can be kept and shown: lines and letters, without control characters and space around them.
func Of(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, text))
}
