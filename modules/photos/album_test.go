package photos_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// archive is a house whose diary holds photos of the past; nothing has to be decoded for them.
type archive struct {
	*childrentest.House
	t        *testing.T
	e        *dbtest.Env
	store    blob.Store
	photos   *photos.Service
	diary    *diary.Service
	consents *consents.Service
}

func newArchive(t *testing.T) *archive {
	t.Helper()
	e := dbtest.New(t)
	store, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	a := &archive{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, store: store}
	a.photos = photos.New(e.DB, store, nil)
	a.diary = diary.New(e.DB, a.photos)
	told, _ := notificationstest.New(t, e.DB, nil)
	a.consents = consents.New(e.DB, told, a.photos)
	return a
}

func (a *archive) allow(child ids.ID, granted bool) {
	a.t.Helper()
	require.NoError(a.t, a.consents.Say(a.Admin.Ctx(), consents.Reply{ChildID: child, Purpose: consents.Photos, Granted: granted}))
}

// picture is the content of photo n of an entry, so that a test knows it again.
func picture(n, size int) []byte { return bytes.Repeat([]byte{byte('a' + n%26)}, size) }

// share keeps an entry of a moment with so many photos of size bytes and gives their ids.
func (a *archive) share(at time.Time, count, size int, about ...children.Named) (entry ids.ID, shots []ids.ID) {
	a.t.Helper()
	e := diary.Entry{TenantID: a.Tenant.ID, ID: ids.New(), Kind: diary.Post, GroupID: a.Group, GroupName: "Kikkers", AuthorID: a.Staff.ID, AuthorName: "Sanne",
		Title: "Toen", PublishedAt: at, Children: about, Media: []diary.Medium{}}
	var rows []photos.Photo
	on := map[ids.ID][]ids.ID{}
	for i := range count {
		past := photos.Past{ID: ids.New(), UploadedBy: a.Staff.ID, EntryID: e.ID, Position: i, FileName: "a.jpg", At: at, Bytes: 1,
			Picture: &media.Result{Width: 1200, Height: 800, Files: []media.File{{Name: media.Full, ContentType: "image/jpeg", Bytes: picture(i, size)}}}}
		row, err := past.Store(context.Background(), a.store, a.Tenant.ID)
		require.NoError(a.t, err)
		rows, shots = append(rows, row), append(shots, past.ID)
		for _, child := range about {
			on[past.ID] = append(on[past.ID], child.ID)
		}
	}
	require.NoError(a.t, a.e.DB.Write(a.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		if err := diary.Recall(ctx, tx, []diary.Entry{e}); err != nil {
			return err
		}
		return photos.Recall(ctx, tx, rows, on)
	}))
	return e.ID, shots
}

func (a *archive) child(name string) children.Named {
	a.t.Helper()
	id := a.AddChild(name, a.Group)
	a.allow(id, true)
	return children.Named{ID: id, GivenName: name}
}

func (a *archive) book(who identitytest.Someone, f diary.BookFilter) *diary.Book {
	a.t.Helper()
	b, err := a.diary.Photos(who.Ctx(), f)
	require.NoError(a.t, err)
	return b
}

func shotIDs(b *diary.Book) []ids.ID {
	list := []ids.ID{}
	for _, s := range b.Shots {
		list = append(list, s.ID)
	}
	return list
}

