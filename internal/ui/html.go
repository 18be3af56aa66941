package ui

import (
	"context"
	"io"
	"strconv"
	"sync"

	"github.com/a-h/templ"
)

// HTML is markup that Go writes, for what a page holds twenty times or more. A template makes two copies of every value, by way
// of fmt, and looks every list of classes up: for the posts of a timeline that is a fifth of the time that the page takes.
// Everything else is a template.
type HTML []byte

var drawings = sync.Pool{New: func() any { h := make(HTML, 0, 4096); return &h }}

// Draw is the component of what draw writes.
func Draw(draw func(ctx context.Context, h *HTML)) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		kept := drawings.Get().(*HTML)
		defer drawings.Put(kept)
		h := (*kept)[:0]
		draw(ctx, &h)
		_, err := w.Write(h)
		*kept = h
		return err
	})
}

// Raw adds markup as it stands: never anything that somebody typed.
func (h *HTML) Raw(parts ...string) {
	for _, part := range parts {
		*h = append(*h, part...)
	}
}

// signs says how a byte is written that would otherwise mean something.
var signs = [256]string{'"': "&#34;", '&': "&amp;", '\'': "&#39;", '<': "&lt;", '>': "&gt;"}

// Text adds words, in a text or between the quotes of an attribute. It writes what templ.EscapeString does, which goes twice
// over each text, and makes a copy of one with a sign in it.
func (h *HTML) Text(words string) {
	from := 0
	for i := range len(words) {
		if sign := signs[words[i]]; sign != "" {
			*h = append(append(*h, words[from:i]...), sign...)
			from = i + 1
		}
	}
	*h = append(*h, words[from:]...)
}

// Int adds a number after markup.
func (h *HTML) Int(before string, n int) {
	*h = strconv.AppendInt(append(*h, before...), int64(n), 10)
}

// Icon draws as the component of this name does.
func (h *HTML) Icon(name string) {
	h.Raw(`<svg class="i" aria-hidden="true"><use href="`, sprite())
	h.Text(name) // may come from a row
	h.Raw(`"></use></svg>`)
}

// Icon draws a line icon by its Lucide name, in the colour and 1.25 times the size of the text around it. It says nothing
// to a screen reader: put words beside it. New names go into icons.txt; a test finds names that are missing there.
func Icon(name string) templ.Component {
	return Draw(func(_ context.Context, h *HTML) { h.Icon(name) })
}

// Face is the drawn face of somebody without a photo.
func Face(seed int, adult bool) templ.Component { return Avatar(Person{Seed: seed, Adult: adult}) }

// Avatar draws as the component of this name does.
func (h *HTML) Avatar(p Person) {
	h.Raw(`<img class="av" src="`)
	if p.Photo != "" {
		h.Text(p.Photo)
	} else {
		*h = appendFacePath(*h, p.Seed, p.Adult)
	}
	h.Raw(`" alt="" width="40" height="40" loading="lazy">`)
}

// Avatar is a photo when there is one and the drawn face otherwise. Its name stands beside it, so the picture itself says nothing.
func Avatar(p Person) templ.Component {
	return Draw(func(_ context.Context, h *HTML) { h.Avatar(p) })
}

// Label is a chip: a short text with a colour; Icon may be empty.
type Label struct {
	Tone Tone
	Icon string
	Text string
}

// Chip draws as the component of this name does.
func (h *HTML) Chip(l Label) {
	h.Raw(`<span class="chip`)
	if l.Tone != Neutral {
		h.Raw(` chip--`, string(l.Tone))
	}
	h.Raw(`">`)
	if l.Icon != "" {
		h.Icon(l.Icon)
	}
	h.Text(l.Text)
	h.Raw(`</span>`)
}

// Chip is a short label; icon may be empty.
func Chip(tone Tone, icon, text string) templ.Component {
	return Draw(func(_ context.Context, h *HTML) { h.Chip(Label{tone, icon, text}) })
}

// PostHead draws as the component of this name does.
func (h *HTML) PostHead(who Person, detail string, chip Label) {
	h.Raw(`<header>`)
	h.Avatar(who)
	h.Raw(`<div class="who"><b>`)
	h.Text(who.Name)
	h.Raw(`</b> <span class="num">`)
	h.Text(detail)
	h.Raw(`</span></div>`)
	if chip.Text != "" {
		h.Chip(chip)
	}
	h.Raw(`</header>`)
}

// Action is a quick action of the parent's home, which leads to a page of ours; the second word goes to its own line on a phone.
func Action(tone Tone, icon, href, first, second string) templ.Component {
	return Draw(func(_ context.Context, h *HTML) {
		h.Raw(`<a class="action action--`, string(tone), `" href="`)
		h.Text(href)
		h.Raw(`"><span>`)
		h.Icon(icon)
		h.Raw(`</span> <span>`)
		h.Text(first)
		h.Raw(` <em>`)
		h.Text(second)
		h.Raw(`</em></span></a>`)
	})
}

// PostHead is the top line of a post: who, where and when, and a chip at the end unless it has no text.
func PostHead(who Person, detail string, chip Label) templ.Component {
	return Draw(func(_ context.Context, h *HTML) { h.PostHead(who, detail, chip) })
}
