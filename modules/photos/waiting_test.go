package photos_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

func TestAnEntryWithoutWordsWaitsForAPhoto(t *testing.T) {
	s := newStudio(t)
	mila := s.AddChild("Mila", s.Group)
	s.allow(mila, true)
	eva, colleague := s.AddParent("Eva", mila), s.AddStaff("Youssef", s.Group)
	reads := func(who identitytest.Someone, entry ids.ID) bool {
		t.Helper()
		_, _, err := s.diary.Find(who.Ctx(), entry)
		require.Contains(t, []fault.Code{fault.Missing, fault.Internal}, fault.CodeOf(err))
		timeline, readErr := s.diary.Read(who.Ctx(), diary.Filter{})
		require.NoError(t, readErr)
		if who.Role == actor.Parent {
			require.Equal(t, err == nil, len(timeline.Entries) > 0)
		}
		return err == nil
	}
	first, second := s.upload(mediatest.Photo(400, 300, 1)), s.upload(mediatest.Photo(400, 300, 2))
	entry := s.postWordless(mila, first, second)
	require.False(t, reads(eva, entry))
	require.Empty(t, recorded[diary.EntryPublished](s, entry), "nobody is told of what is not there")
	require.True(t, reads(s.Staff, entry), "its author knows of it")
	require.Equal(t, []int{1, 0}, []int{s.desk(s.Staff), s.desk(colleague)})

	for range 2 {
		require.NoError(t, s.process(first))
		require.True(t, reads(eva, entry))
		require.True(t, reads(colleague, entry))
		require.Len(t, recorded[diary.EntryPublished](s, entry), 1)
	}
	require.NoError(t, s.process(second))
	require.Len(t, recorded[diary.EntryPublished](s, entry), 1)
	require.True(t, s.sees(eva, second))

	t.Run("one that is ready already is waited for no longer", func(t *testing.T) {
		require.NoError(t, s.diary.Withdraw(s.Staff.Ctx(), entry, "vergissing"))
		ready := s.upload(mediatest.Photo(400, 300, 3))
		require.NoError(t, s.process(ready))
		entry := s.postWordless(mila, ready)
		require.True(t, reads(eva, entry))
		require.Len(t, recorded[diary.EntryPublished](s, entry), 1)
		require.NoError(t, s.diary.Withdraw(s.Staff.Ctx(), entry, "vergissing"))
	})
	t.Run("and not when its author takes it back meanwhile", func(t *testing.T) {
		late := s.upload(mediatest.Photo(400, 300, 4))
		entry := s.postWordless(mila, late)
		require.NoError(t, s.diary.Withdraw(s.Staff.Ctx(), entry, "vergissing"))
		require.NoError(t, s.process(late))
		require.False(t, reads(eva, entry))
		require.Empty(t, recorded[diary.EntryPublished](s, entry))
	})
}

func TestAnEntryOfWhichNothingIsLeftIsTakenBack(t *testing.T) {
	s := newStudio(t)
	mila := s.AddChild("Mila", s.Group)
	s.allow(mila, true)
	eva := s.AddParent("Eva", mila)
	broken := func(seed uint64) *photos.Photo {
		whole := mediatest.Photo(800, 600, seed)
		return s.upload(whole[:len(whole)/2])
	}
	told := func(who identitytest.Someone) []notifications.Line {
		list, err := s.told.List(who.Ctx(), ids.Nil)
		require.NoError(t, err)
		return append(list.Waiting, list.Lines...)
	}
	first, second := broken(1), broken(2)
	entry := s.postWordless(mila, first, second)
	require.NoError(t, s.process(first))
	require.Equal(t, 1, s.desk(s.Staff), "the other photo may be one")
	require.NoError(t, s.process(second))
	require.Zero(t, s.desk(s.Staff))
	require.Empty(t, must(s.diary.Read(eva.Ctx(), diary.Filter{})).Entries)
	require.Empty(t, recorded[diary.EntryPublished](s, entry))

	require.NoError(t, s.process(second))
	events := recorded[diary.EntryNotShared](s, entry)
	require.Len(t, events, 1)
	for id, e := range events {
		for range 2 {
			require.NoError(t, s.handle("diary.notify_author", id, e))
		}
	}
	require.Len(t, told(s.Staff), 1)
	path, err := s.told.Read(s.Staff.Ctx(), told(s.Staff)[0].ID)
	require.NoError(t, err)
	require.Equal(t, "/groep/"+s.Group.String(), path)
	require.Empty(t, told(eva))
	var mails int
	require.NoError(t, s.e.Owner(t).QueryRow(context.Background(), "SELECT count(*) FROM delivery WHERE tenant_id = $1", s.Tenant.ID).Scan(&mails))
	require.Zero(t, mails)

	t.Run("not when there are words", func(t *testing.T) {
		p := broken(3)
		entry, err := s.post(p, mila)
		require.NoError(t, err)
		require.NoError(t, s.process(p))
		require.Len(t, must(s.diary.Read(eva.Ctx(), diary.Filter{})).Entries, 1)
		require.Empty(t, recorded[diary.EntryNotShared](s, entry))
	})
	t.Run("also when the photos are refused beside each other", func(t *testing.T) {
		images := mediatest.Start(t, 1)
		for seed := range uint64(8) {
			list := []*photos.Photo{broken(10 + seed), broken(30 + seed)}
			entry := s.postWordless(mila, list...)
			var seen, both sync.WaitGroup
			seen.Add(len(list))
			s.photos = photos.New(s.e.DB, s.store, together{images, &seen})
			for _, p := range list {
				both.Go(func() {
					if err := s.process(p); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			require.Len(t, recorded[diary.EntryNotShared](s, entry), 1)
		}
	})
}

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
