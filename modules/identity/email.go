package identity

import (
	"context"
	"net/netip"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// How long the link to a new address confirms it, and the one to the old address takes it back.
const (
	EmailTime = 24 * time.Hour
	UndoTime  = 7 * 24 * time.Hour
)

// EmailLink is what a link in a mail about a new address does.
type EmailLink int

// The links: one goes to the new address, one to the old.
const (
	ConfirmLink EmailLink = iota
	UndoLink
)

func (l EmailLink) column() string {
	if l == ConfirmLink {
		return "confirm_hashes"
	}
	return "undo_hashes"
}

// EmailChangeRequested says that somebody wants another mail address. The addresses are in the row.
type EmailChangeRequested struct {
	ChangeID ids.ID `json:"change_id"`
}

// EventName is the name in the ledger.
func (EmailChangeRequested) EventName() string { return "identity.email_change_requested" }

// EmailChanged says that somebody has another mail address.
type EmailChanged struct {
	ChangeID ids.ID `json:"change_id"`
	PersonID ids.ID `json:"person_id"`
}

// EventName is the name in the ledger.
func (EmailChanged) EventName() string { return "identity.email_changed" }

// RequestEmail sends a link to the address that the actor, who must be fresh, wants from now on. Whether somebody else has
// that address already is not told: then no mail comes.
func (s *Service) RequestEmail(ctx context.Context, typed string) error {
	who := actor.From(ctx)
	email, ok := NormalizeEmail(typed)
	var problems fault.Fields
	if !ok {
		problems.Add("email", "identity.error.email")
		return problems.Err()
	}
	if err := s.attempt(ctx, emailAsked.of(who.PersonID.String())); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := MustBeFresh(ctx, tx); err != nil {
			return err
		}
		p, err := lockPerson(ctx, tx, who.PersonID)
		if err != nil {
			return err
		}
		if p.Email == email {
			problems.Add("email", "identity.error.email_same")
			return problems.Err()
		}
		c := &emailChange{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: p.ID, SessionID: who.SessionID, OldEmail: p.Email, NewEmail: email,
			CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(EmailTime)}
		if err := insertEmailChange(ctx, tx, c); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, "identity.request_email", p.ID, nil); err != nil {
			return err
		}
		return outbox.Record(ctx, tx, EmailChangeRequested{ChangeID: c.ID})
	})
}

// PeekEmail gives the address that a link would set, without using it; Gone when it does nothing any more.
func (s *Service) PeekEmail(ctx context.Context, link EmailLink, token string) (email string, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		c, err := openEmailChange(ctx, tx, link, ids.HashToken(token))
		if err != nil {
			return err
		}
		if email = c.NewEmail; link == UndoLink {
			email = c.OldEmail
		}
		return nil
	})
	return email, err
}

// UseEmail does what a link says, once, and voids the links about passwords that went to the address of before.
//
// Confirming ends every session but the one that asked for it, and tells the old address. Taking back restores the old
// address whatever happened since, which it makes final, ends every session, voids the password, and removes every factor that was
// set up from a day before the change was asked for: whoever changed the address knew the one and set up the other.
func (s *Service) UseEmail(ctx context.Context, link EmailLink, token string, ip netip.Addr) error {
	if err := s.attempt(ctx, resetUsedIP.of(prefix(ip))); err != nil {
		return err
	}
	hash := ids.HashToken(token)
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		c, err := openEmailChange(ctx, tx, link, hash)
		if err != nil {
			return err
		}
		p, err := lockPerson(ctx, tx, c.PersonID)
		if err != nil {
			return err
		}
		if c, err = openEmailChange(ctx, tx, link, hash); err != nil { // another click was first
			return err
		}
		if link == UndoLink {
			return takeEmailBack(ctx, tx, p, c)
		}
		if p.Email != c.OldEmail || p.DeactivatedAt != nil {
			return linkGone()
		}
		return confirmEmail(ctx, tx, p, c)
	})
}

func confirmEmail(ctx context.Context, tx tenants.Writer, p *Person, c *emailChange) error {
	now := tx.Now()
	c.ConfirmedAt, p.Email = &now, c.NewEmail
	if err := updateEmailChange(ctx, tx, c, "confirmed_at"); err != nil {
		return err
	}
	if err := setEmail(ctx, tx, p, c.SessionID, "email"); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, "identity.change_email", p.ID, nil); err != nil {
		return err
	}
	return outbox.Record(ctx, tx, EmailChanged{ChangeID: c.ID, PersonID: p.ID})
}

func takeEmailBack(ctx context.Context, tx tenants.Writer, p *Person, c *emailChange) error {
	p.Email, p.PasswordHash, p.PasswordShort = c.OldEmail, "", false
	if err := undoEmailChanges(ctx, tx, c); err != nil {
		return err
	}
	if err := setEmail(ctx, tx, p, ids.Nil, "email", "password_hash", "password_short"); err != nil {
		return err
	}
	if err := dropFactorsSince(ctx, tx, p.ID, c.CreatedAt.Add(-tamperTime)); err != nil {
		return err
	}
	return audit.Record(ctx, tx, "identity.undo_email", p.ID, nil)
}

// setEmail writes the address of p; an address that somebody took meanwhile makes the link useless.
func setEmail(ctx context.Context, tx tenants.Writer, p *Person, keep ids.ID, columns ...string) error {
	p.Version++ // an edit that was begun before must not write the old address back
	if err := updatePerson(ctx, tx, p, append(columns, "version")...); err != nil {
		if taken(err) {
			return linkGone()
		}
		return err
	}
	if err := endAll(ctx, tx, p.ID, keep); err != nil {
		return err
	}
	return voidLinks(ctx, tx, p.ID)
}

func (s *Service) mailEmailConfirm(ctx context.Context, event ids.ID, e EmailChangeRequested) error {
	return s.mailEmail(ctx, event, e.ChangeID, ConfirmLink, "email_confirm", "/email/bevestigen/")
}

func (s *Service) mailEmailChanged(ctx context.Context, event ids.ID, e EmailChanged) error {
	return s.mailEmail(ctx, event, e.ChangeID, UndoLink, "email_changed", "/email/terug/")
}

// mailEmail makes a link and sends it; nothing when there is nothing to confirm or to take back any more.
func (s *Service) mailEmail(ctx context.Context, event, change ids.ID, link EmailLink, kind, path string) error {
	token, hash := ids.NewToken()
	var to *Person
	var address string
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		c, err := getEmailChange(ctx, tx, change)
		if err != nil {
			return err
		}
		if to, err = getPerson(ctx, tx, c.PersonID); err != nil {
			return err
		}
		if address = c.OldEmail; link == ConfirmLink {
			address = c.NewEmail
			known, err := emailKnown(ctx, tx, c.NewEmail)
			if err != nil {
				return err
			}
			if known || c.ConfirmedAt != nil || !c.ExpiresAt.After(tx.Now()) {
				return linkGone()
			}
		}
		return addEmailLink(ctx, tx, c.ID, link, hash)
	})
	switch {
	case fault.CodeOf(err) == fault.Gone:
		return nil
	case err != nil:
		return err
	case address == "":
		return nil
	}
	to.Email = address
	return s.send(ctx, event, to, kind, path+token)
}
