package messages

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// Service is what can be done with messages.
type Service struct {
	db            *tenants.DB
	children      *children.Service
	notifications *notifications.Service
	store         blob.Store
	images        photos.Images
}

// New works on db, offers its items to n, and keeps attachments in store. images may be nil in a process that works off no media jobs.
func New(db *tenants.DB, n *notifications.Service, store blob.Store, images photos.Images) *Service {
	s := &Service{db: db, children: children.New(db), notifications: n, store: store, images: images}
	s.offer()
	return s
}

// Subject is a child whom a guardian can write about now, with the groups that it is in.
type Subject struct {
	children.Named
	Groups []children.Group
}

// Subjects lists the actor's children who are in a group now, or almost: of others nobody reads.
func (s *Service) Subjects(ctx context.Context) ([]Subject, error) {
	var list []Subject
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if actor.From(ctx).Role != actor.Parent {
			return fault.NotFound()
		}
		own, err := children.Own(ctx, tx)
		if err != nil {
			return err
		}
		groups, err := children.GroupsByChild(ctx, tx, children.IDsOf(own)...)
		if err != nil {
			return err
		}
		for _, child := range own {
			if in := groups[child.ID]; len(in) > 0 {
				list = append(list, Subject{child, in})
			}
		}
		return nil
	})
	return list, err
}

// Write begins a conversation of the actor, a guardian, about their child. Nobody else of the child's guardians is in it. It goes
// out after UndoWithin.
func (s *Service) Write(ctx context.Context, draft Draft) (thread ids.ID, err error) {
	if err := draft.Check(); err != nil {
		return ids.Nil, err
	}
	err = s.once(ctx, draft.FormKey, formkey.Hash(draft.ChildID.String(), draft.GroupID.String(), strconv.FormatBool(draft.ToManagement), draft.Subject, draft.Body, strings.Join(ids.Texts(draft.Attachments), " ")), &thread, func(ctx context.Context, tx tenants.Writer) error {
		if actor.From(ctx).Role != actor.Parent {
			return fault.NotFound()
		}
		about, err := children.MustSee(ctx, tx, []ids.ID{draft.ChildID})
		if err != nil {
			return err
		}
		group, err := groupFor(ctx, tx, about[0], draft)
		if err != nil {
			return err
		}
		t := &Thread{TenantID: tx.Tenant().ID, ID: thread, ChildID: draft.ChildID, GroupID: group.ID, Subject: draft.Subject,
			StartedBy: actor.From(ctx).PersonID, CreatedAt: tx.Now(), MovedAt: tx.Now()}
		detail := map[string]any{"child": t.ChildID, "group": group.ID}
		if draft.ToManagement {
			t.GroupID, t.LocationID = ids.Nil, group.LocationID
			detail = map[string]any{"child": t.ChildID, "location": group.LocationID}
		}
		if err := insertThread(ctx, tx, t, t.StartedBy); err != nil {
			return err
		}
		if draft.ToManagement {
			if err := mustBeRead(ctx, tx, t); err != nil {
				return err
			}
		}
		return s.put(ctx, tx, t.ID, draft.Body, draft.Attachments, "messages.write", detail)
	})
	return thread, err
}

