package web

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/diary"
)

func TestFirstWords(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "kort": "kort", "tien teken": "tien teken", "een twee drie": "een twee…", "onafgebroken woord": "onafg…", "een tw... en meer": "een tw…", "é é é é é é": "é é é é é…",
	} {
		if got := firstWords(text, 10); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text, most := rapid.StringOfN(rapid.RuneFrom([]rune("ab é\n\u00a0😀")), 0, 60, -1).Draw(t, "text"), rapid.IntRange(2, 40).Draw(t, "most")
		got := firstWords(text, most)
		kept := strings.TrimSuffix(got, "…")
		switch {
		case len([]rune(text)) <= most && got != text:
			t.Fatalf("%q was cut to %q", text, got)
		case len([]rune(text)) > most && (!strings.HasPrefix(text, kept) || got == kept || len([]rune(kept)) > most || kept != strings.TrimRightFunc(kept, unicode.IsSpace)):
			t.Fatalf("%q became %q", text, got)
		}
	})
}

// A report of an earlier day that came since the last visit says so itself; the line stays where the guardian was.
func TestWhatIsNewAmongWhatWasKnown(t *testing.T) {
	ctx, page := fullPage(t)
	page.Entries = page.Entries[:4] // 13:20, 6:20, and 23:20 and 16:20 of the day before
	for i := range page.Entries {
		page.Entries[i].AuthorID = ids.New()
	}
	page.NewSince = page.Entries[1].PublishedAt.Add(time.Minute)
	marks := func() (lines, marks int, before string) {
		var html strings.Builder
		require.NoError(t, homePage(page, diary.Filter{}).Render(ctx, &html))
		marked, _, found := strings.Cut(html.String(), `data-qa="new"`)
		if found {
			before = marked[strings.LastIndex(marked, `id="stukje-`):]
		}
		return strings.Count(html.String(), `data-qa="since"`), strings.Count(html.String(), `data-qa="new"`), before
	}
	lines, marked, _ := marks()
	require.Equal(t, []int{1, 0}, []int{lines, marked})

	late := page.NewSince.Add(time.Minute)
	page.Entries[2].Kind, page.Entries[2].SharedAt = diary.DayPost, &late
	page.Entries[3].Kind, page.Entries[3].SharedAt = diary.DayPost, &page.NewSince
	lines, marked, before := marks()
	require.Equal(t, []int{1, 1}, []int{lines, marked})
	require.Contains(t, before, page.Entries[2].ID.String())

	page.NewSince = time.Time{}
	lines, marked, _ = marks()
	require.Equal(t, []int{0, 0}, []int{lines, marked}, "at the first visit everything is new, and nothing is said")
}
