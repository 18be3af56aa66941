package diary

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Topics are what the open pages of the actor listen to, by the rights of this moment.
func (s *Service) Topics(ctx context.Context) ([]string, error) {
	who := actor.From(ctx)
	topics := []string{live.Person(who.PersonID)}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		choose, topic := children.GroupsOf, live.Group
		if who.Role == actor.Parent {
			choose, topic = children.VisibleTo, live.Child
		}
		list, err := idsOf(ctx, choose(tx, who))
		for _, id := range list {
			topics = append(topics, topic(id))
		}
		return err
	})
	return topics, err
}

func idsOf(ctx context.Context, q *bun.RawQuery) ([]ids.ID, error) {
	var list []ids.ID
	if err := q.Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("diary: select topics: %w", err)
	}
	return list, nil
}
