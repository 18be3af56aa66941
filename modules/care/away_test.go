package care_test

import (
	"context"
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
