package photos_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// inDutch is the context of who acts, with the words of the diary.
func inDutch(t *testing.T, who identitytest.Someone) context.Context {
	t.Helper()
	words, err := i18n.Load(diary.Locales)
	require.NoError(t, err)
	return i18n.With(who.Ctx(), words.For("nl"))
}

func pack(t *testing.T, a *archive, who identitytest.Someone, choice diary.Choice) (*diary.Package, io.ReadCloser) {
	t.Helper()
	ctx := inDutch(t, who)
	p, err := a.diary.Pack(ctx, choice)
	require.NoError(t, err)
	return p, p.Open(ctx)
}

// unpack gives the files of a ZIP, in order.
func unpack(t *testing.T, r io.Reader) (names []string, content map[string]string) {
	t.Helper()
	raw, err := io.ReadAll(r)
	require.NoError(t, err)
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	content = map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(in) // checks the sum
		require.NoError(t, err)
		names, content[f.Name] = append(names, f.Name), string(text)
	}
	return names, content
}

func TestPhotosInOneFile(t *testing.T) {
	a := newArchive(t)
	mila, finn := a.child("Mila"), a.child("Finn/../x")
	eva, jan := a.AddParent("Eva", mila.ID, finn.ID), a.AddParent("Jan", finn.ID)
	foreign := childrentest.NewHouse(t, a.e, a.e.B)
	zone := a.Tenant.Location()
	day := time.Date(2026, 10, 24, 12, 0, 0, 0, zone)
	entry, shots := a.share(day, 3, 10, mila)
	_, both := a.share(day.AddDate(0, 0, 1), 1, 10, mila, finn)
	_, before := a.share(day.AddDate(0, -1, 0), 1, 10, finn)

	t.Run("of an entry", func(t *testing.T) {
		p, body := pack(t, a, eva, diary.Choice{EntryID: entry})
		names, content := unpack(t, body)
		require.Equal(t, "fotos-2026-10-24.zip", p.FileName)
		require.Equal(t, []string{"2026-10-24 Mila 01.jpg", "2026-10-24 Mila 02.jpg", "2026-10-24 Mila 03.jpg"}, names)
		require.Equal(t, string(picture(1, 10)), content[names[1]])
		_, body = pack(t, a, a.Staff, diary.Choice{EntryID: entry})
		names, _ = unpack(t, body)
		require.Len(t, names, 3, "staff of the group too")
	})
	t.Run("of a month, oldest first", func(t *testing.T) {
		p, body := pack(t, a, eva, diary.Choice{Month: "2026-10"})
		names, _ := unpack(t, body)
		require.Equal(t, "fotos-2026-10.zip", p.FileName)
		require.Equal(t, []string{"2026-10-24 Mila 01.jpg", "2026-10-24 Mila 02.jpg", "2026-10-24 Mila 03.jpg", "2026-10-25 Mila en Finn----x 01.jpg"}, names)
		_, body = pack(t, a, eva, diary.Choice{Month: "2026-10", ChildID: finn.ID})
		names, _ = unpack(t, body)
		require.Len(t, names, 1)
	})
	t.Run("that were chosen; what is not theirs is not in it", func(t *testing.T) {
		_, body := pack(t, a, jan, diary.Choice{PhotoIDs: []ids.ID{shots[0], both[0], before[0], ids.New(), both[0]}})
		names, content := unpack(t, body)
		require.Equal(t, []string{"2026-09-24 Finn----x 01.jpg", "2026-10-25 Finn----x 01.jpg", "Niet meegekomen.txt"}, names)
		require.Contains(t, content[names[2]], "\r\n2 foto’s die je had gekozen")
		now := a.e.Clock.Now().In(a.Tenant.Location())
		require.Regexp(t, `^Foto’s van Finn[^,]*, gedownload op \w+ `+now.Format(`\d+ \w+ 2006 om 15:04\.`), content[names[2]])
		require.NotContains(t, content[names[2]], "Mila")
	})
	t.Run("of which nothing is theirs is what does not exist", func(t *testing.T) {
		for _, who := range []identitytest.Someone{jan, foreign.Admin, foreign.Staff, foreign.AddParent("Bo"), a.AddStaff("Youssef", a.AddGroup("Egels"))} {
			for _, choice := range []diary.Choice{{EntryID: entry}, {EntryID: ids.New()}, {PhotoIDs: shots}, {PhotoIDs: []ids.ID{ids.New()}}, {Month: "2020-01"}} {
				_, err := a.diary.Pack(who.Ctx(), choice)
				require.Equal(t, fault.Missing, fault.CodeOf(err))
			}
		}
	})
	t.Run("nothing, and too much, is said at the field", func(t *testing.T) {
		for _, choice := range []diary.Choice{{}, {PhotoIDs: fresh(diary.MaxChosen + 1)}} {
			f, ok := fault.As(choice.Check())
			require.True(t, ok)
			require.Equal(t, "foto", f.Fields[0].Name)
		}
	})
	t.Run("and it is noted", func(t *testing.T) {
		var n int
		require.NoError(t, a.e.Owner(t).QueryRow(context.Background(), "SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'diary.take_photos' AND actor_id = $2 AND (detail->>'photos')::int > 0", a.Tenant.ID, eva.ID).Scan(&n))
		require.Equal(t, 3, n)
	})
}

func fresh(n int) []ids.ID {
	list := make([]ids.ID, n)
	for i := range list {
		list[i] = ids.New()
	}
	return list
}

