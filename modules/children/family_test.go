package children_test

import (
	"context"
	"strings"
	"sync"
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

// keyAt is what a refusal says at a field.
func keyAt(err error, field string) string {
	if e, ok := fault.As(err); ok {
		for _, f := range e.Fields {
			if f.Name == field {
				return f.Key
			}
		}
	}
	return ""
}

func monday(from, to string) []children.CareDay {
	return []children.CareDay{{Weekday: 1, From: from, To: to}}
}

func TestAPlacementMustBePossible(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	today := e.A.DateOf(e.Clock.Now()) // 23 November 2026
	foreign := childrentest.NewHouse(t, e, e.B)
	ctx := h.Admin.Ctx()
	id, err := h.Service.AddChild(ctx, children.ChildDraft{GivenName: " Mila ", BirthOn: "2024-03-10"}, &children.PlacementDraft{GroupID: h.Group, StartsOn: today, EndsOn: "2027-06-30", Days: monday("07:30", "13:00")})
	require.NoError(t, err)

	for name, c := range map[string]struct {
		draft children.PlacementDraft
		field string
		key   string
	}{
		"ends before it starts":                 {children.PlacementDraft{GroupID: h.Group, StartsOn: today, EndsOn: today.Add(-1), Days: monday("14:00", "18:00")}, "ends_on", "children.error.ends_before"},
		"has no days":                           {children.PlacementDraft{GroupID: h.Group, StartsOn: today}, "day_1", "children.error.days_required"},
		"has times in the wrong order":          {children.PlacementDraft{GroupID: h.Group, StartsOn: today, Days: monday("14:00", "14:00")}, "day_1", "children.error.time_order"},
		"has no time":                           {children.PlacementDraft{GroupID: h.Group, StartsOn: today, Days: monday("25:00", "26:00")}, "day_1", "children.error.time"},
		"begins on no day":                      {children.PlacementDraft{GroupID: h.Group, StartsOn: "2026-02-30", Days: monday("14:00", "18:00")}, "starts_on", "children.error.day"},
		"begins too late":                       {children.PlacementDraft{GroupID: h.Group, StartsOn: "2028-03-10", Days: monday("14:00", "18:00")}, "starts_on", "children.error.age"},
		"begins before the birth":               {children.PlacementDraft{GroupID: h.Group, StartsOn: "2024-03-09", Days: monday("14:00", "18:00")}, "starts_on", "children.error.age"},
		"ends after the fourth birthday":        {children.PlacementDraft{GroupID: h.Group, StartsOn: today, EndsOn: "2028-03-12", Days: monday("14:00", "18:00")}, "ends_on", "children.error.age_end"},
		"meets another":                         {children.PlacementDraft{GroupID: h.Group, StartsOn: "2027-06-30", Days: monday("12:59", "18:00")}, "day_1", "children.error.overlap"},
		"is in a group of another organisation": {children.PlacementDraft{GroupID: foreign.Group, StartsOn: today, Days: monday("14:00", "18:00")}, "group", "children.error.group_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Service.Place(ctx, id, c.draft)
			require.Equal(t, c.key, keyAt(err, c.field), "%v", err)
		})
	}
	for name, draft := range map[string]children.PlacementDraft{
		"in the afternoon of the same day": {GroupID: h.Group, StartsOn: today, Days: monday("13:00", "18:00")},
		"after the other has ended":        {GroupID: h.Group, StartsOn: "2027-07-01", Days: monday("07:30", "12:00")},
		"until the fourth birthday":        {GroupID: h.Group, StartsOn: "2028-01-01", EndsOn: "2028-03-10", Days: []children.CareDay{{Weekday: 5, From: "07:30", To: "12:00"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Service.Place(ctx, id, draft)
			require.NoError(t, err)
		})
	}
	t.Run("and two at once cannot meet", func(t *testing.T) {
		child := h.AddChild("Finn", h.AddGroup("Egels"))
		var done [2]error
		var all sync.WaitGroup
		for i := range done {
			all.Go(func() {
				_, done[i] = h.Service.Place(ctx, child, children.PlacementDraft{GroupID: h.Group, StartsOn: today, Days: monday("07:30", "18:00")})
			})
		}
		all.Wait()
		require.True(t, (done[0] == nil) != (done[1] == nil), "%v, %v", done[0], done[1])
	})
	t.Run("and what was cancelled can be restored while it fits", func(t *testing.T) {
		f, err := h.Service.Open(ctx, id)
		require.NoError(t, err)
		first := f.Placements[len(f.Placements)-1]
		require.NoError(t, h.Service.CancelPlacement(ctx, first.ID, first.Version))
		require.Equal(t, fault.Conflict, fault.CodeOf(h.Service.RestorePlacement(ctx, first.ID, first.Version)), "an old version")
		_, err = h.Service.Place(ctx, id, children.PlacementDraft{GroupID: h.Group, StartsOn: today, EndsOn: today.Add(30), Days: monday("08:00", "12:00")})
		require.NoError(t, err)
		require.Equal(t, "children.error.overlap", keyAt(h.Service.RestorePlacement(ctx, first.ID, first.Version+1), "day_1"))
	})
}

func reaches(t *testing.T, e *dbtest.Env, who identitytest.Someone, whom ids.ID) bool {
	t.Helper()
	var yes bool
	require.NoError(t, e.DB.Read(who.Ctx(), func(ctx context.Context, tx tenants.Reader) error {
		return tx.NewRaw("SELECT ? IN (?)", whom, children.MayReach(tx, who.Actor())).Scan(ctx, &yes)
	}))
	return yes
}

func TestHouseholdsAreKeptApart(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	today := e.A.DateOf(e.Clock.Now())
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.AddLocation("Elders"))
	tie := func(who identitytest.Someone, child ids.ID, household int) ids.ID {
		id, err := h.Service.AddGuardian(h.Admin.Ctx(), child, identity.Draft{}, who.ID, children.TieDraft{Kind: children.Authority, Household: household, ValidFrom: today.Add(-9)})
		require.NoError(t, err)
		return id
	}
	mother, partner, father := h.AddParent("Eva"), h.AddParent("Jan"), h.AddParent("Tom")
	tie(mother, mila, 1)
	jan := tie(partner, mila, 1)
	tie(father, mila, 2)

	require.True(t, reaches(t, e, mother, mother.ID))
	require.True(t, reaches(t, e, mother, partner.ID), "the same household")
	require.False(t, reaches(t, e, mother, father.ID), "another household")
	require.False(t, reaches(t, e, father, mother.ID))
	require.True(t, reaches(t, e, h.Admin, father.ID))
	manager := h.AddManager("Mo")
	require.True(t, reaches(t, e, manager, father.ID))
	require.False(t, reaches(t, e, h.Staff, father.ID))
	tie(mother, finn, 1)
	tie(father, finn, 1)
	require.False(t, reaches(t, e, mother, father.ID), "one child apart is enough")
	for reason, key := range map[string]string{" ": "children.error.reason_required", strings.Repeat("é", children.MaxReason+1): "children.error.reason_long"} {
		problem, _ := fault.As(h.Service.Block(h.Admin.Ctx(), jan, reason))
		require.Equal(t, key, problem.Fields[0].Key)
	}
	require.NoError(t, h.Service.Block(h.Admin.Ctx(), jan, strings.Repeat("é", children.MaxReason)))
	require.False(t, reaches(t, e, mother, partner.ID), "a blocked tie joins nobody")
	require.False(t, reaches(t, e, partner, mother.ID))
	other := childrentest.NewHouse(t, e, e.B)
	require.False(t, reaches(t, e, other.Admin, mother.ID))
}

