package invitations

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Service plans and sends invitations. It is safe for concurrent use, in any number of processes.
type Service struct {
	db       *tenants.DB
	accounts *identity.Service
	words    *i18n.Bundle // of the mails; a process that only serves pages may leave it nil
}

// New works on db; accounts sends the mails.
func New(db *tenants.DB, accounts *identity.Service, words *i18n.Bundle) *Service {
	return &Service{db: db, accounts: accounts, words: words}
}

// Subscriptions are the events after which invitations are looked at again, and the mails themselves.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("invitations.plan_families", outbox.Normal, func(ctx context.Context, _ ids.ID, e children.FamilyChanged) error {
			return s.plan(ctx, func(tx tenants.Reader) *bun.RawQuery { return familiesOf(tx, e.ChildIDs) })
		}),
		outbox.On("invitations.settle_activated", outbox.Normal, func(ctx context.Context, _ ids.ID, e identity.AccountActivated) error {
			return s.plan(ctx, only(e.PersonID))
		}),
		outbox.On("invitations.settle_password", outbox.Normal, func(ctx context.Context, _ ids.ID, e identity.PasswordChanged) error {
			return s.plan(ctx, only(e.PersonID))
		}),
		outbox.On("invitations.settle_undeliverable", outbox.Normal, func(ctx context.Context, _ ids.ID, e identity.AddressFailed) error {
			return s.undelivered(ctx, e.PersonID)
		}),
		outbox.On("invitations.renew", outbox.Urgent, func(ctx context.Context, _ ids.ID, e identity.ActivationRenewalAsked) error {
			return s.renew(ctx, e.PersonID)
		}),
		outbox.On("invitations.mail", outbox.Normal, s.mail),
		outbox.On("invitations.invite_staff", outbox.Normal, s.inviteStaff),
		outbox.On("invitations.mail_staff", outbox.Normal, s.mailStaff),
	}
}

func only(person ids.ID) func(tenants.Reader) *bun.RawQuery {
	return func(tx tenants.Reader) *bun.RawQuery { return tx.NewRaw("SELECT ?::uuid", person) }
}

// Sweep looks at every invitation of the organisation and starts the mails that are due. What happened while no process
// ran is caught up with.
func (s *Service) Sweep(ctx context.Context) error {
	if err := s.plan(ctx, nil); err != nil {
		return err
	}
	return s.releaseStaff(ctx)
}

// plan looks at the invitations of the people in scope, or of everybody, and starts the mails that are due.
func (s *Service) plan(ctx context.Context, scope func(tenants.Reader) *bun.RawQuery) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		var people *bun.RawQuery
		if scope != nil {
			people = scope(tx)
		}
		return plan(ctx, tx, people)
	})
	if err != nil {
		return err
	}
	return s.release(ctx)
}

// plan brings the rows in line with families, placements and accounts as they are now. It may run at any time, and a second
// run changes nothing.
func plan(ctx context.Context, tx tenants.Writer, scope *bun.RawQuery) error {
	if err := lock(ctx, tx); err != nil {
		return err
	}
	if scope == nil {
		if err := tenants.ForMany(ctx, tx); err != nil {
			return err
		}
	}
	return bringInLine(ctx, tx, scope)
}

// planOne is plan for one person. Every mail begins with it, and a thousand may be due at the same moment.
func planOne(ctx context.Context, tx tenants.Writer, person ids.ID) error {
	if err := lockOne(ctx, tx, person); err != nil {
		return err
	}
	return bringInLine(ctx, tx, only(person)(tx))
}

func bringInLine(ctx context.Context, tx tenants.Writer, scope *bun.RawQuery) error {
	settings, err := selectSettings(ctx, tx)
	if err != nil {
		return err
	}
	p := newPlanner(tx, settings, scope)
	settled, err := p.settle(ctx)
	if err != nil {
		return err
	}
	calledOff, err := p.callOff(ctx)
	if err != nil {
		return err
	}
	corrected, err := p.giveWay(ctx)
	if err != nil {
		return err
	}
	uninvited, err := p.uninvited(ctx, slices.Clone(calledOff))
	if err != nil {
		return err
	}
	void, err := p.withoutWork(ctx, slices.Concat(uninvited, corrected))
	if err != nil {
		return err
	}
	if err := identity.VoidActivations(ctx, tx, void); err != nil {
		return err
	}
	late, err := p.giveUp(ctx)
	if err != nil {
		return err
	}
	added, err := p.add(ctx)
	if err != nil || settled+late+int64(added+len(calledOff)+len(corrected)) == 0 {
		return err
	}
	return audit.Record(ctx, tx, "invitations.plan", ids.Nil, map[string]any{
		"planned": added, "settled": settled, "called_off": len(calledOff), "corrected": len(corrected), "failed": late})
}

