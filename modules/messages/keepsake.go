package messages

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/keepsake"
	"ouderportaal/tenants"
)

// ConversationsOf makes Service a keepsake.Post: those that the guardian sees as one, whatever role the actor is in.
func (s *Service) ConversationsOf(ctx context.Context, tx tenants.Reader, guardian, child ids.ID, until time.Time) ([]keepsake.Conversation, error) {
	var list []keepsake.Conversation
	err := tx.NewRaw(numbered(`SELECT t.id, t.group_id, coalesce(g.name, '') AS "group", coalesce(lo.name, '') AS location, t.subject, t.created_at
		FROM message_thread t LEFT JOIN care_group g ON g.tenant_id = t.tenant_id AND g.id = t.group_id LEFT JOIN location lo ON lo.tenant_id = t.tenant_id AND lo.id = t.location_id
		WHERE t.tenant_id = $1 AND t.child_id = $4 AND `+seen[actor.Parent]+` ORDER BY t.created_at, t.id`), tx.Tenant().ID, guardian, string(tx.Today()), child).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("messages: select conversations of child: %w", err)
	}
	said := list[:0]
	for _, c := range list {
		err := tx.NewRaw(`SELECT id, author_name AS author, side, body, written_at, released_at AS sent_at FROM message
			WHERE tenant_id = ? AND thread_id = ? AND taken_back_at IS NULL AND withdrawn_at IS NULL AND released_at <= ? ORDER BY written_at, id`, tx.Tenant().ID, c.ID, until).Scan(ctx, &c.Messages)
		if err != nil {
			return nil, fmt.Errorf("messages: select what was sent: %w", err)
		}
		if len(c.Messages) == 0 {
			continue
		}
		if err := attachedTo(ctx, tx, c.Messages); err != nil {
			return nil, err
		}
		if c.Subject == "" {
			c.Subject = i18n.T(ctx, withdrawnSubject)
		}
		said = append(said, c)
	}
	return said, nil
}

// attachedTo adds to messages what goes with them and can be had.
func attachedTo(ctx context.Context, tx tenants.Reader, list []keepsake.Message) error {
	at := make(map[ids.ID]*keepsake.Message, len(list))
	for i := range list {
		at[list[i].ID] = &list[i]
	}
	var rows []struct {
		MessageID, ID ids.ID
		Name          string
		Photo         bool
	}
	err := tx.NewRaw(`SELECT m.id AS message_id, a.id, a.file_name AS name, a.kind = 'photo' AS photo FROM message m
		JOIN message_attachment a ON a.tenant_id = m.tenant_id AND (a.message_id = m.id OR a.mailing_id = m.mailing_id)
		WHERE m.tenant_id = ? AND m.id IN (?) AND a.state = 'ready' ORDER BY a.position, a.id`, tx.Tenant().ID, bun.List(slices.Collect(maps.Keys(at)))).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("messages: select what was sent along: %w", err)
	}
	for _, r := range rows {
		at[r.MessageID].Attached = append(at[r.MessageID].Attached, keepsake.Attached{ID: r.ID, Name: r.Name, Photo: r.Photo})
	}
	return nil
}

// OpenAttached makes Service a keepsake.Post.
func (s *Service) OpenAttached(ctx context.Context, id ids.ID) (io.ReadCloser, error) {
	f, err := s.Download(ctx, id)
	if err != nil {
		return nil, err
	}
	content, _, err := s.Stream(ctx, f, 0, blob.All)
	return content, err
}

// StillSeen counts those of the messages about the child that the guardian sees now, and that were not withdrawn.
func (s *Service) StillSeen(ctx context.Context, tx tenants.Reader, guardian, child ids.ID, messages []ids.ID) (n int, err error) {
	if len(messages) == 0 {
		return 0, nil
	}
	err = tx.NewRaw(numbered(`SELECT count(*) FROM message m JOIN message_thread t ON t.tenant_id = m.tenant_id AND t.id = m.thread_id
		WHERE m.tenant_id = $1 AND m.id IN (?4) AND m.taken_back_at IS NULL AND m.withdrawn_at IS NULL AND t.child_id = $4 AND `+seen[actor.Parent]),
		tx.Tenant().ID, guardian, string(tx.Today()), child, bun.List(messages)).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("messages: count what is seen: %w", err)
	}
	return n, nil
}
