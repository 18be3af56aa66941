package web

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/modules/agenda"
	"ouderportaal/tenants"
)

// A list on a phone leaves out the days that are over: it must not stand there empty without a word.
func TestAMonthIsOverWhenNothingIsToComeInIt(t *testing.T) {
	care := []agenda.Item{{Kind: agenda.Care}}
	for today, want := range map[tenants.Date]bool{"2026-11-28": false, "2026-11-29": false, "2026-11-30": true, "2026-10-31": false, "2026-12-01": false} {
		p := &agenda.Page{First: "2026-11-28", Today: today, Days: []agenda.Day{{On: "2026-11-28", Items: care}, {On: "2026-11-29", Items: care}, {On: "2026-11-30"}}}
		require.Equal(t, want, over(p), today)
	}
}
