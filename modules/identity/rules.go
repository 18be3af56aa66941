package identity

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What may be typed as a name, a telephone number or a postcode, wherever it comes from: the forms of the console and the
// files of an import refuse the same, in the same words. A refusal is a locale key, with the words that its sentence needs.

// CheckName refuses what is no name in any script, or has more characters than most. Whether a name can be is not ours to
// say: one letter is enough, and an empty one is for the caller to judge.
func CheckName(name string, most int) (key string, args map[string]any) {
	if key, args := CheckLength(name, most); key != "" {
		return key, args
	}
	letters := false
	for _, r := range name {
		switch {
		case unicode.IsLetter(r):
			letters = true
		case unicode.IsMark(r) || r == ' ' || strings.ContainsRune("'’ʼ`´-‐‑–.,()/·\u200c", r):
		default:
			return "identity.error.name_sign", map[string]any{"Sign": string(r)}
		}
	}
	if name != "" && !letters {
		return "identity.error.no_name", nil
	}
	return "", nil
}

// CheckLength refuses what has more characters than most.
func CheckLength(text string, most int) (key string, args map[string]any) {
	if utf8.RuneCountInString(text) > most {
		return "identity.error.too_long", map[string]any{"Max": most}
	}
	return "", nil
}

// ParsePhone reads a telephone number, of this country or another, as it is kept; key tells that it is none.
func ParsePhone(typed string) (number, key string) {
	number = tidy(typed)
	digits := 0
	for _, r := range number {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune(" +-()/.", r):
			return "", "identity.error.phone"
		}
	}
	if digits < minDigits || len(number) > maxPhone {
		return "", "identity.error.phone"
	}
	return number, ""
}

// minDigits is how many digits the shortest telephone number has.
const minDigits = 6

var (
	dutchPostcode = regexp.MustCompile(`^([1-9][0-9]{3}) ?([A-Z]{2})$`)
	otherPostcode = regexp.MustCompile(`^[A-Z]{0,3}[- ]?[0-9][0-9A-Z -]*[0-9A-Z]$`)
	digitsFirst   = regexp.MustCompile(`^[0-9][0-9 -]*[A-Z]`) // no country but this one has letters after digits
)

// ParsePostcode reads a postcode, of this country or another, as it is kept: 7437aa is "7437 AA". key tells that it is none.
func ParsePostcode(typed string) (postcode, key string) {
	postcode = strings.ToUpper(tidy(typed))
	if parts := dutchPostcode.FindStringSubmatch(postcode); parts != nil {
		return parts[1] + " " + parts[2], ""
	}
	if len(postcode) < 3 || len(postcode) > maxPostcode || digitsFirst.MatchString(postcode) || !otherPostcode.MatchString(postcode) {
		return "", "identity.error.postcode"
	}
	return postcode, ""
}
