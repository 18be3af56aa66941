package children_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

func TestALaterEndMustFitAsWell(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	ctx, today := h.Admin.Ctx(), e.A.DateOf(e.Clock.Now())
	mila, err := h.Service.AddChild(ctx, children.ChildDraft{GivenName: "Mila", BirthOn: "2024-03-10"}, &children.PlacementDraft{GroupID: h.Group, StartsOn: today, EndsOn: today.Add(30), Days: monday("07:30", "13:00")})
	require.NoError(t, err)
	_, err = h.Service.Place(ctx, mila, children.PlacementDraft{GroupID: h.AddGroup("Egels"), StartsOn: today.Add(40), EndsOn: today.Add(60), Days: monday("07:30", "13:00")})
	require.NoError(t, err)
	f, err := h.Service.Open(ctx, mila)
	require.NoError(t, err)
	first := f.Placements[1]
	require.Equal(t, "children.error.overlap", keyAt(h.Service.EndPlacement(ctx, first.ID, today.Add(50), first.Version), "day_1"))
	require.Equal(t, "children.error.age_end", keyAt(h.Service.EndPlacement(ctx, first.ID, "2028-06-01", first.Version), "ends_on"))
	require.NoError(t, h.Service.EndPlacement(ctx, first.ID, today.Add(39), first.Version))
	require.NoError(t, h.Service.EndPlacement(ctx, first.ID, today.Add(10), first.Version+1), "sooner always fits")
}

func TestWhatWasCancelledStaysAsItWas(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	ctx, today := h.Admin.Ctx(), e.A.DateOf(e.Clock.Now())
	mila := h.AddChild("Mila", h.Group)
	f, err := h.Service.Open(ctx, mila)
	require.NoError(t, err)
	p := f.Placements[0]
	require.NoError(t, h.Service.CancelPlacement(ctx, p.ID, p.Version))
	draft := children.PlacementDraft{GroupID: h.Group, StartsOn: today, EndsOn: today.Add(9), Days: monday("07:30", "13:00"), Version: p.Version + 1}
	require.Equal(t, "children.error.cancelled", keyAt(h.Service.EditPlacement(ctx, p.ID, draft), "starts_on"))
	require.Equal(t, "children.error.cancelled", keyAt(h.Service.EndPlacement(ctx, p.ID, today, p.Version+1), "starts_on"))
	require.Equal(t, "children.error.cancelled", keyAt(h.Service.CancelPlacement(ctx, p.ID, p.Version+1), "starts_on"))
	require.NoError(t, h.Service.RestorePlacement(ctx, p.ID, p.Version+1))
}

func TestARoleThatWasTakenIsNotGivenBackByATie(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	ctx, today := h.Admin.Ctx(), e.A.DateOf(e.Clock.Now())
	people := identity.New(e.DB, identity.Config{})
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	eva := h.AddParent("Eva")
	tie := h.Tie(eva, mila, children.Authority, today.Add(-9), "")
	_, err := people.Dismiss(ctx, eva.Membership, today.Add(-1), false)
	require.NoError(t, err)
	parent := func(who ids.ID) bool {
		var n int
		require.NoError(t, e.Owner(t).QueryRow(context.Background(), "SELECT count(*) FROM membership WHERE person_id = $1 AND role = 'parent' AND (valid_to IS NULL OR valid_to >= $2::date)", who, string(today)).Scan(&n))
		return n > 0
	}
	require.NoError(t, h.Service.EditTie(ctx, tie, children.TieDraft{Kind: children.Information, Household: 1, ValidFrom: today.Add(-9), Version: 1}))
	require.False(t, parent(eva.ID), "by a change")
	_, err = h.Service.AddGuardian(ctx, finn, identity.Draft{}, eva.ID, children.TieDraft{Kind: children.Authority, Household: 1, ValidFrom: today})
	require.NoError(t, err)
	require.False(t, parent(eva.ID), "by another child")
	f, err := h.Service.Open(ctx, finn)
	require.NoError(t, err)
	require.True(t, f.Guardians[0].Roleless, "and that is told")

	shut := identitytest.NewPerson(t, e, e.A, identitytest.Named("Jan", "Jansen"))
	require.NoError(t, people.Deactivate(ctx, shut.ID))
	_, err = h.Service.AddGuardian(ctx, finn, identity.Draft{}, shut.ID, children.TieDraft{Kind: children.Authority, Household: 1, ValidFrom: today})
	require.NoError(t, err)
	require.NoError(t, people.Activate(ctx, shut.ID))
	require.True(t, parent(shut.ID), "who was shut out meanwhile has the role when they are let in again")
}

