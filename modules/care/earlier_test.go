package care_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/tenants"
)

// followed notes which days changed.
type followed struct{ days []tenants.Date }

func (f *followed) CareChanged(_ context.Context, _ tenants.Writer, _ []ids.ID, on tenants.Date) error {
	f.days = append(f.days, on)
	return nil
}

// What was noted wrong is put right for a week, with its history; what was forgotten is added.
func TestEarlierDaysAreMended(t *testing.T) {
	e, _, h := house(t)
	told := &followed{}
	s := care.New(e.DB, told)
	mila := h.AddChild("Mila", h.Group)
	_, err := s.Note(h.Staff.Ctx(), nap(h, "12:00", "12:30", mila))
	require.NoError(t, err)
	_, err = s.Arrive(h.Staff.Ctx(), ids.New(), h.Group, []ids.ID{mila})
	require.NoError(t, err)
	wednesday := e.A.DateOf(noon)
	e.Clock.Advance(7 * 24 * time.Hour)
	page, err := s.Open(h.Staff.Ctx(), h.Group, wednesday)
	require.NoError(t, err)
	require.Len(t, page.Records, 2)
	stay, sleep := page.Records[0], page.Records[1]
	require.Equal(t, care.Stay, stay.Kind)

	told.days = nil
	require.NoError(t, s.Correct(h.Staff.Ctx(), sleep.ID, 1, nap(h, "12:10", "12:50")))
	require.Equal(t, []tenants.Date{wednesday}, told.days)
	file, err := s.Find(h.Staff.Ctx(), sleep.ID)
	require.NoError(t, err)
	require.Equal(t, wednesday, e.A.DateOf(file.Record.BeganAt), "it stays on its day")
	require.Len(t, file.History, 2)
	require.Equal(t, 1, rows(t, e, `SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'care.correct' AND detail->>'day' = $2`, e.A.ID, string(wednesday)))

	t.Run("a day that is over leaves nothing open", func(t *testing.T) {
		require.Equal(t, fault.Invalid, fault.CodeOf(s.Correct(h.Staff.Ctx(), stay.ID, 1, nap(h, "12:15", ""))))
		require.Equal(t, fault.Invalid, fault.CodeOf(s.Correct(h.Staff.Ctx(), sleep.ID, 2, nap(h, "12:15", ""))))
		require.NoError(t, s.Correct(h.Staff.Ctx(), stay.ID, 1, nap(h, "08:00", "17:30")))
		forgotten := nap(h, "14:00", "", mila)
		forgotten.On = wednesday
		_, err := s.Note(h.Staff.Ctx(), forgotten)
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})
	t.Run("what was forgotten is added, and undone", func(t *testing.T) {
		forgotten := nap(h, "14:00", "15:00", mila)
		forgotten.On = wednesday
		done, err := s.Note(h.Staff.Ctx(), forgotten)
		require.NoError(t, err)
		again := nap(h, "14:30", "14:45", mila)
		again.On = wednesday
		_, err = s.Note(h.Staff.Ctx(), again)
		require.Equal(t, fault.Invalid, fault.CodeOf(err), "asleep already")
		_, err = s.Note(h.Staff.Ctx(), nap(h, "12:00", "12:45", mila))
		require.NoError(t, err, "today is another day")
		n, err := s.Undo(h.Staff.Ctx(), h.Group, done.ActionID)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
	t.Run("by who works in the group, and for a week", func(t *testing.T) {
		foreign := childrentest.NewHouse(t, e, e.B)
		require.Equal(t, fault.Missing, fault.CodeOf(s.Withdraw(foreign.Admin.Ctx(), sleep.ID)))
		require.Equal(t, fault.Missing, fault.CodeOf(s.Withdraw(h.AddStaff("Youssef", h.AddGroup("Egels")).Ctx(), sleep.ID)))
		for _, on := range []tenants.Date{wednesday.Add(-1), wednesday.Add(8), "gisteren"} {
			d := nap(h, "12:00", "12:30", mila)
			d.On = on
			_, err := s.Note(h.Staff.Ctx(), d)
			require.Equal(t, fault.Missing, fault.CodeOf(err), on)
			_, err = s.Open(h.Staff.Ctx(), h.Group, on)
			require.Equal(t, fault.Missing, fault.CodeOf(err), on)
		}
		e.Clock.Advance(24 * time.Hour)
		_, err := s.Find(h.Staff.Ctx(), sleep.ID)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
		require.Equal(t, fault.Missing, fault.CodeOf(s.Withdraw(h.Staff.Ctx(), sleep.ID)))
	})
}

// A sleep begins where the child was: not before it came, as far as anybody noted that it did.
func TestNobodySleepsBeforeComing(t *testing.T) {
	e, s, h := house(t)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	_, err := s.Arrive(h.Staff.Ctx(), ids.New(), h.Group, []ids.ID{mila})
	require.NoError(t, err)
	e.Clock.Advance(2 * time.Hour)
	early := func(err error) {
		t.Helper()
		problem, ok := fault.As(err)
		require.True(t, ok, err)
		require.Len(t, problem.Fields, 1)
		require.Equal(t, []any{"from", "care.error.not_there_yet", "Mila (13:00)"}, []any{problem.Fields[0].Name, problem.Fields[0].Key, problem.Fields[0].Args["Names"]})
	}
	_, err = s.Note(h.Staff.Ctx(), nap(h, "12:59", "13:30", mila, finn))
	early(err)
	_, err = s.Note(h.Staff.Ctx(), nap(h, "12:30", "13:30", finn))
	require.NoError(t, err, "nobody noted when Finn came")
	_, err = s.Note(h.Staff.Ctx(), nap(h, "13:00", "13:30", mila))
	require.NoError(t, err)
	page, err := s.Open(h.Staff.Ctx(), h.Group, "")
	require.NoError(t, err)
	for _, r := range page.Records {
		if r.Kind == care.Sleep && r.ChildID == mila {
			early(s.Correct(h.Staff.Ctx(), r.ID, 1, nap(h, "12:45", "13:30")))
			require.NoError(t, s.Correct(h.Staff.Ctx(), r.ID, 1, nap(h, "13:10", "13:30")))
		}
	}
}
