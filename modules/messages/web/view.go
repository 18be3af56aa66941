package web

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/messages"
)

// answerForm is the form under a thread, as it stands on the screen.
type answerForm struct {
	Key     ids.ID
	Body    string
	Files   uploads
	NoteKey ids.ID
	Note    string // for colleagues
	Problem error

	attachments []ids.ID
}

// writeForm is the page on which a guardian begins a conversation, as it stands on the screen.
type writeForm struct {
	Draft    messages.Draft
	Files    uploads
	Subjects []messages.Subject
	Reading  []messages.Reading
	Problem  error
}

// groups are those to choose from: of children who are in several.
func (f writeForm) groups(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "messages.form.group.choose")}}
	for _, s := range f.Subjects {
		if len(s.Groups) < 2 {
			continue
		}
		for _, g := range s.Groups {
			if !slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == g.ID.String() }) {
				options = append(options, ui.Option{Value: g.ID.String(), Label: g.Name + " · " + s.GivenName, Selected: g.ID == f.Draft.GroupID})
			}
		}
	}
	return options
}

func groupNames(s messages.Subject) []string {
	names := make([]string, len(s.Groups))
	for i, g := range s.Groups {
		names[i] = g.Name
	}
	return names
}

func childTile(ctx context.Context, s messages.Subject, chosen ids.ID) ui.TileProps {
	return ui.TileProps{One: true, Name: "child", Value: s.ID.String(), Title: s.GivenName, Detail: i18n.List(ctx, groupNames(s)),
		Avatar: ui.Person{Name: s.GivenName, Seed: s.Face}, Checked: s.ID == chosen}
}

// toManagement is the choice of a line to who runs the location, in the form and in addresses.
const toManagement = "leiding"

// consolePath is where who runs a location reads what guardians write to them.
const consolePath = "/beheer/berichten"

// box is a list of conversations as it stands on a page.
type box struct {
	Path   string // of the page
	Filter messages.Filter
	List   *messages.List
	Groups []messages.Workplace // to choose from
}

func titled(ctx context.Context, title string, mistakes ui.Mistakes) string {
	if mistakes.Any() {
		return ui.ErrorTitle(ctx, title)
	}
	return title
}

// party is whom the reader talks with in a thread.
func party(ctx context.Context, h messages.Heading) string {
	if actor.From(ctx).Role != actor.Parent {
		return i18n.List(ctx, h.Guardians)
	}
	return with(ctx, h)
}

// with is who speaks in a conversation for the organisation: a group, or the management of a location.
func with(ctx context.Context, h messages.Heading) string {
	if h.ToManagement() {
		return i18n.T(ctx, "messages.management", "Location", h.Location)
	}
	return h.GroupName
}

// subject is that of a conversation; what began it may have been withdrawn, and the subject with it.
func subject(ctx context.Context, h messages.Heading) string {
	return cmp.Or(h.Subject, i18n.T(ctx, "messages.withdrawn.subject"))
}

// about is of which child a thread is, and with whom.
func about(ctx context.Context, h messages.Heading) string {
	text := i18n.T(ctx, "messages.about", "Child", h.ChildName, "With", party(ctx, h))
	if actor.From(ctx).Role != actor.Parent {
		text += " · " + with(ctx, h)
	}
	return text
}

// details is what a list says of a thread under its subject.
func details(ctx context.Context, h messages.Heading) string {
	text := party(ctx, h) + " · " + h.ChildName
	if actor.From(ctx).Role != actor.Parent {
		text += " · " + with(ctx, h)
	}
	return text
}

// beginning is who wrote last and what.
func beginning(ctx context.Context, l messages.Line) string {
	by := l.By
	if l.Mine {
		by = i18n.T(ctx, "messages.you")
	}
	if l.Withdrawn {
		return by + ": " + i18n.T(ctx, "messages.withdrawn")
	}
	return by + ": " + l.First
}

// moment is a day and a time, as short as it can be told from now.
func moment(ctx context.Context, at time.Time) string {
	return i18n.DayHeading(ctx, at, clock.Of(ctx)) + ", " + i18n.Time(ctx, at)
}

func unreadWords(ctx context.Context, n int) string { return i18n.N(ctx, "ui.unread", n) }

// earliest says when a message is read, when that is not now.
func earliest(ctx context.Context, r messages.Reading) string {
	if r.Next.IsZero() {
		return ""
	}
	on := func(at time.Time) string { return i18n.Local(ctx, at).Format(time.DateOnly) }
	switch now := clock.Of(ctx); on(r.Next) {
	case on(now):
		return i18n.T(ctx, "messages.reading.today", "Time", i18n.Time(ctx, r.Next))
	case on(now.AddDate(0, 0, 1)):
		return i18n.T(ctx, "messages.reading.tomorrow", "Time", i18n.Time(ctx, r.Next))
	}
	return i18n.T(ctx, "messages.reading.later", "Day", i18n.Date(ctx, r.Next), "Time", i18n.Time(ctx, r.Next))
}

// moreFrame begins the names of frames with older threads.
const moreFrame = "ouder-"

