package news

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// mayAddress says at the field when an audience is not the actor's to write to: a place that is none of theirs, or all of the organisation.
func mayAddress(ctx context.Context, tx tenants.Reader, a Audience) error {
	who := actor.From(ctx)
	var problems fault.Fields
	if a.Everywhere && !MayAddressAll(who.Role) {
		problems.Add("places", "news.error.not_everywhere")
		return problems.Err()
	}
	var known int
	err := tx.NewRaw(`SELECT (SELECT count(*) FROM location WHERE tenant_id = ?0 AND id = ANY (?1::uuid[]) AND id IN (?3)) + (SELECT count(*) FROM care_group WHERE tenant_id = ?0 AND id = ANY (?2::uuid[]) AND id IN (?4))`,
		tx.Tenant().ID, array(a.Locations), array(a.Groups), children.LocationsOf(tx, who), children.GroupsOf(tx, who)).Scan(ctx, &known)
	if err != nil {
		return fmt.Errorf("news: look for places: %w", err)
	}
	if known != len(ids.Once(a.Locations))+len(ids.Once(a.Groups)) {
		return fault.NotFound()
	}
	return nil
}

func array(list []ids.ID) any { return pgdialect.Array(append([]string{}, ids.Texts(list)...)) }

// Reach is how many people an audience has now.
type Reach struct{ Guardians, Staff int }

// Reach counts the people of an audience, each once, as things stand now. Who does not look after those places gets NotFound.
func (s *Service) Reach(ctx context.Context, a Audience) (Reach, error) {
	var r Reach
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if err := mayAddress(ctx, tx, a); err != nil {
			return err
		}
		guardians, staff, err := reached(ctx, tx, a)
		r = Reach{len(guardians), len(staff)}
		return err
	})
	return r, err
}

// reached gives the people whom an audience has now: the guardians of children who are, or will be, placed in its groups, and who
// works in them or manages them. They are the people who may read by the rules of rights.go.
func reached(ctx context.Context, tx tenants.Reader, a Audience) (guardians, staff []ids.ID, err error) {
	groups, err := groupsFor(ctx, tx, a)
	if err != nil || len(groups) == 0 {
		return nil, nil, err
	}
	if a.Guardians {
		var childIDs []ids.ID
		err := tx.NewRaw(`SELECT DISTINCT p.child_id FROM placement p WHERE p.tenant_id = ?0 AND p.group_id = ANY (?1::uuid[])
			AND p.cancelled_at IS NULL AND (p.ends_on IS NULL OR p.ends_on >= ?2::date)`, tx.Tenant().ID, array(groups), string(tx.Today())).Scan(ctx, &childIDs)
		if err != nil {
			return nil, nil, fmt.Errorf("news: select children: %w", err)
		}
		if len(childIDs) > 0 {
			ties, err := children.Guardians(ctx, tx, childIDs)
			if err != nil {
				return nil, nil, err
			}
			for _, tie := range ties {
				guardians = append(guardians, tie.PersonID)
			}
		}
	}
	if a.Staff {
		if staff, err = children.AtWorkIn(ctx, tx, groups); err != nil {
			return nil, nil, err
		}
		managers, err := children.Managers(ctx, tx, groups)
		if err != nil {
			return nil, nil, err
		}
		for _, some := range managers {
			staff = append(staff, some...)
		}
	}
	return sorted(guardians), sorted(staff), nil
}

// sorted gives each person once, always in the same order.
func sorted(list []ids.ID) []ids.ID {
	slices.SortFunc(list, func(a, b ids.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(list)
}

func groupsFor(ctx context.Context, tx tenants.Reader, a Audience) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewRaw(`SELECT id FROM care_group WHERE tenant_id = ?0 AND (?1 OR location_id = ANY (?2::uuid[]) OR id = ANY (?3::uuid[]))`,
		tx.Tenant().ID, a.Everywhere, array(a.Locations), array(a.Groups)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("news: select groups: %w", err)
	}
	return list, nil
}
