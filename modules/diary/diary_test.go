package diary_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

func draft(h *childrentest.House, about ...ids.ID) diary.Draft {
	return diary.Draft{FormKey: ids.New(), GroupID: h.Group, ChildIDs: about, Title: "Naar het bos", Body: "We zochten bladeren."}
}

func read(t *testing.T, s *diary.Service, who identitytest.Someone) *diary.Timeline {
	t.Helper()
	timeline, err := s.Read(who.Ctx(), diary.Filter{})
	require.NoError(t, err)
	return timeline
}

func TestAnEntryReachesTheGuardiansOfItsChildrenOnly(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	mila, finn, noor := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group), h.AddChild("Noor", h.Group)
	eva, jan, other := h.AddParent("Eva", mila), h.AddParent("Jan", finn), h.AddParent("Piet", noor)
	elsewhere := childrentest.NewHouse(t, e, e.B)

	id, err := s.Publish(h.Staff.Ctx(), draft(h, mila, finn))
	require.NoError(t, err)

	t.Run("with the name of their own child and no other", func(t *testing.T) {
		got := read(t, s, eva).Entries
		require.Len(t, got, 1)
		require.Equal(t, []string{"Mila"}, names(got[0]))
		require.Equal(t, []string{"Finn"}, names(read(t, s, jan).Entries[0]))
	})
	t.Run("nobody else finds it, and the answer is that of an entry that does not exist", func(t *testing.T) {
		require.Empty(t, read(t, s, other).Entries)
		for _, who := range []identitytest.Someone{other, elsewhere.Staff, elsewhere.Admin, elsewhere.AddParent("Bo")} {
			_, _, err := s.Find(who.Ctx(), id)
			_, _, unknown := s.Find(who.Ctx(), ids.New())
			require.Equal(t, fault.Missing, fault.CodeOf(err))
			require.Equal(t, unknown, err)
		}
	})
	t.Run("until the tie is blocked", func(t *testing.T) {
		tom := h.AddParent("Tom")
		tie := h.Tie(tom, mila, children.Authority, "2026-01-01", "")
		require.Len(t, read(t, s, tom).Entries, 1)
		require.NoError(t, h.Service.Block(h.Admin.Ctx(), tie, "uitspraak rechter"))
		require.Empty(t, read(t, s, tom).Entries)
	})
	t.Run("and the event and audit row are there with it", func(t *testing.T) {
		var events, audits int
		conn := e.Owner(t)
		require.NoError(t, conn.QueryRow(context.Background(), "SELECT count(*) FROM event WHERE tenant_id = $1 AND name = 'diary.entry_published' AND payload->>'entry_id' = $2", e.A.ID, id.String()).Scan(&events))
		require.NoError(t, conn.QueryRow(context.Background(), "SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'diary.publish' AND subject_id = $2", e.A.ID, id).Scan(&audits))
		require.Equal(t, []int{1, 1}, []int{events, audits})
	})
	t.Run("withdrawn, it is gone for everybody", func(t *testing.T) {
		require.Equal(t, fault.Missing, fault.CodeOf(s.Withdraw(h.AddStaff("Youssef", h.Group).Ctx(), id, "vergissing")), "another's entry")
		require.NoError(t, s.Withdraw(h.Staff.Ctx(), id, "vergissing"))
		require.Empty(t, read(t, s, eva).Entries)
		_, _, err := s.Find(eva.Ctx(), id)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	})
}

func names(e diary.Entry) []string {
	var list []string
	for _, child := range e.Children {
		list = append(list, child.GivenName)
	}
	return list
}

func TestWhoMayWrite(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	mila := h.AddChild("Mila", h.Group)
	egels := h.AddGroup("Egels")
	stranger := h.AddStaff("Youssef", egels)
	foreign := childrentest.NewHouse(t, e, e.B)
	bram := foreign.AddChild("Bram", foreign.Group)

	_, err := s.Publish(stranger.Ctx(), draft(h, mila))
	require.Equal(t, fault.Missing, fault.CodeOf(err), "staff of another group")
	_, err = s.Publish(foreign.Staff.Ctx(), draft(h, mila))
	require.Equal(t, fault.Missing, fault.CodeOf(err), "staff of another organisation")
	_, err = s.Publish(h.Staff.Ctx(), draft(h, mila, bram))
	require.Equal(t, fault.Missing, fault.CodeOf(err), "for a child of another organisation")
	_, err = s.Publish(h.AddParent("Eva", mila).Ctx(), draft(h, mila))
	require.Equal(t, fault.Missing, fault.CodeOf(err), "a parent at the desk of the group")

	t.Run("of who is in the group, and of nobody else they know", func(t *testing.T) {
		finn, today := h.AddChild("Finn", egels), e.A.DateOf(e.Clock.Now())
		_, unknown := s.Publish(h.Admin.Ctx(), draft(h, mila, ids.New()))
		for _, who := range []identitytest.Someone{h.Admin, h.AddManager("Karin")} {
			_, err := s.Publish(who.Ctx(), draft(h, mila, finn))
			require.Equal(t, fault.Missing, fault.CodeOf(err), "a child of another group")
			require.Equal(t, unknown, err)
			elsewhere := draft(h, finn)
			elsewhere.GroupID = egels
			_, err = s.Publish(who.Ctx(), elsewhere)
			require.NoError(t, err)
		}
		soon, left := h.AddChild("Saar", egels), h.AddChild("Liv", egels)
		h.Place(soon, h.Group, today.Add(14), "")
		h.Place(left, h.Group, today.Add(-9), today.Add(-1))
		_, err := s.Publish(h.Staff.Ctx(), draft(h, soon))
		require.NoError(t, err, "who gets used to the group is there before the first day")
		_, err = s.Publish(h.Admin.Ctx(), draft(h, left))
		require.Equal(t, fault.Missing, fault.CodeOf(err), "who has left the group")
	})
}