func TestTheAlbumHoldsWhatItsReaderMaySee(t *testing.T) {
	a := newArchive(t)
	mila, finn, noor := a.child("Mila"), a.child("Finn"), a.child("Noor")
	eva, jan, stranger := a.AddParent("Eva", mila.ID, noor.ID), a.AddParent("Jan", finn.ID), a.AddParent("Piet")
	foreign := childrentest.NewHouse(t, a.e, a.e.B)
	now := a.e.Clock.Now()
	entry, both := a.share(now.Add(-time.Hour), 2, 10, mila, finn)
	_, hers := a.share(now.Add(-2*time.Hour), 1, 10, noor)
	require.NoError(t, a.e.DB.Write(a.Staff.Ctx(), func(ctx context.Context, tx tenants.Writer) error { // words only
		return diary.Recall(ctx, tx, []diary.Entry{{TenantID: a.Tenant.ID, ID: ids.New(), Kind: diary.Report, GroupID: a.Group, AuthorID: a.Staff.ID, Body: "x",
			PublishedAt: now, Children: []children.Named{mila}, Media: []diary.Medium{}}})
	}))

	book := a.book(eva, diary.BookFilter{})
	require.Equal(t, append(both, hers...), shotIDs(book), "newest first")
	require.Equal(t, []string{"Mila"}, book.Shots[0].Names, "and nobody else's child is named")
	require.Equal(t, entry, book.Shots[0].EntryID)
	month := diary.MonthOf(a.Tenant, now)
	require.Equal(t, []diary.MonthCount{{Month: month, Photos: 3}}, book.Months)
	require.Equal(t, both, shotIDs(a.book(jan, diary.BookFilter{})))
	require.Equal(t, []string{"Finn"}, a.book(jan, diary.BookFilter{}).Shots[0].Names)
	require.Empty(t, a.book(stranger, diary.BookFilter{}).Shots)

	t.Run("of one child", func(t *testing.T) {
		of := a.book(eva, diary.BookFilter{ChildID: noor.ID})
		require.Equal(t, hers, shotIDs(of))
		require.Equal(t, 1, of.Months[0].Photos)
		for _, other := range []ids.ID{finn.ID, ids.New()} {
			_, err := a.diary.Photos(eva.Ctx(), diary.BookFilter{ChildID: other})
			require.Equal(t, fault.Missing, fault.CodeOf(err))
		}
	})
	t.Run("it is for guardians only", func(t *testing.T) {
		for _, who := range []identitytest.Someone{a.Staff, a.Admin, foreign.Admin} {
			_, err := a.diary.Photos(who.Ctx(), diary.BookFilter{})
			require.Equal(t, fault.Missing, fault.CodeOf(err), who.Role)
		}
	})
	t.Run("a consent that is withdrawn counts at once, for all on the photo", func(t *testing.T) {
		a.allow(finn.ID, false)
		require.Equal(t, hers, shotIDs(a.book(eva, diary.BookFilter{})))
		require.Equal(t, 1, a.book(eva, diary.BookFilter{}).Months[0].Photos)
		require.Empty(t, a.book(jan, diary.BookFilter{}).Months)
		a.allow(finn.ID, true)
		require.Len(t, a.book(eva, diary.BookFilter{}).Shots, 3)
	})
	t.Run("a tie that is blocked ends it", func(t *testing.T) {
		tom := a.AddParent("Tom")
		tie := a.Tie(tom, mila.ID, children.Authority, "2026-01-01", "")
		require.Len(t, a.book(tom, diary.BookFilter{}).Shots, 2)
		require.NoError(t, a.Service.Block(a.Admin.Ctx(), tie, "uitspraak rechter"))
		require.Empty(t, a.book(tom, diary.BookFilter{}).Shots)
		require.Empty(t, a.book(tom, diary.BookFilter{}).Months)
	})
	t.Run("a withdrawn entry is gone", func(t *testing.T) {
		require.NoError(t, a.diary.Withdraw(a.Staff.Ctx(), entry, "verkeerde foto"))
		require.Equal(t, hers, shotIDs(a.book(eva, diary.BookFilter{})))
	})
}

func TestPagesAndMonthsOfTheAlbum(t *testing.T) {
	a := newArchive(t)
	mila, finn := a.child("Mila"), a.child("Finn")
	eva := a.AddParent("Eva", mila.ID, finn.ID)
	zone := a.Tenant.Location()
	months := map[diary.Month]int{}
	total := 0
	for i := range 50 {
		at := time.Date(2026, 10, 31, 23, 30, 0, 0, zone).AddDate(0, 0, -3*i) // late in the evening is another month in UTC
		about := []children.Named{mila}
		if i%2 == 0 {
			about = append(about, finn) // on two timelines, and in the book once
		}
		a.share(at, i%5+1, 10, about...)
		months[diary.MonthOf(a.Tenant, at)] += i%5 + 1
		total += i%5 + 1
	}
	first := a.book(eva, diary.BookFilter{})
	require.Equal(t, diary.Month("2026-10"), first.Months[0].Month)
	counted := map[diary.Month]int{}
	for _, m := range first.Months {
		counted[m.Month] = m.Photos
	}
	require.Equal(t, months, counted)

	seen := map[ids.ID]bool{}
	var last time.Time
	for f := (diary.BookFilter{}); ; {
		page := a.book(eva, f)
		require.LessOrEqual(t, len(page.Shots), 64)
		for _, s := range page.Shots {
			require.False(t, seen[s.ID], "twice")
			require.True(t, last.IsZero() || !s.At.After(last))
			seen[s.ID], last = true, s.At
		}
		if page.Next.ID == ids.Nil {
			break
		}
		f.After = page.Next
	}
	require.Len(t, seen, total)
	for month := range months {
		b := a.book(eva, diary.BookFilter{Month: month})
		require.Equal(t, month, diary.MonthOf(a.Tenant, b.Shots[0].At), "begins with its last photo")
	}
	for _, nonsense := range []string{"", "2026-13", "x", "2026-1", fmt.Sprint(time.Now())} {
		require.Empty(t, diary.ParseMonth(nonsense))
	}
}
