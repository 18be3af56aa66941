// Package childrentest builds a small organisation for the tests of other modules.
package childrentest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// House is one location with one group and the people who run it.
type House struct {
	t        testing.TB
	e        *dbtest.Env
	Tenant   tenants.Tenant
	Location ids.ID
	Group    ids.ID
	Staff    identitytest.Someone // assigned to Group
	Admin    identitytest.Someone
	Service  *children.Service
}

// NewHouse opens a house in the organisation.
func NewHouse(t testing.TB, e *dbtest.Env, in tenants.Tenant) *House {
	t.Helper()
	h := &House{t: t, e: e, Tenant: in, Location: ids.New(), Service: children.New(e.DB)}
	h.Admin = identitytest.NewPerson(t, e, in, identitytest.Named("Bea", "Beheer"), identitytest.Role(actor.Admin))
	h.add(children.Roster{
		Locations: []children.Location{{TenantID: in.ID, ID: h.Location, Name: "Dorpsstraat"}},
		Cares:     []children.LocationCare{{TenantID: in.ID, LocationID: h.Location, CareType: children.DayCare, LRKNumber: "123456789"}},
	})
	h.Group = h.AddGroup("Kikkers")
	h.Staff = h.AddStaff("Sanne", h.Group)
	return h
}

func (h *House) add(r children.Roster) {
	h.t.Helper()
	require.NoError(h.t, h.Service.Add(h.Admin.Ctx(), r))
}

func (h *House) today() tenants.Date { return h.Tenant.DateOf(h.e.Clock.Now()) }

// AddGroup adds a group to the location.
func (h *House) AddGroup(name string) ids.ID {
	h.t.Helper()
	id := ids.New()
	h.add(children.Roster{Groups: []children.Group{{TenantID: h.Tenant.ID, ID: id, LocationID: h.Location, CareType: children.DayCare, Name: name, Symbol: "sprout", ToAgeMonths: 48}}})
	return id
}

// AddLocation adds another location and gives the id of its only group.
func (h *House) AddLocation(name string) ids.ID {
	h.t.Helper()
	location, group := ids.New(), ids.New()
	h.add(children.Roster{
		Locations: []children.Location{{TenantID: h.Tenant.ID, ID: location, Name: name}},
		Cares:     []children.LocationCare{{TenantID: h.Tenant.ID, LocationID: location, CareType: children.DayCare, LRKNumber: "987654321"}},
		Groups:    []children.Group{{TenantID: h.Tenant.ID, ID: group, LocationID: location, CareType: children.DayCare, Name: name, Symbol: "sprout", ToAgeMonths: 48}},
	})
	return group
}

// AddStaff adds somebody who works in the group.
func (h *House) AddStaff(name string, group ids.ID) identitytest.Someone {
	h.t.Helper()
	who := identitytest.NewPerson(h.t, h.e, h.Tenant, identitytest.Named(name, "de Groot"), identitytest.Role(actor.Staff), identitytest.WithPassword())
	h.add(children.Roster{Assignments: []children.Assignment{{TenantID: h.Tenant.ID, ID: ids.New(), PersonID: who.ID, GroupID: group, ValidFrom: h.today().Add(-100)}}})
	return who
}

// AddManager adds somebody who manages the location.
func (h *House) AddManager(name string) identitytest.Someone {
	h.t.Helper()
	who := identitytest.NewPerson(h.t, h.e, h.Tenant, identitytest.Named(name, "de Groot"), identitytest.Role(actor.Manager), identitytest.WithPassword())
	require.NoError(h.t, h.e.DB.Write(h.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		return children.Recall(ctx, tx, children.Roster{}, []children.Managed{{TenantID: h.Tenant.ID, MembershipID: who.Membership, LocationID: h.Location}})
	}))
	return who
}

// AddChild places a child in the group, from a hundred days ago and without an end.
func (h *House) AddChild(name string, group ids.ID) ids.ID {
	h.t.Helper()
	return h.AddNewcomer(name, group, h.today().Add(-100), "")
}

// AddNewcomer places a child in the group from one day to another; an empty end is open.
func (h *House) AddNewcomer(name string, group ids.ID, from, to tenants.Date) ids.ID {
	h.t.Helper()
	id := ids.New()
	h.add(children.Roster{Children: []children.Child{{TenantID: h.Tenant.ID, ID: id, GivenName: name, FamilyName: "Jansen", BirthOn: h.today().Add(-800), CreatedAt: h.e.Clock.Now()}}})
	h.Place(id, group, from, to)
	return id
}

// Place adds a placement; an empty end is open.
func (h *House) Place(child, group ids.ID, from, to tenants.Date) {
	h.t.Helper()
	h.add(children.Roster{Placements: []children.Placement{{TenantID: h.Tenant.ID, ID: ids.New(), ChildID: child, GroupID: group, CareType: children.DayCare, StartsOn: from, EndsOn: to}}})
}

// AddParent adds somebody with parental authority over the children.
func (h *House) AddParent(name string, of ...ids.ID) identitytest.Someone {
	h.t.Helper()
	who := identitytest.NewPerson(h.t, h.e, h.Tenant, identitytest.Named(name, "Jansen"), identitytest.Role(actor.Parent), identitytest.WithPassword())
	for _, child := range of {
		h.Tie(who, child, children.Authority, h.today().Add(-100), "")
	}
	return who
}

// Tie ties a person to a child and gives the id of the tie.
func (h *House) Tie(who identitytest.Someone, child ids.ID, kind children.Kind, from, to tenants.Date) ids.ID {
	h.t.Helper()
	id := ids.New()
	h.add(children.Roster{Guardianships: []children.Guardianship{{TenantID: h.Tenant.ID, ID: id, ChildID: child, PersonID: who.ID, Kind: kind, Household: 1, ValidFrom: from, ValidTo: to}}})
	return id
}