func TestADraftSaysWhatIsWrongWithIt(t *testing.T) {
	for _, c := range []struct {
		name, field string
		draft       diary.Draft
	}{
		{"nobody chosen", "children", diary.Draft{Body: "x"}},
		{"nothing written", "body", diary.Draft{ChildIDs: []ids.ID{ids.New()}, Body: " \n "}},
		{"a title that is too long", "title", diary.Draft{ChildIDs: []ids.ID{ids.New()}, Body: "x", Title: strings.Repeat("é", diary.MaxTitle+1)}},
		{"a text that is too long", "body", diary.Draft{ChildIDs: []ids.ID{ids.New()}, Body: strings.Repeat("x", diary.MaxBody+1)}},
		{"too many photos", "photos", diary.Draft{ChildIDs: []ids.ID{ids.New()}, Photos: make([]diary.PhotoDraft, diary.MaxPhotos+1)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, ok := fault.As(c.draft.Check())
			require.True(t, ok)
			require.Equal(t, c.field, f.Fields[0].Name)
		})
	}
}

func TestAFormThatIsSentTwiceWritesOneEntry(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	mila := h.AddChild("Mila", h.Group)
	d := draft(h, mila)
	var wg sync.WaitGroup
	got := make([]ids.ID, 8)
	for i := range got {
		wg.Go(func() {
			id, err := s.Publish(h.Staff.Ctx(), d)
			if err != nil {
				t.Error(err)
			}
			got[i] = id
		})
	}
	wg.Wait()
	for _, id := range got {
		require.Equal(t, got[0], id)
	}
	require.Len(t, read(t, s, h.AddParent("Eva", mila)).Entries, 1)
	d.Body = "iets anders"
	_, err := s.Publish(h.Staff.Ctx(), d)
	require.Equal(t, fault.Invalid, fault.CodeOf(err), "another text under the same key")
}

func TestPages(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	eva := h.AddParent("Eva", mila, finn)
	for i := range 3*diary.PageSize + 5 {
		about := []ids.ID{mila}
		if i%2 == 0 {
			about = append(about, finn) // once on the timeline, though it is about both
		}
		if i%3 != 0 {
			e.Clock.Advance(time.Minute) // some share a moment
		}
		_, err := s.Publish(h.Staff.Ctx(), draft(h, about...))
		require.NoError(t, err)
	}
	seen := map[ids.ID]bool{}
	var last time.Time
	f := diary.Filter{}
	for {
		page, err := s.Read(eva.Ctx(), f)
		require.NoError(t, err)
		for _, entry := range page.Entries {
			require.False(t, seen[entry.ID], "twice")
			require.True(t, last.IsZero() || !entry.PublishedAt.After(last), "newest first")
			seen[entry.ID], last = true, entry.PublishedAt
		}
		if page.Next.ID == ids.Nil {
			break
		}
		require.Equal(t, page.Next, paging.Parse(page.Next.String()))
		f.After = page.Next
	}
	require.Len(t, seen, 3*diary.PageSize+5)

	t.Run("of one child", func(t *testing.T) {
		page, err := s.Read(eva.Ctx(), diary.Filter{ChildID: finn})
		require.NoError(t, err)
		for _, entry := range page.Entries {
			require.Contains(t, names(entry), "Finn")
		}
		_, err = s.Read(h.AddParent("Jan", mila).Ctx(), diary.Filter{ChildID: finn})
		require.Equal(t, fault.Missing, fault.CodeOf(err), "of somebody else's child")
	})
	t.Run("a cursor that is nonsense starts at the newest", func(t *testing.T) {
		for _, nonsense := range []string{"", "x", "%%%", strings.Repeat("A", 500)} {
			require.Equal(t, paging.Cursor{}, paging.Parse(nonsense))
		}
		for _, year := range []int{-5000, 0, 10_000} { // the database would refuse them
			never := paging.Cursor{At: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), ID: ids.New()}
			require.Equal(t, paging.Cursor{}, paging.Parse(never.String()), year)
		}
	})
}