func TestAManagerReadsOfWhoMovedOnAndChangesNothing(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	today := e.A.DateOf(e.Clock.Now())
	elsewhere := h.AddLocation("Elders")
	moved := h.AddNewcomer("Mila", h.Group, today.Add(-400), today.Add(-30))
	h.Place(moved, elsewhere, today.Add(-29), "")
	left := h.AddNewcomer("Saar", h.Group, today.Add(-400), today.Add(-30))
	longGone := h.AddNewcomer("Finn", h.Group, today.Add(-900), today.Add(-400))
	h.Place(longGone, elsewhere, today.Add(-399), today.Add(-200))
	eva := h.AddParent("Eva", moved)
	tie := h.Tie(h.AddParent("Jan"), moved, children.Authority, today.Add(-9), "")
	ctx := h.AddManager("Mo").Ctx()
	missing := func(err error) {
		t.Helper()
		require.Equal(t, fault.Missing, fault.CodeOf(err), "%v", err)
	}
	f, err := h.Service.Open(ctx, moved)
	require.NoError(t, err, "the history of a year can be read")
	require.False(t, f.Kept)
	missing(h.Service.EditChild(ctx, moved, children.ChildDraft{GivenName: "X", BirthOn: "2025-01-01", Version: 1}))
	missing(h.Service.EndPlacement(ctx, f.Placements[0].ID, today.Add(-40), 1))
	missing(h.Service.Block(ctx, tie, "zomaar"))
	missing(h.Service.EditPerson(ctx, eva.ID, identity.Draft{GivenName: "X"}, 1))
	_, err = h.Service.AddGuardian(ctx, moved, identity.Draft{GivenName: "Tom"}, ids.Nil, children.TieDraft{Kind: children.Authority, Household: 1, ValidFrom: today})
	missing(err)
	_, err = h.Service.Open(ctx, longGone)
	missing(err)

	f, err = h.Service.Open(ctx, left)
	require.NoError(t, err)
	require.True(t, f.Kept, "who went nowhere else is the manager's to keep")
	require.NoError(t, h.Service.EditChild(ctx, left, children.ChildDraft{GivenName: "Saartje", BirthOn: "2025-01-01", Version: 1}))
	f, err = h.Service.Open(h.Admin.Ctx(), moved)
	require.NoError(t, err)
	require.True(t, f.Kept)
}

func TestAnEndThatWasTypedWrongIsPutRightHere(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	today, ctx := e.A.DateOf(e.Clock.Now()), h.AddManager("Mo").Ctx()
	elsewhere := h.AddLocation("Elders")
	ended := func(days int) (ids.ID, error) {
		both := h.AddChild("Mila", h.Group)
		h.Place(both, elsewhere, today.Add(-50), "")
		f, err := h.Service.Open(ctx, both)
		require.NoError(t, err)
		p := f.Placements[1]
		require.NoError(t, h.Service.EndPlacement(ctx, p.ID, today.Add(-days), p.Version))
		return both, h.Service.EndPlacement(ctx, p.ID, "", p.Version+1)
	}
	_, err := ended(14)
	require.NoError(t, err)
	gone, err := ended(15)
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	counts, err := h.Service.Overview(ctx, 42, "true")
	require.NoError(t, err)
	require.Equal(t, map[children.Status]int{children.Here: 1, children.Gone: 1}, counts.Status)
	left := h.AddNewcomer("Saar", h.Group, today.Add(-50), today.Add(-3))
	h.Place(left, elsewhere, today.Add(-2), "")
	f, err := h.Service.Open(ctx, left)
	require.NoError(t, err)
	require.True(t, f.Kept)
	counts, err = h.Service.Overview(ctx, 42, "true")
	require.NoError(t, err)
	require.Equal(t, map[children.Status]int{children.Here: 1, children.Gone: 2}, counts.Status, "gone from here, though the file can still be mended")
	f, err = h.Service.Open(ctx, gone)
	require.NoError(t, err)
	require.False(t, f.Kept)
}

