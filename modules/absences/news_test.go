package absences_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// bell is a home whose news arrive.
type bell struct {
	*home
	n    *notifications.Service
	news *absences.News
	say  *i18n.Localizer
}

func newBell(t *testing.T) *bell {
	h := newHome(t)
	words, err := i18n.Load(absences.Locales, notifications.Locales)
	require.NoError(t, err)
	n, err := notifications.New(h.e.DB, notifications.Config{Words: words, Keys: [][]byte{make([]byte, 32)}})
	require.NoError(t, err)
	return &bell{home: h, n: n, news: absences.NewNews(h.e.DB, n), say: words.For("nl")}
}

// deliver runs the handlers of everything that happened here, twice: the second time changes nothing.
func (b *bell) deliver() {
	b.t.Helper()
	rows, err := b.e.Owner(b.t).Query(b.t.Context(), "SELECT id, name, payload FROM event WHERE tenant_id = $1 AND name LIKE 'absences.%' ORDER BY id", b.Tenant.ID)
	require.NoError(b.t, err)
	var events []outbox.Recorded
	for rows.Next() {
		e := outbox.Recorded{TenantID: b.Tenant.ID}
		require.NoError(b.t, rows.Scan(&e.ID, &e.Name, &e.Payload))
		events = append(events, e)
	}
	ctx := actor.With(tenants.With(context.Background(), b.Tenant), actor.ForSystem(b.Tenant.ID))
	for range 2 {
		for _, e := range events {
			for _, s := range b.news.Subscriptions() {
				if s.Event == e.Name {
					require.NoError(b.t, s.Run(ctx, e))
				}
			}
		}
	}
}

func (b *bell) lines(who identitytest.Someone) []string {
	b.t.Helper()
	page, err := b.n.List(i18n.With(who.Ctx(), b.say), ids.Nil)
	require.NoError(b.t, err)
	list := []string{}
	for _, line := range append(page.Waiting, page.Lines...) {
		list = append(list, line.Text)
	}
	return list
}

func TestWhoIsToldOfAnAbsence(t *testing.T) {
	b := newBell(t)
	mila := b.child("Mila", 1, 2, 3, 4, 5)
	eva, jan, oma := b.AddParent("Eva", mila), b.AddParent("Jan", mila), b.AddParent("Oma")
	b.Tie(oma, mila, children.Collector, "2026-01-01", "")
	other := b.AddStaff("Youssef", b.AddGroup("Egels"))
	b.report(eva, draft(absences.Sick, mila, "2026-11-26", "2026-11-30"))
	b.deliver()
	require.Equal(t, []string{"Mila is afgemeld: donderdag 26 november en maandag 30 november"}, b.lines(jan))
	require.Equal(t, []string{"Mila is afgemeld: donderdag 26 november en maandag 30 november (ziek)"}, b.lines(b.Staff))
	for _, who := range []identitytest.Someone{eva, oma, other, b.Admin} {
		require.Empty(t, b.lines(who))
	}
	require.Equal(t, 1, b.kept("delivery", "person_id = $1 AND item = 'absence'", jan.ID))
	require.Zero(t, b.kept("delivery", "item = 'absence_group'"))

	b.e.Clock.Advance(time.Minute)
	require.NoError(t, b.s.Withdraw(jan.Ctx(), b.page(eva).Coming[1].ID))
	b.deliver()
	require.Equal(t, []string{"De afmelding van Mila is ingetrokken: maandag 30 november"}, b.lines(eva))
	require.Equal(t, []string{"De afmelding van Mila is ingetrokken: maandag 30 november", "Mila is afgemeld: donderdag 26 november (ziek)"}, b.lines(b.Staff))
}

func TestAMailTellsNoReasonAndNobodyWhoseTieIsBlocked(t *testing.T) {
	b := newBell(t)
	mila := b.child("Mila", 1, 2, 3, 4, 5)
	eva, jan := b.AddParent("Eva", mila), b.AddParent("Jan")
	tie := b.Tie(jan, mila, children.Authority, "2026-01-01", "")
	d := draft(absences.Sick, mila, "2026-11-26")
	d.Note = "Waterpokken"
	b.report(eva, d)
	b.deliver()
	var subject ids.ID
	require.NoError(t, b.e.Owner(t).QueryRow(t.Context(), "SELECT subject_id FROM notification WHERE tenant_id = $1 AND person_id = $2", b.Tenant.ID, jan.ID).Scan(&subject))
	letters := func() map[ids.ID]notifications.Letter {
		to := notifications.Telling{DeliveryID: ids.New(), SubjectID: subject, Words: b.say}
		to.Person.PersonID = jan.ID
		ctx := actor.With(tenants.With(context.Background(), b.Tenant), actor.ForSystem(b.Tenant.ID))
		var list map[ids.ID]notifications.Letter
		require.NoError(t, b.e.DB.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
			list, err = absences.Compose(ctx, tx, []notifications.Telling{to})
			return err
		}))
		return list
	}
	require.Len(t, letters(), 1)
	for _, l := range letters() {
		require.Equal(t, "Mila is afgemeld", l.Subject)
		require.Equal(t, []string{"Eva heeft Mila afgemeld voor donderdag 26 november."}, l.Paragraphs)
	}
	require.NoError(t, b.Service.Block(b.Admin.Ctx(), tie, "uitspraak rechter"))
	require.Empty(t, letters())
	require.Empty(t, b.lines(jan))
}

func TestWhatWasReportedAlreadyIsToldToNobody(t *testing.T) {
	b := newBell(t)
	mila, finn := b.child("Mila", 1, 2, 3, 4, 5), b.child("Finn", 1, 2, 3, 4, 5)
	eva, jan := b.AddParent("Eva", mila, finn), b.AddParent("Jan", mila)
	again := func() absences.Done {
		return b.report(eva, noted(draft(absences.Sick, mila, "2026-11-26"), "Koorts"))
	}
	require.Equal(t, 1, again().Reported)
	for range 2 {
		require.Zero(t, again().Reported, "the same words, of the same day")
	}
	t.Run("nor what stands in parts", func(t *testing.T) {
		b.report(eva, noted(draft(absences.Sick, mila, "2026-11-27"), "Nog ziek"))
		require.Zero(t, b.report(eva, draft(absences.Sick, mila, "2026-11-26", "2026-11-27")).Reported)
	})
	require.Equal(t, []string{"2026-11-26 2026-11-26 Eva Koorts", "2026-11-27 2026-11-27 Eva Nog ziek"}, b.notes())
	t.Run("and of two children only what is new is told", func(t *testing.T) {
		d := noted(draft(absences.Sick, mila, "2026-11-26"), "Koorts")
		d.ChildIDs = append(d.ChildIDs, finn)
		require.Equal(t, 1, b.report(eva, d).Reported)
	})
	b.deliver()
	require.Equal(t, 2, b.kept("delivery", "person_id = $1", jan.ID), "for each of her two reports of Mila one")
	require.Equal(t, 3, b.kept("event", "name = 'absences.reported'"))
}
