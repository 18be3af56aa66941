package children

import (
	"context"
	"fmt"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Holder is somebody who has a role today.
type Holder struct {
	ID     ids.ID
	Name   string
	Groups []string // of who works in groups
}

// Holders are who has a role over the whole organisation, and who at each of its locations.
type Holders struct {
	Admins []Holder
	Places []PlaceHolders
}

// PlaceHolders are who has a role at a location.
type PlaceHolders struct {
	ID              ids.ID
	Name            string
	Managers, Staff []Holder
}

// Holders tells who may do something today, and where. It is for who runs the whole organisation.
func (s *Service) Holders(ctx context.Context) (*Holders, error) {
	list := new(Holders)
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		var rows []struct {
			ID   ids.ID
			Name string
		}
		if err := tx.NewRaw("SELECT id, name FROM location WHERE tenant_id = ? AND (closed_on IS NULL OR closed_on >= ?::date) ORDER BY name, id", tx.Tenant().ID, string(tx.Today())).Scan(ctx, &rows); err != nil {
			return fmt.Errorf("children: list locations: %w", err)
		}
		at := map[ids.ID]*PlaceHolders{}
		list.Places = make([]PlaceHolders, len(rows))
		for i, row := range rows {
			list.Places[i] = PlaceHolders{ID: row.ID, Name: row.Name}
			at[row.ID] = &list.Places[i]
		}
		return readHolders(ctx, tx, list, at)
	})
	return list, err
}

func readHolders(ctx context.Context, tx tenants.Reader, list *Holders, at map[ids.ID]*PlaceHolders) error {
	var rows []struct {
		Role       string
		LocationID ids.ID
		ID         ids.ID
		Name       string
		GroupName  string
	}
	err := tx.NewRaw(`WITH held AS (
			SELECT m.id, m.role, p.id AS person_id, trim(p.given_name || ' ' || p.family_name) AS name, p.name_key FROM membership m
			JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.person_id
			WHERE m.tenant_id = ?0 AND m.valid_from <= ?1::date AND (m.valid_to IS NULL OR m.valid_to >= ?1::date) AND p.deactivated_at IS NULL)
		SELECT h.role, coalesce(l.location_id, g.location_id, '00000000-0000-0000-0000-000000000000') AS location_id, h.person_id AS id, h.name, coalesce(g.name, '') AS group_name
		FROM held h
		LEFT JOIN membership_location l ON h.role = 'manager' AND l.tenant_id = ?0 AND l.membership_id = h.id
		LEFT JOIN group_assignment a ON h.role = 'staff' AND a.tenant_id = ?0 AND a.person_id = h.person_id AND a.valid_from <= ?1::date AND (a.valid_to IS NULL OR a.valid_to >= ?1::date)
		LEFT JOIN care_group g ON g.tenant_id = ?0 AND g.id = a.group_id
		WHERE h.role = 'admin' OR l.location_id IS NOT NULL OR g.id IS NOT NULL
		ORDER BY h.name_key, h.person_id, g.name`, tx.Tenant().ID, string(tx.Today())).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("children: list holders of roles: %w", err)
	}
	for _, row := range rows {
		one, place := Holder{ID: row.ID, Name: row.Name}, at[row.LocationID]
		switch {
		case row.Role == "admin":
			list.Admins = append(list.Admins, one)
		case place == nil: // the location is closed
		case row.Role == "manager":
			place.Managers = append(place.Managers, one)
		default:
			if last := len(place.Staff) - 1; last < 0 || place.Staff[last].ID != row.ID {
				place.Staff = append(place.Staff, one)
			}
			last := &place.Staff[len(place.Staff)-1]
			last.Groups = append(last.Groups, row.GroupName)
		}
	}
	return nil
}
