// Package accesses keeps who opened what of a child, so that its guardians can see that (inzage).
//
// Whoever shows something of a child that counts calls Record, or Service.Note, before it does: what cannot be noted is not shown.
package accesses

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// What somebody opened.
type What string

// What is opened of a child. The schema has the same.
const (
	File     What = "file"     // the file in the console; the object is the child
	Photo    What = "photo"    // a photo over the whole screen; the object is the photo
	Download What = "download" // a photo in full size as a file; the object is the photo
	Photos   What = "photos"   // photos in one ZIP; the object is what they were chosen by
	Archive  What = "archive"  // everything of the child, taken home; the object is the archive
	Export   What = "export"   // a list from the console that the child is in; the object is the list
	Card     What = "card"     // whom to call and what to know of a child, in the group app; the object is the group
)

// Slot is how long opening the same again is the same access.
const Slot = 15 * time.Minute

// row is one child's part of an access.
type row struct {
	bun.BaseModel `bun:"table:child_access"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	PersonRole    actor.Role
	What          What
	ObjectID      ids.ID `bun:"type:uuid"`
	OpenedAt      time.Time
	Slot          int64
}

// Access is what one person opened of one child at a moment, as its reader may know it.
type Access struct {
	ID       ids.ID
	ChildID  ids.ID
	PersonID ids.ID
	// Name is the whole name of who works here, the given name of a guardian of the child, and empty for somebody of whom
	// the reader may only know that they are a parent of another child on the same photo.
	Name     string
	Role     actor.Role
	Tie      children.Kind // of a guardian of the child; empty for others
	What     What
	ObjectID ids.ID
	At       time.Time
	Own      bool // it was the reader
}

// Filter is what a reader asks for.
type Filter struct {
	ChildID ids.ID        // Nil: every child of the reader
	After   paging.Cursor // zero: from the newest
}

// PageSize is how many accesses a page has.
const PageSize = 60

// List is a page of accesses, newest first.
type List struct {
	Children []children.Named // of the reader, by name
	Accesses []Access
	Next     paging.Cursor // zero: there is nothing older
}

// Each gives who opened what, until a moment, of a child of whom the actor, a guardian, may know, newest first and as the actor
// may know it.
func Each(ctx context.Context, tx tenants.Reader, childID ids.ID, until time.Time, give func(Access) error) error {
	who := actor.From(ctx)
	if _, err := children.MustSee(ctx, tx, []ids.ID{childID}); err != nil {
		return err
	}
	for after := (paging.Cursor{}); ; {
		page, err := selectNewest(ctx, tx, []ids.ID{childID}, after, eachTime)
		if err != nil {
			return err
		}
		for _, a := range page {
			if a.At.After(until) {
				continue
			}
			a.narrow(who)
			if err := give(a); err != nil {
				return err
			}
		}
		if len(page) < eachTime {
			return nil
		}
		last := page[len(page)-1]
		after = paging.Cursor{At: last.At.UTC(), ID: last.ID}
	}
}

// eachTime is how many accesses Each reads at once.
const eachTime = 500

// ChildOf gives a child of the list by its id.
func (l *List) ChildOf(id ids.ID) children.Named {
	for _, child := range l.Children {
		if child.ID == id {
			return child
		}
	}
	return children.Named{}
}

// Service reads who opened what, and notes it for who has no transaction open.
type Service struct{ db *tenants.DB }

// New works on db.
func New(db *tenants.DB) *Service { return &Service{db: db} }

// Record notes within tx that the actor opens something of the children, in one statement. object is what it is: opened again by
// the same person within Slot, nothing is added. The caller has asked whether the actor may, and shows nothing when this fails.
func Record(ctx context.Context, tx tenants.Writer, childIDs []ids.ID, what What, object ids.ID) error {
	who := actor.From(ctx)
	if len(childIDs) == 0 {
		return nil
	}
	rows := make([]row, len(childIDs))
	for i, child := range childIDs {
		rows[i] = row{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: child, PersonID: who.PersonID, PersonRole: who.Role,
			What: what, ObjectID: object, OpenedAt: tx.Now(), Slot: tx.Now().Unix() / int64(Slot.Seconds())}
	}
	return insert(ctx, tx, rows)
}

// Note is Record in a transaction of its own. A visit of the platform is no access of somebody of the organisation: its pages stand in
// the audit log.
func (s *Service) Note(ctx context.Context, childIDs []ids.ID, what What, object ids.ID) error {
	if tenants.IsReadOnly(ctx) {
		return nil
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return Record(ctx, tx, childIDs, what, object) })
}

// Own lists who opened what of the actor's children, whose guardian the actor is at this moment by a tie that gives a right to
// information. A child that is not theirs is NotFound.
func (s *Service) Own(ctx context.Context, f Filter) (*List, error) {
	l := &List{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		who := actor.From(ctx)
		if who.Role != actor.Parent {
			return fault.NotFound()
		}
		if l.Children, err = selectNamed(ctx, tx, children.VisibleTo(tx, who)); err != nil {
			return err
		}
		return l.read(ctx, tx, f)
	})
	return l, err
}

// OfChild lists who opened what of a child whose file the actor keeps. Of another it is NotFound.
func (s *Service) OfChild(ctx context.Context, f Filter) (*List, error) {
	l := &List{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if l.Children, err = selectNamed(ctx, tx, children.ManagedBy(tx, actor.From(ctx)), f.ChildID); err != nil {
			return err
		}
		return l.read(ctx, tx, f)
	})
	return l, err
}

// read fills the page with what was opened of the children of the list, or of the one that is asked for.
func (l *List) read(ctx context.Context, tx tenants.Reader, f Filter) error {
	about := make([]ids.ID, 0, len(l.Children))
	for _, child := range l.Children {
		if f.ChildID == ids.Nil || f.ChildID == child.ID {
			about = append(about, child.ID)
		}
	}
	if len(about) == 0 && (f.ChildID != ids.Nil || actor.From(ctx).Role != actor.Parent) {
		return fault.NotFound()
	}
	var err error
	if l.Accesses, err = selectNewest(ctx, tx, about, f.After, PageSize+1); err != nil {
		return err
	}
	if len(l.Accesses) > PageSize {
		l.Accesses = l.Accesses[:PageSize]
		last := l.Accesses[PageSize-1]
		l.Next = paging.Cursor{At: last.At.UTC(), ID: last.ID}
	}
	who := actor.From(ctx)
	for i := range l.Accesses {
		l.Accesses[i].narrow(who)
	}
	return nil
}

// narrow leaves what the reader may know: a guardian learns of nobody else's parents.
func (a *Access) narrow(who actor.Actor) {
	a.Own = a.PersonID == who.PersonID
	if who.Role == actor.Parent && a.Role == actor.Parent && a.Tie == "" && !a.Own {
		a.Name, a.PersonID = "", ids.Nil
	}
}
