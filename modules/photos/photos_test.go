package photos_test

import (
	"context"
	"encoding/json"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

type studio struct {
	*childrentest.House
	t        *testing.T
	e        *dbtest.Env
	store    blob.Store
	photos   *photos.Service
	diary    *diary.Service
	consents *consents.Service
	told     *notifications.Service
	news     *diary.News
}

func newStudio(t *testing.T) *studio {
	e := dbtest.New(t)
	store, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	s := &studio{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, store: store}
	s.photos = photos.New(e.DB, store, mediatest.Start(t, 1))
	s.diary = diary.New(e.DB, s.photos)
	s.told, _ = notificationstest.New(t, e.DB, nil)
	s.consents = consents.New(e.DB, s.told, s.photos)
	s.news = diary.NewNews(e.DB, s.told)
	return s
}

func (s *studio) upload(content []byte) *photos.Photo {
	s.t.Helper()
	p, err := s.photos.Take(s.Staff.Ctx(), photos.Upload{FileName: "IMG_1.jpg", Content: content})
	require.NoError(s.t, err)
	return p
}

// process runs the handler for an upload, as the worker does.
func (s *studio) process(p *photos.Photo) error {
	return s.handle("photos.process", ids.New(), photos.PhotoUploaded{PhotoID: p.ID, StorageKey: p.StorageKey})
}

// handle runs a handler for an event.
func (s *studio) handle(handler string, id ids.ID, e outbox.Event) error {
	s.t.Helper()
	ctx := actor.With(tenants.With(context.Background(), s.Tenant), actor.ForSystem(s.Tenant.ID))
	payload, err := json.Marshal(e)
	require.NoError(s.t, err)
	for _, sub := range append(s.photos.Subscriptions(), s.news.Subscriptions()...) {
		if sub.Handler == handler {
			return sub.Run(ctx, outbox.Recorded{ID: id, TenantID: s.Tenant.ID, Name: sub.Event, Payload: payload})
		}
	}
	s.t.Fatalf("there is no handler %s", handler)
	return nil
}

// recorded gives the payloads of the events of a name that speak of an entry, by id.
func recorded[E outbox.Event](s *studio, entry ids.ID) map[ids.ID]E {
	s.t.Helper()
	var name E
	rows, err := s.e.Owner(s.t).Query(context.Background(), "SELECT id, payload FROM event WHERE tenant_id = $1 AND name = $2 AND payload->>'entry_id' = $3", s.Tenant.ID, name.EventName(), entry.String())
	require.NoError(s.t, err)
	defer rows.Close()
	found := map[ids.ID]E{}
	for rows.Next() {
		var id ids.ID
		var e E
		require.NoError(s.t, rows.Scan(&id, &e))
		found[id] = e
	}
	require.NoError(s.t, rows.Err())
	return found
}

func (s *studio) allow(child ids.ID, granted bool) {
	s.t.Helper()
	require.NoError(s.t, s.consents.Say(s.Admin.Ctx(), consents.Reply{ChildID: child, Purpose: consents.Photos, Granted: granted}))
}

func (s *studio) post(p *photos.Photo, about ...ids.ID) (ids.ID, error) {
	return s.diary.Publish(s.Staff.Ctx(), diary.Draft{FormKey: ids.New(), GroupID: s.Group, ChildIDs: about, Body: "Kijk!",
		Photos: []diary.PhotoDraft{{ID: p.ID, Alt: "Bladeren op tafel"}}, Absent: about})
}

// sees tells whether a photo is on somebody's timeline, and whether its address answers; the two must agree.
func (s *studio) sees(who identitytest.Someone, p *photos.Photo) bool {
	s.t.Helper()
	timeline, err := s.diary.Read(who.Ctx(), diary.Filter{})
	require.NoError(s.t, err)
	onPage := false
	for _, entry := range timeline.Entries {
		for _, m := range entry.Media {
			onPage = onPage || m.ID == p.ID
		}
	}
	_, err = s.photos.Version(who.Ctx(), p.ID, "640.webp")
	_, fullErr := s.photos.Full(who.Ctx(), p.ID)
	require.Equal(s.t, onPage, err == nil, "page and address disagree: %v", err)
	require.Equal(s.t, err == nil, fullErr == nil, "the download follows the same rule")
	if err != nil {
		require.Equal(s.t, fault.Missing, fault.CodeOf(err))
	}
	return onPage
}

func TestAPhotoFromTheCameraToTheParent(t *testing.T) {
	s := newStudio(t)
	mila := s.AddChild("Mila", s.Group)
	s.allow(mila, true)
	eva := s.AddParent("Eva", mila)

	p := s.upload(mediatest.Tell(mediatest.Photo(1200, 800, 1), 6)) // sideways, with a place in it
	entry, err := s.post(p, mila)
	require.NoError(t, err)
	found, _, err := s.diary.Find(eva.Ctx(), entry)
	require.NoError(t, err)
	require.False(t, found.Media[0].Ready(), "it is still processed")

	require.NoError(t, s.process(p))
	found, _, err = s.diary.Find(eva.Ctx(), entry)
	require.NoError(t, err)
	m := found.Media[0]
	require.Equal(t, []int{800, 1200}, []int{m.Width, m.Height}, "upright")
	require.Equal(t, "Bladeren op tafel", m.Alt)
	require.NotEmpty(t, m.ThumbHash)

	t.Run("is downloaded whole, named, and without where it was taken", func(t *testing.T) {
		v, err := s.photos.Full(eva.Ctx(), p.ID)
		require.NoError(t, err)
		require.Regexp(t, `^Mila-2026-11-23-[0-9a-f]{4}\.jpg$`, v.FileName)
		r, _, err := s.photos.Open(eva.Ctx(), v, 0, blob.All)
		require.NoError(t, err)
		defer r.Close()
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NotContains(t, string(content), "Exif")
	})
	t.Run("leaves no original behind", func(t *testing.T) {
		var objects []string
		require.NoError(t, s.store.List(context.Background(), blob.TenantPrefix(s.Tenant.ID), func(i blob.Info) error {
			objects = append(objects, i.Key)
			return nil
		}))
		require.Len(t, objects, 5)
		for _, key := range objects {
			require.NotContains(t, key, "original")
		}
	})
	t.Run("and a second run changes nothing", func(t *testing.T) {
		before, _, err := s.diary.Find(eva.Ctx(), entry)
		require.NoError(t, err)
		require.NoError(t, s.process(p))
		after, _, err := s.diary.Find(eva.Ctx(), entry)
		require.NoError(t, err)
		require.Equal(t, before, after)
	})
}

func TestNoPhotoGoesAgainstAConsent(t *testing.T) {
	s := newStudio(t)
	mila, finn, bram := s.AddChild("Mila", s.Group), s.AddChild("Finn", s.Group), s.AddChild("Bram", s.Group)
	eva, jan, piet := s.AddParent("Eva", mila), s.AddParent("Jan", finn), s.AddParent("Piet", bram)
	s.allow(mila, true)
	s.allow(finn, true)
	s.allow(bram, false)

	t.Run("whoever posts it is told the names first", func(t *testing.T) {
		p := s.upload(mediatest.Photo(400, 300, 1))
		d := diary.Draft{FormKey: ids.New(), GroupID: s.Group, ChildIDs: []ids.ID{mila, bram}, Photos: []diary.PhotoDraft{{ID: p.ID}}}
		_, err := s.diary.Publish(s.Staff.Ctx(), d)
		f, ok := fault.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, "lacking_absent", f.Fields[0].Name)
		require.Equal(t, "Bram", f.Fields[0].Args["Names"])
		_, err = s.photos.Mine(s.Staff.Ctx(), p.ID)
		require.NoError(t, err, "and the photo waits for the next try")
	})
	t.Run("and again when a consent was withdrawn after they had looked", func(t *testing.T) {
		p := s.upload(mediatest.Photo(400, 300, 9))
		s.allow(finn, false)
		defer s.allow(finn, true)
		d := diary.Draft{FormKey: ids.New(), GroupID: s.Group, ChildIDs: []ids.ID{mila, finn, bram}, Photos: []diary.PhotoDraft{{ID: p.ID}}, Absent: []ids.ID{bram}}
		_, err := s.diary.Publish(s.Staff.Ctx(), d)
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})
	t.Run("nobody to share it with", func(t *testing.T) {
		_, err := s.post(s.upload(mediatest.Photo(400, 300, 2)), bram)
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})

	p := s.upload(mediatest.Photo(400, 300, 3))
	require.NoError(t, s.process(p))
	_, err := s.post(p, mila, finn, bram)
	require.NoError(t, err)
	require.True(t, s.sees(eva, p))
	require.True(t, s.sees(jan, p))
	require.False(t, s.sees(piet, p), "the parent of a child without consent gets the words and no photo")
	require.Len(t, must(s.diary.Read(piet.Ctx(), diary.Filter{})).Entries, 1)

	t.Run("a withdrawal takes it from everybody at the next request", func(t *testing.T) {
		s.allow(finn, false)
		require.False(t, s.sees(eva, p), "also from the parent of the other child on it")
		require.False(t, s.sees(jan, p))
	})
	t.Run("and giving it again brings it back", func(t *testing.T) {
		s.allow(finn, true)
		require.True(t, s.sees(eva, p))
		require.True(t, s.sees(jan, p))
	})
	t.Run("never in another organisation", func(t *testing.T) {
		foreign := childrentest.NewHouse(t, s.e, s.e.B)
		for _, who := range []identitytest.Someone{foreign.Admin, foreign.Staff} {
			_, err := s.photos.Version(who.Ctx(), p.ID, "640.webp")
			require.Equal(t, fault.Missing, fault.CodeOf(err))
		}
	})
	t.Run("nor when the entry is withdrawn", func(t *testing.T) {
		entry := must(s.diary.Read(eva.Ctx(), diary.Filter{})).Entries[0]
		require.NoError(t, s.diary.Withdraw(s.Staff.Ctx(), entry.ID, "vergissing"))
		require.False(t, s.sees(eva, p))
	})
	t.Run("and nobody gets an entry with nothing in it", func(t *testing.T) {
		p := s.upload(mediatest.Photo(400, 300, 10))
		require.NoError(t, s.process(p))
		d := diary.Draft{FormKey: ids.New(), GroupID: s.Group, ChildIDs: []ids.ID{mila, bram}, Photos: []diary.PhotoDraft{{ID: p.ID}}, Absent: []ids.ID{bram}}
		entry, err := s.diary.Publish(s.Staff.Ctx(), d)
		require.NoError(t, err)
		require.True(t, s.sees(eva, p))
		_, _, err = s.diary.Find(piet.Ctx(), entry)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
		require.NoError(t, s.handle("diary.notify", oneKey(recorded[diary.EntryPublished](s, entry)), diary.EntryPublished{EntryID: entry}))
		require.Len(t, must(s.told.List(eva.Ctx(), ids.Nil)).Lines, 1)
		require.Empty(t, must(s.told.List(piet.Ctx(), ids.Nil)).Lines)
	})
}

