package photos_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/modules/diary"
	"ouderportaal/modules/notifications/notificationstest"
)

// Who is answerable gets a mail that a photo was reported. Who reported it, why, and of whom it is stays behind the sign-in.
func TestTheMailOfAReportedPhoto(t *testing.T) {
	a := newArchive(t)
	mila := a.child("Mila")
	eva, karin := a.AddParent("Eva", mila.ID), a.AddManager("Karin")
	entry, shots := a.share(a.e.Clock.Now(), 1, 10, mila)
	_, err := a.diary.ReportPhoto(eva.Ctx(), shots[0], diary.ReportDraft{Reason: "Ze heeft hier geen jas aan."})
	require.NoError(t, err)
	told, mails := notificationstest.NewWriting(t, a.e.DB, diary.Locales)
	news := diary.NewNews(a.e.DB, told)
	for id, e := range eventsOf[diary.PhotoReported](a) {
		handle(t, a, news.Subscriptions(), "diary.notify_of_report", id, e)
	}
	notificationstest.Deliver(t, a.e, told, a.Tenant)
	var to []string
	for _, m := range mails.Sent {
		to = append(to, m.To.Addr)
		require.Equal(t, "Een ouder heeft een foto gemeld", m.Subject)
		for _, text := range []string{m.Text, m.HTML} {
			require.Contains(t, text, "Een ouder vraagt om naar een foto in het dagboek te kijken.")
			require.Contains(t, text, "https://"+a.Tenant.Slug+".ouderportaal.test/dagboek/"+entry.String())
			for _, secret := range []string{"Eva", "Mila", "jas", shots[0].String()} {
				require.NotContains(t, text, secret)
			}
		}
	}
	require.ElementsMatch(t, []string{a.Staff.Email, karin.Email}, to)

	t.Run("none goes out once the entry is withdrawn", func(t *testing.T) {
		mails.Sent = nil
		require.NoError(t, a.diary.Withdraw(a.Admin.Ctx(), entry, "geen jas"))
		_, err := a.e.Owner(t).Exec(t.Context(), "UPDATE delivery SET state = 'waiting' WHERE tenant_id = $1", a.Tenant.ID)
		require.NoError(t, err)
		notificationstest.Deliver(t, a.e, told, a.Tenant)
		require.Empty(t, mails.Sent)
	})
}
