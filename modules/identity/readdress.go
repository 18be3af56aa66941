package identity

import (
	"context"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// EmailSet says that somebody else, ByID, gave a person who has an account another mail address or none. The addresses are in the row.
type EmailSet struct {
	ChangeID ids.ID `json:"change_id"`
	ByID     ids.ID `json:"by_id"`
}

// EventName is the name in the ledger.
func (EmailSet) EventName() string { return "identity.email_set" }

// mayReaddress refuses to give p another address without a fresh proof, to do so with one's own, which both mailboxes confirm, and
// to leave whoever works here without one: the last admin could not be helped by anybody.
func mayReaddress(ctx context.Context, tx tenants.Writer, p *Person, email string) error {
	if err := MustBeFresh(ctx, tx); err != nil {
		return err
	}
	if p.ID == actor.From(ctx).PersonID {
		return oneProblem("email", "identity.error.own_email")
	}
	if email != "" {
		return nil
	}
	works, err := Works(ctx, tx, p.ID)
	if err == nil && works {
		return oneProblem("email", "identity.error.email_needed")
	}
	return err
}

// readdressed lets nobody confirm what was asked for at the old address, and tells it that it is not the address of the
// account any more. It gets no link to take that back: a wrong address is corrected in this way, and is a stranger's.
func readdressed(ctx context.Context, tx tenants.Writer, p *Person, old string) error {
	if err := dropEmailChanges(ctx, tx, p.ID, ids.Nil); err != nil {
		return err
	}
	if p.PasswordHash == "" {
		works, err := Works(ctx, tx, p.ID)
		if err != nil || !works {
			return err
		}
		return outbox.Record(ctx, tx, StaffJoined{PersonIDs: []ids.ID{p.ID}}) // whoever has no account is invited at this address
	}
	if old == "" {
		return nil
	}
	now := tx.Now()
	c := &emailChange{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: p.ID, OldEmail: old, NewEmail: p.Email, CreatedAt: now, ExpiresAt: now, ConfirmedAt: &now, UndoneAt: &now}
	if err := insertEmailChange(ctx, tx, c); err != nil {
		return err
	}
	return outbox.Record(ctx, tx, EmailSet{ChangeID: c.ID, ByID: actor.From(ctx).PersonID})
}

func (s *Service) mailEmailSet(ctx context.Context, event ids.ID, e EmailSet) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	var to *Person
	var c *emailChange
	who := tenant.Name
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if c, err = getEmailChange(ctx, tx, e.ChangeID); err != nil {
			return err
		}
		if to, err = getPerson(ctx, tx, c.PersonID); err != nil {
			return err
		}
		names, err := Names(ctx, tx, []ids.ID{e.ByID})
		if name := names[e.ByID]; name != "" {
			who = name
		}
		return err
	})
	if fault.CodeOf(err) == fault.Gone {
		return nil // forgotten since
	}
	if err != nil {
		return err
	}
	to.Email = c.OldEmail
	words, at := s.config.Words.For(to.Language), c.CreatedAt.In(tenant.Location())
	return s.send(ctx, event, to, "email_set", "/inloggen", "Who", who, "Day", words.LongDate(at), "Time", words.Time(at))
}
