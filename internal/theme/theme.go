package theme

import (
	"crypto/sha256"
	"encoding/base64"
	"math"
	"strconv"
	"strings"
)

// Chroma limits: below it a brand is grey, above it screens cannot show it at our lightness anyway.
const (
	MinChroma = .02
	MaxChroma = .18
)

// Theme is the choice of an organisation: hue in degrees 0–360, chroma MinChroma–MaxChroma. Make it with New.
type Theme struct{ hue, chroma float64 }

// New brings hue and chroma into range. Values that are not numbers become the default green.
func New(hue, chroma float64) Theme {
	if math.IsNaN(hue) || math.IsInf(hue, 0) || math.IsNaN(chroma) {
		return Theme{163, .085}
	}
	hue = math.Mod(math.Mod(hue, 360)+360, 360)
	return Theme{hue, min(max(chroma, MinChroma), MaxChroma)}
}

// CSS is the style sheet of the theme: the two custom properties that internal/ui/css/tokens.css builds on.
func (t Theme) CSS() []byte {
	return []byte(":root{--brand-h:" + number(t.hue) + ";--brand-c:" + number(t.chroma) + "}\n")
}

// CSS is New(hue, chroma).CSS().
func CSS(hue, chroma float64) []byte { return New(hue, chroma).CSS() }

// PathPrefix is where the web package serves style sheets of themes.
const PathPrefix = "/t/"

// Path is the address of CSS: another colour is another address, so it may be cached for a year.
func Path(hue, chroma float64) string {
	sum := sha256.Sum256(CSS(hue, chroma))
	return PathPrefix + base64.RawURLEncoding.EncodeToString(sum[:9]) + ".css"
}

// number writes a value for CSS with at most four decimals.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 4, 64)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// Name is the name of a token without its dashes: "brand-800", "on-sun".
type Name string

// token says how a colour follows from the choice of the organisation.
type token struct {
	l      float64
	c      float64 // chroma, or its factor when brand
	h      float64 // hue when fixed
	brand  bool    // chroma is c times the organisation's
	ownHue bool    // hue is h, not the organisation's
}

func ofBrand(l, factor float64) token { return token{l: l, c: factor, brand: true} }
func neutral(l, c float64) token      { return token{l: l, c: c} }
func fixed(l, c, h float64) token     { return token{l: l, c: c, h: h, ownHue: true} }
func (t token) color(theme Theme) Color {
	c := Color{t.l, t.c, theme.hue}
	if t.brand {
		c.C *= theme.chroma
	}
	if t.ownHue {
		c.H = t.h
	}
	return c
}

// light repeats internal/ui/css/tokens.css; a test compares the two.
var light = map[Name]token{
	"brand-950": ofBrand(.24, .62), "brand-900": ofBrand(.31, .8), "brand-800": ofBrand(.38, .95), "brand-700": ofBrand(.45, 1),
	"brand-500": ofBrand(.62, 1.2), "brand-300": ofBrand(.84, .8), "brand-100": ofBrand(.94, .36), "brand-50": ofBrand(.972, .16),
	"paper": neutral(.968, .007), "card": neutral(1, 0), "sunk": neutral(.95, .008), "line": neutral(.905, .01), "line-strong": neutral(.64, .018),
	"ink": neutral(.255, .022), "ink-2": neutral(.445, .02), "ink-3": neutral(.515, .018), "on-brand": neutral(.99, .01), "on-brand-2": neutral(.88, .045),
	"sun": fixed(.84, .155, 85), "sun-soft": fixed(.95, .06, 90), "on-sun": fixed(.36, .075, 70),
	"coral-soft": fixed(.945, .035, 28), "on-coral": fixed(.43, .145, 27), "sky-soft": fixed(.945, .032, 235), "on-sky": fixed(.42, .095, 245),
	"plum-soft": fixed(.945, .032, 310), "on-plum": fixed(.42, .13, 310), "ok-soft": fixed(.945, .05, 150), "on-ok": fixed(.4, .095, 152),
	"danger": fixed(.52, .19, 27), "on-danger": fixed(1, 0, 0), "live": fixed(.87, .19, 145),
}

// dark repeats internal/ui/css/dark.css; what it does not name is as in light.
var dark = map[Name]token{
	"paper": neutral(.185, .014), "card": neutral(.235, .017), "sunk": neutral(.28, .018), "line": neutral(.335, .018), "line-strong": neutral(.6, .02),
	"ink": neutral(.955, .008), "ink-2": neutral(.8, .014), "ink-3": neutral(.7, .016),
	"primary": neutral(.8, .105), "primary-hover": neutral(.86, .09), "on-primary": neutral(.17, .03), "tint": neutral(.275, .032),
	"primary-soft": neutral(.345, .055), "on-primary-soft": neutral(.9, .07),
	"brand-950": neutral(.17, .03), "brand-900": neutral(.235, .045), "brand-800": neutral(.31, .06), "pads": neutral(.42, .075),
	"sun-soft": fixed(.36, .06, 85), "on-sun": fixed(.9, .11, 88), "coral-soft": fixed(.35, .075, 27), "on-coral": fixed(.87, .075, 28),
	"sky-soft": fixed(.345, .055, 240), "on-sky": fixed(.87, .06, 235), "plum-soft": fixed(.35, .07, 310), "on-plum": fixed(.88, .065, 310),
	"ok-soft": fixed(.345, .06, 152), "on-ok": fixed(.88, .09, 150),
}

// roles are names for another token of the same scheme; dark gives some of them a colour of their own.
var roles = map[Name]Name{
	"primary": "brand-700", "primary-hover": "brand-800", "on-primary": "on-brand", "tint": "brand-50",
	"primary-soft": "brand-100", "on-primary-soft": "brand-900", "pads": "brand-700",
}

// Light is the named colour in the light scheme; an unknown name is black.
func (t Theme) Light(name Name) Color {
	if to, ok := roles[name]; ok {
		name = to
	}
	return light[name].color(t)
}

// Dark is the named colour in the dark scheme; an unknown name is black.
func (t Theme) Dark(name Name) Color {
	if own, ok := dark[name]; ok {
		return own.color(t)
	}
	return t.Light(name)
}

// Hex is the named colour of the light scheme as #rrggbb.
func Hex(hue, chroma float64, name Name) string { return New(hue, chroma).Light(name).Hex() }

// HexDark is the named colour of the dark scheme as #rrggbb.
func HexDark(hue, chroma float64, name Name) string { return New(hue, chroma).Dark(name).Hex() }