func TestWhatIsTypedIsKeptTidy(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	mila := h.AddChild("Mila", h.Group)
	d := draft(h, mila, mila)
	d.Title, d.Body = "Naar\x00 het \xffbos", strings.Repeat("x\r\n", diary.MaxBody/2) // a browser counts a new line as one
	_, err := s.Publish(h.Staff.Ctx(), d)
	require.NoError(t, err)
	entry := read(t, s, h.AddParent("Eva", mila)).Entries[0]
	require.Equal(t, []string{"Naar het bos", "Mila"}, []string{entry.Title, strings.Join(names(entry), ",")})
	require.NotContains(t, entry.Body, "\r")
	d.FormKey, d.Body = ids.New(), "\x00"
	_, err = s.Publish(h.Staff.Ctx(), d)
	require.Equal(t, fault.Invalid, fault.CodeOf(err), "nothing that can be read")
}

func TestTheDeskShowsNoChildrenOfOtherGroups(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.AddGroup("Egels"))
	today := e.A.DateOf(e.Clock.Now())
	h.Place(finn, h.Group, today.Add(-9), today)
	both, err := s.Publish(h.Admin.Ctx(), draft(h, mila, finn))
	require.NoError(t, err)
	_, err = s.Publish(h.Admin.Ctx(), draft(h, finn))
	require.NoError(t, err)
	e.Clock.Advance(24 * time.Hour) // Finn has left the group
	desk, err := s.Desk(h.Staff.Ctx(), h.Group, paging.Cursor{})
	require.NoError(t, err)
	require.Len(t, desk.Entries, 1)
	require.Equal(t, both, desk.Entries[0].ID)
	require.Equal(t, []string{"Mila"}, names(desk.Entries[0]))
	desk, err = s.Desk(h.Admin.Ctx(), h.Group, paging.Cursor{})
	require.NoError(t, err)
	require.Len(t, desk.Entries, 2)
}

func TestTheBellOfAPageIsThatOfTheRole(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	eva := h.AddParent("Eva", h.AddChild("Mila", h.Group))
	require.NoError(t, e.DB.Write(h.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		for _, audience := range []notifications.Audience{notifications.Guardians, notifications.Staff, notifications.Staff} {
			event, err := outbox.RecordPast(ctx, tx, diary.EntryPublished{EntryID: ids.New()}, tx.Now())
			if err != nil {
				return err
			}
			line := notifications.Notification{TenantID: e.A.ID, ID: ids.New(), EventID: event, PersonID: eva.ID, Audience: audience, Item: "test", SubjectID: ids.New(), CreatedAt: tx.Now()}
			if err := notifications.Recall(ctx, tx, []notifications.Notification{line}); err != nil {
				return err
			}
		}
		return nil
	}))
	require.Equal(t, 1, read(t, s, eva).Unread.Bell)
}

func TestReadingAnEntryReadsTheNewsOfIt(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	mila := h.AddChild("Mila", h.Group)
	eva, adam, stranger := h.AddParent("Eva", mila), h.AddParent("Adam", mila), h.AddParent("Iris", h.AddChild("Ruby", h.Group))
	entry, err := s.Publish(h.Staff.Ctx(), diary.Draft{FormKey: ids.New(), GroupID: h.Group, Body: "Buiten gespeeld.", ChildIDs: []ids.ID{mila}})
	require.NoError(t, err)
	require.NoError(t, e.DB.Write(h.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		var told []notifications.Notification
		for _, subject := range []ids.ID{entry, ids.New()} {
			event, err := outbox.RecordPast(ctx, tx, diary.EntryPublished{EntryID: subject}, tx.Now())
			if err != nil {
				return err
			}
			for _, who := range []ids.ID{eva.ID, adam.ID} {
				told = append(told, notifications.Notification{TenantID: e.A.ID, ID: ids.New(), EventID: event, PersonID: who, Audience: notifications.Guardians, Item: "diary", SubjectID: subject, CreatedAt: tx.Now()})
			}
		}
		return notifications.Recall(ctx, tx, told)
	}))
	require.Equal(t, fault.Missing, fault.CodeOf(s.Seen(stranger.Ctx(), entry)))
	require.Equal(t, 2, read(t, s, eva).Unread.Bell)
	require.NoError(t, s.Seen(eva.Ctx(), entry))
	require.NoError(t, s.Seen(eva.Ctx(), entry))
	require.Equal(t, 1, read(t, s, eva).Unread.Bell, "the other news is still new")
	require.Equal(t, 2, read(t, s, adam).Unread.Bell, "somebody else has not read it")
}
