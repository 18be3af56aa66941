package messages

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// of are the messages m that an attachment a goes with.
const of = `m.tenant_id = a.tenant_id AND (m.id = a.message_id OR m.mailing_id = a.mailing_id)`

// free are the attachments a that go with no message: none yet, or one that was taken back. Of a mailing that reached some families
// before it was withdrawn they stay with those.
const free = `(a.message_id IS NULL AND a.mailing_id IS NULL OR EXISTS (SELECT FROM message m WHERE ` + of + ` AND m.taken_back_at IS NOT NULL) AND ` + reachedNobody + `)`

const reachedNobody = `NOT EXISTS (SELECT FROM message m WHERE ` + of + ` AND m.released_at IS NOT NULL AND m.taken_back_at IS NULL)`

// had are the attachments a that somebody has, per role: their own that goes with no message, and those of messages that they see. Of one that
// was withdrawn an admin has them still, and nobody else. Parameters: 1 tenant, 2 person, 3 today, 4 the attachment.
var had = perRole(func(role actor.Role) string {
	standing := ` AND m.withdrawn_at IS NULL`
	if role == actor.Admin {
		standing = ` AND (m.withdrawn_at IS NULL OR ` + noTie + `)`
	}
	return `SELECT a.storage_key, a.file_name, a.kind, a.bytes FROM message_attachment a WHERE a.tenant_id = $1 AND a.id = $4 AND a.state = 'ready'
		AND (a.uploaded_by = $2 AND ` + free + ` OR EXISTS (SELECT FROM message m JOIN message_thread t ON t.tenant_id = m.tenant_id AND t.id = m.thread_id
			WHERE ` + of + ` AND ` + shown(role) + ` AND ` + seen[role] + standing + `))`
})

func insertAttachment(ctx context.Context, tx tenants.Writer, a *Attachment) error {
	if _, err := tx.NewInsert().Model(a).Exec(ctx); err != nil {
		return fmt.Errorf("messages: insert attachment: %w", err)
	}
	return nil
}

func selectAttachment(ctx context.Context, tx tenants.Reader, id ids.ID) (*Attachment, error) {
	a := new(Attachment)
	err := tx.NewSelect().Model(a).Where("a.tenant_id = ?", tx.Tenant().ID).Where("a.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("messages: find attachment: %w", err)
	}
	return a, nil
}

// selectFree gives what somebody uploaded and goes with no message, in the order of list.
func selectFree(ctx context.Context, tx tenants.Reader, list []ids.ID, by ids.ID) ([]Attachment, error) {
	var found []Attachment
	err := tx.NewSelect().Model(&found).Where("a.tenant_id = ?", tx.Tenant().ID).Where("a.id IN (?)", bun.List(list)).Where("a.uploaded_by = ?", by).Where(free).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("messages: select uploads: %w", err)
	}
	slices.SortFunc(found, func(a, b Attachment) int { return slices.Index(list, a.ID) - slices.Index(list, b.ID) })
	return found, nil
}

// deleteFree deletes somebody's attachment unless it goes with a message, and gives its storage key.
func deleteFree(ctx context.Context, tx tenants.Writer, id, by ids.ID) (keys []string, err error) {
	err = tx.NewRaw(`DELETE FROM message_attachment a WHERE a.tenant_id = ?0 AND a.id = ?1 AND a.uploaded_by = ?2 AND `+free+` RETURNING a.storage_key`,
		tx.Tenant().ID, id, by).Scan(ctx, &keys)
	if err != nil {
		return nil, fmt.Errorf("messages: delete attachment: %w", err)
	}
	return keys, nil
}

// Uploads that go with no message, found by the index of those, and what goes with messages that were taken back, found by those.
const (
	uploadedForNothing = `a.message_id IS NULL AND a.mailing_id IS NULL AND a.created_at < ?1`
	takenBackWith      = `a.id IN (SELECT a.id FROM message m JOIN message_attachment a ON ` + of + ` WHERE m.tenant_id = ?0 AND m.taken_back_at < ?1 AND a.tenant_id = ?0 AND a.created_at < ?1 AND ` + reachedNobody + `)`
)

// deleteForgotten deletes what was uploaded before a moment and is in no message, or in one that was taken back before it as well.
func deleteForgotten(ctx context.Context, tx tenants.Writer, before time.Time) (keys []string, err error) {
	for _, which := range []string{uploadedForNothing, takenBackWith} {
		var some []string
		err := tx.NewRaw(`DELETE FROM message_attachment a WHERE a.tenant_id = ?0 AND `+which+` RETURNING a.storage_key`, tx.Tenant().ID, before).Scan(ctx, &some)
		if err != nil {
			return nil, fmt.Errorf("messages: forget attachments: %w", err)
		}
		keys = append(keys, some...)
	}
	return keys, nil
}

