package absences_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/modules/absences"
	"ouderportaal/tenants"
)

// notes are the words of what stands of a child, by first day, with who wrote them.
func (h *home) notes() []string {
	h.t.Helper()
	var list []string
	require.NoError(h.t, h.e.Owner(h.t).QueryRow(h.t.Context(), `SELECT array_agg(concat_ws(' ', first_day, last_day, p.given_name, note, 'late ' || late_until) ORDER BY first_day, a.last_day DESC)
		FROM absence a JOIN person p ON p.id = a.reported_by WHERE a.tenant_id = $1 AND withdrawn_at IS NULL`, h.Tenant.ID).Scan(&list))
	return list
}

func noted(d absences.Draft, words string, told ...tenants.Date) absences.Draft {
	d.Note = words
	for _, day := range told {
		d.ToldLate = day
	}
	return d
}

func TestNoGuardianErasesTheNoteOfAnother(t *testing.T) {
	h := newHome(t)
	mila := h.child("Mila", 1, 2, 3, 4, 5)
	eva, jan := h.AddParent("Eva", mila), h.AddParent("Jan", mila)
	h.report(eva, noted(period(absences.Sick, mila, "2026-12-07", "2026-12-11"), "Medicijn om 12 uur"))
	h.report(jan, noted(draft(absences.Sick, mila, "2026-12-11"), "Maandag weer"))
	both := []string{"2026-12-07 2026-12-11 Eva Medicijn om 12 uur", "2026-12-11 2026-12-11 Jan Maandag weer"}
	require.Equal(t, both, h.notes())
	require.Zero(t, h.report(jan, draft(absences.Sick, mila, "2026-12-09")).Reported, "that stood")
	t.Run("without words of his own, he takes over none of hers", func(t *testing.T) {
		h.report(jan, period(absences.Sick, mila, "2026-12-10", "2026-12-14"))
		require.Equal(t, []string{both[0], "2026-12-10 2026-12-14 Jan Maandag weer"}, h.notes())
	})
	t.Run("another note of her own stands beside the first", func(t *testing.T) {
		h.report(eva, noted(draft(absences.Sick, mila, "2026-12-08"), "Ook koorts"))
		require.Equal(t, []string{both[0], "2026-12-08 2026-12-08 Eva Ook koorts", "2026-12-10 2026-12-14 Jan Maandag weer"}, h.notes())
	})
	t.Run("days that are withdrawn are so of all who reported them", func(t *testing.T) {
		for _, a := range h.page(eva).Coming {
			if a.FirstDay == "2026-12-10" {
				require.NoError(t, h.s.Withdraw(eva.Ctx(), a.ID))
			}
		}
		require.Equal(t, []string{"2026-12-07 2026-12-09 Eva Medicijn om 12 uur", "2026-12-08 2026-12-08 Eva Ook koorts"}, h.notes())
	})
}

func TestAnotherGuardianIsToldThatAndWhenButNotWhy(t *testing.T) {
	h := newHome(t)
	mila := h.child("Mila", 1, 2, 3, 4, 5)
	eva, jan := h.AddParent("Eva", mila), h.AddParent("Jan", mila)
	h.report(eva, noted(draft(absences.Sick, mila, "2026-12-07"), "Waterpokken"))
	hers, his := h.page(eva).Coming[0], h.page(jan).Coming[0]
	require.Equal(t, []any{absences.Sick, "Waterpokken"}, []any{hers.Reason, hers.Note})
	require.Equal(t, []any{absences.Reason(""), "", "Eva", hers.FirstDay}, []any{his.Reason, his.Note, his.Reporter, his.FirstDay})
	_, err := h.s.Report(eva.Ctx(), draft(absences.Holiday, mila, "2026-12-07"))
	require.Equal(t, [2]string{"replace", "absences.error.other_reason"}, field(t, err))
	_, err = h.s.Report(jan.Ctx(), draft(absences.Holiday, mila, "2026-12-07"))
	require.Equal(t, [2]string{"replace", "absences.error.other_report"}, field(t, err))
	e, _ := fault.As(err)
	require.NotContains(t, e.Fields[0].Args, "Reason")
}

func TestWhatWasToldInTimeStaysSoAsPartOfMore(t *testing.T) {
	h := newHome(t)
	h.e.Clock.Set(time.Date(2026, 11, 26, 7, 30, 0, 0, time.UTC)) // Thursday, half past eight
	mila := h.child("Mila", 1, 2, 3, 4, 5)
	eva := h.AddParent("Eva", mila)
	require.NoError(t, h.s.Choose(h.Admin.Ctx(), absences.Settings{UntilTime: "09:00", DaysBack: 3}))
	h.report(eva, draft(absences.Sick, mila, "2026-11-26"))
	h.e.Clock.Advance(26 * time.Hour) // Friday, half past ten
	h.report(eva, noted(period(absences.Sick, mila, "2026-11-25", "2026-11-30"), "", "2026-11-27"))
	require.Equal(t, []string{"2026-11-25 2026-11-26 Eva  late 2026-11-25", "2026-11-27 2026-11-30 Eva  late 2026-11-27"}, h.notes())
}

func TestADayOfThePastThatWasReportedIsNotOfferedAgain(t *testing.T) {
	h := newHome(t)
	mila := h.child("Mila", 1, 2, 3, 4, 5)
	eva := h.AddParent("Eva", mila)
	require.NoError(t, h.s.Choose(h.Admin.Ctx(), absences.Settings{UntilTime: "09:00", DaysBack: 3}))
	h.report(eva, noted(draft(absences.Sick, mila, "2026-11-24"), "", "2026-11-25"))
	absent := []tenants.Date{}
	for _, day := range h.page(eva).Days {
		if len(day.Absent) > 0 {
			absent = append(absent, day.On)
		}
	}
	require.Equal(t, []tenants.Date{"2026-11-24"}, absent)
}

func TestWithdrawingTwice(t *testing.T) {
	h := newHome(t)
	mila := h.child("Mila", 1, 2, 3, 4, 5)
	eva := h.AddParent("Eva", mila)
	h.report(eva, draft(absences.Sick, mila, "2026-11-27"))
	id := h.page(eva).Coming[0].ID
	require.NoError(t, h.s.Withdraw(eva.Ctx(), id))
	require.NoError(t, h.s.Withdraw(eva.Ctx(), id))
	require.Equal(t, 1, h.kept("event", "name = 'absences.withdrawn'"), "told once")
	t.Run("also where a part of it stays", func(t *testing.T) {
		h.report(eva, noted(period(absences.Sick, mila, "2026-11-25", "2026-11-27"), "", "2026-11-25"))
		id := h.page(eva).Coming[0].ID
		require.NoError(t, h.s.Withdraw(eva.Ctx(), id))
		require.NoError(t, h.s.Withdraw(eva.Ctx(), id))
		require.Equal(t, [][3]string{{"2026-11-25", "2026-11-25", "ziekte"}}, h.standing(mila))
	})
	t.Run("not where another took its place", func(t *testing.T) {
		h.report(eva, draft(absences.Sick, mila, "2026-12-01"))
		id := h.page(eva).Coming[1].ID
		h.report(eva, draft(absences.Sick, mila, "2026-12-01", "2026-12-02"))
		require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Withdraw(eva.Ctx(), id)))
	})
	_, err := h.s.Report(eva.Ctx(), draft(absences.Sick, mila, "2026-12-10"))
	require.NoError(t, err)
	require.Equal(t, fault.Missing, fault.CodeOf(h.s.Withdraw(h.AddParent("Jan", h.child("Finn", 5)).Ctx(), id)), "of another family")
}
