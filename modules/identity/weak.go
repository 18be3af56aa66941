package identity

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ouderportaal/internal/fault"
)

// Bounds of a password. Length is counted in characters after NFKC; nothing is asked about kinds of characters.
const (
	MinPassword           = 15   // when it is all that protects an account
	MinPasswordWithFactor = 8    // beside a second factor
	MaxPassword           = 1024 // bytes
)

// commonList is sorted, one lower-case password of four or more ASCII characters a line; it is searched where it lies, so it
// costs no start-up time and no heap. Source and licence: common_passwords.LICENSE.txt.
//
//go:embed common_passwords.txt
var commonList string

// CheckPassword tells what is wrong with a password that somebody chose, at the form field named field. own are words
// that others know of its owner: names, mail address, organisation.
func CheckPassword(field, password string, least int, own ...string) error {
	var problems fault.Fields
	switch plain := fold(password); {
	case len(password) > MaxPassword || !utf8.ValidString(password):
		problems.Add(field, "identity.password.too_long")
	case utf8.RuneCountInString(plain) < least:
		return tooShort(field, least)
	case common(plain), repeats(plain), runs(plain), twoCommon(plain):
		problems.Add(field, "identity.password.common")
	case utf8.RuneCountInString(without(plain, own)) < MinPasswordWithFactor:
		problems.Add(field, "identity.password.personal")
	}
	return problems.Err()
}

func tooShort(field string, least int) error {
	var problems fault.Fields
	problems.Add(field, "identity.password.too_short", map[string]any{"Least": least})
	return problems.Err()
}

// isShort tells whether a password is too short to be all that protects an account.
func isShort(password string) bool { return utf8.RuneCountInString(fold(password)) < MinPassword }

// leastPassword is how long a new password must be beside these factors.
func (f factors) leastPassword() int {
	if f.any() {
		return MinPasswordWithFactor
	}
	return MinPassword
}

// fold is how passwords are compared with lists: as they are hashed, but in lower case.
func fold(s string) string {
	if len(s) > MaxPassword {
		return ""
	}
	return strings.ToLower(norm.NFKC.String(s))
}

func common(plain string) bool {
	low, high := 0, len(commonList)
	for low < high {
		middle := (low + high) / 2
		start := strings.LastIndexByte(commonList[:middle], '\n') + 1
		end := start + strings.IndexByte(commonList[start:], '\n')
		switch line := commonList[start:end]; {
		case line == plain:
			return true
		case line < plain:
			low = end + 1
		default:
			high = start
		}
	}
	return false
}

// twoCommon finds two listed passwords side by side.
func twoCommon(plain string) bool {
	for i := 4; i <= len(plain)-4; i++ {
		if common(plain[:i]) && common(plain[i:]) {
			return true
		}
	}
	return false
}

// repeats finds a shorter password written several times: it is no better than once.
func repeats(plain string) bool {
	if plain == "" {
		return false
	}
	return strings.Index((plain + plain)[1:], plain) != len(plain)-1
}

var rows = []string{"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertyuiopasdfghjklzxcvbnm"}

// runs finds passwords that are nothing but rows of the alphabet or the keyboard, forwards or backwards.
func runs(plain string) bool {
	for plain != "" {
		n := 0
		for _, row := range rows {
			n = max(n, prefixIn(plain, row), prefixIn(plain, reverse(row)))
		}
		if n < 3 {
			return false
		}
		plain = plain[n:]
	}
	return true
}

// prefixIn is the length of the longest beginning of s that lies in row.
func prefixIn(s, row string) int {
	n := 0
	for n < len(s) && strings.Contains(row, s[:n+1]) {
		n++
	}
	return n
}

func reverse(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// without takes the words of own out of a password; what is left is what a stranger must guess.
func without(plain string, own []string) string {
	for _, phrase := range own {
		for _, word := range strings.FieldsFunc(fold(phrase), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if utf8.RuneCountInString(word) >= 4 {
				plain = strings.ReplaceAll(plain, word, "")
			}
		}
	}
	return plain
}
