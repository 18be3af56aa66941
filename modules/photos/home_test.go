package photos_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/photos"
)

func TestAPhotoFromHomeIsForTheChildsOwnPeople(t *testing.T) {
	s := newStudio(t)
	mila, finn := s.AddChild("Mila", s.Group), s.AddChild("Finn", s.Group)
	s.allow(mila, true)
	s.allow(finn, true)
	eva, jan, other := s.AddParent("Eva", mila), s.AddParent("Jan"), s.AddParent("Piet", finn)
	s.Tie(jan, mila, children.Information, "2026-01-01", "")
	elsewhere, foreign := s.AddStaff("Youssef", s.AddGroup("Egels")), childrentest.NewHouse(t, s.e, s.e.B)
	take := func(seed int) *photos.Photo {
		p, err := s.photos.Take(eva.Ctx(), photos.Upload{FileName: "IMG_1.jpg", Content: mediatest.Photo(400, 300, uint64(seed))})
		require.NoError(t, err)
		return p
	}
	write := func(who identitytest.Someone, p *photos.Photo) (ids.ID, error) {
		return s.diary.Write(who.Ctx(), diary.Letter{FormKey: ids.New(), ChildID: mila, Photos: []diary.PhotoDraft{{ID: p.ID}}})
	}
	p := take(1)
	_, err := write(jan, p)
	require.Equal(t, fault.Invalid, fault.CodeOf(err), "another's upload")
	entry, err := write(eva, p)
	require.NoError(t, err)
	_, _, err = s.diary.Find(eva.Ctx(), entry)
	require.NoError(t, err, "its author knows of what waits")
	for _, who := range []identitytest.Someone{jan, s.Staff} {
		_, _, err := s.diary.Find(who.Ctx(), entry)
		require.Equal(t, fault.Missing, fault.CodeOf(err), "others do not")
	}
	require.NoError(t, s.process(p))

	address := func(who identitytest.Someone) bool {
		_, err := s.photos.Full(who.Ctx(), p.ID)
		return err == nil
	}
	require.True(t, s.sees(eva, p) && s.sees(jan, p) && address(s.Staff) && address(s.Admin))
	for _, who := range []identitytest.Someone{other, elsewhere, foreign.Staff, foreign.Admin} {
		require.False(t, address(who), who.GivenName)
	}
	for id, e := range recorded[diary.EntryPublished](s, entry) {
		for range 2 {
			require.NoError(t, s.handle("diary.notify", id, e))
		}
	}
	told := func(who identitytest.Someone) (n int) {
		require.NoError(t, s.e.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM notification WHERE tenant_id = $1 AND person_id = $2", s.Tenant.ID, who.ID).Scan(&n))
		return n
	}
	require.Equal(t, []int{0, 1, 0}, []int{told(eva), told(jan), told(other)}, "the other guardian hears of it once")

	s.allow(mila, false)
	require.False(t, s.sees(eva, p) || s.sees(jan, p) || address(s.Staff), "without consent it is shown to nobody")
	_, err = write(eva, take(2))
	require.Equal(t, fault.Invalid, fault.CodeOf(err))

	t.Run("and its author hears at home when nothing came of it", func(t *testing.T) {
		s.allow(mila, true)
		broken := take(3)
		entry, err := write(eva, broken)
		require.NoError(t, err)
		_, err = s.e.Owner(t).Exec(t.Context(), "UPDATE photo SET state = 'refused' WHERE tenant_id = $1 AND id = $2", s.Tenant.ID, broken.ID)
		require.NoError(t, err)
		s.e.Clock.Advance(photos.GiveUpAfter + photos.SettleAfter)
		require.NoError(t, s.photos.SettleWaiting(s.Admin.Ctx()))
		for id, e := range recorded[diary.EntryNotShared](s, entry) {
			require.True(t, e.FromHome)
			require.NoError(t, s.handle("diary.notify_author", id, e))
		}
		require.Equal(t, 1, told(eva))
	})
}
