package platform

import (
	"context"
	"errors"
	"strings"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Admins invites the first people of organisations. It works with the app role, like everything that has to do with people.
type Admins struct{ db *tenants.DB }

// NewAdmins makes it.
func NewAdmins(db *tenants.DB) *Admins { return &Admins{db} }

// checkAdmin cleans a draft, and tells what is wrong with it as the first admin of an organisation: they need a mail address.
func checkAdmin(draft *identity.Draft) error {
	err := draft.Check()
	if err == nil && draft.Email == "" {
		var problems fault.Fields
		problems.Add("email", "identity.error.email")
		return problems.Err()
	}
	return err
}

// mustExist refuses a made-up address: nobody would ever get in by it.
func mustExist(t tenants.Tenant, draft identity.Draft) error {
	var problems fault.Fields
	if identity.MadeUp(t, draft.Email) {
		problems.Add("email", "platform.error.made_up")
	}
	return problems.Err()
}

// hasAdmin means that from now on the organisation itself makes its admins.
func hasAdmin() error { return fault.New(fault.Conflict, "platform.error.has_admin") }

// Awaited is nil as long as an organisation waits for its first admin: nobody who is one there has activated their account. After
// that it is a Conflict, or else operators could let themselves in without a visit.
func (a *Admins) Awaited(ctx context.Context, t tenants.Tenant) error {
	return a.db.Read(tenants.With(ctx, t), awaited)
}

func awaited(ctx context.Context, tx tenants.Reader) error {
	had, err := identity.HadAdmin(ctx, tx)
	if err == nil && had {
		err = hasAdmin()
	}
	return err
}

// invite makes somebody an admin of an organisation once first is done, which may refuse; the mail by which they activate their account goes out by
// itself. An address that somebody has there already is Invalid.
func (a *Admins) invite(ctx context.Context, t tenants.Tenant, draft identity.Draft, first func(context.Context, tenants.Writer) error) error {
	who := actor.From(ctx)
	ctx = actor.With(tenants.With(ctx, t), actor.Actor{TenantID: t.ID, PersonID: who.PersonID, Role: actor.Operator, Name: who.Name})
	return a.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := errors.Join(first(ctx, tx), mustExist(t, draft)); err != nil {
			return err
		}
		p, err := identity.Add(ctx, tx, draft)
		if err != nil {
			return err
		}
		if err := identity.Enrol(ctx, tx, p.ID, actor.Admin); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "platform.invite_admin", p.ID, map[string]any{"operator": who.Name})
	})
}

// InviteFirst makes somebody an admin of an organisation that waits for its first one, by the actor, who proves anew who they are by a
// code. Somebody who was invited before stays so: their address may have been wrong.
func (s *Service) InviteFirst(ctx context.Context, admins *Admins, slug string, draft identity.Draft, code string) error {
	who := actor.From(ctx)
	if err := s.attempt(ctx, codeOperator.of(who.PersonID.String())); err != nil {
		return err
	}
	if err := checkAdmin(&draft); err != nil {
		return err
	}
	return s.change(ctx, slug, func(inside context.Context, tx tenants.Writer) error {
		o, err := lockOperator(inside, tx, who.PersonID)
		if err != nil {
			return err
		}
		if err := s.spendCode(inside, tx, o, code); err != nil {
			return err
		}
		if err := logDeed(inside, tx, "platform.invite_admin", nil); err != nil {
			return err
		}
		return admins.invite(ctx, tx.Tenant(), draft, func(ctx context.Context, tx tenants.Writer) error {
			return errors.Join(awaited(ctx, tx), wantExample(ctx, tx))
		}) // as the app role, and before this is kept: nothing is told that was not done
	})
}

// InviteAdmin is InviteFirst without a code and whoever is there already: for an organisation that was made just now, and for the
// command line, where the way in is found again when every admin has gone. An organisation that is an example is filled from then on.
func (s *Service) InviteAdmin(ctx context.Context, admins *Admins, slug string, draft identity.Draft) error {
	if err := checkAdmin(&draft); err != nil {
		return err
	}
	return s.change(ctx, slug, func(inside context.Context, tx tenants.Writer) error {
		if err := logDeed(inside, tx, "platform.invite_admin", nil); err != nil {
			return err
		}
		return admins.invite(ctx, tx.Tenant(), draft, wantExample)
	})
}

// Founding is what is filled in to start an organisation.
type Founding struct {
	Tenant tenants.NewTenant
	Admin  identity.Draft
}

// SlugOf is how an address that was typed is meant: in lower case, without spaces around it.
func SlugOf(typed string) string { return strings.ToLower(strings.TrimSpace(typed)) }

// Free tells whether an organisation can be called slug: Invalid at the field slug when not.
func (s *Service) Free(ctx context.Context, slug string) error { return s.db.Free(ctx, slug) }

// ErrNoAdmin means that an organisation is there, and its first admin is not: inviting them can be tried again.
var ErrNoAdmin = errors.New("platform: the organisation was made and nobody was invited")

// Found makes an organisation and invites its first admin. Everything that is wrong with what was filled in is said at once, and
// nothing is made then.
func (s *Service) Found(ctx context.Context, admins *Admins, f Founding) (tenants.Tenant, error) {
	f.Tenant.Slug = SlugOf(f.Tenant.Slug)
	err := joined(f.Tenant.Check(), checkAdmin(&f.Admin))
	err = joined(err, mustExist(tenants.Tenant{Example: f.Tenant.Example}, f.Admin))
	if tenants.ValidSlug(f.Tenant.Slug) {
		err = joined(err, s.Free(ctx, f.Tenant.Slug))
	}
	if err != nil {
		return tenants.Tenant{}, err
	}
	t, err := s.create(ctx, f.Tenant)
	if err != nil {
		return t, err
	}
	if err := s.InviteAdmin(ctx, admins, t.Slug, f.Admin); err != nil {
		return t, errors.Join(ErrNoAdmin, err)
	}
	return t, nil
}

// CreateOrganisation makes an organisation without anybody in it, for the command line.
func (s *Service) CreateOrganisation(ctx context.Context, n tenants.NewTenant) (tenants.Tenant, error) {
	n.Slug = SlugOf(n.Slug)
	return s.create(ctx, n)
}

func (s *Service) create(ctx context.Context, n tenants.NewTenant) (tenants.Tenant, error) {
	return s.db.CreateWith(ctx, n, func(ctx context.Context, tx tenants.Writer) error { return recordDeed(ctx, tx, "platform.create", nil) })
}

// joined is one fault with the fields of two; an error that is none comes first.
func joined(a, b error) error {
	fa, okA := fault.As(a)
	fb, okB := fault.As(b)
	switch {
	case a == nil || b != nil && !okB:
		return b
	case b == nil || !okA:
		return a
	}
	var problems fault.Fields
	for _, f := range append(fa.Fields, fb.Fields...) {
		problems.Add(f.Name, f.Key, f.Args)
	}
	return problems.Err()
}
