package messages

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// MaxReason is the longest reason for withdrawing a message, in characters. The schema has the same.
const MaxReason = 500

// Withdrawal is what a message said that went to the wrong people, with who withdrew it, when and why: for admins. The message itself says
// nothing any more, to nobody.
type Withdrawal struct {
	bun.BaseModel   `bun:"table:message_withdrawal,alias:w"`
	TenantID        ids.ID `bun:",pk,type:uuid"`
	MessageID       ids.ID `bun:",pk,type:uuid"`
	Subject         string // of the conversation that it began; empty when it began none
	Body            string
	Reason          string
	WithdrawnBy     ids.ID `bun:"type:uuid"`
	WithdrawnByName string
	WithdrawnAt     time.Time
}

// Withdrawable is a message that the actor may withdraw, as it stands on the page that asks for the reason.
type Withdrawable struct {
	Heading
	Message  Message
	Families int // that it went to
}

// Withdrawing gives a message that the actor, an admin who sees it at work, may withdraw; any other is NotFound, and so is one that was
// withdrawn.
func (s *Service) Withdrawing(ctx context.Context, id ids.ID) (*Withdrawable, error) {
	var w *Withdrawable
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		m, err := selectMessage(ctx, tx, id)
		if err != nil {
			return err
		}
		if w, err = withdrawable(ctx, tx, m); err == nil && m.WithdrawnAt != nil {
			err = fault.NotFound()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

func withdrawable(ctx context.Context, tx tenants.Reader, m *Message) (*Withdrawable, error) {
	if actor.From(ctx).Role != actor.Admin || m.ReleasedAt == nil {
		return nil, fault.NotFound()
	}
	h, _, err := atWork(ctx, tx, m.ThreadID)
	if err != nil {
		return nil, err
	}
	w := &Withdrawable{Heading: *h, Message: *m, Families: 1}
	if m.MailingID != ids.Nil {
		mailing, err := selectMailing(ctx, tx, m.MailingID)
		if err != nil {
			return nil, err
		}
		w.Families = mailing.Families
	}
	return w, nil
}

// Withdraw takes a message away from everybody who has it, and with it all of its mailing: what it said, its files and its words to search
// by, the subject when it began the conversation, and the news of it that was not read or sent. That it was withdrawn they all see. A
// reason must be given; again, it does nothing. Whoever Withdrawing shows nothing to gets NotFound.
func (s *Service) Withdraw(ctx context.Context, id ids.ID, reason string) (thread ids.ID, err error) {
	reason = plaintext.Of(reason)
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		m, err := lockMessage(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := withdrawable(ctx, tx, m); err != nil {
			return err
		}
		thread = m.ThreadID
		if m.WithdrawnAt != nil {
			return nil
		}
		if err := checkReason(reason); err != nil {
			return err
		}
		by, err := identity.PersonByID(ctx, tx, actor.From(ctx).PersonID)
		if err != nil {
			return err
		}
		all, err := lockMailing(ctx, tx, m)
		if err != nil {
			return err
		}
		for i := range all {
			if all[i].ReleasedAt == nil { // it has not reached that family, and will not
				err = takeBackOne(ctx, tx, all[i].ID)
			} else {
				err = withdrawOne(ctx, tx, &all[i], by, reason)
			}
			if err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, "messages.withdraw", m.ThreadID, map[string]any{"message": m.ID, "families": len(all), "reason": reason})
	})
	return thread, err
}

func checkReason(reason string) error {
	var problems fault.Fields
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		problems.Add("reason", "messages.error.reason_required")
	case n > MaxReason:
		problems.Add("reason", "messages.error.reason_too_long", map[string]any{"Max": MaxReason})
	}
	return problems.Err()
}

