package web

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// photoWidths are the versions that the photos module serves.
var photoWidths = []int{320, 640, 1280, 2048}

// teaser is how much of a text a timeline shows, in characters.
const teaser = 320

// photos are those of an entry; a guardian may report them.
func photos(e *diary.Entry, guardian bool) []ui.Photo {
	list := make([]ui.Photo, len(e.Media))
	for i, m := range e.Media {
		path := "/fotos/" + m.ID.String()
		list[i] = ui.Photo{Path: path, Widths: photoWidths, Width: m.Width, Height: m.Height, Alt: m.Alt,
			ThumbHash: m.ThumbHash, Download: true, Report: guardian, Processing: !m.Ready()}
	}
	return list
}

// caption is who the photos of an entry are of, and when.
func caption(ctx context.Context, e *diary.Entry) string {
	return i18n.List(ctx, childNames(e)) + " · " + i18n.Date(ctx, e.PublishedAt)
}

func picked(photos []diary.PhotoDraft) []ui.PickedPhoto {
	list := make([]ui.PickedPhoto, len(photos))
	for i, p := range photos {
		list[i] = ui.PickedPhoto{ID: p.ID.String(), Thumb: "/fotos/" + p.ID.String() + "/320.webp", Alt: p.Alt}
	}
	return list
}

func entryHref(e *diary.Entry) templ.SafeURL { return templ.SafeURL("/dagboek/" + e.ID.String()) }