func TestWhatAFormerLocationReads(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	today, manager := e.A.DateOf(e.Clock.Now()), h.AddManager("Mo")
	moved := h.AddNewcomer("Mila", h.Group, today.Add(-400), today.Add(-30))
	h.Place(moved, h.AddLocation("Elders"), today.Add(-29), "")
	eva := h.AddParent("Eva", moved)
	_, err := e.Owner(t).Exec(context.Background(), "UPDATE person SET street = 'Laan 1', postcode = '7437 AA', city = 'Bathmen', phone = '0612345678' WHERE id = $1", eva.ID)
	require.NoError(t, err)
	f, err := h.Service.Open(manager.Ctx(), moved)
	require.NoError(t, err)
	require.Len(t, f.Placements, 1, "where the child went is not told")
	g := f.Guardians[0]
	require.Equal(t, "Eva Jansen", g.Name)
	require.Empty(t, g.Phone+g.Street+g.Postcode+g.City)
	d, err := h.Service.OpenPerson(manager.Ctx(), eva.ID)
	require.NoError(t, err)
	require.Empty(t, d.Phone+d.Street+d.Postcode+d.City)
	f, err = h.Service.Open(h.Admin.Ctx(), moved)
	require.NoError(t, err)
	require.Len(t, f.Placements, 2)
	require.Equal(t, "Laan 1", f.Guardians[0].Street)
}

func TestAManagerSeesNoPrivateAddressOfAColleague(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	manager, today := h.AddManager("Mo"), e.A.DateOf(e.Clock.Now())
	former := h.AddStaff("Ilse", h.AddLocation("Elders"))
	_, err := e.Owner(t).Exec(context.Background(), "INSERT INTO group_assignment (tenant_id, id, person_id, group_id, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5, $6)",
		e.A.ID, ids.New(), former.ID, h.Group, string(today.Add(-300)), string(today.Add(-200)))
	require.NoError(t, err)
	parent := h.AddParent("Eva", h.AddChild("Mila", h.Group))
	for _, id := range []ids.ID{h.Staff.ID, former.ID, parent.ID} {
		_, err := e.Owner(t).Exec(context.Background(), "UPDATE person SET street = 'Laan 1', phone = '0612345678' WHERE id = $1", id)
		require.NoError(t, err)
	}
	open := func(who identitytest.Someone, id ids.ID) *children.Dossier {
		d, err := h.Service.OpenPerson(who.Ctx(), id)
		require.NoError(t, err)
		return d
	}
	d := open(manager, h.Staff.ID)
	require.Equal(t, []string{"", "0612345678"}, []string{d.Street, d.Phone}, "who works here can be rung up")
	d = open(manager, former.ID)
	require.Equal(t, []string{"", ""}, []string{d.Street, d.Phone})
	d = open(manager, parent.ID)
	require.Equal(t, []string{"Laan 1", "0612345678"}, []string{d.Street, d.Phone})
	d = open(h.Admin, former.ID)
	require.Equal(t, []string{"Laan 1", "0612345678"}, []string{d.Street, d.Phone})
}

// stale is the actor some time after they proved who they are.
func stale(who identitytest.Someone) context.Context {
	a := who.Actor()
	a.ProvedAt = a.ProvedAt.Add(-identity.FreshTime - time.Second)
	return actor.With(tenants.With(context.Background(), who.Tenant), a)
}

func TestWhoGivesAPlaceHereProvesWhoTheyAre(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	people := identity.New(e.DB, identity.Config{})
	today, old := e.A.DateOf(e.Clock.Now()), stale(h.Admin)
	eva := h.AddParent("Eva", h.AddChild("Mila", h.Group))
	_, err := h.Service.Hire(old, identity.Draft{GivenName: "Ilse", Email: "ilse@a.example"}, h.Group, today)
	require.True(t, identity.NeedsProof(err), "%v", err)
	require.True(t, identity.NeedsProof(h.Service.Appoint(old, eva.ID, actor.Admin, today, "", nil)))
	_, err = people.Dismiss(old, h.Staff.Membership, today, false)
	require.True(t, identity.NeedsProof(err), "%v", err)
	require.True(t, identity.NeedsProof(people.Deactivate(old, h.Staff.ID)))
	require.True(t, identity.NeedsProof(people.Activate(old, h.Staff.ID)))
	draft := identity.Draft{GivenName: "Eva", FamilyName: "Jansen", Email: eva.Email, Phone: "0612345678"}
	require.NoError(t, h.Service.EditPerson(old, eva.ID, draft, 1), "a telephone number opens nothing")
	draft.Email = "ander@a.example"
	require.True(t, identity.NeedsProof(h.Service.EditPerson(old, eva.ID, draft, 2)))
	require.NoError(t, h.Service.EditPerson(h.Admin.Ctx(), eva.ID, draft, 2))
	require.Equal(t, "identity.error.email_needed", keyAt(h.Service.EditPerson(h.Admin.Ctx(), h.Staff.ID, identity.Draft{GivenName: "Sanne"}, 1), "email"), "who works here needs an address to sign in")
}

