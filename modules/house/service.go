package house

import (
	"context"
	"fmt"
	"reflect"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Service is what can be done with what an organisation decides of its portal.
type Service struct {
	db        *tenants.DB
	directory *tenants.Directory
	features  []tenants.Feature
}

// New works on db. directory is told at once of what changes in it; features are what can be switched off, in the order of lists.
func New(db *tenants.DB, directory *tenants.Directory, features []tenants.Feature) *Service {
	return &Service{db, directory, features}
}

// historyLength is how many versions are offered to go back to.
const historyLength = 12

// Styles gives the versions of the house style, newest first, each with the name of who made it. There is always one.
func (s *Service) Styles(ctx context.Context) ([]Style, error) {
	var list []Style
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if list, err = newestStyles(ctx, tx, historyLength); err != nil {
			return err
		}
		if len(list) == 0 {
			list = []Style{*beginning(tx.Tenant())}
		}
		people := make([]ids.ID, len(list))
		for i := range list {
			people[i] = list[i].ChangedBy
		}
		names, err := identity.Names(ctx, tx, people)
		for i := range list {
			list[i].By = names[list[i].ChangedBy]
		}
		return err
	})
	return list, err
}

// Restyle makes a version of what somebody chose. A draft that changes nothing makes none; one of a style that somebody else has
// changed since is a Conflict.
func (s *Service) Restyle(ctx context.Context, d Draft) (changed bool, err error) {
	if err := d.Check(); err != nil {
		return false, err
	}
	return s.change(ctx, "house.restyle", d.Version, func(_ context.Context, _ tenants.Writer, now *Style) (*Style, error) { return d.of(now), nil })
}

// SetLogo makes a version with another logo, drawn anew from file. What is wrong with it is Invalid at "logo".
func (s *Service) SetLogo(ctx context.Context, version int, file []byte) error {
	picture, err := redraw(file)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, "house.set_logo", version, func(ctx context.Context, tx tenants.Writer, now *Style) (*Style, error) {
		next := *now
		next.LogoID = ids.New()
		return &next, insertLogo(ctx, tx, next.LogoID, picture)
	})
	return err
}

// RemoveLogo makes a version without a logo: our mark is shown again.
func (s *Service) RemoveLogo(ctx context.Context, version int) error {
	_, err := s.change(ctx, "house.remove_logo", version, func(_ context.Context, _ tenants.Writer, now *Style) (*Style, error) {
		next := *now
		next.LogoID = ids.Nil
		return &next, nil
	})
	return err
}

// Return makes a version that is as an earlier one was.
func (s *Service) Return(ctx context.Context, version, to int) error {
	_, err := s.change(ctx, "house.return", version, func(ctx context.Context, tx tenants.Writer, _ *Style) (*Style, error) {
		return findStyle(ctx, tx, to)
	})
	return err
}

// change adds the version that build gives, unless it is as the newest is. Before the first one what the organisation began with is
// kept as a version too, so that there is a way back.
func (s *Service) change(ctx context.Context, action string, seen int, build func(context.Context, tenants.Writer, *Style) (*Style, error)) (changed bool, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := holdStyle(ctx, tx); err != nil {
			return err
		}
		list, err := newestStyles(ctx, tx, 1)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			first := beginning(tx.Tenant())
			first.Version, first.ChangedAt = 1, tx.Now()
			if err := insertStyle(ctx, tx, first); err != nil {
				return err
			}
			if seen == 0 {
				seen = 1
			}
			list = []Style{*first}
		}
		now := &list[0]
		if seen != now.Version {
			return fault.New(fault.Conflict, "house.error.changed")
		}
		next, err := build(ctx, tx, now)
		if err != nil {
			return err
		}
		if next.Colour == now.Colour && next.Hue == now.Hue && next.LogoID == now.LogoID && reflect.DeepEqual(next.Words, now.Words) {
			return nil
		}
		changed = true
		next.Version, next.ChangedAt, next.ChangedBy = now.Version+1, tx.Now(), actor.From(ctx).PersonID
		if err := insertStyle(ctx, tx, next); err != nil {
			return err
		}
		if err := tenants.Restyle(ctx, tx, next.look()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, action, ids.Nil, map[string]any{"version": next.Version, "colour": next.Colour})
	})
	if err != nil {
		return false, fmt.Errorf("house: change style: %w", err)
	}
	s.forget(ctx)
	return changed, nil
}

// forget has this process ask the directory anew.
func (s *Service) forget(ctx context.Context) {
	if tenant, ok := tenants.From(ctx); ok {
		s.directory.Forget(tenant.Slug)
	}
}

// Logo gives the picture of a logo of the organisation in ctx, as a PNG. It is public: who knows its address may see it.
func (s *Service) Logo(ctx context.Context, id ids.ID) (picture []byte, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		picture, err = findLogo(ctx, tx, id)
		return err
	})
	return picture, err
}
