package accesses_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/accesses"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
)

func house(t *testing.T) (*dbtest.Env, *accesses.Service, *childrentest.House) {
	t.Helper()
	e := dbtest.New(t)
	e.Clock.Set(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
	return e, accesses.New(e.DB), childrentest.NewHouse(t, e, e.A)
}

func note(t *testing.T, s *accesses.Service, who identitytest.Someone, what accesses.What, object ids.ID, about ...ids.ID) {
	t.Helper()
	require.NoError(t, s.Note(who.Ctx(), about, what, object))
}

func own(t *testing.T, s *accesses.Service, who identitytest.Someone, f accesses.Filter) *accesses.List {
	t.Helper()
	l, err := s.Own(who.Ctx(), f)
	require.NoError(t, err)
	return l
}

func TestTheSameOpenedAgainIsOneAccess(t *testing.T) {
	e, s, h := house(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	photo := ids.New()
	note(t, s, h.Staff, accesses.Photo, photo, mila)
	e.Clock.Advance(14 * time.Minute)
	note(t, s, h.Staff, accesses.Photo, photo, mila)
	require.Len(t, own(t, s, eva, accesses.Filter{}).Accesses, 1, "again within a quarter of an hour")
	note(t, s, h.Staff, accesses.Download, photo, mila)
	note(t, s, h.Staff, accesses.Photo, ids.New(), mila)
	note(t, s, h.Admin, accesses.Photo, photo, mila)
	require.Len(t, own(t, s, eva, accesses.Filter{}).Accesses, 4, "another thing, another photo, another person")
	e.Clock.Advance(time.Minute)
	note(t, s, h.Staff, accesses.Photo, photo, mila)
	list := own(t, s, eva, accesses.Filter{}).Accesses
	require.Len(t, list, 5, "and later")
	require.Equal(t, e.Clock.Now().UTC(), list[0].At.UTC(), "newest first")
	require.NoError(t, s.Note(h.Staff.Ctx(), nil, accesses.Photo, photo), "of nobody there is nothing to note")
}

func TestWhoIsNamed(t *testing.T) {
	e, s, h := house(t)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	eva, jan := h.AddParent("Eva", mila), h.AddParent("Jan", finn)
	apart := h.AddParent("Piet") // of the other household, by a right to information
	tie := h.Tie(apart, mila, children.Information, "2026-01-01", "")
	collector := h.AddParent("Opa")
	h.Tie(collector, mila, children.Collector, "2026-01-01", "")
	manager := h.AddManager("Mo")
	for i, who := range []identitytest.Someone{h.Staff, eva, apart, jan} {
		e.Clock.Advance(time.Duration(i) * time.Minute)
		note(t, s, who, accesses.Photo, ids.New(), mila, finn)
	}
	t.Run("a guardian learns of who works here, and of the other guardians by given name and tie", func(t *testing.T) {
		list := own(t, s, eva, accesses.Filter{}).Accesses
		require.Len(t, list, 4)
		require.Equal(t, []string{"", "Piet", "Eva", "Sanne de Groot"}, []string{list[0].Name, list[1].Name, list[2].Name, list[3].Name})
		require.Equal(t, []children.Kind{"", children.Information, children.Authority, ""}, []children.Kind{list[0].Tie, list[1].Tie, list[2].Tie, list[3].Tie})
		require.Equal(t, ids.Nil, list[0].PersonID, "whose parent of another child is, is not told in any way")
		require.Equal(t, []bool{false, false, true, false}, []bool{list[0].Own, list[1].Own, list[2].Own, list[3].Own})
	})
	t.Run("the other guardian the same, as their own", func(t *testing.T) {
		list := own(t, s, apart, accesses.Filter{ChildID: mila}).Accesses
		require.True(t, list[1].Own)
		require.Equal(t, "Eva", list[2].Name)
	})
	t.Run("who keeps the file sees the names", func(t *testing.T) {
		for _, who := range []identitytest.Someone{manager, h.Admin} {
			l, err := s.OfChild(who.Ctx(), accesses.Filter{ChildID: mila})
			require.NoError(t, err)
			require.Equal(t, "Jan", l.Accesses[0].Name)
			require.Equal(t, "Mila", l.Children[0].GivenName)
			require.Len(t, l.Children, 1)
		}
	})
	t.Run("nobody else does", func(t *testing.T) {
		foreign := childrentest.NewHouse(t, e, e.B)
		for name, who := range map[string]identitytest.Someone{"staff": h.Staff, "parent": eva, "foreign": foreign.Admin} {
			_, err := s.OfChild(who.Ctx(), accesses.Filter{ChildID: mila})
			require.Equal(t, fault.Missing, fault.CodeOf(err), name)
		}
		_, err := s.OfChild(h.Admin.Ctx(), accesses.Filter{})
		require.Equal(t, fault.Missing, fault.CodeOf(err), "nor of everybody at once")
		for name, who := range map[string]identitytest.Someone{"collector": collector, "of another": jan, "foreign": foreign.AddParent("Bo")} {
			_, err := s.Own(who.Ctx(), accesses.Filter{ChildID: mila})
			require.Equal(t, fault.Missing, fault.CodeOf(err), name)
		}
		require.Empty(t, own(t, s, collector, accesses.Filter{}).Accesses)
		_, err = s.Own(h.Staff.Ctx(), accesses.Filter{})
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	})
	t.Run("a block holds from the next request on", func(t *testing.T) {
		require.NoError(t, h.Service.Block(h.Admin.Ctx(), tie, "uitspraak rechter"))
		require.Empty(t, own(t, s, apart, accesses.Filter{}).Accesses)
		list := own(t, s, eva, accesses.Filter{}).Accesses
		require.Equal(t, "Piet", list[1].Name, "what was opened before stays known")
	})
}

func TestPagesOfAccessesFollowEachOther(t *testing.T) {
	e, s, h := house(t)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	eva := h.AddParent("Eva", mila, finn)
	const each = 50
	for range each {
		note(t, s, h.Staff, accesses.Photo, ids.New(), mila, finn)
		e.Clock.Advance(time.Minute)
	}
	seen := map[ids.ID]bool{}
	var last time.Time
	var after paging.Cursor
	pages := 0
	for {
		l := own(t, s, eva, accesses.Filter{After: after})
		for _, a := range l.Accesses {
			require.False(t, seen[a.ID])
			seen[a.ID] = true
			require.True(t, last.IsZero() || !a.At.After(last))
			last = a.At
		}
		pages++
		if after = paging.Parse(l.Next.String()); after.ID == ids.Nil {
			break
		}
	}
	require.Len(t, seen, 2*each)
	require.Equal(t, 2, pages)
	l := own(t, s, eva, accesses.Filter{ChildID: finn})
	require.Len(t, l.Accesses, each)
	for _, a := range l.Accesses {
		require.Equal(t, finn, a.ChildID)
	}
	require.Len(t, l.Children, 2, "the switch still offers both")
}

// What cannot be noted is not shown: the caller hears of it.
func TestAnAccessThatCannotBeKeptIsAnError(t *testing.T) {
	_, s, h := house(t)
	mila := h.AddChild("Mila", h.Group)
	require.Error(t, s.Note(h.Staff.Ctx(), []ids.ID{mila, ids.New()}, accesses.Photo, ids.New()), "a child that is not there")
	require.Error(t, s.Note(h.Staff.Ctx(), []ids.ID{mila}, "glimpse", ids.New()))
	nobody := actor.With(h.Staff.Ctx(), actor.Actor{TenantID: h.Tenant.ID, Role: actor.System})
	require.Error(t, s.Note(nobody, []ids.ID{mila}, accesses.File, mila), "the system looks at nothing")
	l, err := s.OfChild(h.Admin.Ctx(), accesses.Filter{ChildID: mila})
	require.NoError(t, err)
	require.Empty(t, l.Accesses)
}