func TestWhatIsRefusedWhileAFileIsOnItsWayIsNotInIt(t *testing.T) {
	for name, refuse := range map[string]func(a *archive, entry, finn, tie ids.ID){
		"a consent": func(a *archive, _, finn, _ ids.ID) { a.allow(finn, false) },
		"an entry": func(a *archive, entry, _, _ ids.ID) {
			require.NoError(a.t, a.diary.Withdraw(a.Staff.Ctx(), entry, "verkeerde foto"))
		},
		"a tie": func(a *archive, _, _, tie ids.ID) {
			require.NoError(a.t, a.Service.Block(a.Admin.Ctx(), tie, "uitspraak"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newArchive(t)
			mila, finn := a.child("Mila"), a.child("Finn")
			eva := a.AddParent("Eva", mila.ID)
			tie := a.Tie(eva, finn.ID, children.Authority, "2026-01-01", "")
			day := time.Date(2026, 10, 24, 12, 0, 0, 0, a.Tenant.Location())
			_, hers := a.share(day, 1, 200<<10, mila)
			entry, his := a.share(day.Add(time.Hour), 2, 200<<10, finn)
			_, body := pack(t, a, eva, diary.Choice{PhotoIDs: append(hers, his...)})
			start := make([]byte, 1000) // the first photo is under way
			_, err := io.ReadFull(body, start)
			require.NoError(t, err)
			refuse(a, entry, finn.ID, tie)
			names, content := unpack(t, io.MultiReader(bytes.NewReader(start), body))
			require.Equal(t, []string{"2026-10-24 Mila 01.jpg", "Niet meegekomen.txt"}, names)
			require.Contains(t, content[names[1]], "2026-10-24 Finn 01.jpg\r\n2026-10-24 Finn 02.jpg")
		})
	}
}

// failing is a store that breaks after some photos.
type failing struct {
	blob.Store
	after int
}

func (s *failing) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, blob.Info, error) {
	if s.after--; s.after < 0 {
		return nil, blob.Info{}, blob.ErrUnavailable
	}
	return s.Store.Get(ctx, key, offset, length)
}

func TestAFileThatCannotBeWholeDoesNotEndAsIfItWere(t *testing.T) {
	a := newArchive(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	_, shots := a.share(a.e.Clock.Now(), 3, 1000, mila)
	a.diary = diary.New(a.e.DB, photos.New(a.e.DB, &failing{a.store, 2}, nil))
	_, body := pack(t, a, eva, diary.Choice{PhotoIDs: shots})
	_, err := io.ReadAll(body)
	require.ErrorIs(t, err, blob.ErrUnavailable)

	t.Run("and a photo whose picture is gone is named", func(t *testing.T) {
		a.diary = diary.New(a.e.DB, a.photos)
		require.NoError(t, a.store.List(t.Context(), "", func(i blob.Info) error { return a.store.Delete(t.Context(), i.Key) }))
		_, body := pack(t, a, eva, diary.Choice{PhotoIDs: shots})
		names, _ := unpack(t, body)
		require.Equal(t, []string{"Niet meegekomen.txt"}, names)
	})
}

// TestManyPhotosInOneFile: 1,500 photos, 190 MB, pass through a few megabytes of memory; forty readers who stand still hold no
// connection to the database.
func TestManyPhotosInOneFile(t *testing.T) {
	const entries, each, size, most = 75, 20, 128 << 10, 12 << 20
	a := newArchive(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	start := time.Date(2026, 10, 1, 8, 0, 0, 0, a.Tenant.Location())
	for i := range entries {
		a.share(start.Add(time.Duration(i)*9*time.Hour), each, size, mila)
	}
	_, body := pack(t, a, eva, diary.Choice{Month: "2026-10"})
	before, peak, total := inUse(), uint64(0), 0
	buffer := make([]byte, 32<<10)
	for step := 0; ; step++ {
		n, err := body.Read(buffer)
		total += n
		if step%2000 == 0 {
			peak = max(peak, inUse())
		}
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
	}
	require.Greater(t, total, entries*each*size)
	t.Logf("%d MB, %d kB at most", total>>20, (peak-before)>>10)
	require.Less(t, peak, before+most)

	for range 40 {
		_, body := pack(t, a, eva, diary.Choice{Month: "2026-10"})
		_, err := io.ReadFull(body, buffer)
		require.NoError(t, err)
		defer body.Close()
	}
	ctx, cancel := context.WithTimeout(actor.With(tenants.With(context.Background(), a.Tenant), eva.Actor()), 5*time.Second)
	defer cancel()
	_, err := a.diary.Photos(ctx, diary.BookFilter{})
	require.NoError(t, err)
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// counted counts how often storage is asked for an object.
type counted struct {
	blob.Store
	gets int
}

func (c *counted) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, blob.Info, error) {
	c.gets++
	return c.Store.Get(ctx, key, offset, length)
}

// A month has thousands of photos: packed once, they must not fill the memory that is there for what pages show.
func TestAPhotoThatIsPackedIsNotKeptInMemory(t *testing.T) {
	a := newArchive(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	_, shots := a.share(a.e.Clock.Now().Add(-time.Hour), 1, 1000, mila)
	storage := &counted{Store: a.store}
	hot, err := blob.Hot(storage, 1<<20)
	require.NoError(t, err)
	service := photos.New(a.e.DB, hot, nil)
	for range 2 {
		body, err := service.OpenFull(eva.Ctx(), shots[0])
		require.NoError(t, err)
		content, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Equal(t, picture(0, 1000), content)
		require.NoError(t, body.Close())
	}
	require.Equal(t, 2, storage.gets)
}
