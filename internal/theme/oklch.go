// Package theme turns the one colour that an organisation chooses into every colour of its pages and mails. Lightness is
// ours and fixed, so text stays readable for every choice; a test sweeps them all.
package theme

import "math"

// Color is a colour in OKLCH: perceived lightness 0–1, chroma 0–about 0.3, hue in degrees.
type Color struct{ L, C, H float64 }

type rgb [3]float64

// linear is the colour in linear-light sRGB, which may lie outside 0–1 when a screen cannot show it.
// Matrices: Björn Ottosson, "A perceptual color space for image processing" (2020).
func (c Color) linear() rgb {
	sin, cos := math.Sincos(c.H * math.Pi / 180)
	a, b := c.C*cos, c.C*sin
	l := cube(c.L + .3963377774*a + .2158037573*b)
	m := cube(c.L - .1055613458*a - .0638541728*b)
	s := cube(c.L - .0894841775*a - 1.291485548*b)
	return rgb{
		4.0767416621*l - 3.3077115913*m + .2309699292*s,
		-1.2684380046*l + 2.6097574011*m - .3413193965*s,
		-.0041960863*l - .7034186147*m + 1.707614701*s,
	}
}

func cube(x float64) float64 { return x * x * x }

func (c rgb) inGamut() bool {
	for _, x := range c {
		if x < -1e-4 || x > 1.0001 {
			return false
		}
	}
	return true
}

// mapped keeps lightness and hue and takes away chroma until a screen can show the colour.
func (c Color) mapped() rgb {
	if v := c.linear(); v.inGamut() {
		return v
	}
	low, high := 0.0, c.C
	for range 24 {
		middle := (low + high) / 2
		if (Color{c.L, middle, c.H}).linear().inGamut() {
			low = middle
		} else {
			high = middle
		}
	}
	return Color{c.L, low, c.H}.linear()
}

// bytes is the colour as a screen gets it.
func (c Color) bytes() [3]uint8 {
	var out [3]uint8
	for i, x := range c.mapped() {
		x = min(max(x, 0), 1)
		if x <= .0031308 {
			x *= 12.92
		} else {
			x = 1.055*math.Pow(x, 1/2.4) - .055
		}
		out[i] = uint8(math.Round(x * 255))
	}
	return out
}

// Hex is the colour as #rrggbb, for mail, the app manifest and theme-color.
func (c Color) Hex() string {
	const digits = "0123456789abcdef"
	out := []byte("#000000")
	for i, v := range c.bytes() {
		out[1+2*i], out[2+2*i] = digits[v>>4], digits[v&15]
	}
	return string(out)
}

// luminance is relative luminance as WCAG 2.2 defines it, of the colour rounded to what a screen shows.
func (c Color) luminance() float64 {
	var y float64
	for i, weight := range [3]float64{.2126, .7152, .0722} {
		s := float64(c.bytes()[i]) / 255
		if s <= .04045 {
			s /= 12.92
		} else {
			s = math.Pow((s+.055)/1.055, 2.4)
		}
		y += weight * s
	}
	return y
}

// Contrast is the WCAG 2.2 contrast ratio of two colours, from 1 to 21.
func Contrast(a, b Color) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + .05) / (min(x, y) + .05)
}
