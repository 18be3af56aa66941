package absences_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// noon is on Wednesday 25 November.
var noon = time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC) // 12:00 in Bathmen

type home struct {
	*childrentest.House
	t *testing.T
	e *dbtest.Env
	s *absences.Service
}

func newHome(t *testing.T) *home {
	t.Helper()
	e := dbtest.New(t)
	e.Clock.Set(noon)
	return &home{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, s: absences.New(e.DB, nil)}
}

// child comes on the weekdays (ISO).
func (h *home) child(name string, weekdays ...int) ids.ID {
	h.t.Helper()
	id := h.AddChild(name, h.Group)
	h.comes(id, weekdays...)
	return id
}

func (h *home) comes(child ids.ID, weekdays ...int) {
	h.t.Helper()
	for _, day := range weekdays {
		_, err := h.e.Owner(h.t).Exec(h.t.Context(), "INSERT INTO placement_day SELECT tenant_id, id, $2, '08:00', '17:30' FROM placement WHERE child_id = $1", child, day)
		require.NoError(h.t, err)
	}
}

func draft(reason absences.Reason, child ids.ID, days ...tenants.Date) absences.Draft {
	return absences.Draft{FormKey: ids.New(), ChildIDs: []ids.ID{child}, Days: days, Reason: reason}
}

func period(reason absences.Reason, child ids.ID, from, to tenants.Date) absences.Draft {
	return absences.Draft{FormKey: ids.New(), ChildIDs: []ids.ID{child}, From: from, To: to, Reason: reason}
}

func (h *home) report(who identitytest.Someone, d absences.Draft) absences.Done {
	h.t.Helper()
	done, err := h.s.Report(who.Ctx(), d)
	require.NoError(h.t, err)
	return done
}

// standing is what stands of a child: first, last and reason of each.
func (h *home) standing(child ids.ID) [][3]string {
	h.t.Helper()
	list := [][3]string{}
	require.NoError(h.t, h.e.DB.Read(h.Admin.Ctx(), func(ctx context.Context, tx tenants.Reader) error {
		rows, err := absences.OfChild(ctx, tx, child)
		for _, a := range rows {
			list = append(list, [3]string{string(a.FirstDay), string(a.LastDay), string(a.Reason)})
		}
		return err
	}))
	return list
}

func (h *home) page(who identitytest.Someone) *absences.Page {
	h.t.Helper()
	p, err := h.s.Open(who.Ctx())
	require.NoError(h.t, err)
	return p
}

func (h *home) count(query string, args ...any) (n int) {
	h.t.Helper()
	require.NoError(h.t, h.e.Owner(h.t).QueryRow(h.t.Context(), query, args...).Scan(&n))
	return n
}

// kept counts rows of the organisation in a table.
func (h *home) kept(table, where string, args ...any) int {
	h.t.Helper()
	return h.count("SELECT count(*) FROM "+table+" WHERE tenant_id = '"+h.Tenant.ID.String()+"' AND "+where, args...)
}

// field is where the first mistake is, and its key.
func field(t *testing.T, err error) [2]string {
	t.Helper()
	e, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.Invalid, e.Code)
	require.NotEmpty(t, e.Fields)
	return [2]string{e.Fields[0].Name, e.Fields[0].Key}
}

func TestAReportIsKeptWithItsNewsAndItsHistory(t *testing.T) {
	h := newHome(t)
	mila := h.child("Mila", 1, 2, 4)
	eva := h.AddParent("Eva", mila)
	d := draft(absences.Sick, mila, "2026-11-26")
	d.Note = "  Waterpokken\x00 "
	done := h.report(eva, d)
	require.Equal(t, absences.Done{Reported: 1}, done)
	require.Equal(t, done, h.report(eva, d), "sent twice")
	require.Equal(t, [][3]string{{"2026-11-26", "2026-11-26", "ziekte"}}, h.standing(mila))
	require.Equal(t, 1, h.kept("event", "name = 'absences.reported'"))
	require.Equal(t, 1, h.kept("audit_entry", "action = 'absences.report' AND subject_id = $1 AND detail::text NOT LIKE '%ziek%'", mila))
	require.Equal(t, 1, h.kept("absence", "note = 'Waterpokken' AND reported_by = $1", eva.ID))
	t.Run("another form under the key of that one is refused", func(t *testing.T) {
		d.Reason = absences.Other
		_, err := h.s.Report(eva.Ctx(), d)
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})
}