func (b *box) older() string {
	f, query := b.Filter, url.Values{}
	if f.Search != "" {
		query.Set("q", f.Search)
	}
	if f.Unread {
		query.Set("ongelezen", "1")
	}
	if f.Mine {
		query.Set("mij", "1")
	}
	if f.GroupID != ids.Nil {
		query.Set("groep", f.GroupID.String())
	}
	if b.Path == consolePath && !f.ToManagement {
		query.Set("groepen", "1")
	}
	query.Set("na", b.List.Next.String())
	return b.Path + "?" + query.Encode()
}

func groupOptions(ctx context.Context, groups []messages.Workplace, chosen ids.ID) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "messages.filter.all_groups"), Selected: chosen == ids.Nil}}
	for _, g := range groups {
		options = append(options, ui.Option{Value: g.ID.String(), Label: g.Name + " · " + g.LocationName, Selected: g.ID == chosen})
	}
	return options
}

// emptyList says why there is nothing, and what to do.
func emptyList(ctx context.Context, b *box) ui.EmptyProps {
	if f := b.Filter; f.Search != "" || f.Unread || f.Mine || f.GroupID != ids.Nil {
		return ui.EmptyProps{Picture: "post", Title: i18n.T(ctx, "messages.none_found"), Text: i18n.T(ctx, "messages.none_found.text"), Href: b.Path, Action: i18n.T(ctx, "messages.show_all"), Icon: "undo-2"}
	}
	if actor.From(ctx).Role == actor.Parent {
		return ui.EmptyProps{Picture: "post", Title: i18n.T(ctx, "messages.none"), Text: i18n.T(ctx, "messages.none.text"), Href: "/berichten/nieuw", Action: i18n.T(ctx, "messages.write"), Icon: "message-circle-plus"}
	}
	if b.Path == consolePath {
		return ui.EmptyProps{Picture: "post", Title: i18n.T(ctx, "messages.none"), Text: i18n.T(ctx, "messages.none.management")}
	}
	return ui.EmptyProps{Picture: "post", Title: i18n.T(ctx, "messages.none"), Text: i18n.T(ctx, "messages.none.staff")}
}

func itoa(n int) string { return strconv.Itoa(n) }

// seconds is how long a message can still be taken back, rounded up.
func seconds(left time.Duration) int { return int((left + time.Second - 1) / time.Second) }

func millis(left time.Duration) string { return strconv.FormatInt(left.Milliseconds(), 10) }

// readBy are those of the other side who have read a message, by first name; empty unless it is the last one that somebody has.
func readBy(p *messages.Page, m *messages.Message) []string {
	var names []string
	for _, r := range p.Readers {
		if m.ReleasedAt == nil || r.AtWork || r.Until.Before(*m.ReleasedAt) || m.Side == messages.Guardian {
			continue
		}
		names = append(names, r.Name)
	}
	return names
}

// piece is a message of a thread, or a note among them.
type piece struct {
	message *messages.Message
	note    *messages.Note
}

// pieces are the messages and the notes of a page, as they were written.
func pieces(p *messages.Page) []piece {
	var list []piece
	notes := p.Notes
	for i := range p.Messages {
		m := &p.Messages[i]
		for len(notes) > 0 && notes[0].WrittenAt.Before(m.WrittenAt) {
			list, notes = append(list, piece{note: &notes[0]}), notes[1:]
		}
		list = append(list, piece{message: m})
	}
	for i := range notes {
		list = append(list, piece{note: &notes[i]})
	}
	return list
}

func teamOptions(ctx context.Context, p *messages.Page) []ui.Option {
	chosen := ids.Nil
	team := p.Team
	if p.Assignee != nil {
		chosen = p.Assignee.ID
		if !slices.ContainsFunc(team, func(c messages.Colleague) bool { return c.ID == chosen }) {
			team = append([]messages.Colleague{*p.Assignee}, team...) // who has left the group since
		}
	}
	options := []ui.Option{{Label: i18n.T(ctx, "messages.assign.nobody"), Selected: chosen == ids.Nil}}
	for _, c := range team {
		label := c.Name
		if c.ID == actor.From(ctx).PersonID {
			label = i18n.T(ctx, "messages.assign.me", "Name", c.Name)
		}
		options = append(options, ui.Option{Value: c.ID.String(), Label: label, Selected: c.ID == chosen})
	}
	return options
}

// templateOptions are the answers to begin with, about the child of the thread.
func templateOptions(ctx context.Context, p *messages.Page) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "messages.template.choose")}}
	for i := range p.Templates {
		options = append(options, ui.Option{Value: p.Templates[i].For(p.ChildName), Label: p.Templates[i].Title})
	}
	return options
}

// lastOwn is the newest message of who works here that went out: under it stands who has read it.
func lastOwn(p *messages.Page) ids.ID {
	for _, m := range slices.Backward(p.Messages) {
		if m.Side == messages.Staff && m.ReleasedAt != nil {
			return m.ID
		}
	}
	return ids.Nil
}

// goesOut says in how many seconds a message goes out.
// i18n:keys messages.goes_out.*
func goesOut(ctx context.Context, seconds int) string {
	key := "messages.goes_out.other"
	if seconds == 1 {
		key = "messages.goes_out.one"
	}
	return strings.ReplaceAll(i18n.T(ctx, key), "{n}", strconv.Itoa(seconds))
}