// Answer adds a message of the actor to a thread that they see; any other is NotFound. A guardian whose child has left the group
// is told so, and who works here when no guardian sees the thread any more: nobody would read it.
func (s *Service) Answer(ctx context.Context, thread ids.ID, answer Answer) error {
	if err := answer.Check(); err != nil {
		return err
	}
	kept := thread
	return s.once(ctx, answer.FormKey, formkey.Hash(thread.String(), answer.Body, strings.Join(ids.Texts(answer.Attachments), " ")), &kept, func(ctx context.Context, tx tenants.Writer) error {
		h, err := selectHeading(ctx, tx, actor.From(ctx), thread)
		if err != nil {
			return err
		}
		open, err := mayAnswer(ctx, tx, h)
		if err != nil {
			return err
		}
		if !open {
			var problems fault.Fields
			switch {
			case actor.From(ctx).Role == actor.Parent && h.ToManagement():
				problems.Add("body", "messages.error.left_location", map[string]any{"Name": h.ChildName, "Location": h.Location})
			case actor.From(ctx).Role == actor.Parent:
				problems.Add("body", "messages.error.left_group", map[string]any{"Name": h.ChildName, "Group": h.GroupName})
			default:
				problems.Add("body", "messages.error.nobody_left")
			}
			return problems.Err()
		}
		return s.put(ctx, tx, thread, answer.Body, answer.Attachments, "messages.answer", map[string]any{"child": h.ChildID})
	})
}

// mayAnswer tells whether what the actor writes in a thread reaches anybody.
func mayAnswer(ctx context.Context, tx tenants.Reader, h *Heading) (bool, error) {
	if actor.From(ctx).Role != actor.Parent {
		members, err := selectMembers(ctx, tx, h.ID)
		return len(members) > 0, err
	}
	groups, err := children.GroupsByChild(ctx, tx, h.ChildID)
	if err != nil {
		return false, err
	}
	there := slices.ContainsFunc(groups[h.ChildID], func(g children.Group) bool { return g.ID == h.GroupID || g.LocationID == h.LocationID })
	if !there || !h.ToManagement() {
		return there, nil
	}
	_, all, err := leadersOn(ctx, tx, h.ID, h.LocationID)
	return len(all) > 0, err
}

// once carries out a form once. id names what comes of it: an id of its own when it is Nil, and that of the first time the second time.
func (s *Service) once(ctx context.Context, key ids.ID, hash []byte, id *ids.ID, do func(context.Context, tenants.Writer) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		before, done, err := formkey.Once(ctx, tx, key, hash)
		if err != nil {
			return err
		}
		if done {
			*id, _ = ids.Parse(before)
			return nil
		}
		if *id == ids.Nil {
			*id = ids.New()
		}
		if err := do(ctx, tx); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, key, id.String())
	})
}

// put writes a message of the actor into a thread, to go out when it is due.
func (s *Service) put(ctx context.Context, tx tenants.Writer, thread ids.ID, body string, attachments []ids.ID, action string, detail map[string]any) error {
	who := actor.From(ctx)
	author, err := identity.PersonByID(ctx, tx, who.PersonID)
	if err != nil {
		return err
	}
	m := &Message{TenantID: tx.Tenant().ID, ID: ids.New(), ThreadID: thread, AuthorID: author.ID, AuthorName: author.GivenName, AuthorFace: author.Face,
		Side: SideOf(who.Role), Body: body, WrittenAt: tx.Now(), DueAt: tx.Now().Add(UndoWithin)}
	if m.Side == Guardian {
		m.AuthorName = author.Name()
	}
	if err := insertMessage(ctx, tx, m); err != nil {
		return err
	}
	if err := attachTo(ctx, tx, m.ID, ids.Nil, attachments); err != nil {
		return err
	}
	if err := outbox.RecordDue(ctx, tx, Written{MessageID: m.ID}, m.DueAt); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, action, thread, detail); err != nil {
		return err
	}
	return live.Signal(ctx, tx, live.Person(who.PersonID))
}

// Back is what was taken back, to write on.
type Back struct {
	ThreadID ids.ID
	First    bool // it began the conversation, which is not there without it
	Draft    Draft
	Mailing  *Mailing // of a message to many families, all of which it was taken back from; nil for any other
}

