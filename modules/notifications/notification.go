// Package notifications tells people that something happened: in the portal, and by mail and on their devices for whoever wants that.
//
// Other modules say what happened and to whom it matters (Notify); what a mail may say, and whether it may still be said,
// is asked of them again at the moment of sending (Item.Compose).
package notifications

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// The names of the channels: of preferences, and the kind of deliveries.
const (
	MailChannel = "mail"
	PushChannel = "push"
)

// Audience is in which of their roles people are told something. A bell counts, and a list shows, what its reader was told in
// the role that they are signed in with: what a line of the other one is about is not theirs to see in this one.
type Audience string

// Guardians hear of their children; Staff is everybody who works at the organisation; Management is who runs it or one of its locations,
// in that role alone: somebody who also works in a group hears nothing of it there.
const (
	Guardians  Audience = "guardians"
	Staff      Audience = "staff"
	Management Audience = "management"
)

// The items of the module that people write to each other with. They are counted at its own place in the menu, so the bell
// does not count them again, and marking everything as read leaves them: a message is read where it stands.
const (
	MessageItem      = "message"       // to guardians
	GroupMessageItem = "group_message" // to who works in a group
	// ManagementMessageItem is of messages that guardians write to who runs the location, past the group.
	ManagementMessageItem = "management_message"
)

// Counts is what the reader has not read, 100 of each at most.
type Counts struct {
	Bell     int
	Messages int
}

// AudiencesOf are those that somebody in the role is of.
func AudiencesOf(role actor.Role) []Audience {
	switch role {
	case actor.Parent:
		return []Audience{Guardians}
	case actor.Staff:
		return []Audience{Staff}
	case actor.Manager, actor.Admin:
		return []Audience{Staff, Management}
	}
	return nil
}

// Notification is one line in somebody's list.
type Notification struct {
	bun.BaseModel `bun:"table:notification"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	EventID       ids.ID `bun:"type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	Audience      Audience
	Item          string
	SubjectID     ids.ID `bun:"type:uuid"`
	CreatedAt     time.Time
	ReadAt        *time.Time
}

// News is something that happened and the people whom it concerns.
type News struct {
	EventID    ids.ID // of the event; told again, nothing is told twice
	Item       string // the name of an Item
	SubjectID  ids.ID // what it is about
	Recipients []ids.ID
	Queue      string // outbox.Normal, or Bulk for what may wait
}

// Item is a kind of news that people can switch on and off. The module that makes such news offers it.
type Item struct {
	Name string // "diary"; kept in rows, so it never changes
	For  Audience
	// Feature is what it is a part of: an organisation that does without is told nothing of it.
	Feature tenants.Feature
	// Calm is only nice to know: mail about it waits for more of its kind, and comes once a day to who wants it so. Anything
	// else may ask for something to be done.
	Calm bool
	// Prompt is what goes out at its moment though it is Calm, such as a newsletter.
	Prompt bool
	// Asks is what is asked for until it is done: it stands apart in the list, read or not, for as long as Describe says something of it.
	Asks bool
	// Label and Line are locale keys: its name among the preferences, where there is mail about it, and the line in the list.
	Label, Line string
	// Path leads to the subject.
	Path func(subject ids.ID) string
	// Compose writes the letters to people about this item, for a whole batch in as few reads as it can. It looks again
	// whether each may be told: a delivery that is missing from its answer is dropped. Without it there is no mail.
	Compose func(ctx context.Context, tx tenants.Reader, to []Telling) (map[ids.ID]Letter, error)
	// Describe, when set, replaces Line by something of the subject, as who may see it now. What is missing from its answer
	// is not shown at all.
	Describe func(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error)
}

// gathered says whether mail about it is put together with more of its kind.
func (i Item) gathered() bool { return i.Calm && !i.Prompt }

// Telling is one person who is to be told about one subject.
type Telling struct {
	DeliveryID, SubjectID ids.ID
	Person                identity.Contact
	Words                 *i18n.Localizer // the person's language
}

// Letter is what a mail says. Organisation, colours, links to the preferences and the address are added to it.
type Letter struct {
	Subject, Preheader, Title string
	Paragraphs                []string
	// Rich is formatted text after the paragraphs, cleaned by internal/richtext. PictureText stands where it has a picture: a mail fetches none.
	Rich, PictureText string
	ButtonText        string
	Path              string // of the page that the button opens; empty for Item.Path of the subject
}

// path leads to what the letter about subject is about.
func (l Letter) path(item Item, subject ids.ID) string {
	if l.Path != "" {
		return l.Path
	}
	return item.Path(subject)
}

// Line is a notification as its reader sees it.
type Line struct {
	ID     ids.ID
	Text   string
	At     time.Time
	Unread bool
}

// List is a page of lines, newest first.
type List struct {
	Waiting []Line // what may ask for something and is not read, or asks for it until it is done
	Lines   []Line
	Older   ids.ID // ask for what is before it; Nil when there is no more
	// Unread tells that there is something that ReadAll marks, also what is not shown any more: the bell counts it.
	Unread bool
}

// Preference is somebody's choice about one item.
type Preference struct {
	Item  string
	Label string // locale key
	Calm  bool
	// Prompt is what comes by itself though it is Calm.
	Prompt bool
	Mail   bool
	Push   bool
}