func TestWhatIsSaidOfDays(t *testing.T) {
	h := newHome(t)
	mila, finn := h.child("Mila", 1, 2, 4), h.child("Finn", 4)
	eva := h.AddParent("Eva", mila, finn)
	both := func(d absences.Draft) absences.Draft { d.ChildIDs = []ids.ID{mila, finn}; return d }
	for name, c := range map[string]struct {
		draft absences.Draft
		want  [2]string
	}{
		"a day without care":             {draft(absences.Sick, mila, "2026-12-02"), [2]string{"days", "absences.error.not_here"}},
		"a period of one such day":       {period(absences.Sick, mila, "2026-12-02", ""), [2]string{"from", "absences.error.not_here"}},
		"a period without care":          {period(absences.Sick, mila, "2026-11-27", "2026-11-29"), [2]string{"from", "absences.error.none"}},
		"one of two who never comes":     {both(draft(absences.Sick, mila, "2026-11-30")), [2]string{"days", "absences.error.none"}},
		"yesterday":                      {draft(absences.Sick, mila, "2026-11-24"), [2]string{"days", "absences.error.past"}},
		"too far":                        {period(absences.Sick, mila, "2027-11-30", "2028-01-30"), [2]string{"from", "absences.error.too_far"}},
		"too long":                       {period(absences.Sick, mila, "2026-11-30", "2027-11-30"), [2]string{"to", "absences.error.too_long"}},
		"backwards":                      {period(absences.Sick, mila, "2026-11-30", "2026-11-26"), [2]string{"to", "absences.error.end_first"}},
		"no day":                         {draft(absences.Sick, mila), [2]string{"days", "absences.error.days_required"}},
		"nonsense":                       {draft(absences.Sick, mila, "2026-02-30"), [2]string{"days", "absences.error.day"}},
		"no reason":                      {draft("", mila, "2026-11-26"), [2]string{"reason", "absences.error.reason"}},
		"nobody":                         {absences.Draft{FormKey: ids.New(), Days: []tenants.Date{"2026-11-26"}, Reason: absences.Sick}, [2]string{"children", "absences.error.children_required"}},
		"only the end of a period":       {period(absences.Sick, mila, "", "2026-11-26"), [2]string{"from", "absences.error.day"}},
		"a day on which neither of them": {both(draft(absences.Sick, mila, "2026-11-26", "2026-12-04")), [2]string{"days", "absences.error.not_here"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.s.Report(eva.Ctx(), c.draft)
			require.Equal(t, c.want, field(t, err))
		})
	}
	require.Zero(t, h.kept("absence", "true"))
	t.Run("of several children each day counts for who comes", func(t *testing.T) {
		require.Equal(t, 2, h.report(eva, both(period(absences.Holiday, mila, "2026-11-26", "2026-12-03"))).Reported)
		require.Equal(t, [][3]string{{"2026-11-26", "2026-12-03", "vakantie"}}, h.standing(mila))
		require.Equal(t, [][3]string{{"2026-11-26", "2026-12-03", "vakantie"}}, h.standing(finn))
	})
	t.Run("what is over may be reported as far back as the organisation chose", func(t *testing.T) {
		require.NoError(t, h.s.Choose(h.Admin.Ctx(), absences.Settings{UntilTime: "09:00", DaysBack: 2}))
		d := draft(absences.Sick, mila, "2026-11-24")
		d.ToldLate = "2026-11-25"
		require.True(t, h.report(eva, d).Late)
		_, err := h.s.Report(eva.Ctx(), draft(absences.Sick, mila, "2026-11-19"))
		require.Equal(t, [2]string{"days", "absences.error.past_from"}, field(t, err))
	})
}

