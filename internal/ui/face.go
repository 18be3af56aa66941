package ui

import (
	"strconv"
	"strings"
)

// Faces are drawn for people without a photo: the same seed always gives the same face, and nothing can be read from it.
var (
	faceSkin  = [6]string{"#f6d2b8", "#eebd98", "#d99a6c", "#b97a4e", "#8d5836", "#fbe0cd"}
	faceHair  = [6]string{"#3b2618", "#6b4226", "#b9803e", "#e2b25e", "#1f1612", "#a4502b"}
	faceBack  = [6]string{"#cfe6dc", "#fbe2b5", "#f8cfc4", "#cfe0f3", "#e2d5f0", "#d9e8bd"}
	faceShirt = [6]string{"#e4572e", "#17a398", "#f3a712", "#3d5a98", "#d6477f", "#6fae3d"}

	hairBehind = [6]string{
		"",
		`<path d="M19 44c-3-26 6-32 21-32s24 6 21 32c-1 10-6 10-8 4V34H27v14c-2 6-7 6-8-4Z"/>`,
		`<circle cx="16" cy="37" r="8.5"/><circle cx="64" cy="37" r="8.5"/>`,
		"",
		`<circle cx="40" cy="10" r="8"/>`,
		`<path d="M20 50c-5-30 5-38 20-38s25 8 20 38l-6 4H26Z"/>`,
	}
	hairBefore = [6]string{
		`<path d="M22 35c-2-16 8-22 18-22s20 5 18 22c-3-8-8-12-18-12s-15 4-18 12Z"/>`,
		`<path d="M22 36c0-16 7-22 18-22s18 6 18 22c-5-3-9-9-11-13-5 7-14 11-25 13Z"/>`,
		`<path d="M22 36c-1-16 8-22 18-22s19 6 18 22c-3-6-10-11-18-12-8 1-15 6-18 12Z"/>`,
		`<circle cx="26" cy="24" r="7"/><circle cx="34" cy="18" r="7.5"/><circle cx="44" cy="17" r="7.5"/><circle cx="53" cy="23" r="7"/><circle cx="22" cy="32" r="5.5"/><circle cx="58" cy="32" r="5.5"/>`,
		`<path d="M22 34c-1-14 8-20 18-20s19 6 18 20c-4-7-9-9-18-9s-14 2-18 9Z"/>`,
		`<path d="M21 38c-1-18 8-25 19-25s20 7 19 25l-4-8c-10 1-22 0-29-3Z"/>`,
	}
)

// faceSeeds is the number of different seeds; it bounds how many pictures a browser or proxy can be made to hold.
const faceSeeds = 10000

// FacePath is the address of a drawn face; the web package answers it with FaceByName.
func FacePath(seed int, adult bool) string { return string(appendFacePath(nil, seed, adult)) }

func appendFacePath(to []byte, seed int, adult bool) []byte {
	to = strconv.AppendInt(append(to, "/gezicht/"...), int64(seed), 10)
	if adult {
		to = append(to, "-v"...)
	}
	return append(to, ".svg"...)
}

// FaceByName draws the face for the last part of a FacePath ("21.svg", "28-v.svg"); false for anything else, also for
// another spelling of the same number, so that every face has one address.
func FaceByName(name string) ([]byte, bool) {
	number, ok := strings.CutSuffix(name, ".svg")
	if !ok {
		return nil, false
	}
	number, adult := strings.CutSuffix(number, "-v")
	seed, err := strconv.Atoi(number)
	if err != nil || seed < 0 || seed >= faceSeeds || strconv.Itoa(seed) != number {
		return nil, false
	}
	return FaceSVG(seed, adult), true
}

// FaceSVG draws a face as an SVG document of about 1 kB. Serve it as image/svg+xml, cached for a year.
func FaceSVG(seed int, adult bool) []byte {
	x := uint32(seed) * 2654435761
	next := func() int {
		x = x*1664525 + 1013904223
		return int((x >> 8) % 6)
	}
	background, skin, hair, shirt, style := faceBack[next()], faceSkin[next()], faceHair[next()], faceShirt[next()], next()
	scale := "1"
	if adult {
		scale = ".94"
	}
	var b strings.Builder
	for _, part := range []string{
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80"><path fill="`, background, `" d="M0 0h80v80H0z"/><g transform="translate(40 42) scale(`, scale, `) translate(-40 -40)">`,
		`<path d="M12 84c2-18 14-24 28-24s26 6 28 24Z" fill="`, shirt, `"/><g fill="`, hair, `">`, hairBehind[style], `</g>`,
		`<g fill="`, skin, `"><rect x="34" y="52" width="12" height="12" rx="6"/><circle cx="21.5" cy="40" r="4.5"/><circle cx="58.5" cy="40" r="4.5"/><path d="M22 34c0-12 8-18 18-18s18 6 18 18v8c0 10-8 17-18 17s-18-7-18-17Z"/></g>`,
		`<g fill="`, hair, `">`, hairBefore[style], `</g><g fill="#2a1d16"><circle cx="32.5" cy="40" r="2.3"/><circle cx="47.5" cy="40" r="2.3"/></g>`,
		`<g fill="#e8735a" opacity=".32"><circle cx="28" cy="46" r="3.4"/><circle cx="52" cy="46" r="3.4"/></g><path d="M35 48q5 4.6 10 0" stroke="#2a1d16" stroke-width="2" fill="none" stroke-linecap="round"/></g></svg>`,
	} {
		b.WriteString(part)
	}
	return []byte(b.String())
}
