package photos_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/notifications/notificationstest"
)

// Nobody gets a mail about what its author took back before it was sent, whenever that was.
func TestNoMailOfAnEntryThatWasTakenBack(t *testing.T) {
	a := newArchive(t)
	mila := a.child("Mila")
	a.AddParent("Eva", mila.ID)
	told, mails := notificationstest.NewWriting(t, a.e.DB, diary.Locales)
	news := diary.NewNews(a.e.DB, told)
	write := func() ids.ID {
		entry, err := a.diary.Publish(a.Staff.Ctx(), diary.Draft{FormKey: ids.New(), GroupID: a.Group, Body: "Buiten gespeeld.", ChildIDs: []ids.ID{mila.ID}})
		require.NoError(t, err)
		return entry
	}
	tell := func() {
		for id, e := range eventsOf[diary.EntryPublished](a) {
			handle(t, a, news.Subscriptions(), "diary.notify", id, e)
		}
	}
	waiting := func() (n int) {
		require.NoError(t, a.e.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM delivery WHERE tenant_id = $1 AND state = 'waiting'", a.Tenant.ID).Scan(&n))
		return n
	}
	first := write()
	tell()
	require.Equal(t, 1, waiting(), "the mail is written when it goes")
	require.NoError(t, a.diary.TakeBack(a.Staff.Ctx(), first))
	notificationstest.Deliver(t, a.e, told, a.Tenant)
	require.Empty(t, mails.Sent)

	second := write()
	require.NoError(t, a.diary.TakeBack(a.Staff.Ctx(), second))
	tell()
	require.Equal(t, 1, waiting(), "not even kept for later")

	write()
	tell()
	notificationstest.Deliver(t, a.e, told, a.Tenant)
	require.Len(t, mails.Sent, 1)
}
