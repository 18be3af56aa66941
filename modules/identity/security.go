package identity

import (
	"context"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Security is how the actor proves who they are.
type Security struct {
	App       bool // an authenticator app is set up
	Passkeys  []Passkey
	CodesLeft int  // recovery codes that were not used
	Required  bool // one of the actor's roles asks for a second factor
}

// Any tells that there is a second factor.
func (s Security) Any() bool { return s.App || len(s.Passkeys) > 0 }

// Last tells that the only factor there is must stay, because a role asks for one.
func (s Security) Last() bool {
	number := len(s.Passkeys)
	if s.App {
		number++
	}
	return s.Required && number == 1
}

// Security tells how the actor proves who they are.
func (s *Service) Security(ctx context.Context) (Security, error) {
	var list Security
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		who := actor.From(ctx)
		f, err := factorsOf(ctx, tx, who.PersonID)
		if err != nil {
			return err
		}
		list.App, list.CodesLeft = f.App, f.CodesLeft
		if list.Passkeys, err = passkeysOf(ctx, tx, who.PersonID); err != nil {
			return err
		}
		list.Required, err = mustHaveFactor(ctx, tx, who.PersonID)
		return err
	})
	return list, err
}

// mustHaveFactor tells whether a role that somebody has today asks for a second factor.
func mustHaveFactor(ctx context.Context, tx tenants.Reader, person ids.ID) (bool, error) {
	roles, err := membershipsOf(ctx, tx, person)
	if err != nil {
		return false, err
	}
	for _, m := range roles {
		if actsAs(tx.Tenant().SignIn, m.RoleName, false) == actor.Enrolling {
			return true, nil
		}
	}
	return false, nil
}