func timelineHref(path string, child ids.ID, after paging.Cursor) string {
	query := url.Values{}
	if child != ids.Nil {
		query.Set("kind", child.String())
	}
	if after.ID != ids.Nil {
		query.Set("na", after.String())
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// accessesHref is where a guardian sees who opened what of the child; Nil: of every child.
func accessesHref(child ids.ID) string { return timelineHref("/inzage", child, paging.Cursor{}) }

type heading struct{ Title, Detail string }

// dayHeading is empty unless the entry is the first of its day in the list and, when there is one, the entry above it.
func dayHeading(ctx context.Context, list []diary.Entry, i int, above paging.Cursor) heading {
	at := list[i].PublishedAt
	previous := above.At
	if i > 0 {
		previous = list[i-1].PublishedAt
	}
	tenant, _ := tenants.From(ctx)
	if (i > 0 || above.ID != ids.Nil) && tenant.DateOf(previous) == tenant.DateOf(at) {
		return heading{}
	}
	title := i18n.DayHeading(ctx, at, clock.Of(ctx))
	detail := i18n.Date(ctx, at)
	if title == detail {
		detail = ""
	}
	return heading{title, detail}
}

func childNames(e *diary.Entry) []string {
	names := make([]string, len(e.Children))
	for i, child := range e.Children {
		names[i] = child.GivenName
	}
	return names
}

func postDetail(ctx context.Context, e *diary.Entry) string {
	if len(e.ReadAtWork) > 0 {
		return i18n.Time(ctx, e.PublishedAt) + " · " + i18n.T(ctx, "diary.read_by", "Names", i18n.List(ctx, unique(e.ReadAtWork)))
	}
	if e.FromHome {
		return i18n.Time(ctx, e.PublishedAt)
	}
	if e.Kind == diary.DayPost { // of the whole day, whenever it was written
		return e.GroupName
	}
	return e.GroupName + " · " + i18n.Time(ctx, e.PublishedAt)
}

// unique leaves each name once: two people of one name are one word in a sentence.
func unique(names []string) []string {
	kept := make([]string, 0, len(names))
	for _, name := range names {
		if !slices.Contains(kept, name) {
			kept = append(kept, name)
		}
	}
	return kept
}

// newUntil tells whether the entry is the first that a guardian knew at their last visit, below one that is new to them.
func newUntil(t *diary.Timeline, f diary.Filter, who actor.Actor, i int) bool {
	known := func(at time.Time) bool { return !at.After(t.NewSince) }
	if t.NewSince.IsZero() || !known(t.Entries[i].PublishedAt) || i > 0 && known(t.Entries[i-1].PublishedAt) {
		return false
	}
	for _, e := range t.Entries[:i] {
		if !e.By(who) {
			return true
		}
	}
	return i == 0 && f.After.ID != ids.Nil && !known(f.After.At)
}

// newAmongKnown tells whether an entry is new to a guardian and stands below the line under what is new: the report of a day
// before their last visit.
func newAmongKnown(t *diary.Timeline, e *diary.Entry) bool {
	return !t.NewSince.IsZero() && e.Shared().After(t.NewSince) && !e.PublishedAt.After(t.NewSince)
}

// about says of whom an entry is: an open page holds several children and many days.
type about struct {
	Caption string // "Mila en Finn · 25 november": names the post, and stands under its photos
	Detail  string // "Mila en Finn · Kikkers · 13:20"
	Title   string
}

// aboutOf puts the same names together once.
func aboutOf(ctx context.Context, e *diary.Entry) about {
	names := i18n.List(ctx, childNames(e))
	a := about{Caption: names + " · " + i18n.Date(ctx, e.PublishedAt), Detail: names + " · " + postDetail(ctx, e), Title: e.Title}
	if a.Title == "" {
		a.Title = names
	}
	return a
}

func entryTitle(ctx context.Context, e *diary.Entry) string {
	if e.Title != "" {
		return e.Title
	}
	if e.Kind == diary.DayPost {
		return i18n.T(ctx, "diary.day.of", "Names", i18n.List(ctx, childNames(e)))
	}
	return i18n.T(ctx, "diary.of", "Names", i18n.List(ctx, childNames(e)))
}

// writtenOn is when an entry was written, or the day that it reports of.
func writtenOn(ctx context.Context, e *diary.Entry) string {
	if e.Kind == diary.DayPost {
		return i18n.Date(ctx, e.PublishedAt)
	}
	return i18n.Date(ctx, e.PublishedAt) + ", " + i18n.Time(ctx, e.PublishedAt)
}

func recentDetail(ctx context.Context, e *diary.Entry) string {
	if e.Kind == diary.DayPost {
		return i18n.T(ctx, "diary.day")
	}
	return i18n.Time(ctx, e.PublishedAt)
}

func recentTitle(ctx context.Context, e *diary.Entry) string {
	if e.Title != "" {
		return e.Title
	}
	if e.Kind == diary.DayPost && e.Body == "" {
		return entryTitle(ctx, e)
	}
	if e.Body != "" {
		return firstWords(e.Body, 60)
	}
	return i18n.N(ctx, "diary.photos", len(e.Media))
}

func readLabel(ctx context.Context, more bool) string {
	if more {
		return i18n.T(ctx, "diary.read_all")
	}
	return i18n.T(ctx, "diary.open")
}

func shorten(text string) string { return firstWords(text, teaser) }

// firstWords cuts text at a word within most characters; a word of half a text is cut through.
func firstWords(text string, most int) string {
	if len(text) <= most {
		return text // a character is a byte at least
	}
	count, cut := 0, 0
	for at, r := range text {
		if count == most/2 {
			cut = at
		}
		if count == most {
			if unicode.IsSpace(r) {
				cut = at
			} else if space := strings.LastIndexFunc(text[:at], unicode.IsSpace); space > cut {
				cut = space
			}
			return strings.TrimRightFunc(text[:cut], func(r rune) bool { return unicode.IsSpace(r) || r == '.' || r == '…' || r == ',' }) + "…" // never four dots
		}
		count++
	}
	return text
}

// seen notes who opened an entry that the other side wrote, once the page is really looked at: reading alone changes nothing.
func seen(e *diary.Entry, who actor.Actor) templ.Attributes {
	if e.By(who) || who.Role != actor.Parent && !e.FromHome {
		return nil
	}
	return templ.Attributes{"data-controller": "seen", "data-seen-url-value": string(entryHref(e)) + "/gelezen"}
}

func kidLinks(ctx context.Context, t *diary.Timeline, f diary.Filter) []ui.KidLink {
	links := []ui.KidLink{{Name: i18n.T(ctx, "diary.all_children"), Href: "/", Current: f.ChildID == ids.Nil}}
	for _, child := range t.Children {
		links = append(links, ui.KidLink{Name: child.GivenName, Href: timelineHref("/", child.ID, paging.Cursor{}),
			Avatar: ui.Person{Name: child.GivenName, Seed: child.Face}, Current: f.ChildID == child.ID})
	}
	return links
}

// inView are the children that the page is about.
func inView(t *diary.Timeline, f diary.Filter) []diary.Own {
	if f.ChildID == ids.Nil {
		return t.Children
	}
	for i := range t.Children {
		if t.Children[i].ID == f.ChildID {
			return t.Children[i : i+1]
		}
	}
	return nil
}

func homeHeading(ctx context.Context, t *diary.Timeline, f diary.Filter) string {
	about := inView(t, f)
	if len(about) == 0 {
		return i18n.T(ctx, "ui.tab.child")
	}
	if len(about) == 1 {
		return whereIs(ctx, t, &about[0])
	}
	names := make([]string, len(about))
	for i, child := range about {
		names[i] = child.GivenName
	}
	return i18n.List(ctx, names)
}

func homeDetail(ctx context.Context, t *diary.Timeline, f diary.Filter) string {
	about := inView(t, f)
	if len(about) != 1 {
		return whoIsAway(ctx, t, about)
	}
	child := about[0]
	switch {
	case child.StartsOn != "":
		return i18n.T(ctx, "diary.starts", "Date", i18n.CivilDate(ctx, string(child.StartsOn)), "Group", child.Groups)
	case child.Mentor != "" && child.Groups != "":
		return i18n.T(ctx, "diary.placed", "Group", child.Groups, "Mentor", child.Mentor)
	}
	return child.Groups
}

func emptyTimeline(ctx context.Context, t *diary.Timeline) ui.EmptyProps {
	if len(t.Children) == 0 {
		return ui.EmptyProps{Title: i18n.T(ctx, "diary.no_children"), Text: i18n.T(ctx, "diary.no_children.text")}
	}
	return ui.EmptyProps{Picture: "book", Title: i18n.T(ctx, "diary.nothing_yet"), Text: i18n.T(ctx, "diary.nothing_yet.text")}
}

func composeTitle(ctx context.Context, mistakes ui.Mistakes) string {
	title := i18n.T(ctx, "diary.write")
	if mistakes.Any() {
		return ui.ErrorTitle(ctx, title)
	}
	return title
}

func tileOf(ctx context.Context, child diary.Pupil, name string, chosen map[ids.ID]bool, today tenants.Date) ui.TileProps {
	tile := ui.TileProps{Name: name, Value: child.ID.String(), Title: child.GivenName, Detail: age(ctx, child.BirthOn, today),
		Avatar: ui.Person{Name: child.GivenName, Seed: child.Face}, Checked: chosen[child.ID]}
	if child.Newcomer() {
		tile.Controls = templ.Attributes{"data-later": true}
	}
	return tile
}

// newcomersApart parts who is in the group from who is still to start.
func newcomersApart(d *diary.Desk) (here, later []diary.Pupil) {
	var free []diary.Pupil // who does not come today stands behind who does
	for _, child := range d.Children {
		switch {
		case child.Newcomer():
			later = append(later, child)
		case child.Free():
			free = append(free, child)
		default:
			here = append(here, child)
		}
	}
	return append(here, free...), later
}

// startWords is "Start 30 nov 2026".
func startWords(ctx context.Context, child diary.Pupil) string {
	return i18n.T(ctx, "diary.desk.starts", "Date", i18n.ShortDate(ctx, i18n.Civil(string(child.StartsOn))))
}

// lackingNames are the chosen children who may be on no photo.
func lackingNames(d *diary.Desk, f form) []string {
	var names []string
	for _, child := range d.Children {
		if !child.PhotoConsent && f.Chosen[child.ID] {
			names = append(names, child.GivenName)
		}
	}
	return names
}

// oneOrMore hands a script both forms of a sentence: children are chosen after the page was made.
func oneOrMore(ctx context.Context, key string) templ.Attributes {
	return templ.Attributes{"data-photo-consent-target": "words", "data-one": i18n.N(ctx, key, 1), "data-other": i18n.N(ctx, key, 2)}
}

func composeTile(ctx context.Context, child diary.Pupil, f form) ui.TileProps {
	tile := tileOf(ctx, child, "children", f.Chosen, today(ctx))
	if child.Newcomer() {
		tile.Detail = startWords(ctx, child)
	}
	if !child.PhotoConsent {
		tile.Controls = templ.Attributes{"data-photo-consent-target": "lacking", "data-name": child.GivenName}
	}
	return tile
}

// age is in years and months, as people in childcare say it.
func age(ctx context.Context, born, today tenants.Date) string {
	b, t := i18n.Civil(string(born)), i18n.Civil(string(today))
	months := (t.Year()-b.Year())*12 + int(t.Month()) - int(b.Month())
	if t.Day() < b.Day() {
		months--
	}
	if months < 0 {
		return i18n.T(ctx, "diary.age.expected")
	}
	switch years, rest := months/12, months%12; {
	case years == 0:
		return i18n.N(ctx, "diary.age.months", rest)
	case rest == 0:
		return i18n.N(ctx, "diary.age", years)
	default:
		return i18n.T(ctx, "diary.age.both", "Years", years, "Months", rest)
	}
}

func ageRange(ctx context.Context, g *diary.Group) string {
	return i18n.T(ctx, "diary.ages", "From", g.FromAgeMonths/12, "To", g.ToAgeMonths/12)
}

func symbol(name string) string {
	if name == "" {
		return "sprout"
	}
	return name
}

func takeBackUntil(e *diary.Page) time.Time {
	if e.Waits {
		return e.Now.Add(diary.TakeBackWithin)
	}
	return e.Shared().Add(diary.TakeBackWithin)
}

func withdrawTitle(ctx context.Context, e *diary.Entry, w withdrawal) string {
	if w.Problem != nil {
		return ui.ErrorTitle(ctx, entryTitle(ctx, e))
	}
	return entryTitle(ctx, e)
}
