package notifications

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/bounce"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Reason is why somebody was not told: one of bounce.Reason, or one of these.
type Reason = bounce.Reason

// What is not said by the reply of a mail server.
const (
	Away       Reason = "away"   // the mail server, for a day
	DeviceGone Reason = "gone"   // the device takes no more messages
	PushFails  Reason = "push"   // its push service takes this one for wrong
	Ours       Reason = "portal" // a mistake of ours
)

// letterItem is the item of mail about somebody's account, which has no item.
const letterItem = "letter"

// Failure is something that somebody was to be told and was not. It says of which kind it was, and never what was in it.
type Failure struct {
	ID           ids.ID
	PersonID     ids.ID
	PersonName   string
	PersonFace   int
	Guardian     bool   // of a child; else somebody who works here
	Email        string // the address of now
	Channel      string
	Item         string
	Tries        int
	At           time.Time
	Again        bool // it can be sent again
	AddressFails bool // no mail arrives at Email
	LastError    string
}

// Reason tells why.
func (f Failure) Reason() Reason {
	switch {
	case f.LastError == pushGone:
		return DeviceGone
	case f.Channel == PushChannel && strings.HasPrefix(f.LastError, "push: "):
		return PushFails
	case strings.HasSuffix(f.LastError, "failure at connect"):
		return Away
	case strings.HasPrefix(f.LastError, "mail: "), strings.HasPrefix(f.LastError, "bounce:"):
		return bounce.ReasonIn(f.LastError)
	case f.LastError == "identity.error.undeliverable":
		return bounce.Other
	}
	return Ours
}

// FailureFilter is what somebody asks of the list.
type FailureFilter struct {
	Channel string        // MailChannel, PushChannel; empty: both
	Search  string        // in names and addresses
	After   paging.Cursor // zero: from the start
}

// FailurePage is how many failures a page has.
const FailurePage = 50

// Failures is a page of them, newest first.
type Failures struct {
	List   []Failure
	Counts map[string]int // by channel, for the search
	Next   paging.Cursor  // zero: there is nothing after it
}

// Failures lists what did not reach the people whose data the actor keeps.
func (s *Service) Failures(ctx context.Context, f FailureFilter) (*Failures, error) {
	page := &Failures{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if page.Counts, err = countFailures(ctx, tx, actor.From(ctx), f.Search); err != nil {
			return err
		}
		page.List, err = selectFailures(ctx, tx, actor.From(ctx), f, FailurePage+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(page.List) > FailurePage {
		page.List = page.List[:FailurePage]
		last := page.List[FailurePage-1]
		page.Next = paging.Cursor{At: last.At.UTC(), ID: last.ID}
	}
	return page, nil
}

// ItemLabel is the locale key of what a failure was about.
func (s *Service) ItemLabel(item string) string {
	switch {
	case item == letterItem:
		return "notifications.failures.letter"
	case item == tryItem:
		return "notifications.failures.test"
	case s.items[item].Label != "":
		return s.items[item].Label
	}
	return "notifications.failures.unknown"
}

// mostAgain bounds what is sent again at once.
const mostAgain = 500

// Redrive sends again what failed, and tells how many that were: those of list, or for nil all that the filter finds, 500 at most. What
// was sent again by somebody else meanwhile is left as it is. What was noted of the addresses is forgotten: who does this says that they
// work. Before it is sent it is asked again whether it may still be told.
func (s *Service) Redrive(ctx context.Context, list []ids.ID, f FailureFilter) (sent int, err error) {
	if len(list) > mostAgain {
		return 0, fault.New(fault.Invalid, "notifications.failures.too_many")
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		again, err := lockFailures(ctx, tx, actor.From(ctx), list, f, mostAgain)
		if err != nil || len(again) == 0 {
			return err
		}
		var people []ids.ID
		for _, one := range again {
			people = append(people, one.PersonID)
		}
		if err := identity.ForgiveAddresses(ctx, tx, ids.Once(people)...); err != nil {
			return err
		}
		if err := reopen(ctx, tx, again); err != nil {
			return err
		}
		for _, person := range ids.Once(people) {
			n := 0
			for _, one := range people {
				if one == person {
					n++
				}
			}
			if err := audit.Record(ctx, tx, "notifications.redrive", person, map[string]any{"count": n}); err != nil {
				return err
			}
		}
		sent = len(again)
		return outbox.RingRelay(ctx, tx)
	})
	return sent, err
}

// TakeBounce takes in what a mail server says of a mail of the tenant in ctx that came back. It changes nothing for one that we did not
// send to an address that its reader still has. A second report about the same mail changes nothing either.
func (s *Service) TakeBounce(ctx context.Context, m bounce.Mail, report bounce.Report) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		person := m.ID
		if m.Kind == bounce.Delivery {
			var err error
			if person, err = recipientOf(ctx, tx, m.ID); err != nil || person == ids.Nil {
				return err
			}
		}
		contacts, err := identity.Contacts(ctx, tx, []ids.ID{person})
		if err != nil {
			return err
		}
		address := contacts[person].Email
		if address == "" || !s.config.Returns.Proves(m, tx.Tenant().ID, address) {
			return nil
		}
		if m.Kind == bounce.Delivery {
			if err := cameBack(ctx, tx, m.ID, report.String()); err != nil {
				return err
			}
		}
		return identity.NoteAddress(ctx, tx, person, address, report.Reason())
	})
}

// noteRefused notes an address that a mail server refused. The delivery has failed whether this is kept or not.
func (s *Service) noteRefused(ctx context.Context, person ids.ID, address string, refused error) {
	var failure *mail.Failure
	if !errors.As(refused, &failure) || failure.Stage != "recipient" {
		return
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return identity.NoteAddress(ctx, tx, person, address, bounce.ReasonOf(failure.Code, failure.Enhanced))
	})
	if err != nil {
		slog.WarnContext(ctx, "notifications: refused address not noted", "error", err)
	}
}