func TestReportsThatMeet(t *testing.T) {
	const first, last = tenants.Date("2026-12-07"), tenants.Date("2026-12-11") // Monday to Friday
	for name, c := range map[string]struct {
		then absences.Draft
		want [][3]string
		same bool
	}{
		"within, for the same reason":       {then: draft(absences.Holiday, ids.Nil, "2026-12-08", "2026-12-10"), want: [][3]string{{"2026-12-07", "2026-12-11", "vakantie"}}, same: true},
		"over the end, for the same":        {then: period(absences.Holiday, ids.Nil, "2026-12-10", "2026-12-15"), want: [][3]string{{"2026-12-07", "2026-12-15", "vakantie"}}},
		"around it":                         {then: period(absences.Holiday, ids.Nil, "2026-12-01", "2026-12-31"), want: [][3]string{{"2026-12-01", "2026-12-31", "vakantie"}}},
		"beside it":                         {then: draft(absences.Holiday, ids.Nil, "2026-12-14"), want: [][3]string{{"2026-12-07", "2026-12-11", "vakantie"}, {"2026-12-14", "2026-12-14", "vakantie"}}},
		"two of which both meet it":         {then: draft(absences.Holiday, ids.Nil, "2026-12-04", "2026-12-07", "2026-12-11", "2026-12-14"), want: [][3]string{{"2026-12-04", "2026-12-14", "vakantie"}}},
		"in the middle, for another reason": {then: draft(absences.Sick, ids.Nil, "2026-12-09"), want: [][3]string{{"2026-12-07", "2026-12-08", "vakantie"}, {"2026-12-09", "2026-12-09", "ziekte"}, {"2026-12-10", "2026-12-11", "vakantie"}}},
		"the whole, for another reason":     {then: period(absences.Sick, ids.Nil, "2026-12-05", "2026-12-20"), want: [][3]string{{"2026-12-07", "2026-12-18", "ziekte"}}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			mila := h.child("Mila", 1, 2, 3, 4, 5)
			eva := h.AddParent("Eva", mila)
			h.report(eva, period(absences.Holiday, mila, first, last))
			c.then.ChildIDs = []ids.ID{mila}
			if c.then.Reason != absences.Holiday {
				_, err := h.s.Report(eva.Ctx(), c.then)
				require.Equal(t, [2]string{"replace", "absences.error.other_reason"}, field(t, err))
				require.Len(t, h.standing(mila), 1)
				c.then.Replace = true
			}
			done := h.report(eva, c.then)
			require.Equal(t, c.same, done.Reported == 0)
			require.Equal(t, c.want, h.standing(mila))
			require.Zero(t, h.count(`SELECT count(*) FROM absence a JOIN absence b ON b.child_id = a.child_id AND b.id > a.id AND a.child_id = '`+mila.String()+`' AND a.first_day <= b.last_day AND b.first_day <= a.last_day
				WHERE a.withdrawn_at IS NULL AND b.withdrawn_at IS NULL`), "none meet")
		})
	}
}

