package messages

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Subscriptions are the events that messages hear of.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("messages.release", outbox.Urgent, s.release),
		outbox.On("messages.tell_assignee", outbox.Urgent, s.tellAssignee),
		outbox.On("messages.develop", outbox.Media, s.develop),
		outbox.On("messages.delete_objects", outbox.Bulk, s.deleteObjects),
	}
}

// release lets a message go out that is due, with the news of it; one that was taken back, or is out already, it leaves. Asked
// too early, by a clock that runs ahead, it fails and is asked again.
func (s *Service) release(ctx context.Context, event ids.ID, e Written) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		m, err := lockMessage(ctx, tx, e.MessageID)
		if fault.CodeOf(err) == fault.Missing {
			return nil // taken back and forgotten
		}
		if err != nil || m.ReleasedAt != nil || m.TakenBackAt != nil {
			return err
		}
		if early := m.DueAt.Sub(tx.Now()); early > 0 {
			return fmt.Errorf("messages: release: asked %s early", early)
		}
		return s.letGo(ctx, tx, event, m)
	})
}

// letGo shows a message to the others and tells them, all or nothing. Event is what the news is unique by.
func (s *Service) letGo(ctx context.Context, tx tenants.Writer, event ids.ID, m *Message) error {
	t, err := selectThread(ctx, tx, m.ThreadID)
	if err != nil {
		return err
	}
	if err := markReleased(ctx, tx, t, m); err != nil {
		return err
	}
	told, err := toldOf(ctx, tx, t, m)
	if err != nil {
		return err
	}
	for _, news := range told {
		news.EventID, news.SubjectID, news.Queue = event, m.ID, outbox.Urgent
		if m.MailingID != ids.Nil { // nobody waits for it
			news.Queue = outbox.Normal
		}
		if err := s.notifications.Notify(ctx, tx, news); err != nil {
			return err
		}
	}
	return signal(ctx, tx, &Heading{ID: t.ID, GroupID: t.GroupID, LocationID: t.LocationID}, live.Person(m.AuthorID))
}

// toldOf gives who is told of a message: the members of the thread who see it, and, of what a guardian wrote, who works in the group and
// may know of the child, or who runs the location.
func toldOf(ctx context.Context, tx tenants.Writer, t *Thread, m *Message) ([]notifications.News, error) {
	members, err := selectMembers(ctx, tx, t.ID)
	if err != nil {
		return nil, err
	}
	if m.Side == Staff {
		return []notifications.News{{Item: notifications.MessageItem, Recipients: members}}, nil
	}
	but := func(person ids.ID) bool { return person == m.AuthorID }
	told := []notifications.News{{Item: notifications.MessageItem, Recipients: slices.DeleteFunc(members, but)}}
	if t.LocationID != ids.Nil {
		first, _, err := leadersOn(ctx, tx, t.ID, t.LocationID)
		return append(told, notifications.News{Item: notifications.ManagementMessageItem, Recipients: first}), err
	}
	colleagues, err := atWorkOn(ctx, tx, t.ID, t.GroupID, ids.Nil)
	return append(told, notifications.News{Item: notifications.GroupMessageItem, Recipients: slices.DeleteFunc(colleagues, but)}), err
}

// atWorkOn gives who sees a thread because they work in its group, or else run its location.
func atWorkOn(ctx context.Context, tx tenants.Reader, thread, group, location ids.ID) ([]ids.ID, error) {
	if location != ids.Nil {
		_, all, err := leadersOn(ctx, tx, thread, location)
		return all, err
	}
	team, err := children.AtWorkIn(ctx, tx, []ids.ID{group})
	if err != nil {
		return nil, err
	}
	return whoSeeOf(ctx, tx, notifications.Staff, thread, team)
}

const (
	lateAfter  = time.Minute
	lateAtOnce = 200
	keepBack   = 24 * time.Hour
)

// Sweep lets go what should be out for a minute, whatever became of its event, forgets what was taken back or uploaded for nothing a day ago, and marks
// what people were told of threads that they are not shown any more. It is for the schedule.
func (s *Service) Sweep(ctx context.Context) error {
	for {
		var late []ids.ID
		err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
			late, err = selectLate(ctx, tx, tx.Now().Add(-lateAfter), lateAtOnce)
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range late {
			if err := s.releaseLate(ctx, id); err != nil {
				return err
			}
		}
		if len(late) < lateAtOnce {
			break
		}
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		before := tx.Now().Add(-keepBack)
		gone, err := deleteForgotten(ctx, tx, before) // first, because they hold what was taken back
		if err != nil {
			return err
		}
		if err := recordRemoved(ctx, tx, gone); err != nil {
			return err
		}
		if err := forgetTakenBack(ctx, tx, before); err != nil {
			return err
		}
		return settleUnseen(ctx, tx)
	})
}

func (s *Service) releaseLate(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		m, err := lockMessage(ctx, tx, id)
		if err != nil || m.ReleasedAt != nil || m.TakenBackAt != nil {
			return err
		}
		event, err := outbox.RecordPast(ctx, tx, Written{MessageID: id}, tx.Now())
		if err != nil {
			return err
		}
		return s.letGo(ctx, tx, event, m)
	})
}
