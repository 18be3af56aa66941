package ui

import (
	"context"
	"io"
	"strconv"
	"sync"

	"github.com/a-h/templ"
)

// photoLink is a picture that opens the viewer; without scripts it leads to the large version. lazy waits until it comes
// into view, urgent goes before everything else; more than 0 says how many photos stand behind this one.
//
// It is no template: a timeline has forty of these with fifteen values each, of each of which a template makes two copies,
// and that is a tenth of the time that the page takes.
func photoLink(p Photo, alt, sizes string, lazy, urgent bool, more int) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		kept := tags.Get().(*tag)
		defer tags.Put(kept)
		t := (*kept)[:0]
		path := templ.EscapeString(p.Path)
		t.add(`<a href="`)
		t.variant(path, p.largest())
		t.size(`" data-w="`, p.Width)
		t.size(`" data-h="`, p.Height)
		t.add(`"`)
		if p.Alt != "" { // the words of alt may only say its number
			t.add(` data-alt="`, templ.EscapeString(p.Alt), `"`)
		}
		if p.Download {
			t.add(` data-download`)
		}
		t.add(`><img src="`)
		t.variant(path, p.usual())
		t.add(`" srcset="`)
		for i, width := range p.Widths {
			if i > 0 && width > widestTile {
				break
			}
			if i > 0 {
				t.add(`, `)
			}
			t.variant(path, width)
			// The variant may be narrower than its name when the original was small; the last one has the true width.
			t.size(` `, min(width, max(p.Width, 1)))
			t.add(`w`)
		}
		t.add(`" sizes="`, templ.EscapeString(sizes))
		t.size(`" width="`, p.Width)
		t.size(`" height="`, p.Height)
		t.add(`" alt="`, templ.EscapeString(alt))
		if p.ThumbHash != "" {
			t.add(`" data-thumbhash="`, templ.EscapeString(p.ThumbHash))
		}
		t.add(`"`)
		if lazy {
			t.add(` loading="lazy"`)
		}
		if urgent {
			t.add(` fetchpriority="high"`)
		}
		t.add(` decoding="async">`)
		if more > 0 {
			t.size(`<span class="mosaic__more num">+`, more)
			t.add(`</span>`)
		}
		t.add(`</a>`)
		_, err := w.Write(t)
		*kept = t
		return err
	})
}

// widestTile is the widest version that a tile in a page asks for, in pixels; the viewer adds the largest by the link.
const widestTile = 1280

// tag is HTML that is being written.
type tag []byte

var tags = sync.Pool{New: func() any { t := make(tag, 0, 1024); return &t }}

func (t *tag) add(texts ...string) {
	for _, text := range texts {
		*t = append(*t, text...)
	}
}

func (t *tag) size(before string, n int) {
	*t = strconv.AppendInt(append(*t, before...), int64(n), 10)
}

// variant writes the address of a version of the photo at path.
func (t *tag) variant(path string, width int) {
	t.add(path)
	t.size("/", width)
	t.add(".webp")
}
