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
	var days []DayReport
	for _, e := range entries {
		if e.Kind == DayPost {
			days = append(days, DayReport{TenantID: e.TenantID, ID: ids.New(), ChildID: e.Children[0].ID, DayOn: tx.Tenant().DateOf(e.PublishedAt), Body: e.Body,
				Version: 1, WrittenBy: e.AuthorID, WrittenAt: e.PublishedAt, EntryID: e.ID})
		}
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
	if len(days) > 0 {
		if _, err := tx.NewInsert().Model(&days).Exec(ctx); err != nil {
			return fmt.Errorf("diary: insert past day reports: %w", err)
		}
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
	told := make([]notifications.Notification, len(readers))
	var opened []reading
	for i, r := range readers {
		if r.ReadAt != nil {
			opened = append(opened, reading{TenantID: e.TenantID, EntryID: e.ID, PersonID: r.PersonID, ReadAt: *r.ReadAt})
		}
		told[i] = notifications.Notification{TenantID: e.TenantID, EventID: event, PersonID: r.PersonID,
			Audience: notifications.Guardians, Item: e.item(), SubjectID: e.ID, CreatedAt: e.PublishedAt, ReadAt: r.ReadAt}
	}
	if len(opened) > 0 {
		if _, err := tx.NewInsert().Model(&opened).Exec(ctx); err != nil {
			return fmt.Errorf("diary: insert past readings: %w", err)
		}
	}
	return notifications.Recall(ctx, tx, told)
}

// Answer is what somebody did with an entry when they opened it.
type Answer struct {
	EntryID, PersonID ids.ID
	AtWork            bool
	At                time.Time
	Heart             bool
}

// RecallAnswers notes who opened entries and gave them a heart. Nobody is told.
func RecallAnswers(ctx context.Context, tx tenants.Writer, answers []Answer) error {
	var readings []reading
	var hearts []heart
	for _, a := range answers {
		readings = append(readings, reading{TenantID: tx.Tenant().ID, EntryID: a.EntryID, PersonID: a.PersonID, AtWork: a.AtWork, ReadAt: a.At})
		if a.Heart {
			hearts = append(hearts, heart{TenantID: tx.Tenant().ID, EntryID: a.EntryID, PersonID: a.PersonID, GivenAt: a.At})
		}
	}
	if len(readings) > 0 {
		if _, err := tx.NewInsert().Model(&readings).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("diary: insert past readings: %w", err)
		}
	}
	if len(hearts) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&hearts).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("diary: insert past hearts: %w", err)
	}
	// Their authors have heard of it.
	_, err := tx.NewRaw(`UPDATE diary_entry e SET loved_at = coalesce(e.loved_at, h.first), loved_by = h.people
		FROM (SELECT entry_id, min(given_at) AS first, array_agg(person_id ORDER BY given_at) AS people FROM diary_heart WHERE tenant_id = ?0 GROUP BY entry_id) AS h
		WHERE e.tenant_id = ?0 AND e.id = h.entry_id`, tx.Tenant().ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("diary: note past hearts: %w", err)
	}
	return nil
}
