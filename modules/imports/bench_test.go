package imports_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/sheet"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/imports"
)

// many is a planning of n children: two guardians each, every second child a sibling of the one before.
func many(n int) [][]string {
	rows := [][]string{append([]string{}, head...)}
	for i := range n {
		r := row("Kindnummer", fmt.Sprint(100000+i), "Voornaam", "Kind", "Achternaam", "Familie "+word(i/2), "Groep", fmt.Sprintf("Groep %d", i%40), "Einddatum", "7-7-2028",
			"Ouder 1 voornaam", "Ouder "+word(i/2), "Ouder 1 achternaam", "Familie", "Ouder 1 e-mail", fmt.Sprintf("een%d@voorbeeld.nl", i/2), "Ouder 1 telefoon", "06 12 34 56 78",
			"Ouder 2 voornaam", "Verzorger "+word(i/2), "Ouder 2 achternaam", "Familie", "Ouder 2 e-mail", fmt.Sprintf("twee%d@voorbeeld.nl", i/2))
		r[1] += " " + word(i%2+1)
		rows = append(rows, r)
	}
	return rows
}

// word writes a number in letters: digits are no name.
func word(n int) string {
	text := ""
	for n++; n > 0; n /= 26 {
		text = string(rune('a'+n%26)) + text
	}
	return text
}

// BenchmarkFiveThousandRows takes, applies and changes 5,000 rows; R: under 30 s together.
func BenchmarkFiveThousandRows(b *testing.B) {
	for b.Loop() {
		e := &env{Env: dbtest.New(b), t: &testing.T{}}
		e.h = childrentest.NewHouse(b, e.Env, e.A)
		e.s = imports.New(e.DB)
		roster := children.Roster{}
		for i := range 40 {
			roster.Groups = append(roster.Groups, children.Group{TenantID: e.A.ID, ID: ids.New(), LocationID: e.h.Location, CareType: children.DayCare, Name: fmt.Sprintf("Groep %d", i), Symbol: "sprout", ToAgeMonths: 48})
		}
		require.NoError(b, e.h.Service.Add(e.ctx(), roster))
		rows := many(5000)
		for _, step := range []string{"new", "again", "changed"} {
			if step == "changed" {
				for i := range rows[1:] {
					rows[i+1][6] = "8-7-2028"
				}
			}
			var file bytes.Buffer
			require.NoError(b, sheet.WriteCSV(&file, rows))
			began := time.Now()
			id, err := e.s.Take(e.ctx(), imports.Upload{FileName: "planning.csv", Content: file.Bytes()})
			require.NoError(b, err)
			looked := time.Since(began)
			i, _, err := e.s.Find(context.WithoutCancel(e.ctx()), id)
			require.NoError(b, err)
			b.Logf("%s: %d bytes, %+v, preview in %v", step, file.Len(), i.Counts, looked)
			b.ReportMetric(looked.Seconds(), "s/preview-"+step)
			if i.Counts.Changes() == 0 {
				continue
			}
			began = time.Now()
			require.NoError(b, e.s.Apply(e.ctx(), imports.Order{FormKey: ids.New(), ImportID: id, Seen: i.Seal(), Accepted: true}))
			require.NoError(b, e.work(id))
			b.ReportMetric(time.Since(began).Seconds(), "s/apply-"+step)
			i, _, err = e.s.Find(e.ctx(), id)
			require.NoError(b, err)
			require.Equal(b, imports.Done, i.State, i.Refusal)
		}
	}
}
