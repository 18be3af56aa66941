package ui

import (
	"context"
	"io"
	"strconv"

	"github.com/a-h/templ"
)

// picture is the img of a photo. It is no template: a timeline has forty of these with ten values each, of each of which a
// template makes two copies, and that is a tenth of the time that the page takes.
func picture(p Photo, alt, sizes string, lazy, urgent bool) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		tag := make([]byte, 0, 768)
		add := func(name, value string) {
			tag = append(append(append(tag, name...), templ.EscapeString(value)...), '"')
		}
		size := func(name string, pixels int) {
			tag = append(strconv.AppendInt(append(tag, name...), int64(pixels), 10), '"')
		}
		add(`<img src="`, p.src())
		add(` srcset="`, p.srcset())
		add(` sizes="`, sizes)
		size(` width="`, p.Width)
		size(` height="`, p.Height)
		add(` alt="`, alt)
		if p.ThumbHash != "" {
			add(` data-thumbhash="`, p.ThumbHash)
		}
		if lazy {
			tag = append(tag, ` loading="lazy"`...)
		}
		if urgent {
			tag = append(tag, ` fetchpriority="high"`...)
		}
		tag = append(tag, ` decoding="async">`...)
		_, err := w.Write(tag)
		return err
	})
}