// TakeBack keeps a message of the actor from going out, to all families when it was to many. Of somebody else it is NotFound, and once it went out a Conflict.
// Again, it does nothing.
func (s *Service) TakeBack(ctx context.Context, id ids.ID) (*Back, error) {
	var back *Back
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		m, err := lockMessage(ctx, tx, id)
		if err != nil {
			return err
		}
		if !m.By(who) {
			return fault.NotFound()
		}
		if m.TakenBackAt == nil {
			if m.Left(who, tx.Now()) == 0 {
				return fault.New(fault.Conflict, "messages.error.too_late")
			}
			taken, err := markTakenBack(ctx, tx, m)
			if err != nil {
				return err
			}
			if !taken { // of a message to many, one went out already
				return fault.New(fault.Conflict, "messages.error.too_late")
			}
			if err := audit.Record(ctx, tx, "messages.take_back", m.ThreadID, nil); err != nil {
				return err
			}
			if err := live.Signal(ctx, tx, live.Person(who.PersonID)); err != nil {
				return err
			}
		}
		back, err = backOf(ctx, tx, m)
		return err
	})
	return back, err
}

// TakenBack gives what the actor took back lately, for the form in which it is written on; anything else is NotFound.
func (s *Service) TakenBack(ctx context.Context, id ids.ID) (*Back, error) {
	var back *Back
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		m, err := selectMessage(ctx, tx, id)
		if err != nil {
			return err
		}
		if !m.By(actor.From(ctx)) || m.TakenBackAt == nil {
			return fault.NotFound()
		}
		back, err = backOf(ctx, tx, m)
		return err
	})
	return back, err
}

func backOf(ctx context.Context, tx tenants.Reader, m *Message) (*Back, error) {
	t, err := selectThread(ctx, tx, m.ThreadID)
	if err != nil {
		return nil, err
	}
	left, err := anyShown(ctx, tx, actor.From(ctx), t.ID)
	if err != nil {
		return nil, err
	}
	back := &Back{ThreadID: t.ID, First: !left, Draft: Draft{ChildID: t.ChildID, GroupID: t.GroupID, ToManagement: t.LocationID != ids.Nil, Subject: t.Subject, Body: m.Body}}
	attachments, err := selectAttachments(ctx, tx, []Message{*m})
	if err != nil {
		return nil, err
	}
	for _, a := range attachments {
		back.Draft.Attachments = append(back.Draft.Attachments, a.ID)
	}
	if m.MailingID != ids.Nil {
		back.Mailing, err = selectMailing(ctx, tx, m.MailingID)
	}
	return back, err
}

// messagesOfPage is how many messages a page of a thread has.
const messagesOfPage = 60

// Page is a thread with its messages, oldest first.
type Page struct {
	Heading
	Messages []Message
	attached []Attachment
	Earlier  paging.Cursor // zero: these are the first
	Readers  []Reader      // who read it, for who works here
	Open     bool          // what the reader writes is read
	Reading  []Reading     // when, for a guardian; none where nothing is said of it
	// Own tells that who works here reads of their own child: what follows is then not for them.
	Own bool
	// For who works here: what they noted among the messages, who looks after it (nil: nobody), and who can.
	Notes    []Note
	Assignee *Colleague
	Team     []Colleague
	// Templates are answers to begin with.
	Templates []Template
	// For an admin: what withdrawn messages said, by message.
	Withdrawn map[ids.ID]Withdrawal
}

// Newest is the message that went out last, which is not always the one written last: by it a reader says how far they have
// read. Nil for none.
func (p *Page) Newest() ids.ID {
	newest, at := ids.Nil, time.Time{}
	for _, m := range p.Messages {
		if m.ReleasedAt != nil && !m.ReleasedAt.Before(at) {
			newest, at = m.ID, *m.ReleasedAt
		}
	}
	return newest
}

// With gives the attachments of a kind that go with a message of the page.
func (p *Page) With(m *Message, kind Kind) []Attachment {
	var list []Attachment
	for _, a := range p.attached {
		if m.WithdrawnAt != nil && p.Withdrawn == nil {
			break
		}
		if a.Kind == kind && (a.MessageID == m.ID || a.MailingID != ids.Nil && a.MailingID == m.MailingID) {
			list = append(list, a)
		}
	}
	return list
}

