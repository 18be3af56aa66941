package photos_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// An entry that waits for a photo comes to an end, also when nothing that happens to the photo brings it about.
func TestWaitingComesToAnEnd(t *testing.T) {
	s := newStudio(t)
	mila := s.AddChild("Mila", s.Group)
	s.allow(mila, true)
	eva := s.AddParent("Eva", mila)
	waits := func(entry ids.ID, yes bool) {
		_, err := s.e.Owner(t).Exec(context.Background(), "UPDATE diary_entry SET waits = $2 WHERE id = $1::uuid", entry.String(), yes)
		require.NoError(t, err)
	}
	settle := func() {
		for range 2 {
			require.NoError(t, s.photos.SettleWaiting(actor.With(tenants.With(context.Background(), s.Tenant), actor.ForSystem(s.Tenant.ID))))
		}
	}

	t.Run("it is shared when a program that knew nothing of waiting made the photo ready", func(t *testing.T) {
		photo := s.upload(mediatest.Photo(400, 300, 1))
		entry := s.postWordless(mila, photo)
		waits(entry, false)
		require.NoError(t, s.process(photo))
		waits(entry, true)
		settle()
		require.Empty(t, recorded[diary.EntryPublished](s, entry), "photos take a while")
		s.e.Clock.Advance(photos.SettleAfter + time.Minute)
		settle()
		require.Len(t, recorded[diary.EntryPublished](s, entry), 1)
		found, _, err := s.diary.Find(eva.Ctx(), entry)
		require.NoError(t, err)
		require.WithinDuration(t, s.e.Clock.Now(), found.PublishedAt, 0, "it stands where new things stand")
	})
	t.Run("it is taken back when the photo is never made", func(t *testing.T) {
		entry := s.postWordless(mila, s.upload(mediatest.Photo(400, 300, 2)))
		s.e.Clock.Advance(photos.SettleAfter + time.Minute)
		settle()
		require.Equal(t, 2, s.desk(s.Staff), "a day is given to it")
		s.e.Clock.Advance(photos.GiveUpAfter)
		settle()
		require.Equal(t, 1, s.desk(s.Staff))
		require.Len(t, recorded[diary.EntryNotShared](s, entry), 1)
		require.Empty(t, recorded[diary.EntryPublished](s, entry))
	})
}