func TestTheDeadline(t *testing.T) {
	h := newHome(t)
	h.e.Clock.Set(time.Date(2026, 11, 26, 7, 59, 0, 0, time.UTC)) // Thursday, a minute before nine
	mila := h.child("Mila", 1, 2, 3, 4, 5)
	eva, jan := h.AddParent("Eva", mila), h.AddParent("Jan", mila)
	require.Equal(t, tenants.Date("2026-11-25"), h.page(eva).Late)
	require.False(t, h.report(eva, draft(absences.Sick, mila, "2026-11-26", "2026-11-27")).Late)
	id := h.page(eva).Coming[0].ID

	h.e.Clock.Advance(2 * time.Minute)
	page := h.page(jan)
	require.Equal(t, tenants.Date("2026-11-26"), page.Late)
	require.True(t, page.Withdrawable(&page.Coming[0]), "Friday can still be")
	t.Run("a form that was made in time says it first", func(t *testing.T) {
		d := draft(absences.Sick, mila, "2026-11-26")
		d.Note, d.ToldLate = "Koorts", "2026-11-25"
		_, err := h.s.Report(jan.Ctx(), d)
		require.Equal(t, [2]string{"days", "absences.error.late_now"}, field(t, err))
		d.ToldLate = page.Late
		require.False(t, h.report(jan, d).Late, "it was told in time already")
	})
	require.ElementsMatch(t, [][3]string{{"2026-11-26", "2026-11-27", "ziekte"}, {"2026-11-26", "2026-11-26", "ziekte"}}, h.standing(mila), "her words and his")

	t.Run("the days still to come are withdrawn, and no others", func(t *testing.T) {
		require.NoError(t, h.s.Withdraw(jan.Ctx(), id))
		require.Equal(t, [][3]string{{"2026-11-26", "2026-11-26", "ziekte"}, {"2026-11-26", "2026-11-26", "ziekte"}}, h.standing(mila))
		require.Equal(t, 1, h.kept("absence", "first_day = '2026-11-27' AND withdrawn_by = $1 AND NOT replaced", jan.ID))
		left := h.page(eva).Coming[0]
		require.False(t, h.page(eva).Withdrawable(&left))
		require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Withdraw(eva.Ctx(), left.ID)))
		require.Equal(t, 1, h.kept("event", "name = 'absences.withdrawn'"))
	})
	t.Run("what is late stays late, also as part of more", func(t *testing.T) {
		h.e.Clock.Advance(24 * time.Hour)
		d := draft(absences.Sick, mila, "2026-11-27")
		d.ToldLate = "2026-11-27"
		require.True(t, h.report(eva, d).Late)
		d = period(absences.Sick, mila, "2026-11-27", "2026-12-01")
		d.ToldLate = "2026-11-27"
		require.True(t, h.report(eva, d).Late)
		require.Equal(t, 1, h.kept("absence", "withdrawn_at IS NULL AND late_until = '2026-11-27'"))
	})
}

// The deadline is a time of a local day, before and after a change of clock.
func TestTheDeadlineOverChangesOfClock(t *testing.T) {
	h := newHome(t)
	two := absences.Settings{DaysBefore: 1, UntilTime: "12:00"}
	for day, want := range map[tenants.Date]time.Time{
		"2026-10-26": time.Date(2026, 10, 25, 11, 0, 0, 0, time.UTC), // winter time since that night
		"2026-10-25": time.Date(2026, 10, 24, 10, 0, 0, 0, time.UTC),
		"2026-03-29": time.Date(2026, 3, 28, 11, 0, 0, 0, time.UTC),
		"2026-03-30": time.Date(2026, 3, 29, 10, 0, 0, 0, time.UTC), // summer time since that night
	} {
		require.Equal(t, want, two.Deadline(h.e.A, day).UTC(), day)
	}
	night := absences.Settings{UntilTime: "02:30"} // that night there is none, and there are two
	require.Equal(t, 29, night.Deadline(h.e.A, "2026-03-29").In(h.e.A.Location()).Day())
	require.Equal(t, 25, night.Deadline(h.e.A, "2026-10-25").In(h.e.A.Location()).Day())

	require.NoError(t, h.s.Choose(h.Admin.Ctx(), two))
	h.e.Clock.Set(time.Date(2026, 10, 25, 10, 59, 0, 0, time.UTC))
	mila := h.child("Mila", 1)
	eva := h.AddParent("Eva", mila)
	require.Equal(t, tenants.Date("2026-10-25"), h.page(eva).Late)
	h.e.Clock.Advance(2 * time.Minute)
	require.Equal(t, tenants.Date("2026-10-26"), h.page(eva).Late)
	require.Equal(t, [][3]string{}, h.standing(mila))
	var days []tenants.Date
	for _, day := range h.page(eva).Days {
		if len(day.Comes) > 0 {
			days = append(days, day.On)
		}
	}
	require.Equal(t, []tenants.Date{"2026-10-19", "2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30"}, days, "every Monday once")
}