// patience is how long a mail may be under way: a little more than the day for which the ledger tries.
const patience = 26 * time.Hour

// releaseAtOnce is how many guardians are put on their way in one transaction.
const releaseAtOnce = 100

// release starts the mails that are due: one event for each guardian, for all of the guardian's rows that are due. Rows and event are
// kept together, so a process that dies here has started a mail or has not.
func (s *Service) release(ctx context.Context) error {
	for {
		var started int
		err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
			if err := lock(ctx, tx); err != nil {
				return err
			}
			people, err := dueNow(ctx, tx, releaseAtOnce)
			if err != nil {
				return err
			}
			started = len(people)
			for _, person := range people {
				if err := begin(ctx, tx, person, tx.Now(), Planned); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || started < releaseAtOnce {
			return err
		}
	}
}

// begin records the event of a mail and puts the person's rows under it; it is a Conflict when there are none.
func begin(ctx context.Context, tx tenants.Writer, person ids.ID, by time.Time, from ...State) error {
	event := ids.New()
	if err := outbox.RecordAs(ctx, tx, event, MailingDue{PersonID: person}); err != nil {
		return err
	}
	rows, err := start(ctx, tx, person, event, by, from...)
	if err != nil {
		return err
	}
	if rows == 0 {
		return fault.New(fault.Conflict, "invitations.error.nothing_to_send")
	}
	return nil
}

// farAway is after every moment for which something was planned.
var farAway = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// renew sends what was sent before once more, to who came too late for it.
func (s *Service) renew(ctx context.Context, person ids.ID) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := planOne(ctx, tx, person); err != nil {
			return err
		}
		return begin(ctx, tx, person, farAway, Sent, Failed)
	})
	if fault.CodeOf(err) == fault.Conflict { // called off, or a mail is under way; or somebody who works here
		err = s.InviteStaff(ctx, person, "")
	}
	if fault.CodeOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// undelivered gives the invitations of somebody that went to an address at which no mail arrives their end.
func (s *Service) undelivered(ctx context.Context, person ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := lockOne(ctx, tx, person); err != nil {
			return err
		}
		failing, err := identity.AddressProblems(ctx, tx, []ids.ID{person})
		if err != nil {
			return err
		}
		if problem, fails := failing[person]; fails {
			return cameBack(ctx, tx, person, problem.Address)
		}
		return nil
	})
}

// Resend mails the guardian of an invitation now, whether it was still to come, went before or failed: one mail for all of the
// guardian's children. seen is the Line.Seen that was on the screen, or empty. Conflict when there is nothing to invite to
// any more, a mail is under way already, or one went since. NotFound for a child whose file the actor does not keep.
func (s *Service) Resend(ctx context.Context, id ids.ID, seen string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := lock(ctx, tx); err != nil {
			return err
		}
		i, err := selectOne(ctx, tx, actor.From(ctx), id)
		if err != nil {
			return err
		}
		if seen != "" && seen != i.EventID.String() {
			return meanwhile()
		}
		if err := planOne(ctx, tx, i.PersonID); err != nil {
			return err
		}
		if err := begin(ctx, tx, i.PersonID, farAway, Planned, Sent, Failed); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "invitations.resend", i.PersonID, map[string]any{"invitation": id})
	})
}

// meanwhile tells that a mail went since the screen was made that asks for one.
func meanwhile() error { return fault.New(fault.Conflict, "invitations.error.meanwhile") }

// Settings gives the organisation's wishes.
func (s *Service) Settings(ctx context.Context) (wishes Settings, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		wishes, err = selectSettings(ctx, tx)
		return err
	})
	return wishes, err
}

// Choose changes the organisation's wishes, and moves every mail that did not go yet.
func (s *Service) Choose(ctx context.Context, wishes Settings) error {
	if err := wishes.Check(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := saveSettings(ctx, tx, wishes); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, "invitations.choose", ids.Nil, map[string]any{"lead_days": wishes.LeadDays, "sent_from": wishes.SentFrom}); err != nil {
			return err
		}
		return plan(ctx, tx, nil)
	})
	if err != nil {
		return fmt.Errorf("invitations: choose: %w", err)
	}
	return s.release(ctx)
}
