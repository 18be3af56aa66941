package web

import (
	"context"

	"github.com/a-h/templ"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/diary"
)

// post is an entry on a timeline; first is true for the one at the top of the page.
func post(e *diary.Entry, first bool) templ.Component {
	return ui.Draw(func(ctx context.Context, h *ui.HTML) {
		id, text, about := e.ID.String(), shorten(e.Body), aboutOf(ctx, e)
		h.Raw(`<article class="card post" id="stukje-`, id, `" aria-label="`)
		h.Text(about.Caption)
		h.Raw(`" data-qa="entry">`)
		h.PostHead(author(e), about.Detail, postLabel(ctx, e))
		h.Mosaic(ctx, photos(e, true), about.Caption, first)
		if e.Title != "" {
			h.Raw(`<h3><a href="/dagboek/`, id, `">`)
			h.Text(e.Title)
			h.Raw(`</a></h3>`)
		}
		if e.Body != "" {
			h.Raw(`<p class="post__text">`)
			h.Text(text)
			h.Raw(`</p>`)
		}
		h.Raw(`<footer><a class="btn btn--ghost btn--sm btn--link" href="/dagboek/`, id, `" data-qa="read">`)
		h.Text(readLabel(ctx, text != e.Body))
		h.Raw(` <span class="vh">`)
		h.Text(about.Title)
		h.Raw(`</span></a></footer></article>`)
	})
}

func postLabel(ctx context.Context, e *diary.Entry) ui.Label {
	if n := len(e.Media); n > 0 {
		return ui.Label{Tone: ui.Brand, Icon: "images", Text: i18n.N(ctx, "diary.photos", n)}
	}
	return ui.Label{Tone: ui.Sun, Icon: "notebook-text", Text: i18n.T(ctx, "diary.entry")}
}

func author(e *diary.Entry) ui.Person {
	return ui.Person{Name: e.AuthorName, Seed: e.AuthorFace, Adult: true}
}