func TestWhoTiesSomebodyToAChildProvesWhoTheyAre(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	old, mila := stale(h.Admin), h.AddChild("Mila", h.Group)
	day := e.A.DateOf(e.Clock.Now())
	stranger := identity.Draft{GivenName: "Iemand", Email: "iemand@a.example"}
	_, err := h.Service.AddGuardian(old, mila, stranger, ids.Nil, children.TieDraft{Kind: children.Authority, Household: 1, ValidFrom: day})
	require.True(t, identity.NeedsProof(err), "%v", err)
	tie, err := h.Service.AddGuardian(h.Admin.Ctx(), mila, stranger, ids.Nil, children.TieDraft{Kind: children.Collector, Household: 1, ValidFrom: day})
	require.NoError(t, err)
	more := children.TieDraft{Kind: children.Authority, Household: 1, ValidFrom: day, Version: 1}
	require.True(t, identity.NeedsProof(h.Service.EditTie(old, tie, more)), "who may only collect reads the diary")
	require.NoError(t, h.Service.EditTie(h.Admin.Ctx(), tie, more))
	require.NoError(t, h.Service.Block(old, tie, "uitspraak"), "taking away is never put off")
	require.True(t, identity.NeedsProof(h.Service.Unblock(old, tie)))
	require.NoError(t, h.Service.Unblock(h.Admin.Ctx(), tie))

	own := identity.Draft{GivenName: "Bea", FamilyName: "Beheer", Email: "bea.elders@a.example"}
	require.Equal(t, fault.Invalid, fault.CodeOf(h.Service.EditPerson(h.Admin.Ctx(), h.Admin.ID, own, 1)), "both mailboxes confirm one's own address")
}

func TestAMentorWorksWhereTheChildIs(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	ctx, today := h.Admin.Ctx(), e.A.DateOf(e.Clock.Now())
	mila, elsewhere := h.AddChild("Mila", h.Group), h.AddLocation("Elders")
	other := h.AddStaff("Ilse", h.AddGroup("Egels"))
	require.Equal(t, "children.error.mentor_unknown", keyAt(h.Service.SetMentor(ctx, mila, h.AddStaff("Tom", elsewhere).ID, today, ids.Nil), "mentor"))
	require.Equal(t, "children.error.mentor_unknown", keyAt(h.Service.SetMentor(ctx, mila, h.AddParent("Eva", mila).ID, today, ids.Nil), "mentor"))
	workers, err := h.Service.Workers(ctx, mila)
	require.NoError(t, err)
	require.Len(t, workers, 2, "of another location nobody is offered")
	require.NoError(t, h.Service.SetMentor(ctx, mila, h.Staff.ID, today, ids.Nil))
	require.Equal(t, fault.Conflict, fault.CodeOf(h.Service.SetMentor(ctx, mila, other.ID, today, ids.Nil)), "who saw nobody")
	f, err := h.Service.Open(ctx, mila)
	require.NoError(t, err)
	require.NoError(t, h.Service.SetMentor(ctx, mila, other.ID, today, f.Mentor().ID))
	people := identity.New(e.DB, identity.Config{})
	_, err = people.Dismiss(ctx, h.Staff.Membership, today.Add(-1), false)
	require.NoError(t, err)
	f, err = h.Service.Open(ctx, mila)
	require.NoError(t, err)
	require.Equal(t, "children.error.mentor_unknown", keyAt(h.Service.SetMentor(ctx, mila, h.Staff.ID, today, f.Mentor().ID), "mentor"), "who was dismissed")
}

func TestWorkIsEndedAsItWasSeen(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	ctx, today := h.Admin.Ctx(), e.A.DateOf(e.Clock.Now())
	d, err := h.Service.OpenPerson(ctx, h.Staff.ID)
	require.NoError(t, err)
	work := d.Assignments[0]
	_, err = h.Service.Unassign(ctx, work.ID, today.Add(9), work.Version)
	require.NoError(t, err)
	_, err = h.Service.Unassign(ctx, work.ID, today, work.Version)
	require.Equal(t, fault.Conflict, fault.CodeOf(err))
	_, err = h.Service.Unassign(ctx, work.ID, "", work.Version+1)
	require.NoError(t, err)
}