// countUploads tells how many uploads of somebody go with no message.
func countUploads(ctx context.Context, tx tenants.Reader, by ids.ID) (int64, error) {
	n, err := tx.NewSelect().Model((*Attachment)(nil)).Where("a.tenant_id = ?", tx.Tenant().ID).Where("a.message_id IS NULL").Where("a.mailing_id IS NULL").Where("a.uploaded_by = ?", by).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("messages: count uploads: %w", err)
	}
	return n, nil
}

// claim sends an attachment along with a message or a mailing, unless it is somebody else's, goes with another one, or is no picture.
func claim(ctx context.Context, tx tenants.Writer, id, by, message, mailing ids.ID, position int) (bool, error) {
	done, err := tx.NewUpdate().Model((*Attachment)(nil)).Set("message_id = ?", orNull(message)).Set("mailing_id = ?", orNull(mailing)).Set("position = ?", position).
		Where("a.tenant_id = ?", tx.Tenant().ID).Where("a.id = ?", id).Where("a.uploaded_by = ?", by).Where("a.state <> 'refused'").Where(free).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("messages: send attachment along: %w", err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

func orNull(id ids.ID) *ids.ID {
	if id == ids.Nil {
		return nil
	}
	return &id
}

// selectAttachments gives what goes with messages, in order.
func selectAttachments(ctx context.Context, tx tenants.Reader, messages []Message) ([]Attachment, error) {
	var own, mailings []ids.ID
	for i := range messages {
		own = append(own, messages[i].ID)
		if messages[i].MailingID != ids.Nil {
			mailings = append(mailings, messages[i].MailingID)
		}
	}
	if len(own) == 0 {
		return nil, nil
	}
	var list []Attachment
	q := tx.NewSelect().Model(&list).Where("a.tenant_id = ?", tx.Tenant().ID).Order("a.position", "a.id")
	if len(mailings) > 0 {
		q = q.Where("a.message_id IN (?) OR a.mailing_id IN (?)", bun.List(own), bun.List(mailings))
	} else {
		q = q.Where("a.message_id IN (?)", bun.List(own))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("messages: select attachments: %w", err)
	}
	return list, nil
}

// updateDeveloped writes what became of a photo, and tells whether there was one to write it to: it may have been removed, or be done.
func updateDeveloped(ctx context.Context, tx tenants.Writer, a *Attachment) (bool, error) {
	done, err := tx.NewUpdate().Model(a).Column("state", "refusal", "width", "height", "thumbhash").WherePK().Where("a.state = ?", photos.Uploaded).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("messages: finish photo: %w", err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// followers are the topics of everybody who has a message open that went out with an attachment.
func followers(ctx context.Context, tx tenants.Reader, a *Attachment) ([]string, error) {
	var rows []struct {
		ID         ids.ID
		GroupID    ids.ID
		LocationID ids.ID
		PersonID   ids.ID
	}
	err := tx.NewRaw(`SELECT DISTINCT t.id, t.group_id, t.location_id, x.person_id FROM message_attachment a JOIN message m ON `+of+` AND m.released_at IS NOT NULL
		JOIN message_thread t ON t.tenant_id = m.tenant_id AND t.id = m.thread_id JOIN message_thread_member x ON x.tenant_id = t.tenant_id AND x.thread_id = t.id
		WHERE a.tenant_id = ? AND a.id = ?`, tx.Tenant().ID, a.ID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("messages: select who has it open: %w", err)
	}
	topics := []string{live.Person(a.UploadedBy)}
	for _, r := range rows {
		topics = append(topics, live.Person(r.PersonID))
		at, err := topicsAtWork(ctx, tx, &Heading{ID: r.ID, GroupID: r.GroupID, LocationID: r.LocationID})
		if err != nil {
			return nil, err
		}
		topics = append(topics, at...)
	}
	slices.Sort(topics)
	return slices.Compact(topics), nil
}

// selectKeys gives the storage keys of all attachments that are not refused.
func selectKeys(ctx context.Context, tx tenants.Reader) (map[string]bool, error) {
	var list []string
	err := tx.NewSelect().Model((*Attachment)(nil)).Column("storage_key").Where("a.tenant_id = ?", tx.Tenant().ID).Where("a.state <> 'refused'").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("messages: select storage keys: %w", err)
	}
	used := make(map[string]bool, len(list))
	for _, key := range list {
		used[key] = true
	}
	return used, nil
}

// scanFile reads the one row of had; nil when there is none.
func scanFile(into **File) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		if !rows.Next() {
			return nil
		}
		f := new(File)
		err := rows.Scan(&f.key, &f.Name, &f.kind, &f.bytes)
		*into = f
		return err
	}
}
