package ui

import (
	"context"

	"github.com/a-h/templ"

	"ouderportaal/internal/i18n"
)

// Photo is one picture of a post. Widths say which variants exist: Path + "/640.webp".
type Photo struct {
	Path       string // "/fotos/<id>"
	Widths     []int  // ascending: 320, 640, 1280, 2048; never empty
	Width      int    // of the upright picture, in pixels; the page keeps its place with them
	Height     int
	Alt        string
	ThumbHash  string // in base64
	Caption    string // under it in the viewer; empty for the caption of the series
	Download   bool   // this reader may have the full-size file, Path + "/download"
	Report     bool   // this reader may report it to staff, at Path + "/melden"
	Processing bool   // not ready yet
}

// usual is the width for a browser that knows no srcset: the first of at least 640 pixels.
func (p Photo) usual() int {
	for _, w := range p.Widths {
		if w >= 640 {
			return w
		}
	}
	return p.largest()
}

func (p Photo) largest() int {
	if len(p.Widths) == 0 {
		return 0
	}
	return p.Widths[len(p.Widths)-1]
}

func (p Photo) download() string { return p.Path + "/download" }

func (p Photo) report() string { return p.Path + "/melden" }

const mosaicTiles = 5

// mosaicSizes tells the browser how wide a tile is drawn, for the choice from srcset.
func mosaicSizes(n, i int) string {
	switch {
	case n == 1, n == 3 && i == 0:
		return "(min-width: 62rem) 43rem, 92vw"
	case n >= mosaicTiles && i == 0:
		return "(min-width: 62rem) 29rem, 60vw"
	case n >= mosaicTiles:
		return "(min-width: 62rem) 15rem, 31vw"
	}
	return "(min-width: 62rem) 22rem, 46vw"
}

// beyond is how many photos of n stand behind the last tile, itself included; 0 for any other tile.
func beyond(n, i int) int {
	if i < mosaicTiles-1 || n <= mosaicTiles {
		return 0
	}
	return n - mosaicTiles + 1
}

// photoAlt names a photo that nobody described by its place in the series, because it is also a link.
func photoAlt(ctx context.Context, p Photo, i, n int) string {
	if p.Alt != "" {
		return p.Alt
	}
	return i18n.T(ctx, "ui.photo.nth", "Number", i+1, "Total", n)
}

// Mosaic draws as the component of this name does.
func (h *HTML) Mosaic(ctx context.Context, photos []Photo, caption string, first bool) {
	n := len(photos)
	if n == 0 {
		return
	}
	h.Int(`<div class="mosaic mosaic--`, min(n, mosaicTiles))
	h.Raw(`" data-controller="viewer thumbhash" data-viewer-caption-value="`)
	h.Text(caption)
	h.Raw(`" data-action="click->viewer#open">`)
	for i, p := range photos {
		switch {
		case i < mosaicTiles && p.Processing:
			h.Raw(`<span><span class="mosaic__busy">`)
			h.Icon("clock")
			h.Text(i18n.T(ctx, "ui.photo.processing"))
			h.Raw(`</span></span>`)
		case i < mosaicTiles:
			h.photoLink(p, photoAlt(ctx, p, i, n), mosaicSizes(n, i), !first, first && i == 0, beyond(n, i))
		case !p.Processing:
			h.hiddenLink(p)
		}
	}
	h.Raw(`</div>`)
}

// Mosaic shows the photos of one post: up to five tiles, a count for the rest, and the viewer on click. Without scripts a
// tile is a link to the large picture. caption stands under each photo in the viewer and may be empty; first is true for
// the post at the top of the page, whose photos load at once.
func Mosaic(photos []Photo, caption string, first bool) templ.Component {
	return Draw(func(ctx context.Context, h *HTML) { h.Mosaic(ctx, photos, caption, first) })
}
