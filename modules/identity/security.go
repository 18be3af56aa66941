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
	CodesLeft int  // recovery codes that were not used
	Required  bool // one of the actor's roles asks for a second factor
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
		if actsAs(m.RoleName, false) != m.RoleName {
			return true, nil
		}
	}
	return false, nil
}
