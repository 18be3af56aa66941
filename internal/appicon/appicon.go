// Package appicon draws the icon of a portal on a home screen: our mark on the colour of the organisation, or its logo.
package appicon

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"strconv"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/vector"
)

// grid is the side of the square in which the shapes are drawn. They keep to the inner 80 %, so that a device may cut any form out of
// the icon.
const grid = 48

// curve is a Bézier curve from where the one before it ended: two points that draw it, and its end.
type curve [6]float32

// The mark, as in mark.svg: a flower and its heart, each from its first point.
var (
	flower = shape{24, 38, []curve{{12, 38, 8, 30.5, 8, 25.5}, {13, 25.5, 17, 27.2, 19, 29.8}, {17.3, 22.8, 19.8, 15.5, 24, 11.3},
		{28.2, 15.5, 30.7, 22.8, 29, 29.8}, {31, 27.2, 35, 25.5, 40, 25.5}, {40, 30.5, 36, 38, 24, 38}}}
	heart = shape{24, 35, []curve{{21.5, 30.8, 21.5, 23, 24, 18}, {26.5, 23, 26.5, 30.8, 24, 35}}}
)

type shape struct {
	x, y   float32
	curves []curve
}

// Draw writes a PNG of size by size pixels. background is a colour as #rrggbb.
func Draw(to io.Writer, background string, size int) error {
	ground, err := parse(background)
	if err != nil {
		return err
	}
	icon := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.Draw(icon, icon.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	flower.fill(icon, color.RGBA{0xff, 0xff, 0xff, 0xff})
	heart.fill(icon, color.RGBA{0xf6, 0xb9, 0x3b, 0xff})
	if err := png.Encode(to, icon); err != nil {
		return fmt.Errorf("appicon: write: %w", err)
	}
	return nil
}

// DrawLogo writes a PNG of size by size pixels with a logo, itself a PNG, in the middle of white: most are made for paper. It keeps to
// the circle of 80 % that every device shows.
func DrawLogo(to io.Writer, logo []byte, size int) error {
	picture, err := png.Decode(bytes.NewReader(logo))
	if err != nil {
		return fmt.Errorf("appicon: read logo: %w", err)
	}
	icon := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.Draw(icon, icon.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	width, height := float64(picture.Bounds().Dx()), float64(picture.Bounds().Dy())
	k := .8 * float64(size) / math.Hypot(width, height)
	w, h := max(1, int(width*k)), max(1, int(height*k))
	x, y := (size-w)/2, (size-h)/2
	xdraw.CatmullRom.Scale(icon, image.Rect(x, y, x+w, y+h), picture, picture.Bounds(), xdraw.Over, nil)
	if err := png.Encode(to, icon); err != nil {
		return fmt.Errorf("appicon: write: %w", err)
	}
	return nil
}

func (s shape) fill(icon *image.RGBA, with color.Color) {
	size := icon.Bounds().Dx()
	k := float32(size) / grid
	r := vector.NewRasterizer(size, size)
	r.MoveTo(s.x*k, s.y*k)
	for _, c := range s.curves {
		r.CubeTo(c[0]*k, c[1]*k, c[2]*k, c[3]*k, c[4]*k, c[5]*k)
	}
	r.ClosePath()
	r.Draw(icon, icon.Bounds(), image.NewUniform(with), image.Point{})
}

func parse(hex string) (color.RGBA, error) {
	if len(hex) != 7 || hex[0] != '#' {
		return color.RGBA{}, fmt.Errorf("appicon: %q is no colour", hex)
	}
	n, err := strconv.ParseUint(hex[1:], 16, 24)
	if err != nil {
		return color.RGBA{}, fmt.Errorf("appicon: %q is no colour", hex)
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 0xff}, nil
}
