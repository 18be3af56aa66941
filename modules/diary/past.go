package diary

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

// Recall keeps entries that were written elsewhere, or long ago, within tx. Nobody is told of them; photos are added to
// them by the album.
func Recall(ctx context.Context, tx tenants.Writer, entries []Entry) error {
	var rows []entryChild
	for _, e := range entries {
		for _, child := range e.Children {
			rows = append(rows, entryChild{TenantID: e.TenantID, ChildID: child.ID, PublishedAt: e.PublishedAt, EntryID: e.ID, FromHome: e.FromHome})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&entries).Exec(ctx); err != nil {
		return fmt.Errorf("diary: insert past entries: %w", err)
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("diary: insert children of past entries: %w", err)
	}
	return audit.Record(ctx, tx, "diary.recall", ids.Nil, map[string]any{"entries": len(entries)})
}

// Reader is a guardian who was told of an entry, and when they looked; nil: not yet.
type Reader struct {
	PersonID ids.ID
	ReadAt   *time.Time
}

// RecallNews notes that readers were told of an entry when it was published. No mail goes out.
func RecallNews(ctx context.Context, tx tenants.Writer, e *Entry, readers []Reader) error {
	if len(readers) == 0 {
		return nil
	}
	event, err := outbox.RecordPast(ctx, tx, EntryPublished{EntryID: e.ID}, e.PublishedAt)
	if err != nil {
		return err
	}
	item := entryItem
	if e.Kind == Post {
		item = photoItem
	}
	told := make([]notifications.Notification, len(readers))
	for i, r := range readers {
		told[i] = notifications.Notification{TenantID: e.TenantID, ID: ids.New(), EventID: event, PersonID: r.PersonID,
			Audience: notifications.Guardians, Item: item, SubjectID: e.ID, CreatedAt: e.PublishedAt, ReadAt: r.ReadAt}
	}
	return notifications.Recall(ctx, tx, told)
}
