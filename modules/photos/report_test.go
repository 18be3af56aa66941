package photos_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

func TestAGuardianReportsAPhoto(t *testing.T) {
	a := newArchive(t)
	mila, finn := a.child("Mila"), a.child("Finn")
	eva, jan := a.AddParent("Eva", mila.ID), a.AddParent("Jan", finn.ID)
	karin, elsewhere := a.AddManager("Karin"), a.AddStaff("Youssef", a.AddGroup("Egels"))
	foreign := childrentest.NewHouse(t, a.e, a.e.B)
	entry, shots := a.share(a.e.Clock.Now(), 2, 10, mila)
	because := diary.ReportDraft{Reason: " Ze heeft hier\x00 geen jas aan. "}

	t.Run("that they see, and no other", func(t *testing.T) {
		_, unknown := a.diary.ReportPhoto(eva.Ctx(), ids.New(), because)
		require.Equal(t, fault.Missing, fault.CodeOf(unknown))
		for _, who := range []identitytest.Someone{jan, a.Staff, a.Admin, foreign.Admin, foreign.AddParent("Bo")} {
			for _, draft := range []diary.ReportDraft{because, {}} {
				_, err := a.diary.ReportPhoto(who.Ctx(), shots[0], draft)
				require.Equal(t, unknown, err)
			}
			_, err := a.diary.Reportable(who.Ctx(), shots[0])
			require.Equal(t, fault.Missing, fault.CodeOf(err))
		}
		shot, err := a.diary.Reportable(eva.Ctx(), shots[1])
		require.NoError(t, err)
		require.Equal(t, []string{"Mila"}, shot.Names)
		for _, reason := range []string{"", " \n", strings.Repeat("é", diary.MaxReason+1)} {
			_, err := a.diary.ReportPhoto(eva.Ctx(), shots[0], diary.ReportDraft{Reason: reason})
			f, ok := fault.As(err)
			require.True(t, ok)
			require.Equal(t, "reason", f.Fields[0].Name)
		}
	})
	var wg sync.WaitGroup
	for range 8 { // a form that is sent again and again
		wg.Go(func() {
			if in, err := a.diary.ReportPhoto(eva.Ctx(), shots[0], because); err != nil || in != entry {
				t.Error(in, err)
			}
		})
	}
	wg.Wait()
	reports, err := a.diary.Reports(a.Staff.Ctx(), entry)
	require.NoError(t, err)
	require.Len(t, reports, 1)
	require.Equal(t, []any{shots[0], "Eva Jansen", "Ze heeft hier geen jas aan.", ""}, []any{reports[0].PhotoID, reports[0].Reporter, reports[0].Reason, reports[0].Handler})
	events := eventsOf[diary.PhotoReported](a)
	require.Len(t, events, 1)
	require.Equal(t, 1, audited(a, "diary.report_photo"))

	t.Run("its author and the manager are told, once", func(t *testing.T) {
		told, _ := notificationstest.New(t, a.e.DB, nil)
		news := diary.NewNews(a.e.DB, told)
		for id, e := range events {
			for range 2 {
				handle(t, a, news.Subscriptions(), "diary.notify_of_report", id, e)
			}
		}
		for _, who := range []identitytest.Someone{a.Staff, karin} {
			list, err := told.List(inDutch(t, who), ids.Nil)
			require.NoError(t, err)
			require.Empty(t, list.Lines)
			require.Len(t, list.Waiting, 1, "it asks for something")
			path, err := told.Read(who.Ctx(), list.Waiting[0].ID)
			require.NoError(t, err)
			require.Equal(t, "/dagboek/"+entry.String(), path)
		}
		for _, who := range []identitytest.Someone{eva, elsewhere, a.Admin} {
			n, err := told.UnreadCount(who.Ctx())
			require.NoError(t, err)
			require.Zero(t, n.Bell)
		}
		var mails int
		require.NoError(t, a.e.Owner(t).QueryRow(context.Background(), "SELECT count(*) FROM delivery WHERE tenant_id = $1 AND item = 'photo_report'", a.Tenant.ID).Scan(&mails))
		require.Equal(t, 2, mails)
	})
	t.Run("staff who see the entry look at it, and nobody else", func(t *testing.T) {
		for _, who := range []identitytest.Someone{eva, jan, elsewhere, foreign.Admin, foreign.Staff} {
			_, err := a.diary.Reports(who.Ctx(), entry)
			require.Equal(t, fault.Missing, fault.CodeOf(err))
			_, err = a.diary.HandleReport(who.Ctx(), reports[0].ID)
			require.Equal(t, fault.Missing, fault.CodeOf(err))
		}
		for range 2 {
			in, err := a.diary.HandleReport(karin.Ctx(), reports[0].ID)
			require.NoError(t, err)
			require.Equal(t, entry, in)
		}
		list, err := a.diary.Reports(a.Admin.Ctx(), entry)
		require.NoError(t, err)
		require.Equal(t, "Karin de Groot", list[0].Handler)
		require.Equal(t, 1, audited(a, "diary.handle_report"))
		_, err = a.diary.ReportPhoto(eva.Ctx(), shots[0], because)
		require.NoError(t, err)
		list, err = a.diary.Reports(a.Admin.Ctx(), entry)
		require.NoError(t, err)
		require.Len(t, list, 2, "the next report is another one")
	})
	t.Run("ten a day, and not what may not be shown", func(t *testing.T) {
		_, more := a.share(a.e.Clock.Now(), 9, 10, mila)
		for i, id := range more {
			_, err := a.diary.ReportPhoto(eva.Ctx(), id, because)
			require.Equal(t, i == 8, fault.CodeOf(err) == fault.Invalid, "%d %v", i, err)
		}
		a.allow(mila.ID, false)
		_, err := a.diary.ReportPhoto(eva.Ctx(), shots[1], because)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	})
}