func withdrawOne(ctx context.Context, tx tenants.Writer, m *Message, by *identity.Person, reason string) error {
	t, err := selectThread(ctx, tx, m.ThreadID)
	if err != nil {
		return err
	}
	w := &Withdrawal{TenantID: m.TenantID, MessageID: m.ID, Body: m.Body, Reason: reason, WithdrawnBy: by.ID, WithdrawnByName: by.Name(), WithdrawnAt: tx.Now()}
	first, err := begins(ctx, tx, m)
	if err != nil {
		return err
	}
	if first {
		w.Subject = t.Subject
	}
	if err := insertWithdrawal(ctx, tx, w); err != nil {
		return err
	}
	if first {
		t.Subject = ""
	}
	if err := forgetWords(ctx, tx, t); err != nil {
		return err
	}
	if err := notifications.Settle(ctx, tx, m.ID); err != nil {
		return err
	}
	members, err := selectMembers(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	topics := []string{live.Person(m.AuthorID)}
	for _, person := range members {
		topics = append(topics, live.Person(person))
	}
	return signal(ctx, tx, &Heading{ID: t.ID, GroupID: t.GroupID, LocationID: t.LocationID}, topics...)
}

// lockMailing gives a message, and all others of its mailing that were not taken back, which nobody else changes until the transaction ends.
func lockMailing(ctx context.Context, tx tenants.Writer, m *Message) ([]Message, error) {
	if m.MailingID == ids.Nil {
		return []Message{*m}, nil
	}
	var list []Message
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", m.TenantID).Where("mailing_id = ?", m.MailingID).Where("taken_back_at IS NULL").Where("withdrawn_at IS NULL").
		Order("id").For("UPDATE").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("messages: lock mailing: %w", err)
	}
	return list, nil
}

func takeBackOne(ctx context.Context, tx tenants.Writer, id ids.ID) error {
	_, err := tx.NewUpdate().Model((*Message)(nil)).Set("taken_back_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("messages: take back: %w", err)
	}
	return nil
}

// begins tells whether a message is the first of its thread.
func begins(ctx context.Context, tx tenants.Reader, m *Message) (bool, error) {
	before, err := tx.NewSelect().Model((*Message)(nil)).Where("tenant_id = ?", m.TenantID).Where("thread_id = ?", m.ThreadID).Where("taken_back_at IS NULL").
		Where("(written_at, id) < (?, ?)", m.WrittenAt, m.ID).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("messages: look what began a thread: %w", err)
	}
	return !before, nil
}

// insertWithdrawal keeps what a message said, and leaves nothing of it in the message and the thread that it began.
func insertWithdrawal(ctx context.Context, tx tenants.Writer, w *Withdrawal) error {
	if _, err := tx.NewInsert().Model(w).Exec(ctx); err != nil {
		return fmt.Errorf("messages: insert withdrawal: %w", err)
	}
	if w.Subject != "" {
		_, err := tx.NewRaw("UPDATE message_thread t SET subject = '' FROM message m WHERE m.tenant_id = ?0 AND m.id = ?1 AND t.tenant_id = m.tenant_id AND t.id = m.thread_id",
			w.TenantID, w.MessageID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("messages: withdraw subject: %w", err)
		}
	}
	_, err := tx.NewUpdate().Model((*Message)(nil)).Set("withdrawn_at = ?", w.WithdrawnAt).Set("body = ''").Where("tenant_id = ?", w.TenantID).Where("id = ?", w.MessageID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("messages: withdraw: %w", err)
	}
	return nil
}

// forgetWords keeps the words of a thread anew, of what was not withdrawn.
func forgetWords(ctx context.Context, tx tenants.Writer, t *Thread) error {
	if _, err := tx.NewRaw("DELETE FROM message_word WHERE tenant_id = ? AND thread_id = ?", t.TenantID, t.ID).Exec(ctx); err != nil {
		return fmt.Errorf("messages: forget words: %w", err)
	}
	var rest []Message
	err := tx.NewSelect().Model(&rest).Where("tenant_id = ?", t.TenantID).Where("thread_id = ?", t.ID).Where("released_at IS NOT NULL").Where("withdrawn_at IS NULL").Scan(ctx)
	if err != nil {
		return fmt.Errorf("messages: select what is left: %w", err)
	}
	for i := range rest {
		if err := insertWords(ctx, tx, t, &rest[i]); err != nil {
			return err
		}
	}
	return nil
}

// selectWithdrawals gives what the withdrawn ones among messages said, by message.
func selectWithdrawals(ctx context.Context, tx tenants.Reader, messages []Message) (map[ids.ID]Withdrawal, error) {
	var gone []ids.ID
	for i := range messages {
		if messages[i].WithdrawnAt != nil {
			gone = append(gone, messages[i].ID)
		}
	}
	if len(gone) == 0 {
		return nil, nil
	}
	var list []Withdrawal
	if err := tx.NewSelect().Model(&list).Where("w.tenant_id = ?", tx.Tenant().ID).Where("w.message_id IN (?)", bun.List(gone)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("messages: select withdrawals: %w", err)
	}
	said := make(map[ids.ID]Withdrawal, len(list))
	for _, w := range list {
		said[w.MessageID] = w
	}
	return said, nil
}
