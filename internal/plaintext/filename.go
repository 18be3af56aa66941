package plaintext

import (
	"path"
	"strings"
	"unicode"
)

// longestFileName is how much is kept of the name of a file, in characters.
const longestFileName = 100

// FileName keeps of a client's file name what is safe to show and to save under: no folders, no signs that are not seen or turn the
// reading round, and the ending of what the file is. What has no name left gets nameless.
func FileName(name, ending, nameless string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || r == unicode.ReplacementChar || strings.ContainsRune(`"<>|:*?/`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(strings.TrimSuffix(name, path.Ext(name)), ". ")
	if runes := []rune(name); len(runes) > longestFileName {
		name = strings.TrimSpace(string(runes[:longestFileName]))
	}
	if name == "" {
		name = nameless
	}
	return name + ending
}
