package web

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/tenants"
)

// What is said of the deadline holds of every day that can be chosen, also of those that are over.
func TestWhatTheDeadlineMeansNow(t *testing.T) {
	words, err := i18n.Load(absences.Locales)
	require.NoError(t, err)
	ctx := i18n.With(t.Context(), words.For("nl"))
	here, later := []tenants.Date{"2026-11-24", "2026-11-25", "2026-11-27"}, []tenants.Date{"2026-11-27"} // the days on which a child comes
	for name, c := range map[string]struct {
		late tenants.Date
		back int
		days []tenants.Date
		want string
	}{
		"all to choose is in time":       {"2026-11-24", 0, here, "Op tijd: dat ben je nu voor alle dagen hieronder."},
		"what is over is not":            {"2026-11-24", 3, here, "Op tijd: dat ben je nu voor vandaag en later. Dagen die voorbij zijn noteren we als te laat gemeld."},
		"today is late":                  {"2026-11-25", 0, here, "Te laat gemeld: zo noteren we het nu voor vandaag. Afmelden kan wel."},
		"today and what is over is late": {"2026-11-25", 3, here, "Te laat gemeld: zo noteren we het nu voor dagen tot en met woensdag 25 november. Afmelden kan wel."},
		"nobody comes today":             {"2026-11-25", 0, later, "Op tijd: dat ben je nu voor alle dagen hieronder."},
		"nor on a day that is too late":  {"2026-11-26", 0, later, "Op tijd: dat ben je nu voor alle dagen hieronder."},
		"but on one before the deadline": {"2026-11-27", 0, later, "Te laat gemeld: zo noteren we het nu voor dagen tot en met vrijdag 27 november. Afmelden kan wel."},
	} {
		t.Run(name, func(t *testing.T) {
			p := &absences.Page{Today: "2026-11-25", Late: c.late, Settings: absences.Settings{UntilTime: "09:00", DaysBack: c.back}}
			for _, on := range c.days {
				p.Days = append(p.Days, absences.Day{On: on, Comes: make([]absences.Named, 1)})
			}
			_, now := deadline(ctx, p)
			require.Equal(t, c.want, now)
		})
	}
}

// Of a day on which one of two children is reported, the page says which, to who sees it and to who hears it.
func TestWhoOfTwoIsReportedOnADay(t *testing.T) {
	words, err := i18n.Load(absences.Locales)
	require.NoError(t, err)
	ctx := i18n.With(t.Context(), words.For("nl"))
	mila, finn := absences.Named{ID: ids.New(), GivenName: "Mila"}, absences.Named{ID: ids.New(), GivenName: "Finn"}
	both := []absences.Named{mila, finn}
	for name, c := range map[string]struct {
		absent []absences.Named
		want   string
	}{
		"nobody":      {nil, "maandag 30 november, Mila en Finn"},
		"one of them": {[]absences.Named{finn}, "maandag 30 november, Mila en Finn, Finn is afgemeld"},
		"both":        {both, "maandag 30 november, Mila en Finn, afgemeld"},
	} {
		t.Run(name, func(t *testing.T) {
			d := absences.Day{On: "2026-11-30", Comes: both, Absent: c.absent}
			p := &absences.Page{Today: "2026-11-25", Children: both, Days: []absences.Day{d}}
			require.Equal(t, c.want, spoken(ctx, p, &d))
			var out strings.Builder
			require.NoError(t, day(p, &d, form{}).Render(ctx, &out))
			require.Equal(t, len(c.absent), strings.Count(out.String(), `"calday__away"`))
		})
	}
}