func TestAManagerKeepsTheOwnLocation(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	today := e.A.DateOf(e.Clock.Now())
	elsewhere := h.AddLocation("Elders")
	here, there := h.AddNewcomer("Mila", h.Group, today.Add(-400), today.Add(-300)), h.AddChild("Finn", elsewhere)
	parent := h.AddParent("Eva", there)
	tie := h.Tie(h.AddParent("Jan"), there, children.Authority, today.Add(-9), "")
	manager := h.AddManager("Mo")
	ctx := manager.Ctx()
	missing := func(err error) {
		t.Helper()
		require.Equal(t, fault.Missing, fault.CodeOf(err), "%v", err)
	}
	_, err := h.Service.Open(ctx, here)
	require.NoError(t, err, "who left long ago is still the manager's")
	_, err = h.Service.Open(ctx, there)
	missing(err)
	f, err := h.Service.Open(h.Admin.Ctx(), there)
	require.NoError(t, err)
	missing(h.Service.EditChild(ctx, there, children.ChildDraft{GivenName: "X", BirthOn: "2025-01-01", Version: 1}))
	missing(h.Service.CancelPlacement(ctx, f.Placements[0].ID, 1))
	missing(h.Service.Block(ctx, tie, "zomaar"))
	missing(h.Service.EditPerson(ctx, parent.ID, identity.Draft{GivenName: "X"}, 1))
	missing(h.Service.EditPerson(ctx, h.Admin.ID, identity.Draft{GivenName: "X"}, 1))
	missing(h.Service.EditGroup(ctx, elsewhere, children.GroupDraft{Name: "X", ToAgeMonths: 12, Version: 1}))
	_, err = h.Service.OpenPerson(ctx, parent.ID)
	missing(err)
	known, err := h.Service.KnownBy(ctx, parent.Email)
	require.NoError(t, err)
	require.Nil(t, known, "whose address it is, is not told")
	t.Run("also of a child that is at both", func(t *testing.T) {
		h.Place(here, elsewhere, today, "")
		f, err := h.Service.Open(ctx, here)
		require.NoError(t, err)
		require.Len(t, f.Placements, 1, "where who left long ago went is not told")
		require.True(t, f.Placements[0].ManagedHere)
		f, err = h.Service.Open(h.Admin.Ctx(), here)
		require.NoError(t, err)
		missing(h.Service.CancelPlacement(ctx, f.Placements[0].ID, 1))
	})
}

