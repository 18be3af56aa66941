package web

import (
	"context"

	"github.com/a-h/templ"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/diary"
)

// post is an entry on a timeline; marked says by itself that it is new, and first is true for the one at the top of the page.
func post(e *diary.Entry, who actor.Actor, marked, first bool) templ.Component {
	return ui.Draw(func(ctx context.Context, h *ui.HTML) {
		id, text, about := e.ID.String(), shorten(e.Body), aboutOf(ctx, e)
		h.Raw(`<article class="card post`)
		if e.By(who) {
			h.Raw(` post--mine`)
		}
		h.Raw(`" id="stukje-`, id, `" aria-label="`)
		h.Text(about.Caption)
		h.Raw(`" data-qa="entry">`)
		if marked {
			h.Raw(`<p class="since since--one" data-qa="new">`)
			h.Text(i18n.T(ctx, "diary.new_since"))
			h.Raw(`</p>`)
		}
		h.PostHead(author(ctx, e, who), about.Detail, postLabel(ctx, e, who))
		if e.Kind == diary.DayPost {
			drawFacts(ctx, h, e.Facts)
		}
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
		h.Raw(`<footer>`)
		drawHearts(ctx, h, e, who, id)
		h.Raw(`<a class="btn btn--ghost btn--sm btn--link" href="/dagboek/`, id, `" data-qa="read">`)
		h.Text(readLabel(ctx, text != e.Body))
		h.Raw(` <span class="vh">`)
		h.Text(about.Title)
		h.Raw(`</span></a></footer></article>`)
	})
}

// drawHearts is how many hearts there are, on a button for who may give one. Its name stays the same: pressed or not says the rest.
func drawHearts(ctx context.Context, h *ui.HTML, e *diary.Entry, who actor.Actor, id string) {
	words := i18n.T(ctx, "diary.heart")
	switch may := e.MayLove(who); {
	case may && e.Loved:
		h.Raw(`<form class="heart" method="post" action="/dagboek/`, id, `/hartje"><button class="btn btn--ghost btn--sm loved" type="submit" name="hartje" value="nee" aria-pressed="true" data-qa="heart">`)
	case may:
		h.Raw(`<form class="heart" method="post" action="/dagboek/`, id, `/hartje"><button class="btn btn--ghost btn--sm" type="submit" name="hartje" value="ja" aria-pressed="false" data-qa="heart">`)
	case e.Hearts > 0:
		h.Raw(`<span class="btn btn--sm hearts loved" data-qa="hearts">`)
	default:
		return
	}
	h.Icon("heart")
	h.Raw(`<span class="vh">`)
	h.Text(words)
	h.Raw(`</span>`)
	if e.Hearts > 0 {
		h.Int(`<span class="num">`, e.Hearts)
		h.Raw(`</span>`)
	}
	if e.MayLove(who) {
		h.Raw(`</button></form>`)
	} else {
		h.Raw(`</span>`)
	}
}

// hearts are what drawHearts draws.
func hearts(e *diary.Entry, who actor.Actor) templ.Component {
	return ui.Draw(func(ctx context.Context, h *ui.HTML) { drawHearts(ctx, h, e, who, e.ID.String()) })
}

// postLabel is the chip of an entry; what one wrote oneself needs none.
func postLabel(ctx context.Context, e *diary.Entry, who actor.Actor) ui.Label {
	switch n := len(e.Media); {
	case e.FromHome && e.By(who):
		return ui.Label{}
	case e.FromHome:
		return ui.Label{Tone: ui.Plum, Icon: "house", Text: i18n.T(ctx, "diary.from_home")}
	case e.Kind == diary.DayPost:
		return ui.Label{Tone: ui.Sun, Icon: "notebook-text", Text: i18n.T(ctx, "diary.day")}
	case n > 0:
		return ui.Label{Tone: ui.Brand, Icon: "images", Text: i18n.N(ctx, "diary.photos", n)}
	}
	return ui.Label{Tone: ui.Sun, Icon: "notebook-text", Text: i18n.T(ctx, "diary.entry")}
}

func author(ctx context.Context, e *diary.Entry, who actor.Actor) ui.Person {
	p := ui.Person{Name: e.AuthorName, Seed: e.AuthorFace, Adult: true}
	if e.FromHome && e.By(who) {
		p.Name = i18n.T(ctx, "diary.you_wrote")
	}
	return p
}
