package web

import (
	"context"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// mostAllocations bounds what a full page may ask of the memory: what it asks for must be looked for again.
const mostAllocations = 750

func fullPage(t testing.TB) (context.Context, *diary.Timeline) {
	t.Helper()
	bundle, err := i18n.Load(web.Locales, ui.Locales, absences.Locales, agenda.Locales, diary.Locales)
	require.NoError(t, err)
	now := time.Date(2026, 11, 23, 13, 20, 0, 0, time.UTC)
	ctx := tenants.With(clock.With(context.Background(), now), tenants.Tenant{ID: ids.New(), Name: "Kinderopvang Bathmen", TimeZone: "Europe/Amsterdam", Language: "nl"})
	ctx = ui.WithChrome(i18n.With(ctx, bundle.For("nl")), ui.Chrome{Tenant: "Kinderopvang Bathmen", Language: "nl", Person: "Eva de Vries", Live: "/live", Tabs: []ui.Tab{ui.TabChild, ui.TabOther}})
	mila := ids.New()
	page := &diary.Timeline{Children: []diary.Own{{ID: mila, GivenName: "Mila", Groups: "Kikkers, Bathmen", Mentor: "Sanne"}}, Next: paging.Cursor{At: now, ID: ids.New()}}
	for n := range diary.PageSize {
		e := diary.Entry{ID: ids.New(), Kind: diary.Post, GroupName: "Kikkers", AuthorName: "Sanne", AuthorFace: n, Title: "Het bos " + strconv.Itoa(n),
			Body: strings.Repeat("Vanmorgen hebben we buiten gespeeld. ", 10), PublishedAt: now.Add(-time.Duration(n) * 7 * time.Hour), Children: []children.Named{{ID: mila, GivenName: "Mila"}}}
		for range 2 {
			e.Media = append(e.Media, diary.Medium{ID: ids.New(), Width: 4032, Height: 3024, ThumbHash: "3OcRJYB4d3h/iIeHeEh3eIhw+j2w", Children: []ids.ID{mila}})
		}
		page.Entries = append(page.Entries, e)
	}
	return ctx, page
}

func TestAPageAsksLittleOfTheMemory(t *testing.T) {
	ctx, page := fullPage(t)
	var html strings.Builder
	require.NoError(t, homePage(page, diary.Filter{}).Render(ctx, &html))
	require.Equal(t, diary.PageSize, strings.Count(html.String(), `data-qa="entry"`))
	made := testing.AllocsPerRun(50, func() { _ = homePage(page, diary.Filter{}).Render(ctx, io.Discard) })
	t.Logf("%.0f allocations, %d bytes", made, html.Len())
	require.LessOrEqual(t, made, mostAllocations*float64(allowance))
}

func BenchmarkPage(b *testing.B) {
	ctx, page := fullPage(b)
	b.ReportAllocs()
	for b.Loop() {
		_ = homePage(page, diary.Filter{}).Render(ctx, io.Discard)
	}
}