func oneKey[K comparable, V any](m map[K]V) (key K) {
	for key = range m {
	}
	return key
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestWhatIsNoPictureIsRefusedAlone(t *testing.T) {
	s := newStudio(t)
	for name, content := range map[string][]byte{
		"nothing": {}, "text": []byte("Beste ouders"), "svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "bomb": mediatest.BombPNG(50_000, 50_000),
	} {
		_, err := s.photos.Take(s.Staff.Ctx(), photos.Upload{FileName: name, Content: content})
		require.Equal(t, fault.Invalid, fault.CodeOf(err), name)
	}
	whole := mediatest.Photo(800, 600, 4)
	broken := s.upload(whole[:len(whole)/2])
	require.NoError(t, s.process(broken), "a refusal is an answer, not a failure to try again")
	p, err := s.photos.Mine(s.Staff.Ctx(), broken.ID)
	require.NoError(t, err)
	require.Equal(t, photos.Refused, p.State)
	require.Contains(t, p.Refusal, "media.error.")

	mila := s.AddChild("Mila", s.Group)
	s.allow(mila, true)
	_, err = s.post(broken, mila)
	require.Equal(t, fault.Invalid, fault.CodeOf(err), "it cannot be posted any more")
}

// postWordless posts photos and nothing else.
func (s *studio) postWordless(about ids.ID, list ...*photos.Photo) ids.ID {
	s.t.Helper()
	d := diary.Draft{FormKey: ids.New(), GroupID: s.Group, ChildIDs: []ids.ID{about}, Title: "Buiten"}
	for _, p := range list {
		d.Photos = append(d.Photos, diary.PhotoDraft{ID: p.ID})
	}
	id, err := s.diary.Publish(s.Staff.Ctx(), d)
	require.NoError(s.t, err)
	return id
}

func (s *studio) desk(who identitytest.Someone) int {
	s.t.Helper()
	desk, err := s.diary.Desk(who.Ctx(), s.Group, paging.Cursor{})
	require.NoError(s.t, err)
	return len(desk.Entries)
}

func TestAPhotoIsUsedOnceAndByItsOwner(t *testing.T) {
	s := newStudio(t)
	mila := s.AddChild("Mila", s.Group)
	s.allow(mila, true)
	p := s.upload(mediatest.Photo(400, 300, 5))
	colleague := s.AddStaff("Youssef", s.Group)
	_, err := s.photos.Mine(colleague.Ctx(), p.ID)
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	require.Equal(t, fault.Missing, fault.CodeOf(s.photos.Discard(colleague.Ctx(), p.ID)))
	_, err = s.diary.Publish(colleague.Ctx(), diary.Draft{FormKey: ids.New(), GroupID: s.Group, ChildIDs: []ids.ID{mila}, Photos: []diary.PhotoDraft{{ID: p.ID}}})
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	_, err = s.post(p, mila)
	require.NoError(t, err)
	_, err = s.post(p, mila)
	require.Equal(t, fault.Invalid, fault.CodeOf(err), "a second time")
}

func TestForgottenUploadsAreRemoved(t *testing.T) {
	s := newStudio(t)
	p := s.upload(mediatest.Photo(400, 300, 6))
	ctx := actor.With(tenants.With(context.Background(), s.Tenant), actor.ForSystem(s.Tenant.ID))
	s.e.Clock.Advance(photos.Unclaimed - time.Minute)
	require.NoError(t, s.photos.RemoveUnclaimed(ctx))
	_, err := s.photos.Mine(s.Staff.Ctx(), p.ID)
	require.NoError(t, err)
	s.e.Clock.Advance(2 * time.Minute)
	require.NoError(t, s.photos.RemoveUnclaimed(ctx))
	_, err = s.photos.Mine(s.Staff.Ctx(), p.ID)
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	require.NoError(t, s.process(p), "the worker finds nothing to do")
}

func TestPhotosOfWithdrawnEntriesAreRemovedAfterAMonth(t *testing.T) {
	s := newStudio(t)
	ctx := func(in tenants.Tenant) context.Context {
		return actor.With(tenants.With(context.Background(), in), actor.ForSystem(in.ID))
	}
	shared := func(h *childrentest.House, withdrawn bool) *photos.Photo {
		t.Helper()
		noor := h.AddChild("Noor", h.Group)
		require.NoError(t, s.consents.Say(h.Admin.Ctx(), consents.Reply{ChildID: noor, Purpose: consents.Photos, Granted: true}))
		p, err := s.photos.Take(h.Staff.Ctx(), photos.Upload{FileName: "a.jpg", Content: mediatest.Photo(40, 30, 1)})
		require.NoError(t, err)
		entry, err := s.diary.Publish(h.Staff.Ctx(), diary.Draft{FormKey: ids.New(), GroupID: h.Group, ChildIDs: []ids.ID{noor}, Body: "Kijk!", Photos: []diary.PhotoDraft{{ID: p.ID}}})
		require.NoError(t, err)
		if withdrawn {
			require.NoError(t, s.diary.Withdraw(h.Staff.Ctx(), entry, "vergissing"))
		}
		return p
	}
	count := func(query string, args ...any) (n int) {
		t.Helper()
		require.NoError(t, s.e.Owner(t).QueryRow(context.Background(), query, args...).Scan(&n))
		return n
	}
	left := func(in tenants.Tenant) [3]int {
		t.Helper()
		return [3]int{count("SELECT count(*) FROM photo WHERE tenant_id = $1", in.ID), count("SELECT count(*) FROM event WHERE tenant_id = $1 AND name = 'photos.photo_removed'", in.ID),
			count("SELECT count(*) FROM diary_entry WHERE tenant_id = $1 AND media::text <> '[]'", in.ID)}
	}
	kept, gone := shared(s.House, false), shared(s.House, true)
	shared(childrentest.NewHouse(t, s.e, s.e.B), true)
	require.NoError(t, s.process(kept))
	require.NoError(t, s.process(gone))
	require.Len(t, s.objects(), 10)

	s.e.Clock.Advance(photos.WithdrawnKept - time.Minute)
	require.NoError(t, s.photos.RemoveWithdrawn(ctx(s.Tenant)))
	require.Equal(t, [3]int{2, 0, 2}, left(s.Tenant), "too young")
	s.e.Clock.Advance(2 * time.Minute)
	for range 2 {
		require.NoError(t, s.photos.RemoveWithdrawn(ctx(s.Tenant)))
		require.Equal(t, [3]int{1, 1, 1}, left(s.Tenant))
	}
	require.Equal(t, [3]int{1, 0, 1}, left(s.e.B), "another organisation is not touched")
	require.Equal(t, 2, count("SELECT count(*) FROM diary_entry WHERE tenant_id = $1", s.Tenant.ID), "what was written stays")
	for range 2 {
		require.NoError(t, s.handle("photos.delete_objects", ids.New(), photos.PhotoRemoved{StorageKey: gone.StorageKey}))
		require.Len(t, s.objects(), 5)
	}
	for _, key := range s.objects() {
		require.Contains(t, key, kept.StorageKey)
	}
	require.NoError(t, s.process(gone), "a job that comes late finds nothing to do")
	require.Len(t, s.objects(), 5)
}

func TestStorageAwayLosesNothing(t *testing.T) {
	s := newStudio(t)
	away := photos.New(s.e.DB, unreachable{s.store}, nil)
	_, err := away.Take(s.Staff.Ctx(), photos.Upload{FileName: "a.jpg", Content: mediatest.Photo(400, 300, 7)})
	require.Equal(t, fault.Unavailable, fault.CodeOf(err))
	var rows int
	require.NoError(t, s.e.Owner(t).QueryRow(context.Background(), "SELECT count(*) FROM photo WHERE tenant_id = $1", s.Tenant.ID).Scan(&rows))
	require.Zero(t, rows, "no row without its object")
}

// unreachable is a store whose server is away.
type unreachable struct{ blob.Store }

func (unreachable) Put(context.Context, string, io.Reader, int64, string) error {
	return blob.ErrUnavailable
}

// objects lists what the store holds of the organisation.
func (s *studio) objects() []string {
	s.t.Helper()
	var keys []string
	require.NoError(s.t, s.store.List(context.Background(), blob.TenantPrefix(s.Tenant.ID), func(i blob.Info) error {
		keys = append(keys, i.Key)
		return nil
	}))
	return keys
}

// meanwhile does something while a photo is being processed.
type meanwhile struct {
	photos.Images
	do func()
}

func (m meanwhile) Retouch(ctx context.Context, r io.Reader, size int64, how *media.Retouch) (*media.Result, error) {
	m.do()
	return m.Images.Retouch(ctx, r, size, how)
}

// together gives no answer about a photo before it has one about all.
type together struct {
	photos.Images
	seen *sync.WaitGroup
}

func (t together) Retouch(ctx context.Context, r io.Reader, size int64, how *media.Retouch) (*media.Result, error) {
	result, err := t.Images.Retouch(ctx, r, size, how)
	t.seen.Done()
	t.seen.Wait()
	return result, err
}

func TestAPhotoThatIsDiscardedWhileItIsProcessedLeavesNothing(t *testing.T) {
	s := newStudio(t)
	p := s.upload(mediatest.Photo(400, 300, 8))
	s.photos = photos.New(s.e.DB, s.store, meanwhile{mediatest.Start(t, 1), func() {
		require.NoError(t, s.photos.Discard(s.Staff.Ctx(), p.ID))
	}})
	require.NoError(t, s.process(p))
	require.Empty(t, s.objects())
}

// Of a post and a discard at once one wins: a photo in an entry keeps its picture, for ever.
func TestAPhotoInAnEntryCannotBeDiscardedBesideIt(t *testing.T) {
	s := newStudio(t)
	mila := s.AddChild("Mila", s.Group)
	s.allow(mila, true)
	owner := s.e.Owner(t)
	for i := range 30 {
		p := s.upload(mediatest.Photo(40, 30, uint64(i)))
		var both sync.WaitGroup
		var posted, discarded error
		both.Go(func() { _, posted = s.post(p, mila) })
		both.Go(func() {
			time.Sleep(time.Duration(i) * 500 * time.Microsecond) // anywhere in the other's transaction
			discarded = s.photos.Discard(s.Staff.Ctx(), p.ID)
		})
		both.Wait()
		require.NotEqual(t, posted == nil, discarded == nil, "post: %v, discard: %v", posted, discarded)
		var removals int
		require.NoError(t, owner.QueryRow(context.Background(), "SELECT count(*) FROM event WHERE tenant_id = $1 AND name = 'photos.photo_removed' AND payload->>'storage_key' = $2",
			s.Tenant.ID, p.StorageKey).Scan(&removals))
		require.Equal(t, discarded == nil, removals == 1)
	}
}