// Open gives a thread of which the actor sees something; any other is NotFound.
func (s *Service) Open(ctx context.Context, id ids.ID, before paging.Cursor) (*Page, error) {
	page := &Page{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		who := actor.From(ctx)
		h, err := selectHeading(ctx, tx, who, id)
		if err != nil {
			return err
		}
		page.Heading = *h
		if page.Open, err = mayAnswer(ctx, tx, h); err != nil {
			return err
		}
		if page.Messages, err = selectMessages(ctx, tx, who, id, before, messagesOfPage+1); err != nil {
			return err
		}
		if len(page.Messages) > messagesOfPage {
			page.Messages = page.Messages[:messagesOfPage]
			last := page.Messages[messagesOfPage-1]
			page.Earlier = paging.Cursor{At: last.WrittenAt.UTC(), ID: last.ID}
		}
		if page.attached, err = selectAttachments(ctx, tx, page.Messages); err != nil {
			return err
		}
		switch {
		case who.Role != actor.Parent:
			err = page.readAtWork(ctx, tx, before)
		case !h.ToManagement(): // the hours are those of groups
			page.Reading, err = readingOf(ctx, tx, []ids.ID{h.GroupID})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Reverse(page.Messages)
	return page, nil
}

// readAtWork adds what only who works here gets.
func (p *Page) readAtWork(ctx context.Context, tx tenants.Reader, before paging.Cursor) (err error) {
	if p.Readers, err = selectReaders(ctx, tx, p.ID); err != nil {
		return err
	}
	own, err := guardiansIn(ctx, tx, &p.Heading)
	if err != nil {
		return err
	}
	if p.Own = own[actor.From(ctx).PersonID]; p.Own {
		return nil
	}
	if p.Notes, err = selectNotes(ctx, tx, p.ID, p.Earlier.At, before); err != nil {
		return err
	}
	if p.Assignee, err = selectAssignee(ctx, tx, p.ID); err != nil {
		return err
	}
	if p.Team, err = teamOf(ctx, tx, &p.Heading, own); err != nil {
		return err
	}
	if actor.From(ctx).Role == actor.Admin {
		if p.Withdrawn, err = selectWithdrawals(ctx, tx, p.Messages); err != nil {
			return err
		}
	}
	p.Templates, err = selectTemplates(ctx, tx)
	return err
}

// ThreadOf tells in which thread a message stands. Of a thread that the actor does not see it is NotFound; the message itself may
// have been taken back.
func (s *Service) ThreadOf(ctx context.Context, message ids.ID) (thread ids.ID, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		m, err := selectMessage(ctx, tx, message)
		if err != nil {
			return err
		}
		_, err = selectHeading(ctx, tx, actor.From(ctx), m.ThreadID)
		thread = m.ThreadID
		return err
	})
	return thread, err
}

// Seen notes that the actor has read a thread up to one of its messages, and marks what they were told of it as read. When a
// guardian reads on, the pages of who works in the group look again: they say so.
func (s *Service) Seen(ctx context.Context, thread, message ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		h, err := selectHeading(ctx, tx, who, thread)
		if err != nil {
			return err
		}
		m, err := selectMessage(ctx, tx, message)
		if err != nil {
			return err
		}
		if m.ThreadID != thread || m.ReleasedAt == nil {
			return fault.NotFound()
		}
		further, err := noteReading(ctx, tx, thread, who.PersonID, who.Role != actor.Parent, *m.ReleasedAt)
		if err != nil {
			return err
		}
		if further && who.Role == actor.Parent {
			if err := signal(ctx, tx, h); err != nil {
				return err
			}
		}
		unread, err := unreadUntil(ctx, tx, who, thread, *m.ReleasedAt)
		if err != nil {
			return err
		}
		return notifications.ReadAbout(ctx, tx, append(unread, thread)...) // also that it was given to them
	})
}
