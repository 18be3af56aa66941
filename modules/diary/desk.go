package diary

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/tenants"
)

// Desk is what staff write at: a group, its children, and what was written last.
type Desk struct {
	Group    *Group
	Children []Pupil
	Away     []care.Away // who of them was reported absent, of today and the days ahead
	Entries  []Entry
	Next     paging.Cursor // zero: there is nothing older
}

// Pupil is a child of the group with where it is today, and with what staff must know before they share a photo.
type Pupil struct {
	children.Placed
	PhotoConsent bool
	care.State
}

// Newcomer tells that the child is still to start here and has not come yet: to settle in, some come before their first day.
func (p Pupil) Newcomer() bool { return p.Later && p.ArrivedAt == nil }

// Workplace is a group that somebody writes in.
type Workplace = children.Workplace

// State is where a child is today.
type State = care.State

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
		placed := make([]children.Placed, len(desk.Children))
		for i, child := range desk.Children {
			placed[i] = child.Placed
		}
		if desk.Away, err = care.Aways(ctx, tx, groupID, placed); err != nil {
			return err
		}
		if desk.Entries, err = selectOfGroup(ctx, tx, groupID, desk.Children, after); err != nil {
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
	states, err := care.States(ctx, tx, groupID, childIDs)
	if err != nil {
		return nil, err
	}
	list := make([]Pupil, len(placed))
	for i, child := range placed {
		list[i] = Pupil{Placed: child, PhotoConsent: granted[child.ID], State: states[child.ID]}
	}
	return list, nil
}

// narrowToActor leaves out of an entry who is on it from another group, or has left: the actor need not know of them.
func narrowToActor(ctx context.Context, tx tenants.Reader, entries []Entry) error {
	var about []ids.ID
	for i := range entries {
		about = append(about, children.IDsOf(entries[i].Children)...)
	}
	seen, err := children.SeenBy(ctx, tx, actor.From(ctx), ids.Once(about))
	if err != nil {
		return err
	}
	narrow(entries, seen)
	return nil
}

// selectOfGroup gives the entries of a group about a child whom the actor may know of, the actor's own that wait, and what was
// written at home about the children who are in the group now: the same ones that Find finds.
func selectOfGroup(ctx context.Context, tx tenants.Reader, groupID ids.ID, here []Pupil, after paging.Cursor) ([]Entry, error) {
	var list []Entry
	who := actor.From(ctx)
	before := after.At
	if after.ID == ids.Nil {
		before = farFuture
	}
	in := make([]ids.ID, len(here), len(here)+1)
	for i, child := range here {
		in[i] = child.ID
	}
	in = append(in, ids.Nil) // a list is never empty
	// Not with OR: that would be answered by reading every entry of every child whom the actor may know of.
	page := tx.NewRaw(`SELECT id FROM (
			(SELECT e.published_at, e.id FROM diary_entry e WHERE e.tenant_id = ?0 AND e.group_id = ?1 AND NOT e.from_home AND e.withdrawn_at IS NULL
				AND (e.published_at, e.id) < (?4, ?5)
				AND EXISTS (SELECT WHERE e.waits AND e.author_id = ?2
					UNION ALL SELECT FROM diary_entry_child c WHERE c.tenant_id = ?0 AND c.entry_id = e.id AND c.child_id IN (?3))
				ORDER BY e.published_at DESC, e.id DESC LIMIT ?7)
			UNION ALL
			(SELECT x.published_at, x.entry_id FROM child k CROSS JOIN LATERAL (
					SELECT c.published_at, c.entry_id FROM diary_entry_child c WHERE c.tenant_id = ?0 AND c.child_id = k.id AND c.from_home
						AND (c.published_at, c.entry_id) < (?4, ?5) ORDER BY c.published_at DESC, c.entry_id DESC LIMIT ?7) x
				WHERE k.tenant_id = ?0 AND k.id IN (?6) AND k.id IN (?3) ORDER BY 1 DESC, 2 DESC LIMIT ?7)
			ORDER BY 1 DESC, 2 DESC LIMIT ?7) AS page`,
		tx.Tenant().ID, groupID, who.PersonID, children.VisibleTo(tx, who), before, after.ID, bun.List(in), PageSize+1)
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", page).Order("published_at DESC", "id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("diary: select of group: %w", err)
	}
	return list, nil
}
