package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Example fills organisations that somebody runs with what the demo shows at Kinderopvang Bathmen, unless they have children. It is not
// the demo: nobody of those who are made up can sign in, and none of their addresses exists, because each is under example, which no mail
// reaches (RFC 2606). Whoever runs the organisation keeps what they chose of its style.
//
// Each part is a picture, with everything that shows it. The book is written anew for every part: of one moment it is always the same.
type Example struct{ deps Deps }

var _ platform.Filler = (*Example)(nil)

// NewExample works with deps, of which it needs DB, Store and Images.
func NewExample(deps Deps) *Example { return &Example{deps} }

// Parts is how many pictures there are.
func (*Example) Parts() int { return len(sources()) }

// Picture makes the versions of a picture and stores them for everything that shows it.
func (e *Example) Picture(ctx context.Context, t tenants.Tenant, at time.Time, part int) (json.RawMessage, error) {
	s, ctx := e.seeder(ctx, t)
	if filled, err := s.filled(ctx); err != nil || filled {
		return nil, cmp.Or(err, s.errFilled())
	}
	b, source := bookOf(t, at, ""), sources()[part]
	if !b.shows(source) {
		return json.Marshal(hung{})
	}
	images, err := s.Images()
	if err != nil {
		return nil, err
	}
	made, err := process(ctx, images, source)
	if err != nil {
		return nil, fmt.Errorf("demo: picture %s as an example: %w", t.Slug, err)
	}
	h, err := s.store(ctx, b, source, made)
	if err != nil {
		return nil, fmt.Errorf("demo: picture %s as an example: %w", t.Slug, err)
	}
	return json.Marshal(h)
}

// Keep keeps everything, with pictures that were made before.
func (e *Example) Keep(ctx context.Context, t tenants.Tenant, at time.Time, made []json.RawMessage, kept func(context.Context, tenants.Writer) error) error {
	s, ctx := e.seeder(ctx, t)
	unknown, _ := ids.NewToken()
	hash, err := identity.NewHasher().Hash(ctx, unknown)
	if err != nil {
		return err
	}
	b := bookOf(t, at, hash)
	b.shutOut()
	for _, part := range made {
		var h hung
		if err := json.Unmarshal(part, &h); err != nil {
			return fmt.Errorf("demo: read what was stored of an example: %w", err)
		}
		b.hang(h)
	}
	s.kept = kept
	if err := s.keep(ctx, b); err != nil {
		return fmt.Errorf("demo: fill %s as an example: %w", t.Slug, err)
	}
	return nil
}

func (e *Example) seeder(ctx context.Context, t tenants.Tenant) (*seeder, context.Context) {
	s := newSeeder(e.deps)
	s.example = true
	return s, actor.With(tenants.With(ctx, t), actor.ForSystem(t.ID))
}

// bookOf is the book of an organisation as seen at a moment.
func bookOf(t tenants.Tenant, at time.Time, hash string) *book {
	org := organisations[0]
	org.slug, org.name, org.mailDomain = t.Slug, t.Name, t.Slug+".example"
	return newBook(org, t, at.UTC().Truncate(time.Microsecond), hash)
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
