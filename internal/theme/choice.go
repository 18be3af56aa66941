package theme

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Parse reads a colour as browsers write it: #rrggbb.
func Parse(hex string) (Color, bool) {
	if len(hex) != 7 || hex[0] != '#' {
		return Color{}, false
	}
	n, err := strconv.ParseUint(hex[1:], 16, 24)
	if err != nil {
		return Color{}, false
	}
	var light rgb
	for i := range light {
		s := float64(uint8(n>>(16-8*i))) / 255
		if s <= .04045 {
			light[i] = s / 12.92
		} else {
			light[i] = math.Pow((s+.055)/1.055, 2.4)
		}
	}
	return light.color(), true
}

// color is the inverse of linear.
func (c rgb) color() Color {
	l := math.Cbrt(.4122214708*c[0] + .5363325363*c[1] + .0514459929*c[2])
	m := math.Cbrt(.2119034982*c[0] + .6806995451*c[1] + .1073969566*c[2])
	s := math.Cbrt(.0883024619*c[0] + .2817188376*c[1] + .6299787005*c[2])
	a := 1.9779984951*l - 2.428592205*m + .4505937099*s
	b := .0259040371*l + .7827717662*m - .808675766*s
	hue := math.Atan2(b, a) * 180 / math.Pi
	return Color{.2104542553*l + .793617785*m - .0040720468*s, math.Hypot(a, b), math.Mod(hue+360, 360)}
}

// Of is the theme of a colour that somebody chose: its hue, and its chroma within our limits. A colour without chroma has no hue
// to speak of, and gets the smallest.
func Of(chosen Color) Theme { return New(chosen.H, chosen.C) }

// Hue is in degrees, 0–360.
func (t Theme) Hue() float64 { return t.hue }

// Chroma lies between MinChroma and MaxChroma.
func (t Theme) Chroma() float64 { return t.chroma }

// Text is what WCAG 2.2 asks of text at level AA (1.4.3).
const Text = 4.5

// White is what many logos and letterheads stand on.
var White = Color{1, 0, 0}

// Shown is a text as pages and mails show it in the colours of a theme.
type Shown struct {
	Name     string // "head", "button", "link", "soft"
	Text, On Color
	Contrast float64
}

// Shows are the texts that the chosen colour decides about.
func (t Theme) Shows(dark bool) []Shown {
	of := t.Light
	if dark {
		of = t.Dark
	}
	var list []Shown
	for _, s := range []struct {
		name     string
		text, on Name
	}{{"head", "on-brand", "brand-900"}, {"button", "on-primary", "primary"}, {"link", "primary", "card"}, {"soft", "on-primary-soft", "primary-soft"}} {
		text, on := of(s.text), of(s.on)
		list = append(list, Shown{s.name, text, on, Contrast(text, on)})
	}
	return list
}

// Sample is the style sheet that shows a part of a page in a theme that is not the page's: every colour under the two selectors.
func (t Theme) Sample(lightSelector, darkSelector string) []byte {
	names := slices.Concat(slices.Sorted(maps.Keys(light)), slices.Sorted(maps.Keys(roles)))
	var css strings.Builder
	for _, scheme := range []struct {
		selector, name string
		of             func(Name) Color
	}{{lightSelector, "light", t.Light}, {darkSelector, "dark", t.Dark}} {
		css.WriteString(scheme.selector + "{color-scheme:" + scheme.name)
		for _, name := range names {
			css.WriteString(";--" + string(name) + ":" + scheme.of(name).Hex())
		}
		css.WriteString("}\n")
	}
	return []byte(css.String())
}
