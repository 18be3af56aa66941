package web

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/i18n"
	"ouderportaal/modules/absences"
	"ouderportaal/tenants"
)

// What is said of the deadline holds of every day that can be chosen, also of those that are over.
func TestWhatTheDeadlineMeansNow(t *testing.T) {
	words, err := i18n.Load(absences.Locales)
	require.NoError(t, err)
	ctx := i18n.With(t.Context(), words.For("nl"))
	for name, c := range map[string]struct {
		late tenants.Date
		back int
		want string
	}{
		"all to choose is in time":       {"2026-11-24", 0, "Op tijd: dat ben je nu voor alle dagen hieronder."},
		"what is over is not":            {"2026-11-24", 3, "Op tijd: dat ben je nu voor vandaag en later. Dagen die voorbij zijn noteren we als te laat gemeld."},
		"today is late":                  {"2026-11-25", 0, "Te laat gemeld: zo noteren we het nu voor vandaag. Afmelden kan wel."},
		"today and what is over is late": {"2026-11-25", 3, "Te laat gemeld: zo noteren we het nu voor dagen tot en met woensdag 25 november. Afmelden kan wel."},
	} {
		t.Run(name, func(t *testing.T) {
			p := &absences.Page{Today: "2026-11-25", Late: c.late, Settings: absences.Settings{UntilTime: "09:00", DaysBack: c.back}}
			_, now := deadline(ctx, p)
			require.Equal(t, c.want, now)
		})
	}
}
