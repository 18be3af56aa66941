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

// ResetTime is how long a link in a mail about a forgotten password works.
const ResetTime = time.Hour

// PasswordResetRequested says that somebody forgot a password. PersonID is ids.Nil when nobody has the address that was
// typed: the row is written all the same, so that known and unknown addresses cost the same work and time.
//
// No token is in it: the handler makes the link when it makes the mail, so that the secret exists in the mail alone and
// the ledger holds nothing that opens an account.
type PasswordResetRequested struct {
	PersonID ids.ID `json:"person_id"`
}

// EventName is the name in the ledger.
func (PasswordResetRequested) EventName() string { return "identity.password_reset_requested" }

// PasswordChanged says that a person has a new password.
type PasswordChanged struct {
	PersonID ids.ID `json:"person_id"`
}

// EventName is the name in the ledger.
func (PasswordChanged) EventName() string { return "identity.password_changed" }

// RequestReset sends a link to the address, if it is somebody's. The answer does not tell whether it is, in words, work or
// time. The same address too often is answered like the others and sends nothing more: the links sent before still work.
func (s *Service) RequestReset(ctx context.Context, typed string, ip netip.Addr) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	email, isAddress := NormalizeEmail(typed)
	if !isAddress {
		var problems fault.Fields
		problems.Add("email", "identity.error.email")
		return problems.Err()
	}
	if err := s.attempt(ctx, resetIP.of(prefix(ip)), resetEverybody.ofSome()); err != nil {
		return err
	}
	if err := s.attempt(ctx, resetAsked.of(email)); err != nil {
		if fault.CodeOf(err) == fault.TooMany {
			return nil
		}
		return err
	}
	found, err := findAccount(ctx, s.db, tenant, email, nil, tenant.DateOf(s.now()))
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return outbox.Record(ctx, tx, PasswordResetRequested{PersonID: found.person})
	})
}

// PeekReset tells whether a link still works, without using it; Gone when not.
func (s *Service) PeekReset(ctx context.Context, token string) error {
	_, _, err := s.linkOwner(ctx, token, passwordReset)
	return err
}

// LeastByLink is how many characters a new password by a link takes, unless every second factor is disowned; Gone as PeekReset.
func (s *Service) LeastByLink(ctx context.Context, token string) (int, error) {
	_, f, err := s.linkOwner(ctx, token, passwordReset)
	return f.leastPassword(), err
}

func (s *Service) linkOwner(ctx context.Context, token, purpose string) (p *Person, f factors, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if p, err = linkOwner(ctx, tx, ids.HashToken(token), purpose); err != nil {
			return err
		}
		f, err = factorsOf(ctx, tx, p.ID)
		return err
	})
	return p, f, err
}

// Reset is a new password by a link from a mail.
type Reset struct {
	Token    string
	Password string
	IP       netip.Addr
	Device   string
	Before   string // this and Browser as in Credentials
	Browser  string
	// Disowned are factors that the reader of the mail has not added: some of AddedLately.
	Disowned []ids.ID
}

// Reset sets a new password, ends every session, spends every open link, and signs in as SignIn does: whoever reads the mail of
// the account gets in, however hard others guess at it, but not past a second factor that was there for longer than DoubtTime. A password against the rules is Invalid at the field password and
// leaves the link unused; a link that is used, old or unknown is Gone. Of many tries at once one succeeds.
func (s *Service) Reset(ctx context.Context, r Reset) (SignedIn, error) {
	return s.setByLink(ctx, r, passwordReset, func(ctx context.Context, tx tenants.Writer, p *Person, c chosen) error {
		if err := disown(ctx, tx, p.ID, r.Disowned); err != nil {
			return err
		}
		return changePasswordOf(ctx, tx, p.ID, c, ids.Nil)
	})
}

// setByLink spends a link of a purpose, lets set keep the hash of the new password, and signs in.
func (s *Service) setByLink(ctx context.Context, r Reset, purpose string, set func(ctx context.Context, tx tenants.Writer, p *Person, c chosen) error) (SignedIn, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return SignedIn{}, tenants.ErrNoTenant
	}
	if err := s.attempt(ctx, resetUsedIP.of(prefix(r.IP))); err != nil {
		return SignedIn{}, err
	}
	owner, f, err := s.linkOwner(ctx, r.Token, purpose)
	if err != nil {
		return SignedIn{}, err
	}
	chosen, err := s.choose(ctx, owner, r.Password, tenant, f)
	if err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		person, err := useLink(ctx, tx, ids.HashToken(r.Token), purpose)
		if err != nil {
			return err
		}
		p, err := lockPerson(ctx, tx, person)
		if err != nil {
			return err
		}
		roles, err := membershipsOf(ctx, tx, person)
		if err != nil {
			return err
		}
		if p.DeactivatedAt != nil || len(roles) == 0 {
			return linkGone()
		}
		if err := set(ctx, tx, p, chosen); err != nil {
			return err
		}
		if err := ForgiveAddresses(ctx, tx, person); err != nil { // the link came by mail
			return err
		}
		in, err = letIn(ctx, tx, p, arrival{device: r.Device, before: r.Before, browser: r.Browser}, false)
		return err
	})
	return in, err
}

// changePasswordOf is setPassword with the news of it, for a password that its owner changed.
func changePasswordOf(ctx context.Context, tx tenants.Writer, person ids.ID, c chosen, keep ids.ID) error {
	if err := setPassword(ctx, tx, person, c, keep); err != nil {
		return err
	}
	return outbox.Record(ctx, tx, PasswordChanged{PersonID: person})
}

// makeLink creates a link for a mail that is about to be sent.
func (s *Service) makeLink(ctx context.Context, person ids.ID) (token string, p *Person, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if p, err = lockPerson(ctx, tx, person); err != nil {
			return err
		}
		roles, err := membershipsOf(ctx, tx, person)
		if err != nil {
			return err
		}
		if p.DeactivatedAt != nil || p.Email == "" || len(roles) == 0 {
			return fault.NotFound()
		}
		var hash []byte
		token, hash = ids.NewToken()
		l := &link{TenantID: tx.Tenant().ID, ID: ids.New(), TokenHash: hash, PersonID: person, Purpose: passwordReset, CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(ResetTime)}
		if err := insertLink(ctx, tx, l); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "identity.make_reset_link", person, nil)
	})
	return token, p, err
}
