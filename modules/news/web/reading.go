package web

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/news"
)

// menu is that of the group app; nil for a guardian.
func (h *Handlers) menu(ctx context.Context) []ui.RailItem {
	if actor.From(ctx).Role == actor.Parent {
		return nil
	}
	return h.rail(ctx)
}

// list is all of a kind that the reader may read, a page at a time.
func (h *Handlers) list(kind news.Kind) fiber.Handler {
	return func(c *fiber.Ctx) error {
		f := news.Filter{Kind: kind, After: paging.Parse(c.Query("na"))}
		list, err := h.news.List(web.Ctx(c), f)
		if err != nil {
			return err
		}
		if strings.HasPrefix(web.FrameOf(c), moreFrame) {
			return web.Render(c, fiber.StatusOK, olderArticles(list, f))
		}
		return web.Render(c, fiber.StatusOK, listPage(h.menu(web.Ctx(c)), list, f))
	}
}

// frame is the newest of a kind, for a page of another module. An address that is none narrows to nothing of a location.
func (h *Handlers) frame(kind news.Kind) fiber.Handler {
	return func(c *fiber.Ctx) error {
		location, _ := ids.Parse(c.Query("locatie"))
		list, err := h.news.List(web.Ctx(c), news.Filter{Kind: kind, Location: location, Most: news.Newest})
		if err != nil {
			return err
		}
		return web.Render(c, fiber.StatusOK, newestFrame(kind, list))
	}
}

// teaser is the newest news item, while it is not read, for *Mijn kind*: beside its timeline, or on a phone in it.
func (h *Handlers) teaser(c *fiber.Ctx) error {
	l, err := h.news.Unread(web.Ctx(c))
	if err != nil {
		return err
	}
	id := "news-teaser"
	if web.FrameOf(c) == teaserBetween {
		id = teaserBetween
	}
	return web.Render(c, fiber.StatusOK, teaserFrame(id, l))
}

func (h *Handlers) show(kind news.Kind) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := web.ID(c, "id")
		if err != nil {
			return err
		}
		a, err := h.news.Open(web.Ctx(c), kind, id)
		if err != nil {
			return err
		}
		return web.Render(c, fiber.StatusOK, articlePage(h.menu(web.Ctx(c)), a))
	}
}

// seen answers a script: there is no page to go to.
func (h *Handlers) seen(kind news.Kind) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := web.ID(c, "id")
		if err != nil {
			return err
		}
		if err := h.news.Seen(web.Ctx(c), kind, id); err != nil {
			return err
		}
		return c.SendStatus(fiber.StatusNoContent)
	}
}

// picture shows a version of a picture.
func (h *Handlers) picture(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	o, err := h.news.Picture(web.Ctx(c), id, c.Params("version"))
	if err != nil {
		return err
	}
	return h.send(c, id, o)
}

// download gives a file to save, and never to open in the page: a document is a program of somebody else's.
func (h *Handlers) download(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	o, err := h.news.Download(web.Ctx(c), id)
	if err != nil {
		return err
	}
	web.SaveAs(c, o.Name)
	return h.send(c, id, o)
}

func (h *Handlers) send(c *fiber.Ctx, id ids.ID, o *news.Object) error {
	c.Set(fiber.HeaderContentType, o.ContentType)
	return web.SendStored(c, web.ETagFor(c, id, c.Params("version", "download")), web.Stored{
		Size: func() (int64, error) { return h.news.Size(web.Ctx(c), o) },
		Open: func(from, length int64) (io.ReadCloser, blob.Info, error) {
			return h.news.Stream(web.Ctx(c), o, from, length)
		},
	})
}

// teaserBetween is the name of the frame of the teaser in the timeline.
const teaserBetween = "news-between"

// moreFrame begins the names of frames with older articles.
const moreFrame = "ouder-"

// i18n:keys news.title.*
func kindTitle(ctx context.Context, kind news.Kind) string {
	return i18n.T(ctx, "news.title."+string(kind))
}

// frameIDs are the names of the frames that other pages show.
var frameIDs = map[news.Kind]string{news.News: "news", news.Newsletter: "newsletters", news.Page: "information"}

func day(ctx context.Context, at time.Time) string { return i18n.DayHeading(ctx, at, clock.Of(ctx)) }

// details is what a list says of an article under its title.
func details(ctx context.Context, l *news.Line) string {
	text := day(ctx, l.PublishedAt)
	if l.Where != "" {
		text += " · " + l.Where
	}
	return text
}

// fileWords are what a file is and how large.
func fileWords(ctx context.Context, f *news.File) string {
	return strings.ToUpper(f.Ending()) + " · " + i18n.FileSize(ctx, f.Bytes)
}

// emptyKind says that there is nothing yet.
// i18n:keys news.none.*
func emptyKind(ctx context.Context, kind news.Kind) ui.EmptyProps {
	return ui.EmptyProps{Picture: "post", Title: i18n.T(ctx, "news.none."+string(kind)), Text: i18n.T(ctx, "news.none.text")}
}

func readyFiles(files []news.File) []news.File {
	var ready []news.File
	for _, f := range files {
		if f.Ready() {
			ready = append(ready, f)
		}
	}
	return ready
}

// publishedOn says of news when it was published; an information page holds today.
func publishedOn(ctx context.Context, a *news.Article) string {
	if a.Kind == news.Page {
		return ""
	}
	return i18n.LongDate(ctx, *a.PublishedAt)
}
