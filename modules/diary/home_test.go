package diary_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
)

func letter(child ids.ID) diary.Letter {
	return diary.Letter{FormKey: ids.New(), ChildID: child, Body: "Ze krijgt een kiesje."}
}

func deskOf(t *testing.T, s *diary.Service, who identitytest.Someone, group ids.ID) []diary.Entry {
	t.Helper()
	desk, err := s.Desk(who.Ctx(), group, paging.Cursor{})
	require.NoError(t, err)
	return desk.Entries
}

func TestALetterFromHomeIsForWhoeverLooksAfterTheChild(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	egels, today := h.AddGroup("Egels"), e.A.DateOf(e.Clock.Now())
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	h.Place(mila, egels, today.Add(-9), "")
	eva, jan, other := h.AddParent("Eva", mila), h.AddParent("Jan"), h.AddParent("Piet", finn)
	h.Tie(jan, mila, children.Information, today.Add(-9), "") // another household
	oma := h.AddParent("Oma")
	h.Tie(oma, mila, children.Collector, today.Add(-9), "")
	elsewhere, foreign := h.AddStaff("Youssef", h.AddGroup("Otters")), childrentest.NewHouse(t, e, e.B)
	second := h.AddStaff("Fatma", egels)

	id, err := s.Write(eva.Ctx(), letter(mila))
	require.NoError(t, err)
	for _, who := range []identitytest.Someone{eva, jan} {
		got := read(t, s, who).Entries
		require.Len(t, got, 1, who.GivenName)
		require.True(t, got[0].FromHome)
		require.Equal(t, []string{"Mila", "Eva"}, []string{names(got[0])[0], got[0].AuthorName})
		require.Equal(t, who.ID == eva.ID, got[0].By(who.Actor()))
	}
	require.Equal(t, id, deskOf(t, s, h.Staff, h.Group)[0].ID)
	require.Equal(t, id, deskOf(t, s, second, egels)[0].ID, "of every group that the child is in")
	require.Equal(t, id, deskOf(t, s, h.Admin, h.Group)[0].ID)
	for _, who := range []identitytest.Someone{h.Staff, second, h.Admin, h.AddManager("Karin")} {
		_, _, err := s.Find(who.Ctx(), id)
		require.NoError(t, err, who.GivenName)
	}
	for _, who := range []identitytest.Someone{other, oma, elsewhere, foreign.Staff, foreign.Admin, foreign.AddParent("Bo")} {
		_, _, err := s.Find(who.Ctx(), id)
		require.Equal(t, fault.Missing, fault.CodeOf(err), who.GivenName)
	}
	require.Empty(t, read(t, s, other).Entries)

	t.Run("and of a group that the child moved to, among what the group wrote", func(t *testing.T) {
		_, err := s.Publish(h.Staff.Ctx(), draft(h, mila))
		require.NoError(t, err)
		bevers := h.AddGroup("Bevers")
		require.Empty(t, deskOf(t, s, h.AddStaff("Tim", bevers), bevers))
		h.Place(mila, bevers, today.Add(9), "")
		require.Len(t, deskOf(t, s, h.Admin, bevers), 1)
		e.Clock.Advance(time.Minute)
		newer, err := s.Write(jan.Ctx(), letter(mila))
		require.NoError(t, err)
		list := deskOf(t, s, h.Staff, h.Group)
		require.Len(t, list, 3)
		require.Equal(t, newer, list[0].ID)
	})
	t.Run("the other guardians are told, and its author is not", func(t *testing.T) {
		var event string
		require.NoError(t, e.Owner(t).QueryRow(context.Background(), "SELECT payload->>'entry_id' FROM event WHERE tenant_id = $1 AND name = 'diary.entry_published' AND payload->>'entry_id' = $2", e.A.ID, id.String()).Scan(&event))
	})
	t.Run("a tie that is blocked takes it from the timeline, the author's too", func(t *testing.T) {
		tom := h.AddParent("Tom")
		tie := h.Tie(tom, mila, children.Authority, today.Add(-9), "")
		own, err := s.Write(tom.Ctx(), letter(mila))
		require.NoError(t, err)
		require.NoError(t, h.Service.Block(h.Admin.Ctx(), tie, "uitspraak rechter"))
		require.Empty(t, read(t, s, tom).Entries)
		_, _, err = s.Find(tom.Ctx(), own)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
		_, err = s.Write(tom.Ctx(), letter(mila))
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	})
}

