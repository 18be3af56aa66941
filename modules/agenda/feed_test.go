package agenda_test

import (
	"context"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// fetch is what a calendar program gets at an address of the organisation.
func (h *home) fetch(in tenants.Tenant, secret string) (*ics.Calendar, error) {
	h.t.Helper()
	words, err := i18n.Load(agenda.Locales)
	require.NoError(h.t, err)
	text, err := h.s.Feed(i18n.With(tenants.With(context.Background(), in), words.For("nl")), secret)
	if err != nil {
		return nil, err
	}
	require.NotContains(h.t, strings.ReplaceAll(text, "\r\n", ""), "\n", "lines end in CRLF")
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	require.NoError(h.t, err)
	return cal, nil
}

func value(e *ics.VEvent, p ics.ComponentProperty) string {
	if found := e.GetProperty(p); found != nil {
		return found.Value
	}
	return ""
}

func TestTheFeedOfAGuardian(t *testing.T) {
	h := newHome(t)
	mila := h.child("Mila", 1)
	h.child("Finn", 1)
	eva := h.AddParent("Eva", mila)
	_, err := h.s.Add(h.Admin.Ctx(), agenda.Draft{FormKey: ids.New(), Kind: agenda.Activity, LocationID: h.Location, FirstDay: "2026-10-07", Title: "Feest\r\nATTENDEE:x", Place: "Tuin; achter, links"})
	require.NoError(t, err)
	_, err = absences.New(h.e.DB, nil).Report(eva.Ctx(), absences.Draft{FormKey: ids.New(), ChildIDs: []ids.ID{mila}, Days: []tenants.Date{"2026-10-12"}, Reason: absences.Sick, Note: "Waterpokken"})
	require.NoError(t, err)
	secret, err := h.s.MakeFeed(eva.Ctx())
	require.NoError(t, err)
	require.Len(t, secret, 43)
	cal, err := h.fetch(h.e.A, secret)
	require.NoError(t, err)
	starts, seen := map[string]string{}, map[string]bool{}
	for _, e := range cal.Events() {
		require.False(t, seen[e.Id()], "each has a name of its own")
		seen[e.Id()] = true
		starts[value(e, ics.ComponentPropertyDtStart)] = value(e, ics.ComponentPropertySummary)
		require.NotEmpty(t, value(e, ics.ComponentPropertyDtstamp))
	}
	// Eight o'clock is six in UTC in summer time and seven in winter time, on both sides of both changes of clock.
	require.Equal(t, []string{"Mila: opvang", "Mila: opvang", "Mila: opvang", "Mila: opvang"}, []string{starts["20261019T060000Z"], starts["20261026T070000Z"], starts["20270322T070000Z"], starts["20270329T060000Z"]})
	require.Equal(t, "Mila afgemeld", starts["20261012T060000Z"])
	require.Equal(t, "Feest ATTENDEE:x", starts["20261007"])
	for _, text := range []string{cal.Serialize()} {
		require.NotContains(t, text, "Finn")
		require.NotContains(t, text, "Waterpokken")
		require.NotContains(t, text, "\r\nATTENDEE")
	}
	require.Zero(t, rowsWith(t, h, secret), "the secret itself is nowhere")

	missing := func(in tenants.Tenant, secret string) {
		t.Helper()
		_, err := h.fetch(in, secret)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	}
	missing(h.e.B, secret)
	missing(h.e.A, "")
	missing(h.e.A, strings.Repeat("x", 43))
	t.Run("renewed, the old address leads nowhere; ended, none does", func(t *testing.T) {
		again, err := h.s.MakeFeed(eva.Ctx())
		require.NoError(t, err)
		missing(h.e.A, secret)
		_, err = h.fetch(h.e.A, again)
		require.NoError(t, err)
		require.NoError(t, h.s.EndFeed(eva.Ctx()))
		require.NoError(t, h.s.EndFeed(eva.Ctx()))
		missing(h.e.A, again)
	})
	t.Run("it stops at once with the tie, and with the account", func(t *testing.T) {
		jan := h.AddParent("Jan")
		tie := h.Tie(jan, mila, children.Authority, "2026-01-01", "")
		of, err := h.s.MakeFeed(jan.Ctx())
		require.NoError(t, err)
		_, err = h.fetch(h.e.A, of)
		require.NoError(t, err)
		require.NoError(t, h.Service.Block(h.Admin.Ctx(), tie, "uitspraak rechter"))
		missing(h.e.A, of)
		mine, err := h.s.MakeFeed(eva.Ctx())
		require.NoError(t, err)
		_, err = h.e.Owner(t).Exec(t.Context(), "UPDATE person SET deactivated_at = $2 WHERE id = $1", eva.ID, h.e.Clock.Now())
		require.NoError(t, err)
		missing(h.e.A, mine)
	})
	_, err = h.s.MakeFeed(h.Staff.Ctx())
	require.Equal(t, fault.Missing, fault.CodeOf(err))
}

func rowsWith(t *testing.T, h *home, secret string) (n int) {
	t.Helper()
	require.NoError(t, h.e.Owner(t).QueryRow(t.Context(), "SELECT (SELECT count(*) FROM agenda_feed f WHERE f::text LIKE '%' || $1 || '%') + (SELECT count(*) FROM audit_entry a WHERE a::text LIKE '%' || $1 || '%')", secret).Scan(&n))
	return n
}

func TestAFeedSpeaksTheLanguageOfThePersonAndNamesEachPlaceApart(t *testing.T) {
	h := newHome(t)
	mila := h.child("Mila", 1)
	h.Place(mila, h.AddGroup("Egels"), "2026-01-01", "")
	_, err := h.e.Owner(t).Exec(t.Context(), "INSERT INTO placement_day SELECT tenant_id, id, 1, '08:00', '17:30' FROM placement WHERE child_id = $1 ON CONFLICT DO NOTHING", mila)
	require.NoError(t, err)
	eva := h.AddParent("Eva", mila)
	_, err = h.e.Owner(t).Exec(t.Context(), "UPDATE person SET language = 'en' WHERE id = $1", eva.ID)
	require.NoError(t, err)
	secret, err := h.s.MakeFeed(eva.Ctx())
	require.NoError(t, err)
	cal, err := h.fetch(h.e.A, secret)
	require.NoError(t, err)
	seen, at := map[string]bool{}, 0
	for _, e := range cal.Events() {
		if strings.HasPrefix(e.Id(), "birthday-") {
			require.Equal(t, "Mila turns 3", value(e, ics.ComponentPropertySummary))
			continue
		}
		require.Equal(t, "Mila: care", value(e, ics.ComponentPropertySummary))
		require.False(t, seen[e.Id()], "one at each place")
		seen[e.Id()] = true
		if value(e, ics.ComponentPropertyDtStart) == "20261005T060000Z" {
			at++
		}
	}
	require.Equal(t, 2, at)
}
