package keepsake

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"ouderportaal/internal/i18n"
	"ouderportaal/modules/care"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// bookMonth is a month as its page shows it.
type bookMonth struct {
	Path         string
	Title        string
	Child        string
	Organisation string
	Days         []bookDay
	Before, Next *bookLink
}

type bookLink struct{ Href, Text, Detail string }

// bookDay is a day with what is known of it, and what was written on it.
type bookDay struct {
	Title   string
	Facts   []care.Line
	Entries []bookEntry
}

type bookEntry struct {
	*diary.Entry
	At     time.Time
	Photos []bookPhoto
}

type bookPhoto struct {
	Href, Alt     string
	Width, Height int
}

// bookIndex is the first page.
type bookIndex struct {
	Title, Child, Organisation, Made string
	Beside                           []bookLink // pages of what is not by month
	Years                            []bookYear
	Photos, Entries, Days, Left      int
}

type bookYear struct {
	Title  string
	Months []bookLink
}

// relative is a link from one file of the book to another; up is the way to the folder.
func relative(up, file string) string {
	steps := strings.Split(file, "/")
	for i := range steps {
		steps[i] = url.PathEscape(steps[i])
	}
	return up + strings.Join(steps, "/")
}

func pagePath(m diary.Month) string { return monthFolder + "/" + string(m) + ".html" }

func (p *packer) monthTitle(ctx context.Context, m diary.Month) string {
	return i18n.Month(ctx, m.Start(p.tenant))
}

// pageOf puts a month together, a day at a time and oldest first.
func (p *packer) pageOf(ctx context.Context) bookMonth {
	c := p.chapter
	page := bookMonth{Path: pagePath(c.month), Title: p.monthTitle(ctx, c.month), Child: p.child.GivenName, Organisation: p.tenant.Name}
	months := p.k.months()
	if at := p.k.MonthsDone; at > 0 {
		page.Before = &bookLink{Href: string(months[at-1]) + ".html", Text: p.monthTitle(ctx, months[at-1])}
	}
	if at := p.k.MonthsDone + 1; at < len(months) {
		page.Next = &bookLink{Href: string(months[at]) + ".html", Text: p.monthTitle(ctx, months[at])}
	}
	var dates []tenants.Date
	facts, told := map[tenants.Date][]care.Line{}, map[tenants.Date][]bookEntry{}
	for _, d := range c.days {
		dates = append(dates, d.On)
		known := care.Day{Records: d.Records}
		facts[d.On] = known.Lines(ctx)
	}
	for i := range c.entries {
		e := &c.entries[i]
		on := p.tenant.DateOf(e.PublishedAt)
		dates = append(dates, on)
		told[on] = append(told[on], bookEntry{Entry: e, At: e.PublishedAt, Photos: p.photosOf(e)})
	}
	slices.Sort(dates)
	for _, on := range slices.Compact(dates) {
		page.Days = append(page.Days, bookDay{Title: i18n.CivilLongDate(ctx, string(on)), Facts: facts[on], Entries: told[on]})
	}
	return page
}

func (p *packer) photosOf(e *diary.Entry) []bookPhoto {
	var list []bookPhoto
	for _, m := range e.Media {
		if i, packed := p.done[m.ID]; packed && i.Kind == photoItem {
			list = append(list, bookPhoto{Href: relative("../", i.File), Alt: m.Alt, Width: m.Width, Height: m.Height})
		}
	}
	return list
}

// index counts what came along, month by month and newest first.
func (p *packer) index(ctx context.Context) bookIndex {
	x := bookIndex{Child: p.child.GivenName, Organisation: p.tenant.Name, Made: i18n.LongDate(ctx, p.k.AskedAt),
		Title: i18n.T(ctx, "keepsake.folder", "Name", p.child.GivenName), Beside: p.beside, Photos: p.k.Photos, Entries: p.k.Entries, Days: p.k.Days, Left: p.k.PhotosLeft}
	pictures, entries := map[diary.Month]int{}, map[diary.Month]int{}
	for _, i := range p.done {
		switch i.Kind {
		case photoItem:
			pictures[i.Month]++
		case entryItem:
			entries[i.Month]++
		}
	}
	for _, m := range slices.Backward(p.k.months()) {
		year, _, _ := strings.Cut(string(m), "-")
		if n := len(x.Years); n == 0 || x.Years[n-1].Title != year {
			x.Years = append(x.Years, bookYear{Title: year})
		}
		y := &x.Years[len(x.Years)-1]
		var detail []string
		if n := pictures[m]; n > 0 {
			detail = append(detail, i18n.N(ctx, "keepsake.book.photos", n))
		}
		if n := entries[m]; n > 0 {
			detail = append(detail, i18n.N(ctx, "keepsake.book.entries", n))
		}
		y.Months = append(y.Months, bookLink{Href: relative("", pagePath(m)), Text: p.monthTitle(ctx, m), Detail: strings.Join(detail, " · ")})
	}
	return x
}
