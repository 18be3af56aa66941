package demo

import (
	"context"
	"fmt"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// FillExample fills an organisation that somebody runs with what the demo shows at Kinderopvang Bathmen, and calls kept in the transaction
// in which all of that is kept. One that has children is left alone: platform.ErrHasChildren. It is not the demo: nobody of those who are made up can sign in, and none of their addresses exists, because each is under example, which no mail
// reaches (RFC 2606). Whoever runs the organisation keeps what they chose of its style. Twice changes nothing.
func FillExample(ctx context.Context, deps Deps, tenant tenants.Tenant, kept func(context.Context, tenants.Writer) error) error {
	org := organisations[0]
	org.slug, org.name, org.mailDomain = tenant.Slug, tenant.Name, tenant.Slug+".example"
	s := newSeeder(deps)
	s.example, s.kept = true, kept
	var err error
	unknown, _ := ids.NewToken()
	if s.hash, err = identity.NewHasher().Hash(ctx, unknown); err != nil {
		return err
	}
	if err := s.fill(ctx, org, tenant); err != nil {
		return fmt.Errorf("demo: fill %s as an example: %w", tenant.Slug, err)
	}
	return nil
}

// shutOut gives everybody an account, with a password that nobody knows: who has one is not invited.
func (b *book) shutOut() {
	for i := range b.people {
		if p := &b.people[i]; p.PasswordSetAt == nil {
			p.PasswordHash, p.PasswordSetAt = b.hash, &b.now
		}
	}
}

// onlyInDemo leaves out of an example what belongs to whoever runs it.
func (s *seeder) onlyInDemo(step func() error) error {
	if s.example {
		return nil
	}
	return step()
}