func TestWithoutAManagerAdminsHearOfAReport(t *testing.T) {
	a := newArchive(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	_, shots := a.share(a.e.Clock.Now(), 1, 10, mila)
	_, err := a.diary.ReportPhoto(eva.Ctx(), shots[0], diary.ReportDraft{Reason: "x"})
	require.NoError(t, err)
	told, _ := notificationstest.New(t, a.e.DB, nil)
	for id, e := range eventsOf[diary.PhotoReported](a) {
		handle(t, a, diary.NewNews(a.e.DB, told).Subscriptions(), "diary.notify_of_report", id, e)
	}
	n, err := told.UnreadCount(a.Admin.Ctx())
	require.NoError(t, err)
	require.Equal(t, 1, n.Bell)
}

func handle(t *testing.T, a *archive, subscriptions []outbox.Subscription, handler string, id ids.ID, e outbox.Event) {
	t.Helper()
	payload, err := json.Marshal(e)
	require.NoError(t, err)
	ctx := actor.With(tenants.With(context.Background(), a.Tenant), actor.ForSystem(a.Tenant.ID))
	for _, s := range subscriptions {
		if s.Handler == handler {
			require.NoError(t, s.Run(ctx, outbox.Recorded{ID: id, TenantID: a.Tenant.ID, Name: s.Event, Payload: payload}))
			return
		}
	}
	t.Fatalf("there is no handler %s", handler)
}

func eventsOf[E outbox.Event](a *archive) map[ids.ID]E {
	a.t.Helper()
	var name E
	rows, err := a.e.Owner(a.t).Query(context.Background(), "SELECT id, payload FROM event WHERE tenant_id = $1 AND name = $2", a.Tenant.ID, name.EventName())
	require.NoError(a.t, err)
	defer rows.Close()
	found := map[ids.ID]E{}
	for rows.Next() {
		var id ids.ID
		var e E
		require.NoError(a.t, rows.Scan(&id, &e))
		found[id] = e
	}
	require.NoError(a.t, rows.Err())
	return found
}

func audited(a *archive, action string) (n int) {
	a.t.Helper()
	require.NoError(a.t, a.e.Owner(a.t).QueryRow(context.Background(), "SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = $2", a.Tenant.ID, action).Scan(&n))
	return n
}
