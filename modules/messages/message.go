// Package messages lets the guardians of a child and the group that it is in write to each other.
//
// A conversation is a thread: about one child, with one group, or with the management of a location past its groups. The guardians who
// take part are its members; another household knows nothing of it. Everybody who works in the group reads and answers, or who runs the
// location. What is written waits for a moment in which its author can take it back; then it goes out, and nobody changes it any more.
package messages

import (
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
)

// Bounds of what people type, in characters.
const (
	MaxSubject = 120
	MaxBody    = 5000
)

// UndoWithin is how long the author of a message can take it back. Until then nobody else sees it.
const UndoWithin = 20 * time.Second

// Thread is a conversation about one child with a group, everybody who works in which reads along, or with the management of a location.
type Thread struct {
	bun.BaseModel `bun:"table:message_thread"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	GroupID       ids.ID `bun:"type:uuid,nullzero"` // Nil: it is with management
	LocationID    ids.ID `bun:"type:uuid,nullzero"` // whose management it is with; Nil: it is with a group
	Subject       string
	StartedBy     ids.ID `bun:"type:uuid"`
	CreatedAt     time.Time
	MovedAt       time.Time
}

// Member is a guardian who takes part in a thread.
type Member struct {
	bun.BaseModel `bun:"table:message_thread_member"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:",pk,type:uuid"`
	ThreadID      ids.ID `bun:",pk,type:uuid"`
	Household     int    `bun:",nullzero"` // that the members share; 0: there is no other member
}

// Side is who speaks: the family, or who works here.
type Side string

// The sides.
const (
	Guardian Side = "guardian"
	Staff    Side = "staff"
)

// SideOf is the side on which somebody in the role writes.
func SideOf(role actor.Role) Side {
	if role == actor.Parent {
		return Guardian
	}
	return Staff
}

// Message is one piece of a conversation.
type Message struct {
	bun.BaseModel `bun:"table:message,alias:m"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ThreadID      ids.ID `bun:"type:uuid"`
	AuthorID      ids.ID `bun:"type:uuid"`
	AuthorName    string
	AuthorFace    int
	Side          Side
	Body          string
	WrittenAt     time.Time
	DueAt         time.Time
	ReleasedAt    *time.Time
	TakenBackAt   *time.Time
	WithdrawnAt   *time.Time // by an admin: since then it says nothing
	MailingID     ids.ID     `bun:"type:uuid,nullzero"` // of a message to many families
}

// By tells whether who wrote the message, in the role that they are in.
func (m *Message) By(who actor.Actor) bool {
	return m.AuthorID == who.PersonID && m.Side == SideOf(who.Role)
}

// Left is how long who can still take the message back.
func (m *Message) Left(who actor.Actor, now time.Time) time.Duration {
	if !m.By(who) || m.ReleasedAt != nil || m.TakenBackAt != nil {
		return 0
	}
	return max(m.DueAt.Sub(now), 0)
}

// At is when the message went out, or was written when it has not yet.
func (m *Message) At() time.Time {
	if m.ReleasedAt != nil {
		return *m.ReleasedAt
	}
	return m.WrittenAt
}

// Written happens when a message is written, and is heard of when its author can no longer take it back.
type Written struct {
	MessageID ids.ID `json:"message_id"`
}

// EventName makes it an outbox.Event.
func (Written) EventName() string { return "messages.written" }

// Draft is what a guardian wants to begin a conversation with.
type Draft struct {
	FormKey ids.ID // of the form it was written in: sent twice, it is kept once
	ChildID ids.ID
	GroupID ids.ID // Nil: the only group that the child is in
	// ToManagement is to who runs the location of the group: nobody who works in a group reads it.
	ToManagement bool
	Subject      string
	Body         string
	// Attachments are uploads of the author that go along.
	Attachments []ids.ID
}

// Check tidies the draft, and says everything that is wrong with it by itself, at the field it is wrong in.
func (d *Draft) Check() error {
	d.Subject = oneLine(d.Subject)
	d.Body = plaintext.Of(d.Body)
	var problems fault.Fields
	if d.ChildID == ids.Nil {
		problems.Add("child", "messages.error.child_required")
	}
	checkSubject(&problems, d.Subject)
	checkBody(&problems, d.Body)
	checkAttachments(&problems, d.Attachments)
	return problems.Err()
}

// Answer is what somebody wants to add to a conversation.
type Answer struct {
	FormKey     ids.ID
	Body        string
	Attachments []ids.ID // uploads of the author that go along
}

// Check tidies the answer and says what is wrong with it.
func (a *Answer) Check() error {
	a.Body = plaintext.Of(a.Body)
	var problems fault.Fields
	checkBody(&problems, a.Body)
	checkAttachments(&problems, a.Attachments)
	return problems.Err()
}

func checkSubject(problems *fault.Fields, subject string) {
	switch n := utf8.RuneCountInString(subject); {
	case n == 0:
		problems.Add("subject", "messages.error.subject_required")
	case n > MaxSubject:
		problems.Add("subject", "messages.error.subject_too_long", map[string]any{"Max": MaxSubject})
	}
}

func checkBody(problems *fault.Fields, body string) {
	switch n := utf8.RuneCountInString(body); {
	case n == 0:
		problems.Add("body", "messages.error.body_required")
	case n > MaxBody:
		problems.Add("body", "messages.error.body_too_long", map[string]any{"Max": MaxBody})
	}
}