func TestWhoMayWriteFromHome(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	today := e.A.DateOf(e.Clock.Now())
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	later, left := h.AddNewcomer("Saar", h.Group, today.Add(15), ""), h.AddNewcomer("Liv", h.Group, today.Add(-50), today.Add(-1))
	soon := h.AddNewcomer("Teun", h.Group, today.Add(14), "")
	eva := h.AddParent("Eva", mila, soon, later, left)
	foreign := childrentest.NewHouse(t, e, e.B)
	bram := foreign.AddChild("Bram", foreign.Group)
	for _, child := range []ids.ID{finn, bram, ids.New()} {
		_, err := s.Write(eva.Ctx(), letter(child))
		require.Equal(t, fault.Missing, fault.CodeOf(err), "somebody else's child, as one that does not exist")
	}
	for _, who := range []identitytest.Someone{h.Staff, h.Admin, foreign.AddParent("Bo", bram)} {
		_, err := s.Write(who.Ctx(), letter(mila))
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	}
	for _, child := range []ids.ID{later, left} {
		_, err := s.Write(eva.Ctx(), letter(child))
		require.Equal(t, fault.Invalid, fault.CodeOf(err), "nobody would read it")
	}
	subjects, err := s.Subjects(eva.Ctx())
	require.NoError(t, err)
	var can []ids.ID
	for _, subject := range subjects {
		can = append(can, subject.ID)
		_, err := s.Write(eva.Ctx(), letter(subject.ID))
		require.NoError(t, err)
	}
	require.ElementsMatch(t, []ids.ID{mila, soon}, can)
	_, err = s.Subjects(h.Staff.Ctx())
	require.Equal(t, fault.Missing, fault.CodeOf(err))

	empty := letter(mila)
	empty.Body = " \n"
	_, err = s.Write(eva.Ctx(), empty)
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	shown := letter(mila)
	shown.Photos = []diary.PhotoDraft{{ID: ids.New()}}
	_, err = s.Write(eva.Ctx(), shown)
	f, _ := fault.As(err)
	require.Equal(t, "photos", f.Fields[0].Name, "without consent to photos there are none from home either")
	twice := letter(mila)
	first, err := s.Write(eva.Ctx(), twice)
	require.NoError(t, err)
	again, err := s.Write(eva.Ctx(), twice)
	require.NoError(t, err)
	require.Equal(t, first, again)
}

func TestHearts(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	eva, jan, other := h.AddParent("Eva", mila), h.AddParent("Jan", mila), h.AddParent("Piet", finn)
	foreign := childrentest.NewHouse(t, e, e.B)
	posted, err := s.Publish(h.Staff.Ctx(), draft(h, mila))
	require.NoError(t, err)
	home, err := s.Write(eva.Ctx(), letter(mila))
	require.NoError(t, err)
	elsewhere := h.AddStaff("Youssef", h.AddGroup("Egels"))

	state := func(who identitytest.Someone, id ids.ID) []any {
		entry, _, err := s.Find(who.Ctx(), id)
		require.NoError(t, err)
		return []any{entry.Hearts, entry.Loved}
	}
	for range 2 { // one a person
		require.NoError(t, s.Give(eva.Ctx(), posted, true))
	}
	require.NoError(t, s.Give(jan.Ctx(), posted, true))
	require.NoError(t, s.Give(jan.Ctx(), home, true))
	require.NoError(t, s.Give(h.Staff.Ctx(), home, true))
	require.Equal(t, []any{2, true}, state(eva, posted))
	require.Equal(t, []any{2, false}, state(h.Staff, posted))
	require.Equal(t, []any{2, false}, state(eva, home))
	require.Equal(t, []any{2, true}, state(h.Staff, home))
	require.Equal(t, 2, read(t, s, jan).Entries[0].Hearts)
	require.True(t, read(t, s, jan).Entries[0].Loved)

	require.NoError(t, s.Give(jan.Ctx(), posted, false))
	require.NoError(t, s.Give(jan.Ctx(), posted, false))
	require.NoError(t, s.Give(jan.Ctx(), posted, true))
	for _, c := range []struct {
		who identitytest.Someone
		id  ids.ID
		why string
	}{{eva, home, "one's own"}, {h.Staff, posted, "staff at what staff wrote"}, {other, posted, "another family"}, {other, home, "another family"},
		{elsewhere, home, "staff of another group"}, {foreign.Staff, home, "another organisation"}, {foreign.Admin, posted, "another organisation"}} {
		require.Equal(t, fault.Missing, fault.CodeOf(s.Give(c.who.Ctx(), c.id, true)), c.why)
	}
	var told int
	require.NoError(t, e.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM event WHERE tenant_id = $1 AND name = 'diary.entry_loved' AND payload->>'entry_id' = $2", e.A.ID, posted.String()).Scan(&told))
	require.Equal(t, 1, told, "the author is told once, however many come and go")
}
