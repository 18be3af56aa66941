package locations

import (
	"context"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Proposed happens when another wrote an introduction of somebody, or uploaded a photo of them, that waits for their word.
type Proposed struct {
	PersonID ids.ID `json:"person_id"`
}

// EventName makes it an outbox.Event.
func (Proposed) EventName() string { return "locations.proposed" }

// proposedItem is the news that something waits for somebody's word. Its subject is that person.
const proposedItem = "profile_proposed"

// News tells people of proposals.
type News struct {
	*Service
	notifications *notifications.Service
}

// NewNews makes it, and adds its item to the notifications.
func NewNews(s *Service, n *notifications.Service) *News {
	n.Offer(notifications.Item{Name: proposedItem, For: notifications.Staff, Line: "locations.proposed.line", Path: func(ids.ID) string { return "/overig/profiel" }, Describe: describe})
	return &News{s, n}
}

// Subscriptions are the events that this module hears of.
func (n *News) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("locations.develop", outbox.Media, n.develop),
		outbox.On("locations.delete_objects", outbox.Bulk, n.deleteObjects),
		outbox.On("locations.tell_proposed", outbox.Urgent, n.tellProposed),
	}
}

// tellProposed tells somebody that something waits for their word, if it still does.
func (n *News) tellProposed(ctx context.Context, event ids.ID, e Proposed) error {
	return n.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		waits, err := hasProposal(ctx, tx, e.PersonID)
		if err != nil || !waits {
			return err
		}
		return n.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: proposedItem, SubjectID: e.PersonID, Recipients: []ids.ID{e.PersonID}, Queue: outbox.Urgent})
	})
}

// describe says it to the person alone.
func describe(ctx context.Context, _ tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error) {
	said := map[ids.ID]string{}
	for _, person := range subjects {
		if person == who.PersonID && who.Role != actor.Parent {
			said[person] = i18n.T(ctx, "locations.proposed.line")
		}
	}
	return said, nil
}
