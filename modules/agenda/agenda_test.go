package agenda_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

type home struct {
	*childrentest.House
	t *testing.T
	e *dbtest.Env
	s *agenda.Service
}

func newHome(t *testing.T) *home {
	t.Helper()
	e := dbtest.New(t)
	e.Clock.Set(time.Date(2026, 10, 1, 10, 0, 0, 0, time.UTC)) // a Thursday
	words, err := i18n.Load(agenda.Locales)
	require.NoError(t, err)
	return &home{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, s: agenda.New(e.DB, words)}
}

// child comes on the weekdays (ISO).
func (h *home) child(name string, weekdays ...int) ids.ID {
	h.t.Helper()
	id := h.AddChild(name, h.Group)
	for _, day := range weekdays {
		_, err := h.e.Owner(h.t).Exec(h.t.Context(), "INSERT INTO placement_day SELECT tenant_id, id, $2, '08:00', '17:30' FROM placement WHERE child_id = $1", id, day)
		require.NoError(h.t, err)
	}
	return id
}

// items are what is in a month, as "2026-10-05 care Mila".
func (h *home) items(who identitytest.Someone, in tenants.Date) []string {
	h.t.Helper()
	p, err := h.s.Open(who.Ctx(), in)
	require.NoError(h.t, err)
	list := []string{}
	for _, day := range p.Days {
		for _, item := range day.Items {
			list = append(list, string(day.On)+" "+string(item.Kind)+" "+item.Child.GivenName)
		}
	}
	return list
}

func TestTheMonthOfAGuardian(t *testing.T) {
	h := newHome(t)
	mila := h.child("Mila", 1)
	h.child("Finn", 2)
	eva := h.AddParent("Eva", mila)
	_, err := absences.New(h.e.DB, agenda.Open).Report(eva.Ctx(), absences.Draft{FormKey: ids.New(), ChildIDs: []ids.ID{mila}, Days: []tenants.Date{"2026-10-12"}, Reason: absences.Sick})
	require.NoError(t, err)
	// The clock changes on 25 October: every Monday is there once, on both sides.
	require.Equal(t, []string{"2026-10-05 care Mila", "2026-10-12 absent Mila", "2026-10-19 care Mila", "2026-10-26 care Mila"}, h.items(eva, ""))
	require.Equal(t, []string{"2027-03-01 care Mila", "2027-03-08 care Mila", "2027-03-15 care Mila", "2027-03-22 care Mila", "2027-03-29 care Mila"}, h.items(eva, "2027-03-31"))

	p, err := h.s.Open(eva.Ctx(), "2026-12-15")
	require.NoError(t, err)
	require.Equal(t, []tenants.Date{"2026-12-01", "2026-11-01", "2027-01-01"}, []tenants.Date{p.First, p.Before, p.Beyond})
	require.Len(t, p.Days, 31)
	p, err = h.s.Open(eva.Ctx(), "2027-10-31")
	require.NoError(t, err)
	require.Empty(t, p.Beyond)
	for _, far := range []tenants.Date{"2027-11-01", "2025-09-30", "nonsense"} {
		_, err = h.s.Open(eva.Ctx(), far)
		require.Equal(t, fault.Missing, fault.CodeOf(err), far)
	}
}

func TestWhoReadsAMonth(t *testing.T) {
	h := newHome(t)
	mila := h.child("Mila", 1, 2, 3)
	blocked := h.AddParent("Piet")
	tie := h.Tie(blocked, mila, children.Authority, "2026-01-01", "")
	require.NotEmpty(t, h.items(blocked, ""))
	require.NoError(t, h.Service.Block(h.Admin.Ctx(), tie, "uitspraak rechter"))
	foreign := childrentest.NewHouse(t, h.e, h.e.B)
	ended := h.AddParent("Kees")
	h.Tie(ended, mila, children.Authority, "2026-01-01", "2026-09-30")
	for _, who := range []identitytest.Someone{blocked, ended, foreign.AddParent("Bo"), h.AddParent("Jan", h.AddChild("Finn", h.Group))} {
		require.Empty(t, h.items(who, ""))
	}
	_, err := h.s.Open(h.Staff.Ctx(), "")
	require.Equal(t, fault.Missing, fault.CodeOf(err))
}
