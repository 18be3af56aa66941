package web

import (
	"context"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// album is the photo book of a guardian, or its next part in a frame.
func (h *Handlers) album(c *fiber.Ctx) error {
	asked := askedOf(c)
	book, err := h.diary.Photos(web.Ctx(c), asked.BookFilter)
	if err != nil {
		return err
	}
	web.SetUnread(c, book.Unread.Bell, book.Unread.Messages)
	if web.FrameOf(c) != "" {
		return web.Render(c, fiber.StatusOK, olderPhotos(book, asked))
	}
	return web.Render(c, fiber.StatusOK, albumPage(book, asked))
}

// asked is what an address of the album asks for.
type asked struct {
	diary.BookFilter
	Choose  bool            // photos to take home: they have boxes
	Chosen  map[ids.ID]bool // in a form that came back
	Problem error
}

func askedOf(c *fiber.Ctx) asked {
	child, _ := ids.Parse(c.Query("kind"))
	return asked{BookFilter: diary.BookFilter{ChildID: child, Month: diary.ParseMonth(c.Query("maand")), After: paging.Parse(c.Query("na"))}, Choose: c.Query("kies") != ""}
}

// from gives what is asked for with another place to begin.
func (a asked) from(month diary.Month, after paging.Cursor) asked {
	a.Month, a.After = month, after
	return a
}

// choosing gives what is asked for with boxes, or without.
func (a asked) choosing(on bool) asked {
	a.Choose = on
	return a
}

func (a asked) href() string {
	query := url.Values{}
	if a.ChildID != ids.Nil {
		query.Set("kind", a.ChildID.String())
	}
	if a.Month != "" {
		query.Set("maand", string(a.Month))
	}
	if a.After.ID != ids.Nil {
		query.Set("na", a.After.String())
	}
	if a.Choose {
		query.Set("kies", "1")
	}
	if len(query) == 0 {
		return "/fotos"
	}
	return "/fotos?" + query.Encode()
}

func (a asked) whole() bool { return a.Month == "" && a.After.ID == ids.Nil }

// takeHomeHref leads to where everything of a child is taken home; Nil: to the choice of one.
func takeHomeHref(child ids.ID) string {
	if child == ids.Nil {
		return "/meenemen"
	}
	return "/meenemen/" + child.String()
}

func bookKids(ctx context.Context, b *diary.Book, a asked) []ui.KidLink {
	of := func(child ids.ID) string {
		return asked{BookFilter: diary.BookFilter{ChildID: child, Month: a.Month}, Choose: a.Choose}.href()
	}
	links := []ui.KidLink{{Name: i18n.T(ctx, "diary.all_children"), Href: of(ids.Nil), Current: a.ChildID == ids.Nil}}
	for _, child := range b.Children {
		links = append(links, ui.KidLink{Name: child.GivenName, Href: of(child.ID), Avatar: ui.Person{Name: child.GivenName, Seed: child.Face}, Current: a.ChildID == child.ID})
	}
	return links
}

func bookDetail(ctx context.Context, b *diary.Book) string {
	total := 0
	for _, m := range b.Months {
		total += m.Photos
	}
	if total == 0 {
		return ""
	}
	return i18n.N(ctx, "diary.photos", total)
}

// year is the months of a year, newest first.
type year struct {
	Number string
	Months []diary.MonthCount
}

func years(months []diary.MonthCount) []year {
	var list []year
	for _, m := range months {
		number := string(m.Month[:4])
		if len(list) == 0 || list[len(list)-1].Number != number {
			list = append(list, year{Number: number})
		}
		last := &list[len(list)-1]
		last.Months = append(last.Months, m)
	}
	return list
}

func monthName(ctx context.Context, m diary.Month) string {
	tenant, _ := tenants.From(ctx)
	return i18n.Month(ctx, m.Start(tenant))
}

// run is the photos of one month that stand together on a page. Heading is false where the page before ended in that month.
type run struct {
	Month   diary.Month
	Photos  int // of the whole month
	Heading bool
	First   bool // on the page
	Shots   []diary.Shot
}

func runs(ctx context.Context, b *diary.Book, a asked) []run {
	tenant, _ := tenants.From(ctx)
	var before diary.Month
	if a.After.ID != ids.Nil {
		before = diary.MonthOf(tenant, a.After.At)
	}
	var list []run
	var begins, ends time.Time // of the month of the last run: reckoning with zones once a photo would be felt
	for i, shot := range b.Shots {
		if len(list) == 0 || shot.At.Before(begins) || !shot.At.Before(ends) {
			month := diary.MonthOf(tenant, shot.At)
			begins = month.Start(tenant)
			ends = begins.AddDate(0, 1, 0)
			list = append(list, run{Month: month, Photos: photosIn(b, month), Heading: month != before, First: i == 0 && a.After.ID == ids.Nil, Shots: b.Shots[i:i]})
		}
		last := &list[len(list)-1]
		last.Shots = last.Shots[:len(last.Shots)+1]
	}
	return list
}

func photosIn(b *diary.Book, month diary.Month) int {
	for _, m := range b.Months {
		if m.Month == month {
			return m.Photos
		}
	}
	return 0
}

// firstRow is how many photos at the top of the page are fetched at once, the others when they come into view.
const firstRow = 6

// shots draws the photos of a run.
func shots(r run, a asked) templ.Component {
	return ui.Draw(func(ctx context.Context, h *ui.HTML) {
		for i := range r.Shots {
			id, photo, first := r.Shots[i].ID, bookPhoto(ctx, &r.Shots[i]), r.First && i < firstRow
			if a.Choose {
				h.BookChoice(photo, "foto", id.String(), a.Chosen[id], first)
			} else {
				h.BookPhoto(photo, first)
			}
		}
	})
}

func bookPhoto(ctx context.Context, s *diary.Shot) ui.Photo {
	return ui.Photo{Path: "/fotos/" + s.ID.String(), Widths: photoWidths, Width: s.Width, Height: s.Height, Alt: s.Alt, ThumbHash: s.ThumbHash, Download: true, Report: true,
		Caption: i18n.List(ctx, s.Names) + " · " + i18n.Date(ctx, s.At)}
}

func albumTitle(ctx context.Context, mistakes ui.Mistakes) string {
	title := i18n.T(ctx, "diary.album")
	if mistakes.Any() {
		return ui.ErrorTitle(ctx, title)
	}
	return title
}

// ready is how many photos of an entry can be looked at.
func ready(e *diary.Entry) int {
	n := 0
	for _, m := range e.Media {
		if m.Ready() {
			n++
		}
	}
	return n
}