func TestWhoMayReport(t *testing.T) {
	h := newHome(t)
	mila := h.child("Mila", 1, 2, 3, 4, 5)
	eva := h.AddParent("Eva", mila)
	h.report(eva, draft(absences.Sick, mila, "2026-11-27"))
	id := h.page(eva).Coming[0].ID
	foreign := childrentest.NewHouse(t, h.e, h.e.B)
	bram := foreign.AddChild("Bram", foreign.Group)
	missing := func(err error) { t.Helper(); require.Equal(t, fault.Missing, fault.CodeOf(err)) }

	blocked := h.AddParent("Piet")
	tie := h.Tie(blocked, mila, children.Authority, "2026-01-01", "")
	require.Len(t, h.page(blocked).Coming, 1)
	require.NoError(t, h.Service.Block(h.Admin.Ctx(), tie, "uitspraak rechter"))
	ended := h.AddParent("Kees")
	h.Tie(ended, mila, children.Authority, "2026-01-01", "2026-11-24")
	collector := h.AddParent("Oma")
	h.Tie(collector, mila, children.Collector, "2026-01-01", "")
	for name, who := range map[string]identitytest.Someone{"blocked": blocked, "ended": ended, "who collects": collector, "another family": h.AddParent("Jan", h.child("Finn", 5)), "another organisation": foreign.AddParent("Bo", bram)} {
		t.Run("not "+name, func(t *testing.T) {
			_, err := h.s.Report(who.Ctx(), draft(absences.Sick, mila, "2026-11-27"))
			missing(err)
			missing(h.s.Withdraw(who.Ctx(), id))
			require.Empty(t, h.page(who).Coming)
		})
	}
	for _, who := range []identitytest.Someone{h.Staff, h.Admin} {
		_, err := h.s.Report(who.Ctx(), draft(absences.Sick, mila, "2026-11-27"))
		missing(err)
		_, err = h.s.Open(who.Ctx())
		missing(err)
	}
	require.Len(t, h.standing(mila), 1)
	informed := h.AddParent("Olaf")
	h.Tie(informed, mila, children.Information, "2026-01-01", "")
	require.NoError(t, h.s.Withdraw(informed.Ctx(), id))
	require.Empty(t, h.standing(mila))
}

func TestTheWishesOfAnOrganisation(t *testing.T) {
	h := newHome(t)
	for _, wrong := range []absences.Settings{{DaysBefore: -1, UntilTime: "09:00"}, {DaysBefore: 31, UntilTime: "09:00"}, {UntilTime: "25:00"}, {UntilTime: "09:00", DaysBack: 15}} {
		require.Equal(t, fault.Invalid, fault.CodeOf(h.s.Choose(h.Admin.Ctx(), wrong)))
	}
	require.NoError(t, h.s.Choose(h.Admin.Ctx(), absences.Settings{DaysBefore: 2, UntilTime: "17:30", DaysBack: 1}))
	held, err := h.s.Settings(h.Admin.Ctx())
	require.NoError(t, err)
	require.Equal(t, []any{2, "17:30", 1}, []any{held.DaysBefore, held.UntilTime, held.DaysBack})
	other, err := h.s.Settings(childrentest.NewHouse(t, h.e, h.e.B).Admin.Ctx())
	require.NoError(t, err)
	require.Equal(t, "09:00", other.UntilTime)
}
