package identity

import (
	"context"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Account is what the actor sees about themselves.
type Account struct {
	Person  *Person
	Role    actor.Role
	Roles   []Membership // all that hold today
	Devices []Device     // last used first
	Failing bool         // no mail arrives at the actor's address
}

// Account gathers the actor's own page.
func (s *Service) Account(ctx context.Context) (Account, error) {
	who := actor.From(ctx)
	a := Account{Role: who.Role}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if a.Person, err = getPerson(ctx, tx, who.PersonID); err != nil {
			return err
		}
		if a.Roles, err = membershipsOf(ctx, tx, who.PersonID); err != nil {
			return err
		}
		if a.Failing, err = ownProblem(ctx, tx); err != nil {
			return err
		}
		a.Devices, err = devicesOf(ctx, tx, who)
		return err
	})
	return a, err
}

// SetLanguage chooses the language of the actor’s pages and mail: one that the organisation offers, or what it is already.
func (s *Service) SetLanguage(ctx context.Context, language string) error {
	tenant, _ := tenants.From(ctx)
	if offered := tenant.Offers(language) || language == actor.From(ctx).Language; !speaks(language) || !offered {
		return fault.New(fault.Invalid, "identity.error.language")
	}
	return s.setPreference(ctx, func(p *Person) { p.Language = language }, "language")
}

// SetAppearance chooses how pages look to the actor.
func (s *Service) SetAppearance(ctx context.Context, appearance Appearance) error {
	for _, known := range Appearances {
		if known == appearance {
			return s.setPreference(ctx, func(p *Person) { p.Appearance = appearance }, "appearance")
		}
	}
	return fault.New(fault.Invalid, "identity.error.appearance")
}

func (s *Service) setPreference(ctx context.Context, set func(*Person), column string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p, err := lockPerson(ctx, tx, actor.From(ctx).PersonID)
		if err != nil {
			return err
		}
		set(p)
		p.Version++ // an edit that was begun before must not write back what was
		return updatePerson(ctx, tx, p, column, "version")
	})
}

// ChangePassword replaces the actor's password. It needs the current one, and a fresh proof of who has a second factor; it ends
// every other session and gives this one a new token. Problems are Invalid at the fields current and password.
func (s *Service) ChangePassword(ctx context.Context, token, currentPassword, password string) (SignedIn, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return SignedIn{}, tenants.ErrNoTenant
	}
	who := actor.From(ctx)
	if err := s.attempt(ctx, changePassword.of(who.PersonID.String())); err != nil {
		return SignedIn{}, err
	}
	var p *Person
	var f factors
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if f, err = mayChangePassword(ctx, tx); err != nil {
			return err
		}
		p, err = getPerson(ctx, tx, who.PersonID)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	if err := s.mustKnow(ctx, p, "current", currentPassword); err != nil {
		return SignedIn{}, err
	}
	chosen, err := s.choose(ctx, p, password, tenant, f)
	if err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		now, err := lockPerson(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if now.PasswordHash != p.PasswordHash {
			return fault.New(fault.Conflict, "error.conflict")
		}
		row, err := lockOwnSession(ctx, tx, token, p.ID)
		if err != nil {
			return err
		}
		if err := changePasswordOf(ctx, tx, p.ID, chosen, row.ID); err != nil {
			return err
		}
		f, err := mayChangePassword(ctx, tx)
		if err != nil {
			return err
		}
		if !f.any() {
			row.ProvedAt = tx.Now()
		}
		in, err = renewAs(ctx, tx, row, p)
		return err
	})
	return in, err
}

// EndOthers signs the actor out everywhere but here.
func (s *Service) EndOthers(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		if err := endAll(ctx, tx, who.PersonID, who.SessionID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "identity.end_other_sessions", who.PersonID, nil)
	})
}

// EndSession signs out one of the actor's devices; another person's is not found.
func (s *Service) EndSession(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := endOne(ctx, tx, actor.From(ctx).PersonID, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "identity.end_session", id, nil)
	})
}
