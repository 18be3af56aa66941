package ui

import "math"

// The shapes that rows of a book know, as twentieths of width by height: from twice as high as wide to three times as wide.
const (
	narrowest = 10
	widest    = 60
)

// shape is how wide a photo is by its height, in twentieths. What a row is made of needs no more: the picture covers the rest.
func (p Photo) shape() int {
	if p.Height == 0 {
		return 20
	}
	return min(max(int(math.Round(20*float64(p.Width)/float64(p.Height))), narrowest), widest)
}

// bookSizes tells the browser how wide a photo of this shape is drawn in a row.
func (h *HTML) bookSizes(shape int) {
	h.Int(`(min-width: 62rem) `, shape*12/20)
	h.Int(`rem, (min-width: 40rem) `, shape*10/20)
	h.Int(`rem, `, min(shape*2, 92))
	h.Raw(`vw`)
}

// BookRows opens photos in justified rows; end them with BookEnd. The rows stand before a single picture is there.
func (h *HTML) BookRows() { h.Raw(`<div class="rows" data-controller="thumbhash">`) }

// BookEnd closes what BookRows opened.
func (h *HTML) BookEnd() { h.Raw(`</div>`) }

// BookPhoto is a photo in a row, which opens the viewer that stands around the rows. first: it is at the top of the page.
func (h *HTML) BookPhoto(p Photo, first bool) {
	shape := p.shape()
	h.Int(`<a class="pic sh`, shape)
	h.Raw(`" data-qa="photo"`)
	h.photoTarget(p)
	h.Raw(`>`)
	h.bookImage(p, shape, first)
	h.Raw(`</a>`)
}

// BookChoice is a photo in a row with a box to tick.
func (h *HTML) BookChoice(p Photo, name, value string, checked, first bool) {
	shape := p.shape()
	h.Int(`<label class="pic pic--pick sh`, shape)
	h.Raw(`" data-qa="photo"><input type="checkbox" name="`, name, `" value="`, value, `"`)
	if checked {
		h.Raw(` checked`)
	}
	h.Raw(`>`)
	h.bookImage(p, shape, first)
	h.Raw(`<span class="pic__tick">`)
	h.Icon("check")
	h.Raw(`</span></label>`)
}

func (h *HTML) bookImage(p Photo, shape int, first bool) {
	alt := p.Alt
	if alt == "" { // it is also a link, so it needs a name
		alt = p.Caption
	}
	var sizes HTML
	sizes.bookSizes(shape)
	h.image(p, alt, string(sizes), !first, false)
}
