package care_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// aways are who a group is told of, with when and what was written.
func aways(t *testing.T, e *dbtest.Env, who identitytest.Someone, group ids.ID) []string {
	t.Helper()
	list := []string{}
	require.NoError(t, e.DB.Read(who.Ctx(), func(ctx context.Context, tx tenants.Reader) error {
		placed, err := children.InGroup(ctx, tx, group)
		if err != nil {
			return err
		}
		found, err := care.Aways(ctx, tx, group, placed)
		for _, a := range found {
			list = append(list, a.Child.GivenName+" "+string(a.FirstDay)+" "+a.Note)
		}
		return err
	}))
	return list
}

func TestAGroupReadsWhatWasReportedOfTodayAndTheDaysAhead(t *testing.T) {
	e, _, h := house(t)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	for _, child := range []ids.ID{mila, finn} {
		_, err := e.Owner(t).Exec(t.Context(), "INSERT INTO placement_day SELECT tenant_id, id, w, '08:00', '17:30' FROM placement, generate_series(1, 5) AS w WHERE child_id = $1", child)
		require.NoError(t, err)
	}
	eva, jan := h.AddParent("Eva", mila, finn), h.AddParent("Jan", mila)
	report := func(who identitytest.Someone, child ids.ID, note string, days ...tenants.Date) {
		t.Helper()
		_, err := absences.New(e.DB, agenda.Open).Report(who.Ctx(), absences.Draft{FormKey: ids.New(), ChildIDs: []ids.ID{child}, Days: days, Reason: absences.Sick, Note: note, ToldLate: "2026-11-25"})
		require.NoError(t, err)
	}
	report(eva, mila, "Medicijn om 12 uur", "2026-11-25")
	report(jan, mila, "Opa belt", "2026-11-25")
	report(eva, finn, "Tandarts", "2026-12-08")
	report(eva, finn, "Veel later", "2026-12-09")
	require.ElementsMatch(t, []string{"Mila 2026-11-25 Medicijn om 12 uur", "Mila 2026-11-25 Opa belt", "Finn 2026-12-08 Tandarts"}, aways(t, e, h.Staff, h.Group))
	require.Empty(t, aways(t, e, h.Staff, h.AddGroup("Egels")))

	require.NoError(t, e.DB.Read(h.Staff.Ctx(), func(ctx context.Context, tx tenants.Reader) error {
		states, err := care.States(ctx, tx, h.Group, []ids.ID{mila, finn})
		require.True(t, states[mila].Away())
		require.Len(t, states[mila].Absent, 2, "what each of them wrote")
		require.False(t, states[finn].Away())
		return err
	}))
}

func TestNobodyIsExpectedOnADayOnWhichTheHouseIsClosed(t *testing.T) {
	e, _, h := house(t)
	mila := h.AddChild("Mila", h.Group)
	_, err := e.Owner(t).Exec(t.Context(), "INSERT INTO placement_day SELECT tenant_id, id, 3, '08:00', '17:30' FROM placement WHERE child_id = $1", mila)
	require.NoError(t, err)
	eva := h.AddParent("Eva", mila)
	_, err = absences.New(e.DB, agenda.Open).Report(eva.Ctx(), absences.Draft{FormKey: ids.New(), ChildIDs: []ids.ID{mila}, Days: []tenants.Date{"2026-11-25"}, Reason: absences.Holiday, ToldLate: "2026-11-25"})
	require.NoError(t, err)
	state := func() (state care.State, away bool) {
		t.Helper()
		require.NoError(t, e.DB.Read(h.Staff.Ctx(), func(ctx context.Context, tx tenants.Reader) error {
			states, err := care.States(ctx, tx, h.Group, []ids.ID{mila})
			if err != nil {
				return err
			}
			state = states[mila]
			return tx.NewRaw("SELECT "+strings.ReplaceAll(absences.AwayToday(agenda.OpenSQL("$3")), "$3", "?1")+" FROM child k WHERE k.id = ?0", mila, string(tx.Today())).Scan(ctx, &away)
		}))
		return state, away
	}
	is, away := state()
	require.True(t, is.Away())
	require.True(t, away)
	closed := agenda.New(e.DB, nil)
	add := func(in ids.ID) ids.ID {
		t.Helper()
		id, err := closed.Add(h.Admin.Ctx(), agenda.Draft{FormKey: ids.New(), Kind: agenda.Closed, LocationID: in, FirstDay: "2026-11-24", LastDay: "2026-11-26", Title: "Studiedag"})
		require.NoError(t, err)
		return id
	}
	var elsewhere ids.ID
	require.NoError(t, e.Owner(t).QueryRow(t.Context(), "SELECT location_id FROM care_group WHERE id = $1", h.AddLocation("Elders")).Scan(&elsewhere))
	for name, c := range map[string]struct {
		in   ids.ID
		open bool
	}{"here": {h.Location, false}, "everywhere": {ids.Nil, false}, "elsewhere": {elsewhere, true}} {
		t.Run(name, func(t *testing.T) {
			id := add(c.in)
			is, away := state()
			require.Equal(t, []bool{c.open, c.open, c.open}, []bool{is.Expected != "", is.Away(), away})
			require.NoError(t, closed.Remove(h.Admin.Ctx(), id))
		})
	}
}
