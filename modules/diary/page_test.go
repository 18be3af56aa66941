package diary_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
)

func open(t *testing.T, s *diary.Service, who identitytest.Someone, id ids.ID) *diary.Page {
	t.Helper()
	page, err := s.Open(who.Ctx(), id)
	require.NoError(t, err)
	return page
}

func TestTakingBack(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	mila := h.AddChild("Mila", h.Group)
	eva, jan, foreign := h.AddParent("Eva", mila), h.AddParent("Jan", mila), childrentest.NewHouse(t, e, e.B)
	home := func() ids.ID {
		id, err := s.Write(eva.Ctx(), letter(mila))
		require.NoError(t, err)
		return id
	}
	posted, err := s.Publish(h.Staff.Ctx(), draft(h, mila))
	require.NoError(t, err)
	id := home()
	for _, who := range []identitytest.Someone{jan, h.Staff, h.Admin, foreign.Admin} {
		require.Equal(t, fault.Missing, fault.CodeOf(s.TakeBack(who.Ctx(), id)), "another's")
	}
	require.Equal(t, fault.Missing, fault.CodeOf(s.TakeBack(eva.Ctx(), posted)), "a guardian what staff wrote")
	e.Clock.Advance(diary.TakeBackWithin)
	require.NoError(t, s.TakeBack(eva.Ctx(), id))
	require.NoError(t, s.TakeBack(h.Staff.Ctx(), posted))
	require.Equal(t, fault.Missing, fault.CodeOf(s.TakeBack(eva.Ctx(), id)), "again")
	require.Empty(t, read(t, s, jan).Entries)
	require.Empty(t, deskOf(t, s, h.Staff, h.Group))

	t.Run("not a moment later; then for a reason only, by who runs the place", func(t *testing.T) {
		late := home()
		e.Clock.Advance(diary.TakeBackWithin + time.Second)
		require.Equal(t, fault.Conflict, fault.CodeOf(s.TakeBack(eva.Ctx(), late)))
		require.False(t, open(t, s, eva, late).MayTakeBack(eva.Actor(), e.Clock.Now()))
		karin := h.AddManager("Karin")
		for _, who := range []identitytest.Someone{eva, jan, h.Staff, foreign.Admin} {
			require.Equal(t, fault.Missing, fault.CodeOf(s.Withdraw(who.Ctx(), late, "privé")), who.GivenName)
		}
		require.Equal(t, fault.Invalid, fault.CodeOf(s.Withdraw(karin.Ctx(), late, " \n")))
		require.NoError(t, s.Withdraw(karin.Ctx(), late, "privé"))
		var reason string
		require.NoError(t, e.Owner(t).QueryRow(t.Context(), "SELECT detail->>'reason' FROM audit_entry WHERE tenant_id = $1 AND action = 'diary.withdraw' AND subject_id = $2", e.A.ID, late).Scan(&reason))
		require.Equal(t, "privé", reason)
	})
}

func TestWhoSeesWhoReadAndLoved(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	egels := h.AddGroup("Egels")
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", egels)
	h.Place(finn, h.Group, e.A.DateOf(e.Clock.Now()), e.A.DateOf(e.Clock.Now()))
	eva, jan, piet := h.AddParent("Eva", mila), h.AddParent("Jan", mila), h.AddParent("Piet", finn)
	posted, err := s.Publish(h.Admin.Ctx(), draft(h, mila, finn))
	require.NoError(t, err)
	for _, who := range []identitytest.Someone{eva, eva, piet} {
		require.NoError(t, s.Seen(who.Ctx(), posted))
		require.NoError(t, s.Give(who.Ctx(), posted, true))
	}
	e.Clock.Advance(24 * time.Hour) // Finn is in the other group alone
	require.Equal(t, []string{"Eva", "Piet"}, open(t, s, h.Admin, posted).ReadBy)
	require.Equal(t, []string{"Eva"}, open(t, s, h.Staff, posted).ReadBy, "who may not know of Finn hears nothing of his father")
	require.Equal(t, []string{"Eva"}, open(t, s, h.Staff, posted).LovedBy)
	for _, who := range []identitytest.Someone{eva, jan, piet} {
		page := open(t, s, who, posted)
		require.Empty(t, page.ReadBy, "a guardian never sees which families read")
		require.Empty(t, page.LovedBy)
		require.Equal(t, 2, page.Hearts)
	}

	home, err := s.Write(eva.Ctx(), letter(mila))
	require.NoError(t, err)
	require.NoError(t, s.Seen(eva.Ctx(), home))
	require.NoError(t, s.Seen(jan.Ctx(), home))
	require.Empty(t, read(t, s, eva).Entries[0].ReadAtWork)
	require.NoError(t, s.Seen(h.Staff.Ctx(), home))
	require.NoError(t, s.Give(jan.Ctx(), home, true))
	require.Equal(t, []string{"Sanne"}, read(t, s, eva).Entries[0].ReadAtWork)
	require.Empty(t, read(t, s, jan).Entries[0].ReadAtWork)
	require.Equal(t, []string{"Jan"}, open(t, s, eva, home).LovedBy, "the author sees who gave a heart")
	require.Empty(t, open(t, s, jan, home).LovedBy)
	require.Equal(t, []string{"Sanne"}, open(t, s, h.Staff, home).ReadBy)
}

func TestNeighbours(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	mila, finn, noor := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group), h.AddChild("Noor", h.Group)
	eva := h.AddParent("Eva", mila, finn)
	for _, about := range [][]ids.ID{{mila}, {finn, mila}, {noor}, {finn}, {mila}} {
		_, err := s.Publish(h.Staff.Ctx(), draft(h, about...))
		require.NoError(t, err)
	}
	list := read(t, s, eva).Entries
	require.Len(t, list, 4)
	for i := range list {
		page := open(t, s, eva, list[i].ID)
		newer, older := ids.Nil, ids.Nil
		if i > 0 {
			newer = list[i-1].ID
		}
		if i < len(list)-1 {
			older = list[i+1].ID
		}
		require.Equal(t, []ids.ID{newer, older}, []ids.ID{page.Newer, page.Older})
	}
	require.Equal(t, ids.Nil, open(t, s, h.Staff, list[1].ID).Newer)
}

func TestWhatIsNewSinceTheLastVisit(t *testing.T) {
	e := dbtest.New(t)
	s := diary.New(e.DB, nil)
	h := childrentest.NewHouse(t, e, e.A)
	eva := h.AddParent("Eva", h.AddChild("Mila", h.Group))
	since := func() time.Time { return read(t, s, eva).NewSince.UTC() }
	require.True(t, since().IsZero(), "at first nothing is known")
	first := e.Clock.Now()
	require.NoError(t, s.Visit(eva.Ctx()))
	e.Clock.Advance(2 * diary.VisitPause)
	require.WithinDuration(t, first, since(), time.Microsecond, "already before the page says that it is looked at")
	require.NoError(t, s.Visit(eva.Ctx()))
	second := e.Clock.Now()
	for range 5 {
		e.Clock.Advance(diary.VisitPause / 2)
		require.NoError(t, s.Visit(eva.Ctx()))
		require.WithinDuration(t, first, since(), time.Microsecond, "looking again moves nothing")
		second = e.Clock.Now()
	}
	e.Clock.Advance(2 * diary.VisitPause)
	require.WithinDuration(t, second, since(), time.Microsecond)
	require.Equal(t, fault.Missing, fault.CodeOf(s.Visit(h.Staff.Ctx())))
}
