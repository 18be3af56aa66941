package diary

import (
	"context"
	"fmt"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/tenants"
)

// Desk is what staff write at: a group, its children, and what was written last.
type Desk struct {
	Group    *Group
	Children []Pupil
	Entries  []Entry
	Next     paging.Cursor // zero: there is nothing older
}

// Pupil is a child of the group with what staff must know before they share a photo.
type Pupil struct {
	children.Placed
	PhotoConsent bool
}

// Workplace is a group that somebody writes in.
type Workplace = children.Workplace

// Group is where an entry is written.
type Group = children.Group

// Workplaces lists the groups that the actor works with, by location and name.
func (s *Service) Workplaces(ctx context.Context) ([]Workplace, error) {
	return s.children.Workplaces(ctx)
}

// Desk opens the diary of a group that the actor works with.
func (s *Service) Desk(ctx context.Context, groupID ids.ID, after paging.Cursor) (*Desk, error) {
	desk := &Desk{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		group, err := children.MustWorkIn(ctx, tx, groupID)
		if err != nil {
			return err
		}
		desk.Group = group
		if desk.Children, err = pupils(ctx, tx, groupID); err != nil {
			return err
		}
		if desk.Entries, err = selectOfGroup(ctx, tx, groupID, after); err != nil {
			return err
		}
		return narrowToActor(ctx, tx, desk.Entries)
	})
	if err != nil {
		return nil, err
	}
	if len(desk.Entries) > PageSize {
		desk.Entries = desk.Entries[:PageSize]
		desk.Next = desk.Entries[PageSize-1].cursor()
	}
	return desk, nil
}

func pupils(ctx context.Context, tx tenants.Reader, groupID ids.ID) ([]Pupil, error) {
	placed, err := children.InGroup(ctx, tx, groupID)
	if err != nil {
		return nil, err
	}
	childIDs := make([]ids.ID, len(placed))
	for i, child := range placed {
		childIDs[i] = child.ID
	}
	granted, err := consents.Granted(ctx, tx, consents.Photos, childIDs)
	if err != nil {
		return nil, err
	}
	list := make([]Pupil, len(placed))
	for i, child := range placed {
		list[i] = Pupil{Placed: child, PhotoConsent: granted[child.ID]}
	}
	return list, nil
}

// narrowToActor leaves out of an entry who is on it from another group, or has left: the actor need not know of them.
func narrowToActor(ctx context.Context, tx tenants.Reader, entries []Entry) error {
	var about []ids.ID
	for i := range entries {
		about = append(about, childIDs(entries[i].Children)...)
	}
	seen, err := children.SeenBy(ctx, tx, actor.From(ctx), once(about))
	if err != nil {
		return err
	}
	narrow(entries, seen)
	return nil
}

// selectOfGroup gives the entries of a group about a child whom the actor may know of, and the actor's own that wait: the
// same ones that Find finds.
func selectOfGroup(ctx context.Context, tx tenants.Reader, groupID ids.ID, after paging.Cursor) ([]Entry, error) {
	var list []Entry
	who := actor.From(ctx)
	q := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("group_id = ?", groupID).Where("withdrawn_at IS NULL").
		// Not with OR: that would be answered by reading every entry of every child whom the actor may know of.
		Where(`EXISTS (SELECT WHERE entry.waits AND entry.author_id = ?0
			UNION ALL SELECT FROM diary_entry_child c WHERE c.tenant_id = ?1 AND c.entry_id = entry.id AND c.child_id IN (?2))`, who.PersonID, tx.Tenant().ID, children.VisibleTo(tx, who))
	if after.ID != ids.Nil {
		q = q.Where("(published_at, id) < (?, ?)", after.At, after.ID)
	}
	if err := q.Order("published_at DESC", "id DESC").Limit(PageSize + 1).Scan(ctx); err != nil {
		return nil, fmt.Errorf("diary: select of group: %w", err)
	}
	return list, nil
}
