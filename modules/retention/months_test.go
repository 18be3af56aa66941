package retention

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/tenants"
)

func TestMonthsAreThoseOfTheCalendar(t *testing.T) {
	for _, c := range []struct {
		day  tenants.Date
		n    int
		want tenants.Date
	}{
		{"2024-11-26", 24, "2026-11-26"}, {"2026-01-31", 1, "2026-02-28"}, {"2024-02-29", 24, "2026-02-28"}, {"2026-12-31", 2, "2027-02-28"},
		{"2026-03-31", -1, "2026-02-28"}, {"2027-01-15", -13, "2025-12-15"}, {"2026-05-31", 120, "2036-05-31"},
	} {
		require.Equal(t, c.want, addMonths(c.day, c.n), "%s %+d", c.day, c.n)
	}
}

// Whatever the day on which care ends, so many months have so many days at least.
func TestTheShortestMonths(t *testing.T) {
	for months, want := range map[int]int{1: 28, 2: 59, 3: 89, 6: 181, 12: 365} {
		least := 1 << 20
		for last := tenants.Date("2026-01-01"); last < "2029-03-02"; last = last.Add(1) {
			days := 0
			for end := addMonths(last, months); last.Add(days) < end; {
				days++
			}
			least = min(least, days)
		}
		require.Equal(t, []int{want, want}, []int{least, shortest(months)}, "%d months", months)
	}
}

// Whoever is due is among those who are looked at, whatever the day.
func TestNearlyLeavesNobodyOut(t *testing.T) {
	for _, months := range []int{1, 2, 11, 24, 119} {
		terms := Terms{FileMonths: months, NoticeDays: 30}
		for today := tenants.Date("2026-01-01"); today < "2028-03-05"; today = today.Add(1) {
			until := terms.nearly(today)
			for later := 1; later < 5; later++ {
				require.Greater(t, terms.ends(until.Add(later)), today.Add(terms.NoticeDays), "%s, %d months", today, months)
			}
		}
	}
}