func TestSomebodyStaysAdmin(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	today := e.A.DateOf(e.Clock.Now())
	people := identity.New(e.DB, identity.Config{})
	second := identitytest.NewPerson(t, e, e.A, identitytest.Named("Ada", "Beheer"), identitytest.Role(actor.Admin))

	t.Run("when two dismiss each other at once", func(t *testing.T) {
		var done [2]error
		var all sync.WaitGroup
		all.Go(func() { _, done[0] = people.Dismiss(h.Admin.Ctx(), second.Membership, today, false) })
		all.Go(func() { _, done[1] = people.Dismiss(second.Ctx(), h.Admin.Membership, today, false) })
		all.Wait()
		require.True(t, (done[0] == nil) != (done[1] == nil), "%v, %v", done[0], done[1])
		for _, err := range done {
			if err != nil {
				require.Equal(t, "identity.error.last_admin", keyAt(err, "last"))
			}
		}
	})
	t.Run("while the other is being dismissed", func(t *testing.T) {
		tenant := e.NewTenant(t, "Kinderopvang C")
		one := identitytest.NewPerson(t, e, tenant, identitytest.Named("Eef", "Beheer"), identitytest.Role(actor.Admin))
		two := identitytest.NewPerson(t, e, tenant, identitytest.Named("Fem", "Beheer"), identitytest.Role(actor.Admin))
		done := make(chan error, 1)
		require.NoError(t, e.DB.Write(one.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
			_, err := tx.NewUpdate().Table("membership").Set("valid_to = ?::date", string(today)).Where("tenant_id = ?", tenant.ID).Where("id = ?", two.Membership).Exec(ctx)
			go func() { _, err := people.Dismiss(two.Ctx(), one.Membership, today, false); done <- err }()
			time.Sleep(300 * time.Millisecond) // the other has to wait for this transaction
			return err
		}))
		require.Equal(t, "identity.error.last_admin", keyAt(<-done, "last"))
	})
	t.Run("and counts nobody who is shut out", func(t *testing.T) {
		third := identitytest.NewPerson(t, e, e.B, identitytest.Named("Cas", "Beheer"), identitytest.Role(actor.Admin))
		fourth := identitytest.NewPerson(t, e, e.B, identitytest.Named("Dirk", "Beheer"), identitytest.Role(actor.Admin))
		require.NoError(t, people.Deactivate(third.Ctx(), fourth.ID))
		_, err := people.Dismiss(third.Ctx(), third.Membership, today, true)
		require.Equal(t, "identity.error.last_admin", keyAt(err, "last"))
		require.Equal(t, "identity.error.last_admin", keyAt(people.Deactivate(third.Ctx(), third.ID), "last"))
		require.NoError(t, people.Activate(third.Ctx(), fourth.ID))
		_, err = people.Dismiss(third.Ctx(), third.Membership, today, false)
		require.Equal(t, "identity.error.own_role", keyAt(err, "sure"))
		_, err = people.Dismiss(third.Ctx(), third.Membership, today, true)
		require.NoError(t, err)
	})
	t.Run("and counts nobody who is made up", func(t *testing.T) {
		tenant := e.NewTenant(t, "Kinderopvang D")
		tenant.Example = true
		real := identitytest.NewPerson(t, e, tenant, identitytest.Named("Gea", "Beheer"), identitytest.Role(actor.Admin))
		bea := identitytest.NewPerson(t, e, tenant, identitytest.Named("Bea", "Oldenhof"), identitytest.Email("beheer@kinderopvang-d.example"), identitytest.Role(actor.Admin), identitytest.WithPassword())
		_, err := people.Dismiss(real.Ctx(), real.Membership, today, true)
		require.Equal(t, "identity.error.last_real_admin", keyAt(err, "last"))
		require.Equal(t, "identity.error.last_real_admin", keyAt(people.Deactivate(real.Ctx(), real.ID), "last"))
		_, err = people.Dismiss(real.Ctx(), bea.Membership, today, false)
		require.NoError(t, err)
	})
}

// Two who save at once: one is kept, the other is told, and nothing of it is mixed.
func TestNothingIsOverwritten(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	mila := h.AddChild("Mila", h.Group)
	var done [8]error
	var all sync.WaitGroup
	for i := range done {
		all.Go(func() {
			done[i] = h.Service.EditChild(h.Admin.Ctx(), mila, children.ChildDraft{GivenName: "Mila", FamilyName: string(rune('A' + i)), BirthOn: "2024-09-14", Version: 1})
		})
	}
	all.Wait()
	kept := 0
	for _, err := range done {
		if err == nil {
			kept++
		} else {
			require.Equal(t, fault.Conflict, fault.CodeOf(err), "%v", err)
		}
	}
	require.Equal(t, 1, kept)
	f, err := h.Service.Open(h.Admin.Ctx(), mila)
	require.NoError(t, err)
	require.Equal(t, 2, f.Version)
}
