package children

import (
	"context"
	"fmt"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Place is a location of the actor with what is in it.
type Place struct {
	Location
	Cares  []LocationCare
	Groups []PlaceGroup
}

// PlaceGroup is a group with how many children are placed in it today.
type PlaceGroup struct {
	Group
	Children int
}

// Open tells whether the location gives care on the day.
func (l *Location) Open(on tenants.Date) bool { return l.ClosedOn == "" || l.ClosedOn >= on }

// Open tells whether the group gives care on the day.
func (g *Group) Open(on tenants.Date) bool { return g.ClosedOn == "" || g.ClosedOn >= on }

// Places lists the locations that the actor manages with their groups, by name.
func (s *Service) Places(ctx context.Context) ([]Place, error) {
	var list []Place
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		list, err = selectPlaces(ctx, tx)
		return err
	})
	return list, err
}

func selectPlaces(ctx context.Context, tx tenants.Reader) ([]Place, error) {
	mine := LocationsOf(tx, actor.From(ctx))
	var locations []Location
	if err := tx.NewSelect().Model(&locations).Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", mine).Order("name", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("children: select locations: %w", err)
	}
	var cares []LocationCare
	if err := tx.NewSelect().Model(&cares).Where("tenant_id = ?", tx.Tenant().ID).Where("location_id IN (?)", mine).Order("care_type").Scan(ctx); err != nil {
		return nil, fmt.Errorf("children: select cares: %w", err)
	}
	var groups []PlaceGroup
	err := tx.NewRaw(`SELECT c.id, c.location_id, c.care_type, c.name, c.symbol, c.from_age_months, c.to_age_months, c.version, c.closed_on,
			(SELECT count(DISTINCT p.child_id) FROM placement p WHERE p.tenant_id = c.tenant_id AND p.group_id = c.id AND p.cancelled_at IS NULL
				AND p.starts_on <= ?1::date AND (p.ends_on IS NULL OR p.ends_on >= ?1::date)) AS children
		FROM care_group c WHERE c.tenant_id = ?0 AND c.location_id IN (?2) ORDER BY c.name, c.id`, tx.Tenant().ID, string(tx.Today()), mine).Scan(ctx, &groups)
	if err != nil {
		return nil, fmt.Errorf("children: select groups of locations: %w", err)
	}
	list := make([]Place, len(locations))
	at := make(map[ids.ID]*Place, len(list))
	for i, l := range locations {
		list[i].Location = l
		at[l.ID] = &list[i]
	}
	for _, c := range cares {
		at[c.LocationID].Cares = append(at[c.LocationID].Cares, c)
	}
	for _, g := range groups {
		at[g.LocationID].Groups = append(at[g.LocationID].Groups, g)
	}
	return list, nil
}

// FileOfPlacement gives the file with a placement at a location of the actor, and the placement; otherwise it is NotFound.
func (s *Service) FileOfPlacement(ctx context.Context, id ids.ID) (*File, *FiledPlacement, error) {
	f, err := s.openWith(ctx, (*Placement)(nil), id)
	if err != nil {
		return nil, nil, err
	}
	for i := range f.Placements {
		if f.Placements[i].ID == id && f.Placements[i].ManagedHere {
			return f, &f.Placements[i], nil
		}
	}
	return nil, nil, notFound()
}

// FileOfTie gives the file with a tie, and the tie; another's is NotFound.
func (s *Service) FileOfTie(ctx context.Context, id ids.ID) (*File, *FiledGuardian, error) {
	f, err := s.openWith(ctx, (*Guardianship)(nil), id)
	if err != nil {
		return nil, nil, err
	}
	for i := range f.Guardians {
		if f.Guardians[i].ID == id {
			return f, &f.Guardians[i], nil
		}
	}
	return nil, nil, notFound()
}

// openWith opens the file that the row with this id is in.
func (s *Service) openWith(ctx context.Context, row any, id ids.ID) (*File, error) {
	var child ids.ID
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if err := tx.NewSelect().Model(row).Column("child_id").Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Scan(ctx, &child); err != nil {
			return missing(err, "children: find file")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.Open(ctx, child)
}

// Worker is a member of staff who can be the mentor of a child.
type Worker struct {
	ID    ids.ID
	Name  string
	Group string
}

// Workers lists who works today or later at the actor's locations at which a child is or will be, by name, once each.
func (s *Service) Workers(ctx context.Context, childID ids.ID) ([]Worker, error) {
	var list []Worker
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewRaw(`SELECT p.id, trim(p.given_name || ' ' || p.family_name) AS name, string_agg(DISTINCT c.name, ', ') AS "group"
			FROM group_assignment a JOIN person p ON p.tenant_id = a.tenant_id AND p.id = a.person_id JOIN care_group c ON c.tenant_id = a.tenant_id AND c.id = a.group_id
			WHERE a.tenant_id = ? AND coalesce(a.valid_to, 'infinity') >= ?::date AND p.deactivated_at IS NULL AND c.location_id IN (?) AND c.location_id IN (?)
			GROUP BY p.id, p.given_name, p.family_name, p.name_key ORDER BY p.name_key, p.id`, tx.Tenant().ID, string(tx.Today()), LocationsOf(tx, actor.From(ctx)),
			locationsOfChild(tx, childID, tx.Today())).Scan(ctx, &list)
		if err != nil {
			return fmt.Errorf("children: select workers: %w", err)
		}
		return nil
	})
	return list, err
}
