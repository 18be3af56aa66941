package children

import (
	"context"
	"errors"
	"strconv"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// The undoing of an edit is an edit: the fields that it changed become what they were before, under every rule that held then.
// version is that of the row after the edit; when the row was changed since that is a Conflict, as it is when what stood in the
// fields is not kept any more.

// UndoChild takes back the last edit of a child.
func (s *Service) UndoChild(ctx context.Context, id ids.ID, version int) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		child, err := lockChild(ctx, tx, id)
		if err != nil {
			return err
		}
		was, err := before(ctx, tx, "children.edit_child", id)
		if err != nil {
			return err
		}
		return editChild(ctx, tx, child, ChildDraft{GivenName: was.or("given_name", child.GivenName), FamilyName: was.or("family_name", child.FamilyName),
			BirthOn: tenants.Date(was.or("birth_on", string(child.BirthOn))), Version: version})
	})
}

// UndoPerson takes back the last edit of the data of somebody.
func (s *Service) UndoPerson(ctx context.Context, id ids.ID, version int) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := mustKeep(ctx, tx, id); err != nil {
			return err
		}
		p, err := identity.PersonByID(ctx, tx, id)
		if err != nil {
			return err
		}
		was, err := before(ctx, tx, "identity.edit_person", id)
		if err != nil {
			return err
		}
		return editPerson(ctx, tx, id, identity.Draft{GivenName: was.or("given_name", p.GivenName), FamilyName: was.or("family_name", p.FamilyName), Email: was.or("email", p.Email),
			Phone: was.or("phone", p.Phone), Street: was.or("street", p.Street), Postcode: was.or("postcode", p.Postcode), City: was.or("city", p.City),
			Language: was.or("language", p.Language)}, version)
	})
}

// UndoTie takes back the last edit of what a person is to a child.
func (s *Service) UndoTie(ctx context.Context, id ids.ID, version int) error {
	return s.changeTie(ctx, id, version, func(ctx context.Context, tx tenants.Writer, g *Guardianship) (deed, error) {
		was, err := before(ctx, tx, "children.edit_guardian", id)
		if err != nil {
			return deed{}, err
		}
		if version != g.Version { // 0, with which changeTie takes the row as it is
			return deed{}, stale()
		}
		household, err := strconv.Atoi(was.or("household", strconv.Itoa(g.Household)))
		if err != nil {
			return deed{}, stale()
		}
		return g.edit(TieDraft{Kind: Kind(was.or("kind", string(g.Kind))), Household: household, ValidFrom: tenants.Date(was.or("valid_from", string(g.ValidFrom))),
			ValidTo: tenants.Date(was.or("valid_to", string(g.ValidTo)))})
	})
}

// UndoPlacement takes back the last edit of a placement.
func (s *Service) UndoPlacement(ctx context.Context, id ids.ID, version int) error {
	return s.changePlacement(ctx, id, version, func(ctx context.Context, tx tenants.Writer, child *Child, p *Placement) (deed, error) {
		was, err := before(ctx, tx, "children.edit_placement", id)
		if err != nil {
			return deed{}, err
		}
		now, err := daysOf(ctx, tx, p.ID)
		if err != nil {
			return deed{}, err
		}
		group, known := ids.Parse(was.or("group_id", p.GroupID.String()))
		days, ok := ParseDaysText(was.or("days", DaysText(now)))
		if !known || !ok {
			return deed{}, stale()
		}
		return editPlacement(ctx, tx, child, p, PlacementDraft{GroupID: group, StartsOn: tenants.Date(was.or("starts_on", string(p.StartsOn))),
			EndsOn: tenants.Date(was.or("ends_on", string(p.EndsOn))), Days: days})
	})
}

// formerly is what stood in fields.
type formerly map[string]string

func before(ctx context.Context, tx tenants.Reader, action string, row ids.ID) (formerly, error) {
	was, err := audit.Before(ctx, tx, action, row)
	if errors.Is(err, audit.ErrNothingToUndo) {
		return nil, stale()
	}
	return was, err
}

// or is what stood in a field, or what stands there now when the edit left it as it was.
func (f formerly) or(field, now string) string {
	if was, changed := f[field]; changed {
		return was
	}
	return now
}
