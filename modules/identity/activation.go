package identity

import (
	"context"
	"net/netip"
	"time"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// AccountActivated says that a person chose a first password by the link of an invitation.
type AccountActivated struct {
	PersonID ids.ID `json:"person_id"`
}

// EventName is the name in the ledger.
func (AccountActivated) EventName() string { return "identity.account_activated" }

// ActivationRenewalAsked says that somebody who opened a link too late wants a new one. It names whose link it was.
type ActivationRenewalAsked struct {
	PersonID ids.ID `json:"person_id"`
}

// EventName is the name in the ledger.
func (ActivationRenewalAsked) EventName() string { return "identity.activation_renewal_asked" }

// Newcomer is the owner of a link to activate an account, as far as who has the link may know.
type Newcomer struct {
	GivenName string
	Email     string // the user name
	Fate      LinkFate
	// Newer tells when a newer link went out that still works; zero when none did. NewerTo is where it went: empty when this
	// link was withdrawn, for it may have gone to somebody else's address.
	Newer   time.Time
	NewerTo string
}

// LinkFate is what has become of a link.
type LinkFate string

// The fates. A link to an account that is active already, by whatever way, is Spent; who never had one is Fresh or Expired.
const (
	Fresh   LinkFate = "fresh"
	Expired LinkFate = "expired"
	Spent   LinkFate = "spent"
)

// MakeActivation makes a link by which a person without a password chooses one, for a mail that is about to be sent. The
// token is nowhere but in what is returned. NotFound for who cannot use one: deactivated, without a role today or an address, or
// with a password already.
func MakeActivation(ctx context.Context, tx tenants.Writer, person ids.ID, lasts time.Duration) (token string, p *Person, err error) {
	if p, err = lockPerson(ctx, tx, person); err != nil {
		return "", nil, err
	}
	roles, err := membershipsOf(ctx, tx, person)
	if err != nil {
		return "", nil, err
	}
	if p.DeactivatedAt != nil || p.Email == "" || p.PasswordHash != "" || len(roles) == 0 {
		return "", nil, fault.NotFound()
	}
	token, hash := ids.NewToken()
	l := &link{TenantID: tx.Tenant().ID, ID: ids.New(), TokenHash: hash, PersonID: person, Purpose: activation, CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(lasts)}
	if err := insertLink(ctx, tx, l); err != nil {
		return "", nil, err
	}
	return token, p, audit.Record(ctx, tx, "identity.make_activation_link", person, nil)
}

// VoidActivations spends the open links of people who must not activate an account by them any more: their address was
// wrong, or what they were invited to was called off.
func VoidActivations(ctx context.Context, tx tenants.Writer, people []ids.ID) error {
	if len(people) == 0 {
		return nil
	}
	return voidActivations(ctx, tx, people)
}

// PeekActivation tells whose link it is and what has become of it, without using it; Gone for a link that nobody made.
func (s *Service) PeekActivation(ctx context.Context, token string) (n Newcomer, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		l, p, err := activationOf(ctx, tx, ids.HashToken(token))
		if err != nil {
			return err
		}
		n = Newcomer{GivenName: p.GivenName, Email: p.Email, Fate: l.fate(p, tx.Now())}
		if n.Fate != Expired {
			return nil
		}
		if n.Newer, err = newerActivation(ctx, tx, l); err != nil || n.Newer.IsZero() || l.UsedAt != nil {
			return err
		}
		n.NewerTo = p.Email
		return nil
	})
	return n, err
}

func (l *link) fate(p *Person, now time.Time) LinkFate {
	switch {
	case p.PasswordHash != "", p.DeactivatedAt != nil:
		return Spent
	case l.UsedAt != nil, !l.ExpiresAt.After(now): // called off, or too late: a new link may be asked for
		return Expired
	}
	return Fresh
}

// ActivateAccount sets a first password and signs in. A password against the rules is Invalid at the field password and leaves
// the link unused; a link that is used, old or unknown is Gone. Of many tries at once one succeeds.
func (s *Service) ActivateAccount(ctx context.Context, r Reset) (SignedIn, error) {
	return s.setByLink(ctx, r, activation, func(ctx context.Context, tx tenants.Writer, p *Person, c chosen) error {
		if p.PasswordHash != "" {
			return linkGone()
		}
		if err := setPassword(ctx, tx, p.ID, c, ids.Nil); err != nil {
			return err
		}
		return outbox.Record(ctx, tx, AccountActivated{PersonID: p.ID})
	})
}

// RenewActivation asks for a new mail to the address of whose link came too late. The answer is the same whether one is
// sent: nothing goes out for an account that is active, nor too often.
func (s *Service) RenewActivation(ctx context.Context, token string, ip netip.Addr) error {
	if err := s.attempt(ctx, resetIP.of(prefix(ip)), resetEverybody.ofSome()); err != nil {
		return err
	}
	var p *Person
	var fate LinkFate
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		l, owner, err := activationOf(ctx, tx, ids.HashToken(token))
		if err != nil {
			return err
		}
		p, fate = owner, l.fate(owner, tx.Now())
		return nil
	})
	if err != nil {
		return err
	}
	if fate == Spent {
		return nil
	}
	if err := s.attempt(ctx, resetAsked.of(p.Email)); err != nil {
		if fault.CodeOf(err) == fault.TooMany {
			return nil
		}
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return outbox.Record(ctx, tx, ActivationRenewalAsked{PersonID: p.ID})
	})
}
