package agenda_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/tenants"
)

func closing(location ids.ID, day tenants.Date) agenda.Draft {
	return agenda.Draft{FormKey: ids.New(), Kind: agenda.Closed, LocationID: location, FirstDay: day, Title: "Studiedag"}
}

func TestADayOnWhichAPlaceIsClosed(t *testing.T) {
	h := newHome(t)
	mila := h.child("Mila", 1)
	eva, far := h.AddParent("Eva", mila), h.AddParent("Kim", h.AddChild("Finn", h.AddLocation("Kerkstraat")))
	id, err := h.s.Add(h.AddManager("Corine").Ctx(), closing(h.Location, "2026-10-12"))
	require.NoError(t, err)
	require.Equal(t, []string{"2026-10-05 care Mila", "2026-10-12 closed ", "2026-10-19 care Mila", "2026-10-26 care Mila"}, h.items(eva, ""))
	require.Empty(t, h.items(far, ""), "of another location")
	t.Run("there is nothing to report on it", func(t *testing.T) {
		s := absences.New(h.e.DB, agenda.Open)
		_, err := s.Report(eva.Ctx(), absences.Draft{FormKey: ids.New(), ChildIDs: []ids.ID{mila}, Days: []tenants.Date{"2026-10-12"}, Reason: absences.Holiday})
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})
	t.Run("changed and removed it is gone", func(t *testing.T) {
		d := closing(h.Location, "2026-10-19")
		require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Change(h.Admin.Ctx(), id, d)))
		d.Version = 1
		require.NoError(t, h.s.Change(h.Admin.Ctx(), id, d))
		require.Contains(t, h.items(eva, ""), "2026-10-19 closed ")
		require.NoError(t, h.s.Remove(h.Admin.Ctx(), id))
		require.NotContains(t, h.items(eva, ""), "2026-10-19 closed ")
		require.Equal(t, fault.Missing, fault.CodeOf(h.s.Remove(h.Admin.Ctx(), id)))
	})
}

func TestWhoKeepsTheAgenda(t *testing.T) {
	h := newHome(t)
	eva := h.AddParent("Eva", h.child("Mila", 1))
	manager, foreign := h.AddManager("Corine"), childrentest.NewHouse(t, h.e, h.e.B)
	all, err := h.s.Add(h.Admin.Ctx(), closing(ids.Nil, "2026-12-25"))
	require.NoError(t, err)
	missing := func(err error) { t.Helper(); require.Equal(t, fault.Missing, fault.CodeOf(err)) }
	_, err = h.s.Add(manager.Ctx(), closing(ids.Nil, "2026-12-26"))
	missing(err)
	missing(h.s.Remove(manager.Ctx(), all))
	_, err = h.s.Add(foreign.Admin.Ctx(), closing(h.Location, "2026-10-12"))
	missing(err)
	_, err = h.s.Find(foreign.Admin.Ctx(), all)
	missing(err)
	_, err = h.s.Add(h.Staff.Ctx(), closing(h.Location, "2026-10-12"))
	missing(err)
	_, err = h.s.Add(eva.Ctx(), closing(h.Location, "2026-10-12"))
	missing(err)
	d := agenda.Draft{FormKey: ids.New(), Kind: agenda.Activity, LocationID: h.Location, GroupID: h.AddGroup("Egels"), FirstDay: "2026-10-13", FromTime: "15:30", ToTime: "17:00", Title: "Pompoenen", Place: "Tuin"}
	_, err = h.s.Add(manager.Ctx(), d)
	require.NoError(t, err)
	require.NotContains(t, h.items(eva, ""), "2026-10-13 activity ", "of another group")
	d.FormKey, d.GroupID = ids.New(), h.Group
	_, err = h.s.Add(manager.Ctx(), d)
	require.NoError(t, err)
	require.Contains(t, h.items(eva, ""), "2026-10-13 activity ")
	require.Contains(t, h.items(eva, "2026-12-01"), "2026-12-25 closed ")
	kept, err := h.s.Kept(manager.Ctx())
	require.NoError(t, err)
	require.Len(t, kept, 3)
	require.Equal(t, "15:30", kept[0].FromTime)
	d.GroupID = foreign.Group
	_, err = h.s.Add(h.Admin.Ctx(), d)
	missing(err)
	for _, wrong := range []agenda.Draft{{}, {Kind: agenda.Activity, Title: "x", FirstDay: "2026-10-13", ToTime: "12:00"}, {Kind: agenda.Activity, Title: "x", FirstDay: "2026-10-13", FromTime: "13:00", ToTime: "12:00"},
		{Kind: agenda.Closed, Title: "x", FirstDay: "2026-10-13", LastDay: "2026-10-12"}, {Kind: agenda.Closed, Title: "x", FirstDay: "2026-01-13", LastDay: "2026-12-12"}} {
		_, err := h.s.Add(h.Admin.Ctx(), wrong)
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	}
}

func TestAnEntryIsAddedOnce(t *testing.T) {
	h := newHome(t)
	d := closing(h.Location, "2026-10-12")
	d.FormKey, d.GroupID = ids.New(), h.Group
	first, err := h.s.Add(h.Admin.Ctx(), d)
	require.NoError(t, err)
	again, err := h.s.Add(h.Admin.Ctx(), d)
	require.NoError(t, err)
	require.Equal(t, first, again)
	kept, err := h.s.Kept(h.Admin.Ctx())
	require.NoError(t, err)
	require.Len(t, kept, 1)
	require.Equal(t, ids.Nil, kept[0].GroupID, "a house is closed, not a group")
}
