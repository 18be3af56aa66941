package ui

import (
	"context"

	"github.com/a-h/templ"
)

// widestTile is the widest version that a tile in a page asks for, in pixels; the viewer adds the largest by the link.
const widestTile = 1280

// photoLink is a picture that opens the viewer; without scripts it leads to the large version. lazy waits until it comes
// into view, urgent goes before everything else; more than 0 says how many photos stand behind this one.
func photoLink(p Photo, alt, sizes string, lazy, urgent bool, more int) templ.Component {
	return Draw(func(_ context.Context, h *HTML) { h.photoLink(p, alt, sizes, lazy, urgent, more) })
}

func (h *HTML) photoLink(p Photo, alt, sizes string, lazy, urgent bool, more int) {
	h.Raw(`<a`)
	h.photoTarget(p)
	h.Raw(`>`)
	h.image(p, alt, sizes, lazy, urgent)
	if more > 0 {
		h.Int(`<span class="mosaic__more num">+`, more)
		h.Raw(`</span>`)
	}
	h.Raw(`</a>`)
}

// image is the picture itself, which keeps its place with its width and height.
func (h *HTML) image(p Photo, alt, sizes string, lazy, urgent bool) {
	h.Raw(`<img src="`)
	h.variant(p, p.usual())
	h.Raw(`" srcset="`)
	for i, width := range p.Widths {
		if i > 0 && width > widestTile {
			break
		}
		if i > 0 {
			h.Raw(`, `)
		}
		h.variant(p, width)
		// The variant may be narrower than its name when the original was small; the last one has the true width.
		h.Int(` `, min(width, max(p.Width, 1)))
		h.Raw(`w`)
	}
	h.Raw(`" sizes="`)
	h.Text(sizes)
	h.Int(`" width="`, p.Width)
	h.Int(`" height="`, p.Height)
	h.Raw(`" alt="`)
	h.Text(alt)
	if p.ThumbHash != "" {
		h.Raw(`" data-thumbhash="`)
		h.Text(p.ThumbHash)
	}
	h.Raw(`"`)
	if lazy {
		h.Raw(` loading="lazy"`)
	}
	if urgent {
		h.Raw(` fetchpriority="high"`)
	}
	h.Raw(` decoding="async">`)
}

// hiddenLink is for the viewer only: the photo has no tile on the page.
func (h *HTML) hiddenLink(p Photo) {
	h.Raw(`<a hidden`)
	h.photoTarget(p)
	h.Int(` data-h="`, p.Height)
	h.Raw(`" data-alt="`)
	h.Text(p.Alt)
	h.Raw(`"></a>`)
}

// photoTarget writes the attributes by which a link leads to the large version and tells the viewer what its picture does not.
func (h *HTML) photoTarget(p Photo) {
	h.Raw(` href="`)
	h.variant(p, p.largest())
	h.Int(`" data-w="`, p.Width)
	h.Raw(`"`)
	if p.Caption != "" {
		h.Raw(` data-caption="`)
		h.Text(p.Caption)
		h.Raw(`"`)
	}
	if p.Download {
		h.Raw(` data-download`)
	}
	if p.Report {
		h.Raw(` data-report`)
	}
	if p.Alt == "" {
		h.Raw(` data-nameless`) // the words of the picture on the page only say its place
	}
}

// variant writes the address of a version of a photo.
func (h *HTML) variant(p Photo, width int) {
	h.Text(p.Path)
	h.Int("/", width)
	h.Raw(".webp")
}
