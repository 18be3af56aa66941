package messages

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Note is what somebody who works here wrote with a conversation for their colleagues. It is no message: no guardian of the child gets
// it, in whatever way and also not as somebody who works here, and no search finds it.
type Note struct {
	bun.BaseModel `bun:"table:message_note,alias:n"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ThreadID      ids.ID `bun:"type:uuid"`
	AuthorID      ids.ID `bun:"type:uuid"`
	AuthorName    string
	AuthorFace    int
	Body          string
	WrittenAt     time.Time
}

// MostNotes is how many notes a conversation has, so that its page ends somewhere.
const MostNotes = 200

// NoteDraft is what somebody wants to note.
type NoteDraft struct {
	FormKey ids.ID
	Body    string
}

// Check tidies the draft and says what is wrong with it.
func (d *NoteDraft) Check() error {
	d.Body = plaintext.Of(d.Body)
	var problems fault.Fields
	switch n := len([]rune(d.Body)); {
	case n == 0:
		problems.Add("note", "messages.error.note_required")
	case n > MaxBody:
		problems.Add("note", "messages.error.body_too_long", map[string]any{"Max": MaxBody})
	}
	return problems.Err()
}

// atWork is selectHeading for who works here, with guardiansIn; for a guardian, and a colleague who is one of this child, no thread is
// there.
func atWork(ctx context.Context, tx tenants.Reader, thread ids.ID) (h *Heading, own map[ids.ID]bool, err error) {
	who := actor.From(ctx)
	if who.Role == actor.Parent {
		return nil, nil, fault.NotFound()
	}
	if h, err = selectHeading(ctx, tx, who, thread); err != nil {
		return nil, nil, err
	}
	if own, err = guardiansIn(ctx, tx, h); err != nil {
		return nil, nil, err
	}
	if own[who.PersonID] {
		return nil, nil, fault.NotFound()
	}
	return h, own, nil
}

// guardiansIn are the guardians of the child of a thread, and who was in it as one. What colleagues keep for each other is not for
// them, also when they work here themselves.
func guardiansIn(ctx context.Context, tx tenants.Reader, h *Heading) (map[ids.ID]bool, error) {
	ties, err := children.Guardians(ctx, tx, []ids.ID{h.ChildID})
	if err != nil {
		return nil, err
	}
	var members []ids.ID
	if err := tx.NewSelect().Model((*Member)(nil)).Column("person_id").Where("tenant_id = ?", tx.Tenant().ID).Where("thread_id = ?", h.ID).Scan(ctx, &members); err != nil {
		return nil, fmt.Errorf("messages: select who is in a thread: %w", err)
	}
	in := make(map[ids.ID]bool, len(ties)+len(members))
	for _, tie := range ties {
		in[tie.PersonID] = true
	}
	for _, member := range members {
		in[member] = true
	}
	return in, nil
}

// Note writes a note of the actor, who works here, with a thread that they see; any other is NotFound.
func (s *Service) Note(ctx context.Context, thread ids.ID, draft NoteDraft) error {
	if err := draft.Check(); err != nil {
		return err
	}
	kept := thread
	return s.once(ctx, draft.FormKey, formkey.Hash("note", thread.String(), draft.Body), &kept, func(ctx context.Context, tx tenants.Writer) error {
		h, _, err := atWork(ctx, tx, thread)
		if err != nil {
			return err
		}
		author, err := identity.PersonByID(ctx, tx, actor.From(ctx).PersonID)
		if err != nil {
			return err
		}
		if err := roomForNote(ctx, tx, thread); err != nil {
			return err
		}
		n := &Note{TenantID: tx.Tenant().ID, ID: ids.New(), ThreadID: thread, AuthorID: author.ID, AuthorName: author.GivenName, AuthorFace: author.Face, Body: draft.Body, WrittenAt: tx.Now()}
		if _, err := tx.NewInsert().Model(n).Exec(ctx); err != nil {
			return fmt.Errorf("messages: insert note: %w", err)
		}
		if err := audit.Record(ctx, tx, "messages.note", thread, map[string]any{"child": h.ChildID}); err != nil {
			return err
		}
		return signal(ctx, tx, h, live.Person(author.ID))
	})
}

// roomForNote says so when a thread has all the notes that it can have.
func roomForNote(ctx context.Context, tx tenants.Writer, thread ids.ID) error {
	if err := tx.Lock(ctx, "notes", thread.String()); err != nil {
		return err
	}
	n, err := tx.NewSelect().Model((*Note)(nil)).Where("n.tenant_id = ?", tx.Tenant().ID).Where("n.thread_id = ?", thread).Count(ctx)
	if err != nil {
		return fmt.Errorf("messages: count notes: %w", err)
	}
	var problems fault.Fields
	if n >= MostNotes {
		problems.Add("note", "messages.error.too_many_notes", map[string]any{"Max": MostNotes})
	}
	return problems.Err()
}

// selectNotes gives the notes among the messages of a page, oldest first: from the first of them on, or from the beginning, and up to
// the page after it.
func selectNotes(ctx context.Context, tx tenants.Reader, thread ids.ID, from time.Time, before paging.Cursor) ([]Note, error) {
	var list []Note
	q := tx.NewSelect().Model(&list).Where("n.tenant_id = ?", tx.Tenant().ID).Where("n.thread_id = ?", thread).Order("n.written_at", "n.id")
	if !from.IsZero() {
		q = q.Where("n.written_at >= ?", from)
	}
	if before.ID != ids.Nil {
		q = q.Where("n.written_at < ?", before.At)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("messages: select notes: %w", err)
	}
	return list, nil
}

// Colleague is somebody who can look after a conversation.
type Colleague struct {
	ID   ids.ID
	Name string
}

// assignedItem is the news that somebody was asked to look after a conversation, and managementAssignedItem that it is one with
// management. Their subject is the thread.
const (
	assignedItem           = "message_assigned"
	managementAssignedItem = "management_assigned"
)

// assignedItems are both, with who is told.
var assignedItems = map[string]notifications.Audience{assignedItem: notifications.Staff, managementAssignedItem: notifications.Management}

// Assigned happens when a conversation is given to another than who gives it.
type Assigned struct {
	ThreadID ids.ID `json:"thread_id"`
	PersonID ids.ID `json:"person_id"`
}

// EventName makes it an outbox.Event.
func (Assigned) EventName() string { return "messages.assigned" }

// Assign gives a thread that the actor sees at work to somebody of its team, who is told; Nil: to nobody. Whoever is not in the team is
// NotFound.
func (s *Service) Assign(ctx context.Context, thread, person ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		h, own, err := atWork(ctx, tx, thread)
		if err != nil {
			return err
		}
		who := actor.From(ctx)
		team, err := teamOf(ctx, tx, h, own)
		if err != nil {
			return err
		}
		if person != ids.Nil && !slices.ContainsFunc(team, func(c Colleague) bool { return c.ID == person }) {
			return fault.NotFound()
		}
		changed, err := saveAssignment(ctx, tx, thread, person)
		if err != nil || !changed {
			return err
		}
		if err := notifications.Settle(ctx, tx, thread); err != nil { // whoever had it is no longer asked
			return err
		}
		if err := audit.Record(ctx, tx, "messages.assign", thread, map[string]any{"to": person}); err != nil {
			return err
		}
		if person != ids.Nil && person != who.PersonID {
			if err := outbox.Record(ctx, tx, Assigned{ThreadID: thread, PersonID: person}); err != nil {
				return err
			}
		}
		return signal(ctx, tx, h, live.Person(who.PersonID))
	})
}

// tellAssignee tells somebody of a conversation that is theirs, if it still is.
func (s *Service) tellAssignee(ctx context.Context, event ids.ID, e Assigned) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		now, err := selectAssignee(ctx, tx, e.ThreadID)
		if err != nil || now == nil || now.ID != e.PersonID {
			return err
		}
		t, err := selectThread(ctx, tx, e.ThreadID)
		if err != nil {
			return err
		}
		item := assignedItem
		if t.LocationID != ids.Nil {
			item = managementAssignedItem
		}
		return s.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: item, SubjectID: e.ThreadID, Recipients: []ids.ID{e.PersonID}, Queue: outbox.Urgent})
	})
}

// describeAssigned says in the list of notifications which conversation it is, to whoever may still read it at work.
func describeAssigned(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error) {
	rule, known := seen[who.Role]
	if !known || who.Role == actor.Parent || who.TenantID != tx.Tenant().ID {
		return nil, nil
	}
	var list []Heading
	err := tx.NewRaw(numbered(`SELECT t.id, t.subject, c.given_name AS child_name FROM `+headingTables+` WHERE t.tenant_id = $1 AND t.id IN ($4) AND `+rule),
		tx.Tenant().ID, who.PersonID, string(tx.Today()), bun.List(subjects)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("messages: describe assigned: %w", err)
	}
	said := make(map[ids.ID]string, len(list))
	for _, h := range list {
		said[h.ID] = i18n.T(ctx, "messages.assigned.told", "Child", h.ChildName, "Subject", cmp.Or(h.Subject, i18n.T(ctx, withdrawnSubject)))
	}
	return said, nil
}

// teamOf gives who can look after a thread: who works in its group, or runs its location, and may know of the child, and the actor, but none
// of own, its guardians; by name.
func teamOf(ctx context.Context, tx tenants.Reader, h *Heading, own map[ids.ID]bool) ([]Colleague, error) {
	people, err := atWorkOn(ctx, tx, h.ID, h.GroupID, h.LocationID)
	if err != nil {
		return nil, err
	}
	people = slices.DeleteFunc(ids.Once(append(people, actor.From(ctx).PersonID)), func(person ids.ID) bool { return own[person] })
	names, err := identity.GivenNames(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	team := make([]Colleague, len(people))
	for i, person := range people {
		team[i] = Colleague{person, names[person]}
	}
	slices.SortFunc(team, func(a, b Colleague) int { return strings.Compare(a.Name+a.ID.String(), b.Name+b.ID.String()) })
	return team, nil
}

// selectAssignee gives who looks after a thread; nil for nobody.
func selectAssignee(ctx context.Context, tx tenants.Reader, thread ids.ID) (*Colleague, error) {
	c := new(Colleague)
	err := tx.NewRaw(`SELECT p.id, p.given_name AS name FROM message_assignment s JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.person_id
		WHERE s.tenant_id = ? AND s.thread_id = ?`, tx.Tenant().ID, thread).Scan(ctx, c)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("messages: select assignee: %w", err)
	}
	return c, nil
}

// saveAssignment keeps who looks after a thread, and tells whether that is another than before.
func saveAssignment(ctx context.Context, tx tenants.Writer, thread, person ids.ID) (bool, error) {
	q := tx.NewRaw(`INSERT INTO message_assignment AS s (tenant_id, thread_id, person_id, assigned_by, assigned_at) VALUES (?0, ?1, ?2, ?3, ?4)
		ON CONFLICT (tenant_id, thread_id) DO UPDATE SET person_id = EXCLUDED.person_id, assigned_by = EXCLUDED.assigned_by, assigned_at = EXCLUDED.assigned_at WHERE s.person_id <> EXCLUDED.person_id`,
		tx.Tenant().ID, thread, person, actor.From(ctx).PersonID, tx.Now())
	if person == ids.Nil {
		q = tx.NewRaw("DELETE FROM message_assignment WHERE tenant_id = ?0 AND thread_id = ?1", tx.Tenant().ID, thread)
	}
	done, err := q.Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("messages: save assignment: %w", err)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}
