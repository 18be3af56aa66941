package notifications

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Subscriptions are the events after which somebody may not know any more of what they were told.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("notifications.settle_unseen", outbox.Urgent, func(ctx context.Context, _ ids.ID, e children.FamilyChanged) error {
			return s.settleUnseen(ctx, e.ChildIDs)
		}),
	}
}

// settleUnseen marks what guardians of the children have not read and no list of theirs shows any more, because a tie was
// blocked or has ended: no bell may count it.
func (s *Service) settleUnseen(ctx context.Context, childIDs []ids.ID) error {
	var people []ids.ID
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		people, err = whoHasUnread(ctx, tx, Guardians, children.Families(tx, childIDs))
		return err
	})
	if err != nil {
		return err
	}
	for _, person := range people {
		who := actor.Actor{TenantID: tenantOf(ctx), PersonID: person, Role: actor.Parent}
		if err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return s.settleFor(ctx, tx, who) }); err != nil {
			return err
		}
	}
	return nil
}

// Settle marks what guardians have not read and no list of theirs shows any more, within the transaction that made it so.
func (s *Service) Settle(ctx context.Context, tx tenants.Writer, people []ids.ID) error {
	for _, person := range people {
		if err := s.settleFor(ctx, tx, actor.Actor{TenantID: tx.Tenant().ID, PersonID: person, Role: actor.Parent}); err != nil {
			return err
		}
	}
	return nil
}

// SettleBut marks what people have not read of an item, but for what still waits: a selection of subject_id and person_id.
func SettleBut(ctx context.Context, tx tenants.Writer, item string, people []ids.ID, waits *bun.RawQuery) error {
	settled, err := markReadBut(ctx, tx, item, people, waits)
	if err != nil || len(settled) == 0 {
		return err
	}
	topics := make([]string, len(settled))
	for i, person := range settled {
		topics[i] = live.Person(person)
	}
	return live.Signal(ctx, tx, topics...)
}

func (s *Service) settleFor(ctx context.Context, tx tenants.Writer, who actor.Actor) error {
	about, err := unreadSubjects(ctx, tx, who)
	if err != nil {
		return err
	}
	settled := false
	for _, item := range slices.Sorted(maps.Keys(about)) { // in one order: two that settle for the same person wait for each other
		subjects := about[item]
		slices.SortFunc(subjects, func(a, b ids.ID) int { return bytes.Compare(a[:], b[:]) })
		describe := s.items[item].Describe
		if describe == nil {
			continue
		}
		said, err := describe(ctx, tx, who, subjects)
		if err != nil {
			return err
		}
		for _, subject := range subjects {
			if said[subject] != "" {
				continue
			}
			some, err := markReadAbout(ctx, tx, who, subject)
			if err != nil {
				return err
			}
			settled = settled || some
		}
	}
	if !settled {
		return nil
	}
	return live.Signal(ctx, tx, live.Person(who.PersonID))
}

func tenantOf(ctx context.Context) ids.ID {
	tenant, _ := tenants.From(ctx)
	return tenant.ID
}
