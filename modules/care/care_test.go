package care_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// noon is on a Wednesday.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) // 13:00 in Bathmen

func house(t *testing.T) (*dbtest.Env, *care.Service, *childrentest.House) {
	t.Helper()
	e := dbtest.New(t)
	e.Clock.Set(noon)
	return e, care.New(e.DB), childrentest.NewHouse(t, e, e.A)
}

// today is what a page of who asks.
func today(t *testing.T, e *dbtest.Env, who identitytest.Someone, in tenants.Tenant) []care.Day {
	t.Helper()
	var days []care.Day
	require.NoError(t, e.DB.Ask(who.Ctx(), care.Today([]any{in.ID, who.ID, string(in.DateOf(e.Clock.Now()))}, &days)))
	return days
}

func nap(h *childrentest.House, from, to string, about ...ids.ID) care.Draft {
	return care.Draft{FormKey: ids.New(), GroupID: h.Group, ChildIDs: about, Kind: care.Sleep, From: from, To: to}
}

func only(t *testing.T, days []care.Day) care.Record {
	t.Helper()
	require.Len(t, days, 1)
	require.Len(t, days[0].Records, 1)
	return days[0].Records[0]
}

func rows(t *testing.T, e *dbtest.Env, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, e.Owner(t).QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}

func TestADayInTheGroup(t *testing.T) {
	e, s, h := house(t)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	eva, jan := h.AddParent("Eva", mila), h.AddParent("Jan", finn)

	done, err := s.Arrive(h.Staff.Ctx(), ids.New(), h.Group, []ids.ID{mila, finn, mila})
	require.NoError(t, err)
	require.Equal(t, 2, done.Children)
	day := today(t, e, eva, e.A)
	require.Len(t, day, 1, "her own child and no other")
	require.Equal(t, mila, day[0].ChildID)
	require.Equal(t, noon, day[0].Here().UTC())

	t.Run("again changes nothing", func(t *testing.T) {
		e.Clock.Advance(time.Minute)
		done, err := s.Arrive(h.Staff.Ctx(), ids.New(), h.Group, []ids.ID{mila})
		require.NoError(t, err)
		require.Zero(t, done.Children)
		require.Equal(t, noon, only(t, today(t, e, eva, e.A)).BeganAt.UTC())
	})
	t.Run("who is collected is awake and gone", func(t *testing.T) {
		_, err := s.Note(h.Staff.Ctx(), nap(h, "13:00", "", mila))
		require.NoError(t, err)
		e.Clock.Advance(2 * time.Hour)
		_, err = s.Collect(h.Staff.Ctx(), ids.New(), h.Group, []ids.ID{mila})
		require.NoError(t, err)
		got := today(t, e, eva, e.A)[0]
		require.Nil(t, got.Here())
		for _, r := range got.Records {
			require.Equal(t, noon.Add(2*time.Hour+time.Minute), r.EndedAt.UTC(), r.Kind)
		}
	})
	t.Run("and undone at once, by who did it and nobody else", func(t *testing.T) {
		done, err := s.Collect(h.Staff.Ctx(), ids.New(), h.Group, []ids.ID{finn})
		require.NoError(t, err)
		n, err := s.Undo(h.Admin.Ctx(), h.Group, done.ActionID)
		require.NoError(t, err)
		require.Zero(t, n)
		for _, want := range []int{1, 0} {
			n, err = s.Undo(h.Staff.Ctx(), h.Group, done.ActionID)
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		require.NotNil(t, today(t, e, jan, e.A)[0].Here())
	})
	t.Run("a child that came back is not there twice", func(t *testing.T) {
		gone, err := s.Collect(h.Staff.Ctx(), ids.New(), h.Group, []ids.ID{finn})
		require.NoError(t, err)
		_, err = s.Arrive(h.Staff.Ctx(), ids.New(), h.Group, []ids.ID{finn})
		require.NoError(t, err)
		n, err := s.Undo(h.Staff.Ctx(), h.Group, gone.ActionID)
		require.NoError(t, err)
		require.Zero(t, n)
	})
	t.Run("the next day is empty", func(t *testing.T) {
		e.Clock.Advance(24 * time.Hour)
		require.Empty(t, today(t, e, eva, e.A))
	})
}

func TestWhoMaySeeAndWriteADay(t *testing.T) {
	e, s, h := house(t)
	mila := h.AddChild("Mila", h.Group)
	egels := h.AddGroup("Egels")
	noor := h.AddChild("Noor", egels)
	foreign := childrentest.NewHouse(t, e, e.B)
	bram := foreign.AddChild("Bram", foreign.Group)
	_, err := s.Note(h.Staff.Ctx(), nap(h, "12:00", "12:30", mila))
	require.NoError(t, err)
	record := only(t, today(t, e, h.AddParent("Eva", mila), e.A)).ID

	for name, who := range map[string]identitytest.Someone{"another group": h.AddStaff("Youssef", egels), "another organisation": foreign.Staff, "a parent": h.AddParent("Piet", mila)} {
		t.Run("not "+name, func(t *testing.T) {
			missing := func(err error) { t.Helper(); require.Equal(t, fault.Missing, fault.CodeOf(err)) }
			_, err := s.Arrive(who.Ctx(), ids.New(), h.Group, []ids.ID{mila})
			missing(err)
			_, err = s.Collect(who.Ctx(), ids.New(), h.Group, []ids.ID{mila})
			missing(err)
			_, err = s.Note(who.Ctx(), nap(h, "12:40", "", mila))
			missing(err)
			_, err = s.Undo(who.Ctx(), h.Group, ids.New())
			missing(err)
			_, err = s.Open(who.Ctx(), h.Group, "")
			missing(err)
			_, err = s.Find(who.Ctx(), record)
			missing(err)
			missing(s.Correct(who.Ctx(), record, 1, nap(h, "12:00", "12:40")))
			missing(s.Withdraw(who.Ctx(), record))
		})
	}
	t.Run("nor for a child that is not in the group today", func(t *testing.T) {
		left := h.AddNewcomer("Liv", h.Group, e.A.DateOf(noon).Add(-50), e.A.DateOf(noon).Add(-1))
		for _, child := range []ids.ID{noor, bram, left, ids.New()} {
			_, err := s.Arrive(h.Staff.Ctx(), ids.New(), h.Group, []ids.ID{mila, child})
			require.Equal(t, fault.Missing, fault.CodeOf(err))
		}
		require.Zero(t, rows(t, e, "SELECT count(*) FROM care_record WHERE tenant_id = $1 AND kind = 'stay'", e.A.ID.String()), "all or nobody")
	})
	t.Run("a guardian sees it until the tie is blocked", func(t *testing.T) {
		tom, oma := h.AddParent("Tom"), h.AddParent("Oma")
		tie := h.Tie(tom, mila, children.Authority, "2026-01-01", "")
		h.Tie(oma, mila, children.Collector, "2026-01-01", "")
		require.Len(t, today(t, e, tom, e.A), 1)
		require.Empty(t, today(t, e, oma, e.A), "who collects has no right to information")
		require.Empty(t, today(t, e, h.AddParent("Jan", noor), e.A))
		require.NoError(t, h.Service.Block(h.Admin.Ctx(), tie, "uitspraak rechter"))
		require.Empty(t, today(t, e, tom, e.A))
	})
	t.Run("who works here has no children here", func(t *testing.T) {
		require.Empty(t, today(t, e, h.Staff, e.A))
		require.Empty(t, today(t, e, h.Admin, e.A))
	})
	t.Run("and after a week nobody corrects it", func(t *testing.T) {
		e.Clock.Advance((care.DaysBack + 1) * 24 * time.Hour)
		require.Equal(t, fault.Missing, fault.CodeOf(s.Withdraw(h.Staff.Ctx(), record)))
		require.Equal(t, fault.Missing, fault.CodeOf(s.Correct(h.Staff.Ctx(), record, 1, nap(h, "12:00", "12:40"))))
	})
}

func TestEveryFormOfARecordIsKept(t *testing.T) {
	e, s, h := house(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	_, err := s.Note(h.Staff.Ctx(), nap(h, "12:00", "", mila))
	require.NoError(t, err)
	id := only(t, today(t, e, eva, e.A)).ID
	bea := h.Admin
	require.NoError(t, s.Correct(bea.Ctx(), id, 1, nap(h, "12:05", "12:50")))
	require.NoError(t, s.Correct(bea.Ctx(), id, 2, nap(h, "12:05", "12:50")), "nothing changed")
	require.Equal(t, fault.Conflict, fault.CodeOf(s.Correct(h.Staff.Ctx(), id, 1, nap(h, "12:10", ""))), "a page of before")

	file, err := s.Find(h.Staff.Ctx(), id)
	require.NoError(t, err)
	require.Equal(t, "Mila", file.Child.GivenName)
	require.Len(t, file.History, 2)
	require.Equal(t, []string{"Sanne", "Bea"}, []string{file.History[0].Author, file.History[1].Author})
	require.Nil(t, file.History[0].EndedAt)
	require.NotNil(t, file.History[1].EndedAt)

	require.NoError(t, s.Withdraw(h.Staff.Ctx(), id))
	require.Empty(t, today(t, e, eva, e.A))
	require.Equal(t, fault.Missing, fault.CodeOf(s.Withdraw(h.Staff.Ctx(), id)))
	require.Equal(t, 3, rows(t, e, "SELECT count(*) FROM care_change WHERE tenant_id = $1 AND record_id = $2", e.A.ID.String(), id.String()))
	require.Equal(t, 3, rows(t, e, "SELECT count(*) FROM event WHERE tenant_id = $1 AND name = 'care.recorded'", e.A.ID.String()))
	require.Equal(t, 3, rows(t, e, "SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action IN ('care.note', 'care.correct', 'care.withdraw') AND subject_id = $2", e.A.ID.String(), mila.String()))
	for _, privilege := range []string{"UPDATE", "DELETE", "TRUNCATE"} {
		require.Zero(t, rows(t, e, "SELECT has_table_privilege('ouderportaal_app', 'care_change', $1)::int", privilege), privilege)
	}
}

func TestADraftSaysWhatIsWrongWithIt(t *testing.T) {
	one := []ids.ID{ids.New()}
	for name, c := range map[string]struct {
		field string
		draft care.Draft
	}{
		"nobody chosen":                 {"children", care.Draft{Kind: care.Note, From: "12:00", Words: "x"}},
		"no such kind":                  {"kind", care.Draft{ChildIDs: one, Kind: "stay", From: "12:00"}},
		"no time":                       {"from", care.Draft{ChildIDs: one, Kind: care.Note, Words: "x"}},
		"a time that is none":           {"from", care.Draft{ChildIDs: one, Kind: care.Note, Words: "x", From: "24:00"}},
		"an end before the start":       {"to", care.Draft{ChildIDs: one, Kind: care.Sleep, From: "12:00", To: "11:59"}},
		"a sleep of no time":            {"to", care.Draft{ChildIDs: one, Kind: care.Sleep, From: "12:00", To: "12:00"}},
		"a bottle for a calf":           {"amount", care.Draft{ChildIDs: one, Kind: care.Bottle, From: "12:00", Amount: "2000"}},
		"a bottle of nothing":           {"amount", care.Draft{ChildIDs: one, Kind: care.Bottle, From: "12:00"}},
		"less than nothing":             {"amount", care.Draft{ChildIDs: one, Kind: care.Bottle, From: "12:00", Amount: "-50"}},
		"a temperature without a dot":   {"amount", care.Draft{ChildIDs: one, Kind: care.Temperature, From: "12:00", Amount: "378"}},
		"a temperature in Fahrenheit":   {"amount", care.Draft{ChildIDs: one, Kind: care.Temperature, From: "12:00", Amount: "98.6"}},
		"a temperature to hundredths":   {"amount", care.Draft{ChildIDs: one, Kind: care.Temperature, From: "12:00", Amount: "37,85"}},
		"an answer that is not there":   {"choice", care.Draft{ChildIDs: one, Kind: care.Mood, From: "12:00", Choice: "wet"}},
		"a note that says nothing":      {"words", care.Draft{ChildIDs: one, Kind: care.Note, From: "12:00", Words: " \x00\n"}},
		"a note that says far too much": {"words", care.Draft{ChildIDs: one, Kind: care.Note, From: "12:00", Words: strings.Repeat("é", care.MaxWords+1)}},
	} {
		t.Run(name, func(t *testing.T) {
			f, ok := fault.As(c.draft.Check())
			require.True(t, ok)
			require.Equal(t, c.field, f.Fields[0].Name)
			require.Len(t, f.Fields, 1)
		})
	}
	for typed, want := range map[string]int{"37,8": 378, "37.8": 378, "38": 380, "36,0": 360} {
		e, s, h := house(t)
		mila := h.AddChild("Mila", h.Group)
		_, err := s.Note(h.Staff.Ctx(), care.Draft{FormKey: ids.New(), GroupID: h.Group, ChildIDs: []ids.ID{mila}, Kind: care.Temperature, From: "12:00", To: "later", Amount: typed, Choice: "wet"})
		require.NoError(t, err)
		r := only(t, today(t, e, h.AddParent("Eva", mila), e.A))
		require.Equal(t, want, r.Amount, typed)
		require.Empty(t, r.Choice, "what the kind does not have is dropped")
	}
}

func TestWhatIsStillToComeIsRefused(t *testing.T) {
	_, s, h := house(t)
	mila := h.AddChild("Mila", h.Group)
	for field, d := range map[string]care.Draft{"from": nap(h, "13:01", "", mila), "to": nap(h, "12:00", "13:01", mila)} {
		_, err := s.Note(h.Staff.Ctx(), d)
		f, _ := fault.As(err)
		require.Equal(t, field, f.Fields[0].Name)
	}
	_, err := s.Note(h.Staff.Ctx(), nap(h, "12:00", "13:00", mila))
	require.NoError(t, err)
}

func TestAFormThatIsSentTwiceIsCarriedOutOnce(t *testing.T) {
	e, s, h := house(t)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	d := care.Draft{FormKey: ids.New(), GroupID: h.Group, ChildIDs: []ids.ID{mila, finn}, Kind: care.Food, From: "12:00", Choice: "all", Words: "Fruit"}
	arrival := ids.New()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if _, err := s.Note(h.Staff.Ctx(), d); err != nil {
				t.Error(err)
			}
			if _, err := s.Arrive(h.Staff.Ctx(), arrival, h.Group, []ids.ID{finn, mila}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 4, rows(t, e, "SELECT count(*) FROM care_record WHERE tenant_id = $1", e.A.ID.String()))
	d.Choice = "none"
	_, err := s.Note(h.Staff.Ctx(), d)
	require.Equal(t, fault.Invalid, fault.CodeOf(err), "another answer under the same key")
}

// Whatever is noted, corrected, ended or undone: nobody sleeps twice at the same time, and every form of a record is kept.
func TestSleepsNeverMeet(t *testing.T) {
	e, s, h := house(t)
	at := rapid.SampledFrom([]string{"08:00", "08:30", "09:00", "10:15", "11:00", "12:59", "13:00"})
	rapid.Check(t, func(t *rapid.T) {
		child := h.AddChild("Mila", h.Group)
		var actions []ids.ID
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			list := sleeps(t, e, h, child)
			switch rapid.IntRange(0, 4).Draw(t, "verb") {
			case 0, 1:
				to := ""
				if rapid.Bool().Draw(t, "over") {
					to = at.Draw(t, "to")
				}
				d := nap(h, at.Draw(t, "from"), to, child)
				_, err := s.Note(h.Staff.Ctx(), d)
				mayBeInvalid(t, err)
				actions = append(actions, d.FormKey)
			case 2:
				key := ids.New()
				_, err := s.Wake(h.Staff.Ctx(), key, h.Group, []ids.ID{child})
				mayBeInvalid(t, err)
				actions = append(actions, key)
			case 3:
				if len(list) > 0 {
					r := list[rapid.IntRange(0, len(list)-1).Draw(t, "which")]
					mayBeInvalid(t, s.Correct(h.Staff.Ctx(), r.ID, r.Version, nap(h, at.Draw(t, "from"), rapid.SampledFrom([]string{"", "12:00", "13:00"}).Draw(t, "to"))))
				}
			case 4:
				if len(actions) > 0 {
					_, err := s.Undo(h.Staff.Ctx(), h.Group, actions[rapid.IntRange(0, len(actions)-1).Draw(t, "action")])
					mayBeInvalid(t, err)
				}
			}
			list = sleeps(t, e, h, child)
			for i, a := range list {
				for _, b := range list[i+1:] { // by time
					if a.EndedAt == nil || a.EndedAt.After(b.BeganAt) {
						t.Fatalf("%v–%v meets %v–%v", a.BeganAt, a.EndedAt, b.BeganAt, b.EndedAt)
					}
				}
			}
		}
	})
	require.Zero(t, rows(t, e, `SELECT count(*) FROM care_record r WHERE r.version <> (SELECT count(*) FROM care_change c WHERE c.tenant_id = r.tenant_id AND c.record_id = r.id)`))
}

func mayBeInvalid(t *rapid.T, err error) {
	if err != nil && fault.CodeOf(err) != fault.Invalid {
		t.Fatal(err)
	}
}

func sleeps(t *rapid.T, e *dbtest.Env, h *childrentest.House, child ids.ID) []care.Record {
	page, err := care.New(e.DB).Open(h.Staff.Ctx(), h.Group, "")
	if err != nil {
		t.Fatal(err)
	}
	var list []care.Record
	for i := len(page.Records) - 1; i >= 0; i-- {
		if page.Records[i].ChildID == child {
			list = append(list, page.Records[i])
		}
	}
	return list
}

func TestWhereTheChildrenAre(t *testing.T) {
	e, s, h := house(t)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	egels := h.AddGroup("Egels")
	h.Place(mila, egels, "2026-01-01", "")
	_, err := e.Owner(t).Exec(context.Background(), `INSERT INTO placement_day SELECT tenant_id, id, 3, '07:30', '18:00' FROM placement WHERE tenant_id = $1 AND child_id = $2 AND group_id = $3`,
		e.A.ID.String(), finn.String(), h.Group.String()) // a Wednesday
	require.NoError(t, err)
	_, err = s.Arrive(h.Staff.Ctx(), ids.New(), h.Group, []ids.ID{mila})
	require.NoError(t, err)
	_, err = s.Note(h.Staff.Ctx(), nap(h, "13:00", "", mila))
	require.NoError(t, err)
	page, err := s.Open(h.Admin.Ctx(), h.Group, "")
	require.NoError(t, err)
	require.True(t, page.States[mila].Here())
	require.NotNil(t, page.States[mila].AsleepSince)
	require.Equal(t, care.State{ChildID: finn, Expected: "07:30"}, page.States[finn])

	t.Run("who goes to another group has left this one", func(t *testing.T) {
		e.Clock.Advance(time.Hour)
		_, err := s.Arrive(h.AddStaff("Youssef", egels).Ctx(), ids.New(), egels, []ids.ID{mila})
		require.NoError(t, err)
		here, err := s.Open(h.Admin.Ctx(), h.Group, "")
		require.NoError(t, err)
		there, err := s.Open(h.Admin.Ctx(), egels, "")
		require.NoError(t, err)
		require.Equal(t, []bool{false, true}, []bool{here.States[mila].Here(), there.States[mila].Here()})
	})
}
