package keepsake

import (
	"context"
	"io"
	"time"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// Conversation is what a guardian and a group, or the management of a location, wrote to each other about the child.
type Conversation struct {
	ID        ids.ID
	GroupID   ids.ID
	Group     string // empty: it is with the management of Location
	Location  string
	Subject   string
	CreatedAt time.Time
	Messages  []Message // oldest first
}

// Message is one piece of a conversation that has gone out.
type Message struct {
	ID        ids.ID
	Author    string
	Side      string // "guardian" or "staff"
	Body      string
	WrittenAt time.Time
	SentAt    time.Time
	Attached  []Attached
}

// Post is where guardians and groups write to each other. What a guardian sees there is for it to say: another household of the same
// child has conversations of its own.
type Post interface {
	// ConversationsOf gives those about the child that the guardian sees now, with what was sent until a moment, oldest first.
	ConversationsOf(ctx context.Context, tx tenants.Reader, guardian, child ids.ID, until time.Time) ([]Conversation, error)
	// StillSeen counts those of the messages about the child that the guardian sees now, and that were not withdrawn.
	StillSeen(ctx context.Context, tx tenants.Reader, guardian, child ids.ID, messages []ids.ID) (int, error)
	// OpenAttached opens an attachment that the actor may have as a guardian; NotFound for any other. The caller closes it.
	OpenAttached(ctx context.Context, id ids.ID) (io.ReadCloser, error)
}

const conversationsFile = "berichten.html"

func (p *packer) readConversations(ctx context.Context) error {
	p.told = true
	return p.s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		p.conversations, err = p.s.post.ConversationsOf(ctx, tx, p.k.PersonID, p.k.ChildID, p.k.AskedAt)
		return err
	})
}

// addConversations writes the page of the conversations. When there are none there is no page.
func (p *packer) addConversations(ctx context.Context) error {
	if len(p.conversations) == 0 {
		return nil
	}
	for _, c := range p.conversations {
		for _, m := range c.Messages {
			for n := range m.Attached {
				m.Attached[n].File = p.done[m.Attached[n].ID].File
			}
			p.noteMessage(c, m)
		}
	}
	p.beside = append(p.beside, bookLink{Href: conversationsFile, Text: i18n.T(ctx, "keepsake.book.messages"), Detail: i18n.N(ctx, "keepsake.book.conversations", len(p.conversations))})
	return p.write(ctx, conversationsFile, conversationsPage(p.child.GivenName, p.conversations))
}

// noteMessage remembers that something of a message is in the file: its words, or what was sent along with it.
func (p *packer) noteMessage(c Conversation, m Message) {
	if _, noted := p.done[m.ID]; !noted {
		p.note(item{SubjectID: m.ID, Kind: messageItem, Month: diary.MonthOf(p.tenant, c.CreatedAt)})
	}
}

func (p *packer) eachConversation(_ context.Context, give func(any) error) error {
	zone := p.tenant.Location()
	for _, c := range p.conversations {
		row := jsonConversation{c.ID, c.GroupID, c.Group, c.Location, c.Subject, c.CreatedAt.In(zone), []jsonMessage{}}
		for _, m := range c.Messages {
			attached := []jsonAttached{}
			for _, a := range m.Attached {
				attached = append(attached, jsonAttached{a.ID, a.Name, a.File})
			}
			row.Messages = append(row.Messages, jsonMessage{m.ID, m.Author, m.Side, m.Body, m.WrittenAt.In(zone), m.SentAt.In(zone), attached})
		}
		if err := give(row); err != nil {
			return err
		}
	}
	return nil
}

func messageByline(ctx context.Context, c Conversation, m Message) string {
	if m.Side == "staff" && c.Group == "" {
		return i18n.T(ctx, "keepsake.book.by_management", "Author", m.Author, "Location", c.Location)
	}
	if m.Side == "staff" {
		return i18n.T(ctx, "keepsake.book.by", "Author", m.Author, "Group", c.Group)
	}
	return m.Author
}
