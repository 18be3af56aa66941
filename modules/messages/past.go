package messages

import (
	"context"
	"fmt"
	"time"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Conversation is a thread that was written elsewhere, or long ago. All its messages have gone out.
type Conversation struct {
	Thread   Thread
	Guardian ids.ID
	Messages []Message
	Heard    []Heard
	// Withdrawn is what those of Messages said that were withdrawn.
	Withdrawn []Withdrawal
}

// Heard is somebody who was told of the message of a number, and when they read it; nil: not yet.
type Heard struct {
	Message  int
	PersonID ids.ID
	AtWork   bool
	ReadAt   *time.Time
}

// Recall keeps conversations within tx. Nobody is told of them now.
func Recall(ctx context.Context, tx tenants.Writer, list []Conversation) error {
	for i := range list {
		if err := recall(ctx, tx, &list[i]); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		return nil
	}
	return audit.Record(ctx, tx, "messages.recall", ids.Nil, map[string]any{"threads": len(list)})
}

func recall(ctx context.Context, tx tenants.Writer, c *Conversation) error {
	if err := insertThread(ctx, tx, &c.Thread, c.Guardian); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(&c.Messages).Exec(ctx); err != nil {
		return fmt.Errorf("messages: insert past messages: %w", err)
	}
	if len(c.Withdrawn) > 0 {
		if _, err := tx.NewInsert().Model(&c.Withdrawn).Exec(ctx); err != nil {
			return fmt.Errorf("messages: insert past withdrawals: %w", err)
		}
	}
	events := make([]ids.ID, len(c.Messages))
	for i := range c.Messages {
		m := &c.Messages[i]
		if err := insertWords(ctx, tx, &c.Thread, m); err != nil {
			return err
		}
		event, err := outbox.RecordPast(ctx, tx, Written{MessageID: m.ID}, m.WrittenAt)
		if err != nil {
			return err
		}
		events[i] = event
	}
	var news []notifications.Notification
	for _, h := range c.Heard {
		m := &c.Messages[h.Message]
		n := notifications.Notification{TenantID: c.Thread.TenantID, EventID: events[h.Message], PersonID: h.PersonID, Audience: notifications.Guardians,
			Item: itemFor(notifications.Guardians), SubjectID: m.ID, CreatedAt: *m.ReleasedAt, ReadAt: h.ReadAt}
		if h.AtWork {
			n.Audience = notifications.Staff
			if c.Thread.LocationID != ids.Nil {
				n.Audience = notifications.Management
			}
			n.Item = itemFor(n.Audience)
		}
		news = append(news, n)
		if h.ReadAt == nil {
			continue
		}
		if _, err := noteReading(ctx, tx, c.Thread.ID, h.PersonID, h.AtWork, *m.ReleasedAt); err != nil {
			return err
		}
	}
	return notifications.Recall(ctx, tx, news)
}

// RecallHabits keeps within tx when messages are read at locations, and the answers that the organisation gives again and again.
func RecallHabits(ctx context.Context, tx tenants.Writer, hours []Hours, templates []Template) error {
	for _, h := range hours {
		if err := saveHours(ctx, tx, h); err != nil {
			return err
		}
	}
	if len(templates) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&templates).Exec(ctx); err != nil {
		return fmt.Errorf("messages: insert past templates: %w", err)
	}
	return nil
}
