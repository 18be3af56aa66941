package photos_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/modules/accesses"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
)

// O6: who has a photo of a child in full size is noted for the guardians of everybody on it.
func TestAPhotoInFullSizeIsNoted(t *testing.T) {
	a := newArchive(t)
	mila, finn := a.child("Mila"), a.child("Finn")
	eva, jan := a.AddParent("Eva", mila.ID), a.AddParent("Jan", finn.ID)
	log := accesses.New(a.e.DB)
	entry, shots := a.share(a.e.Clock.Now().AddDate(0, -1, 0), 2, 10, mila, finn)
	noted := func(who identitytest.Someone) (list []accesses.What) {
		l, err := log.Own(who.Ctx(), accesses.Filter{})
		require.NoError(t, err)
		for _, seen := range l.Accesses {
			list = append(list, seen.What)
		}
		return list
	}
	for _, version := range []string{"320.webp", "640.webp", "1280.webp"} {
		_, err := a.photos.Version(eva.Ctx(), shots[0], version)
		require.NoError(t, err)
	}
	require.Empty(t, noted(eva), "what pages show many of")

	step := func() { a.e.Clock.Advance(time.Second) }
	_, err := a.photos.Version(eva.Ctx(), shots[0], "2048.webp")
	require.NoError(t, err)
	require.Equal(t, []accesses.What{accesses.Photo}, noted(eva))
	require.Equal(t, []accesses.What{accesses.Photo}, noted(jan))
	step()
	_, err = a.photos.Full(a.Staff.Ctx(), shots[0])
	require.NoError(t, err)
	require.Equal(t, []accesses.What{accesses.Download, accesses.Photo}, noted(jan))
	step()
	for range 2 {
		_, body := pack(t, a, eva, diary.Choice{EntryID: entry})
		names, _ := unpack(t, body)
		require.Len(t, names, 2)
	}
	require.Equal(t, []accesses.What{accesses.Photos, accesses.Download, accesses.Photo}, noted(jan), "a ZIP once, and not each photo in it")
	step()
	_, _ = pack(t, a, eva, diary.Choice{PhotoIDs: shots[:1]})
	_, _ = pack(t, a, eva, diary.Choice{PhotoIDs: shots[1:]})
	_, _ = pack(t, a, eva, diary.Choice{PhotoIDs: shots[1:]})
	require.Len(t, noted(jan), 5, "another choice is another access")

	t.Run("who may not have it leaves no trace", func(t *testing.T) {
		before := len(noted(jan))
		a.allow(finn.ID, false)
		_, err := a.photos.Full(eva.Ctx(), shots[0])
		require.Equal(t, fault.Missing, fault.CodeOf(err))
		_, err = a.photos.Version(a.AddParent("Piet").Ctx(), shots[0], "2048.webp")
		require.Equal(t, fault.Missing, fault.CodeOf(err))
		require.Len(t, noted(jan), before)
		a.allow(finn.ID, true)
	})
	t.Run("and what cannot be noted is not handed out", func(t *testing.T) {
		_, err := a.e.Owner(t).Exec(context.Background(), `ALTER TABLE child_access ADD CONSTRAINT full_disk CHECK (object_id <> '`+shots[1].String()+`' OR opened_at < '2000-01-01') NOT VALID`)
		require.NoError(t, err)
		t.Cleanup(func() {
			_, _ = a.e.Owner(t).Exec(context.Background(), `ALTER TABLE child_access DROP CONSTRAINT full_disk`)
		})
		_, err = a.photos.Full(a.Admin.Ctx(), shots[1])
		require.Error(t, err)
		require.NotEqual(t, fault.Missing, fault.CodeOf(err))
	})
}
