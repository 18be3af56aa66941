package notifications

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
)

func TestHoursOfTheOrganisation(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	on := func(date, hour string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", date+" "+hour, amsterdam)
		require.NoError(t, err)
		return at
	}
	night := Rhythm{Quiet: true, QuietFrom: "19:00", QuietUntil: "07:00"}
	for _, c := range []struct{ date, hour, end string }{
		{"2026-11-02", "18:59", ""}, {"2026-11-02", "19:00", "2026-11-03 07:00"}, {"2026-11-03", "00:00", "2026-11-03 07:00"},
		{"2026-11-03", "06:59", "2026-11-03 07:00"}, {"2026-11-03", "07:00", ""},
		{"2026-10-24", "19:00", "2026-10-25 07:00"}, {"2027-03-27", "19:00", "2027-03-28 07:00"}, // the clock changes that night
	} {
		end, quiet := night.quietUntil(on(c.date, c.hour))
		require.Equal(t, c.end != "", quiet, c)
		if quiet {
			require.Equal(t, c.end, end.Format("2006-01-02 15:04"), c)
		}
	}
	end, _ := night.quietUntil(on("2026-10-24", "19:00"))
	require.Equal(t, 13*time.Hour, end.Sub(on("2026-10-24", "19:00")), "an hour more than the clock shows")
	end, _ = night.quietUntil(on("2027-03-27", "19:00"))
	require.Equal(t, 11*time.Hour, end.Sub(on("2027-03-27", "19:00")))

	noon := Rhythm{Quiet: true, QuietFrom: "12:00", QuietUntil: "13:30"}
	_, quiet := noon.quietUntil(on("2026-11-02", "13:29"))
	require.True(t, quiet)
	_, quiet = noon.quietUntil(on("2026-11-02", "13:30"))
	require.False(t, quiet)
	_, quiet = Rhythm{QuietFrom: "12:00", QuietUntil: "13:30"}.quietUntil(on("2026-11-02", "12:30"))
	require.False(t, quiet, "switched off")

	daily := Rhythm{Daily: true, DailyAt: "18:00"}
	require.Equal(t, on("2026-10-24", "18:00"), daily.nextDaily(on("2026-10-24", "17:59")))
	require.Equal(t, on("2026-10-25", "18:00"), daily.nextDaily(on("2026-10-24", "18:00")))
}

func TestHoursThatAreNone(t *testing.T) {
	require.NoError(t, usual.Check())
	for _, wrong := range []string{"", "7:00", "24:00", "07:60", "07.00", "+7:00", "07:0a", "07:000"} {
		r := usual
		r.DailyAt = wrong
		problem, ok := fault.As(r.Check())
		require.True(t, ok, wrong)
		require.Equal(t, "daily_at", problem.Fields[0].Name, wrong)
	}
	r := usual
	r.QuietUntil = r.QuietFrom
	require.Equal(t, fault.Invalid, fault.CodeOf(r.Check()))
}
