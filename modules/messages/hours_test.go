package messages

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
)

// workdays are from Monday to Friday, at the same times.
func workdays(from, to string) (days []children.CareDay) {
	for n := 1; n <= 5; n++ {
		days = append(days, children.CareDay{Weekday: n, From: from, To: to})
	}
	return days
}

func TestParentsReadWhenMessagesAreRead(t *testing.T) {
	o := newOffice(t)
	mila, noor := o.AddChild("Mila", o.Group), o.AddChild("Noor", o.AddGroup("Egels"))
	eva := o.AddParent("Eva", mila, noor)
	reading := func(who identitytest.Someone) []Reading {
		subjects, err := o.s.Subjects(who.Ctx())
		require.NoError(t, err)
		list, err := o.s.ReadingOf(who.Ctx(), subjects)
		require.NoError(t, err)
		return list
	}
	require.Empty(t, reading(eva), "nothing was chosen")
	hours := Hours{LocationID: o.Location, Words: " Wij lezen berichten op werkdagen van 8.00 tot 17.00 uur. ", Days: workdays("08:00", "17:00")}
	for range 2 {
		require.NoError(t, o.s.SetHours(o.Admin.Ctx(), hours))
	}

	at := func(moment string) time.Time {
		parsed, err := time.ParseInLocation("2006-01-02 15:04", moment, o.Tenant.Location())
		require.NoError(t, err)
		return parsed
	}
	// A Thursday, and the Friday before a weekend; closed on the Monday after it.
	_, err := agenda.New(o.e.DB, nil).Add(o.Admin.Ctx(), agenda.Draft{FormKey: ids.New(), Kind: agenda.Closed, Title: "Studiedag", FirstDay: "2026-12-07"})
	require.NoError(t, err)
	for now, next := range map[string]string{"2026-12-03 07:59": "2026-12-03 08:00", "2026-12-03 08:00": "", "2026-12-03 16:59": "", "2026-12-03 17:00": "2026-12-04 08:00",
		"2026-12-04 17:30": "2026-12-08 08:00", "2026-12-06 12:00": "2026-12-08 08:00"} {
		o.e.Clock.Set(at(now))
		want := Reading{LocationID: o.Location, Location: reading(eva)[0].Location, Words: "Wij lezen berichten op werkdagen van 8.00 tot 17.00 uur."}
		got := reading(eva)
		if next != "" {
			require.True(t, at(next).Equal(got[0].Next), "%s: %s", now, got[0].Next)
			got[0].Next = time.Time{}
		}
		require.Equal(t, []Reading{want}, got, now)
	}
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.wait()
	for who, n := range map[*identitytest.Someone]int{&eva: 1, &o.Staff: 0} {
		page, err := o.s.Open(who.Ctx(), thread, paging.Cursor{})
		require.NoError(t, err)
		require.Len(t, page.Reading, n, who.GivenName)
	}

	foreign := childrentest.NewHouse(t, o.e, o.e.B)
	require.Empty(t, reading(foreign.AddParent("Bo", foreign.AddChild("Bram", foreign.Group))), "of another organisation")
	require.Equal(t, fault.Missing, fault.CodeOf(o.s.SetHours(foreign.Admin.Ctx(), hours)))
	require.NoError(t, o.s.SetHours(o.Admin.Ctx(), Hours{LocationID: o.Location}))
	require.Empty(t, reading(eva), "nothing is said any more")
}

func TestHoursThatMakeNoSense(t *testing.T) {
	for field, h := range map[string]Hours{"words": {Days: workdays("08:00", "17:00")}, "day_1": {Words: "Altijd"}, "day_3": {Words: "Soms", Days: []children.CareDay{{Weekday: 3, From: "17:00", To: "08:00"}}},
		"day_4": {Words: "Soms", Days: []children.CareDay{{Weekday: 4, From: "8:00", To: ""}}}} {
		e, ok := fault.As(h.Check())
		require.True(t, ok, field)
		require.Equal(t, field, e.Fields[0].Name)
	}
	require.NoError(t, (&Hours{}).Check())
}
