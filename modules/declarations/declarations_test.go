package declarations_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/attach"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/blob/blobtest"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

type home struct {
	*childrentest.House
	t *testing.T
	e *dbtest.Env
	s *declarations.Service
	n *notifications.Service
	// store has the files.
	store *blobtest.Watched
}

func newHome(t *testing.T) *home {
	t.Helper()
	return newHomeWith(t, nil)
}

// newHomeWith has who makes photos fit to keep.
func newHomeWith(t *testing.T, images attach.Images) *home {
	t.Helper()
	e := dbtest.New(t)
	e.Clock.Set(time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC))
	words, err := i18n.Load(declarations.Locales, notifications.Locales)
	require.NoError(t, err)
	n, err := notifications.New(e.DB, notifications.Config{Words: words, Keys: [][]byte{make([]byte, 32)}})
	require.NoError(t, err)
	dir, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	store := &blobtest.Watched{Store: dir}
	return &home{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, n: n, store: store, s: declarations.New(e.DB, n, store, images)}
}

func medicine() declarations.Draft {
	return declarations.Draft{FormKey: ids.New(), Title: "Medicijnen", Body: "Mogen wij iets geven?", Answerers: declarations.One, Required: true, Audience: declarations.All, RemindDays: 7, Fields: []declarations.Field{
		{Kind: declarations.Choice, Label: "Paracetamol?", Options: []string{"Ja", "Nee"}, Required: true},
		{Kind: declarations.Line, Label: "Welke medicijnen?"},
	}}
}

// asks publishes a declaration and has everybody told.
func (h *home) asks(draft declarations.Draft) *declarations.Definition {
	h.t.Helper()
	id, err := h.s.Add(h.Admin.Ctx(), draft)
	require.NoError(h.t, err)
	require.NoError(h.t, h.s.Publish(h.Admin.Ctx(), id))
	h.deliver()
	return h.defined(id)
}

func (h *home) defined(id ids.ID) *declarations.Definition {
	h.t.Helper()
	d, err := h.s.Define(h.Admin.Ctx(), id)
	require.NoError(h.t, err)
	return d
}

func (h *home) ctx() context.Context {
	return actor.With(tenants.With(h.t.Context(), h.Tenant), actor.ForSystem(h.Tenant.ID))
}

// deliver runs the handlers of everything that happened here, twice: the second time changes nothing.
func (h *home) deliver() {
	h.t.Helper()
	for range 2 {
		rows, err := h.e.Owner(h.t).Query(h.t.Context(), "SELECT id, name, payload FROM event WHERE tenant_id = $1 AND name LIKE 'declarations.%' ORDER BY id", h.Tenant.ID)
		require.NoError(h.t, err)
		var events []outbox.Recorded
		for rows.Next() {
			e := outbox.Recorded{TenantID: h.Tenant.ID}
			require.NoError(h.t, rows.Scan(&e.ID, &e.Name, &e.Payload))
			events = append(events, e)
		}
		for _, e := range events {
			for _, s := range h.s.Subscriptions() {
				if s.Event == e.Name {
					require.NoError(h.t, s.Run(h.ctx(), e))
				}
			}
		}
	}
}

// told counts how often somebody was told of something.
func (h *home) told(who identitytest.Someone) (n int) {
	h.t.Helper()
	require.NoError(h.t, h.e.Owner(h.t).QueryRow(h.t.Context(), "SELECT count(*) FROM notification WHERE person_id = $1", who.ID).Scan(&n))
	return n
}

func (h *home) waiting(who identitytest.Someone) int {
	h.t.Helper()
	count, err := h.n.UnreadCount(who.Ctx())
	require.NoError(h.t, err)
	return count.Bell
}

func (h *home) own(who identitytest.Someone, child ids.ID) declarations.OfChild {
	h.t.Helper()
	list, err := h.s.Own(who.Ctx(), child)
	require.NoError(h.t, err)
	return list[0]
}

func reply(d *declarations.Definition, child ids.ID, values ...string) declarations.Reply {
	filled := declarations.Filled{}
	for i, v := range values {
		filled[d.Fields[i].Key] = []string{v}
	}
	return declarations.Reply{DeclarationID: d.ID, ChildID: child, Words: d.TextVersion, Filled: filled, FormKey: ids.New()}
}

func TestAGuardianFillsInAndChanges(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva, sam := h.AddParent("Eva", mila), h.AddParent("Sam", mila)
	d := h.asks(medicine())
	require.Equal(t, []int{1, 1}, []int{h.told(eva), h.waiting(eva)})
	require.True(t, h.own(sam, mila).Asked[0].Open)

	t.Run("what is wrong is said at the field, and what was typed is kept", func(t *testing.T) {
		err := h.s.Answer(eva.Ctx(), reply(d, mila, "Misschien", "Puffer"))
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
		f, _ := fault.As(err)
		require.Equal(t, declarations.ControlName(d.Fields[0].Key), f.Fields[0].Name)
		st, _, err := h.s.Form(eva.Ctx(), d.ID, mila)
		require.NoError(t, err)
		require.Equal(t, "Puffer", st.Filled().First(d.Fields[1].Key))
		require.Empty(t, st.Answers)
		other, _, err := h.s.Form(sam.Ctx(), d.ID, mila)
		require.NoError(t, err)
		require.Nil(t, other.Unsent, "of somebody else")
	})
	require.NoError(t, h.s.Answer(eva.Ctx(), reply(d, mila, "Ja", "Puffer")))
	require.NoError(t, h.s.Answer(eva.Ctx(), reply(d, mila, "Ja", "Puffer")))
	st := h.own(sam, mila).Asked[0]
	require.Len(t, st.Answers, 1, "sent twice it is kept once")
	require.Equal(t, []any{false, "Eva", false}, []any{st.Open, st.Answers[0].By, st.Answers[0].Hidden})
	require.Equal(t, []int{0, 0}, []int{h.waiting(eva), h.waiting(sam)}, "nothing waits for either any more")

	h.e.Clock.Advance(time.Hour)
	require.NoError(t, h.s.Answer(sam.Ctx(), reply(d, mila, "Nee")))
	st = h.own(eva, mila).Asked[0]
	require.Equal(t, []string{"Sam", "Eva"}, []string{st.Answers[0].By, st.Answers[1].By}, "the history, newest first")
	_, _, err := h.s.Form(eva.Ctx(), d.ID, mila)
	require.NoError(t, err)
}

func TestWhoMayNotFillIn(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	reads := h.AddParent("Rik")
	h.Tie(reads, mila, children.Information, "2026-01-01", "")
	d := h.asks(medicine())
	other := childrentest.NewHouse(t, h.e, h.e.B)
	for name, who := range map[string]identitytest.Someone{"a right to information": reads, "another's parent": h.AddParent("Jan", h.AddChild("Finn", h.Group)), "staff": h.Staff, "an admin": h.Admin, "another organisation": other.Admin, "its parent": other.AddParent("Bo")} {
		require.Equal(t, fault.Missing, fault.CodeOf(h.s.Answer(who.Ctx(), reply(d, mila, "Ja"))), name)
	}
	require.False(t, h.own(reads, mila).Asked[0].May)
	require.Zero(t, h.told(reads))
	_, err := h.s.Own(h.Staff.Ctx(), mila)
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	_, err = h.s.Answers(other.Admin.Ctx(), d.ID)
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	_, err = h.s.Answers(h.Staff.Ctx(), d.ID)
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	require.Equal(t, fault.Missing, fault.CodeOf(h.s.Publish(h.AddManager("Mo").Ctx(), d.ID)))
	require.NoError(t, h.s.End(h.Admin.Ctx(), d.ID))
	require.Equal(t, fault.Missing, fault.CodeOf(h.s.Answer(eva.Ctx(), reply(d, mila, "Ja"))), "it is not asked any more")
}

func TestEveryGuardianAnswersAndHouseholdsAreKeptApart(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva, sam := h.AddParent("Eva", mila), h.AddParent("Sam", mila)
	_, err := h.e.Owner(t).Exec(t.Context(), "UPDATE guardianship SET household = 2 WHERE person_id = $1", sam.ID)
	require.NoError(t, err)
	draft := medicine()
	draft.Answerers = declarations.Every
	d := h.asks(draft)
	require.NoError(t, h.s.Answer(eva.Ctx(), reply(d, mila, "Ja", "Geheim adres")))
	st := h.own(sam, mila).Asked[0]
	require.Equal(t, []any{true, true, []string{"Sam"}}, []any{st.Open, st.Answers[0].Hidden, st.Waiting})
	require.Empty(t, st.Filled()[d.Fields[1].Key])
	require.Nil(t, st.Mine())
	a, err := h.s.Answers(h.Admin.Ctx(), d.ID)
	require.NoError(t, err)
	require.Equal(t, []any{0, 1, "Sam Jansen"}, []any{a.Done, a.Waiting(), a.Rows[0].Waiting[0].Name})
	require.NoError(t, h.s.Answer(sam.Ctx(), reply(d, mila, "Nee")))
	a, err = h.s.Answers(h.Admin.Ctx(), d.ID)
	require.NoError(t, err)
	require.Equal(t, 1, a.Done)
	require.Len(t, a.Rows[0].Answers, 2)
}

func TestASignatureIsTheNameOfWhoHasJustProvedWhoTheyAre(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	draft := medicine()
	draft.Fields = append(draft.Fields, declarations.Field{Kind: declarations.Signature, Label: "Handtekening", Required: true})
	d := h.asks(draft)
	fresh := actor.With(eva.Ctx(), func() actor.Actor { a := eva.Actor(); a.ProvedAt = h.e.Clock.Now(); return a }())
	stale := actor.With(eva.Ctx(), func() actor.Actor { a := eva.Actor(); a.ProvedAt = h.e.Clock.Now().Add(-time.Hour); return a }())
	_, _, err := h.s.Form(stale, d.ID, mila)
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	require.Equal(t, fault.Forbidden, fault.CodeOf(h.s.Answer(stale, reply(d, mila, "Ja", "Puffer", "Eva Jansen"))))
	st, name, err := h.s.Form(fresh, d.ID, mila)
	require.NoError(t, err)
	require.Equal(t, []string{"Eva Jansen", "Puffer"}, []string{name, st.Filled().First(d.Fields[1].Key)}, "what was typed waits until they have")
	require.Empty(t, st.Filled()[d.Fields[2].Key], "but not the signature")
	require.Equal(t, fault.Invalid, fault.CodeOf(h.s.Answer(fresh, reply(d, mila, "Ja", "", "Sam Jansen"))))
	st, _, err = h.s.Form(fresh, d.ID, mila)
	require.NoError(t, err)
	require.Empty(t, st.Filled()[d.Fields[2].Key])
	require.NoError(t, h.s.Answer(fresh, reply(d, mila, "Ja", "", "eva  jansen")))
}

func TestANewVersionAsksAgainOrNot(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	d := h.asks(medicine())
	require.NoError(t, h.s.Answer(eva.Ctx(), reply(d, mila, "Ja", "Puffer")))
	revise := func(again bool, body string) {
		draft := medicine()
		draft.Body, draft.AskAgain, draft.Version, draft.Fields = body, again, d.Version, d.Fields
		require.NoError(t, h.s.Revise(h.Admin.Ctx(), d.ID, draft))
		require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Revise(h.Admin.Ctx(), d.ID, draft)), "the row is another by now")
		d = h.defined(d.ID)
		h.deliver()
	}
	h.e.Clock.Advance(48 * time.Hour)
	revise(false, "In andere woorden")
	require.False(t, h.own(eva, mila).Asked[0].Open)
	require.Equal(t, 1, h.told(eva))
	revise(true, "In weer andere woorden")
	require.Equal(t, []any{true, 2, 1}, []any{h.own(eva, mila).Asked[0].Open, h.told(eva), h.waiting(eva)})
	old := reply(d, mila, "Nee")
	old.Words = 1
	require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Answer(eva.Ctx(), old)))
	st := h.own(eva, mila).Asked[0]
	require.Equal(t, "Mogen wij iets geven?", st.Answers[0].To.Body, "the words of then")
	require.NoError(t, h.s.Answer(eva.Ctx(), reply(d, mila, "Nee")))
	require.False(t, h.own(eva, mila).Asked[0].Open)
	_, err := h.e.Owner(t).Exec(t.Context(), "UPDATE declaration_text SET body = 'Anders' WHERE declaration_id = $1", d.ID)
	require.ErrorContains(t, err, "were published")
}

func TestRemindersReachWhoHasNotAnsweredOnceADay(t *testing.T) {
	h := newHome(t)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	eva, jan := h.AddParent("Eva", mila, finn), h.AddParent("Jan", finn)
	d := h.asks(medicine())
	require.NoError(t, h.s.Answer(jan.Ctx(), reply(d, finn, "Ja")))
	n, err := h.s.Remind(h.Admin.Ctx(), d.ID)
	require.NoError(t, err)
	require.Zero(t, n, "she was told today")
	h.e.Clock.Advance(24 * time.Hour)
	for want := range []int{1, 0} {
		n, err := h.s.Remind(h.AddManager("Mo").Ctx(), d.ID)
		require.NoError(t, err)
		require.Equal(t, 1-want, n)
	}
	require.NoError(t, h.s.Sweep(h.ctx()))
	h.deliver()
	require.Equal(t, []int{2, 1}, []int{h.told(eva), h.told(jan)})

	t.Run("by the schedule after so many days, run twice", func(t *testing.T) {
		h.e.Clock.Advance(6 * 24 * time.Hour)
		require.NoError(t, h.s.Sweep(h.ctx()))
		h.deliver()
		require.Equal(t, 2, h.told(eva))
		h.e.Clock.Advance(24 * time.Hour)
		require.NoError(t, h.s.Sweep(h.ctx()))
		require.NoError(t, h.s.Sweep(h.ctx()))
		h.deliver()
		require.Equal(t, []int{3, 1}, []int{h.told(eva), h.told(jan)})
	})
	t.Run("and who came later hears of it too", func(t *testing.T) {
		bo := h.AddParent("Bo", h.AddChild("Noor", h.Group))
		require.NoError(t, h.s.Sweep(h.ctx()))
		h.deliver()
		require.Equal(t, 1, h.told(bo))
	})
}

func TestWhomItIsFor(t *testing.T) {
	h := newHome(t)
	elsewhere := h.AddLocation("Elders")
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", elsewhere)
	gone := h.AddNewcomer("Weg", h.Group, "2026-01-01", "2026-02-01")
	eva := h.AddParent("Eva", mila, finn, gone)
	asked := func(change func(*declarations.Draft)) (names []string) {
		draft := medicine()
		change(&draft)
		d := h.asks(draft)
		list, err := h.s.Own(eva.Ctx(), ids.Nil)
		require.NoError(t, err)
		for _, of := range list {
			for _, st := range of.Asked {
				if st.ID == d.ID {
					names = append(names, of.Child.GivenName)
				}
			}
		}
		require.Len(t, names, d.Children, "as many as were promised")
		return names
	}
	require.ElementsMatch(t, []string{"Mila", "Finn"}, asked(func(*declarations.Draft) {}))
	require.Equal(t, []string{"Mila"}, asked(func(d *declarations.Draft) { d.Audience, d.LocationIDs = declarations.Locations, []ids.ID{h.Location} }))
	require.Equal(t, []string{"Finn"}, asked(func(d *declarations.Draft) { d.Audience, d.GroupIDs = declarations.Groups, []ids.ID{elsewhere} }))
	require.Empty(t, asked(func(d *declarations.Draft) { d.FromAgeMonths = 36 }))
	require.Len(t, asked(func(d *declarations.Draft) { d.ToAgeMonths = 36 }), 2)
	draft := medicine()
	draft.Audience, draft.GroupIDs = declarations.Groups, []ids.ID{childrentest.NewHouse(t, h.e, h.e.B).Group}
	_, err := h.s.Add(h.Admin.Ctx(), draft)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "a group of another organisation")
}

func TestADraftIsAskedOfNobodyAndAddedOnce(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	draft := medicine()
	first, err := h.s.Add(h.Admin.Ctx(), draft)
	require.NoError(t, err)
	second, err := h.s.Add(h.Admin.Ctx(), draft)
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.Empty(t, h.own(eva, mila).Asked)
	for _, wrong := range []func(*declarations.Draft){
		func(d *declarations.Draft) { d.Title = " " }, func(d *declarations.Draft) { d.Fields = nil }, func(d *declarations.Draft) { d.Fields[0].Options = []string{"Ja", "Ja"} },
		func(d *declarations.Draft) { d.RemindDays = -1 }, func(d *declarations.Draft) { d.FromAgeMonths, d.ToAgeMonths = 24, 12 }, func(d *declarations.Draft) { d.Audience = declarations.Groups },
	} {
		draft := medicine()
		wrong(&draft)
		_, err := h.s.Add(h.Admin.Ctx(), draft)
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	}
	t.Run("the answers leave as a file only with a fresh proof", func(t *testing.T) {
		stale := actor.With(h.Admin.Ctx(), func() actor.Actor { a := h.Admin.Actor(); a.ProvedAt = h.e.Clock.Now().Add(-time.Hour); return a }())
		_, err := h.s.Export(stale, first)
		require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	})
}

func TestAManagerReadsAndRemindsOfWhoIsAtTheirOwnLocation(t *testing.T) {
	h := newHome(t)
	elsewhere := h.AddLocation("Elders")
	here, moved, moving := h.AddChild("Mila", h.Group), h.AddNewcomer("Finn", h.Group, "2026-01-01", "2026-11-20"), h.AddNewcomer("Noor", elsewhere, "2026-01-01", "2026-12-31")
	h.Place(moved, elsewhere, "2026-11-21", "")
	h.Place(moving, h.Group, "2027-01-01", "")
	eva, jan := h.AddParent("Eva", here), h.AddParent("Jan", moved)
	noa := h.AddParent("Noa", moving)
	d := h.asks(medicine())
	mo := h.AddManager("Mo")
	names := func(a *declarations.Answers, err error) (list []string) {
		require.NoError(t, err)
		for _, r := range a.Rows {
			list = append(list, r.Child.GivenName)
		}
		require.Len(t, list, a.Children)
		return list
	}
	require.Equal(t, []string{"Mila", "Noor"}, names(h.s.Answers(mo.Ctx(), d.ID)), "of who is here, or comes")
	require.Equal(t, []string{"Finn", "Mila", "Noor"}, names(h.s.Answers(h.Admin.Ctx(), d.ID)))
	fresh := actor.With(mo.Ctx(), func() actor.Actor { a := mo.Actor(); a.ProvedAt = h.e.Clock.Now(); return a }())
	require.Equal(t, []string{"Mila", "Noor"}, names(h.s.Export(fresh, d.ID)))
	require.NoError(t, h.s.Answer(jan.Ctx(), reply(d, moved, "Ja", "Puffer")))
	require.Equal(t, []string{"Mila", "Noor"}, names(h.s.Answers(mo.Ctx(), d.ID)), "nor what was answered since")
	list, err := h.s.All(mo.Ctx())
	require.NoError(t, err)
	require.Equal(t, declarations.Tally{Children: 2}, list[0].Tally)

	h.e.Clock.Advance(24 * time.Hour)
	n, err := h.s.Remind(mo.Ctx(), d.ID)
	require.NoError(t, err)
	h.deliver()
	require.Equal(t, []int{2, 2, 1, 2}, []int{n, h.told(eva), h.told(jan), h.told(noa)})
}

func TestAnswersStayWhereTheyAreReadWhenAChildIsAskedNoMore(t *testing.T) {
	h := newHome(t)
	babies := h.AddGroup("Baby's")
	grows, leaves, silent := h.AddChild("Mila", babies), h.AddNewcomer("Finn", babies, "2026-01-01", "2026-11-30"), h.AddNewcomer("Noor", babies, "2026-01-01", "2026-11-30")
	eva := h.AddParent("Eva", grows, leaves, silent)
	draft := medicine()
	draft.Audience, draft.GroupIDs, draft.ToAgeMonths = declarations.Groups, []ids.ID{babies}, 27 // they are 26 months
	d := h.asks(draft)
	for _, child := range []ids.ID{grows, leaves} {
		require.NoError(t, h.s.Answer(eva.Ctx(), reply(d, child, "Ja", "Puffer")))
	}
	h.e.Clock.Advance(40 * 24 * time.Hour)
	mo := h.AddManager("Mo")
	for name, who := range map[string]identitytest.Someone{"an admin": h.Admin, "the manager": mo} {
		fresh := actor.With(who.Ctx(), func() actor.Actor { a := who.Actor(); a.ProvedAt = h.e.Clock.Now(); return a }())
		for _, read := range []func(context.Context, ids.ID) (*declarations.Answers, error){h.s.Answers, h.s.Export} {
			a, err := read(fresh, d.ID)
			require.NoError(t, err)
			require.Len(t, a.Rows, 2, name)
			for i, child := range []string{"Finn", "Mila"} {
				r := a.Rows[i]
				require.Equal(t, []any{child, true, "Puffer", 0}, []any{r.Child.GivenName, r.Past, r.Answers[0].Filled.First(d.Fields[1].Key), len(r.Waiting)}, name)
			}
			require.Equal(t, declarations.Tally{}, a.Tally, "and count no more")
		}
	}
	require.NoError(t, h.s.End(h.Admin.Ctx(), d.ID))
	a, err := h.s.Answers(h.Admin.Ctx(), d.ID)
	require.NoError(t, err)
	require.Equal(t, declarations.Tally{Children: 2, Done: 2}, a.Tally)
	require.False(t, a.Rows[0].Past, "all of it is over")
	list, err := h.s.All(h.Admin.Ctx())
	require.NoError(t, err)
	require.Equal(t, a.Tally, list[0].Tally)
}

func TestWhatIsFilledInIsReadByNobodyWhoOnlyCounts(t *testing.T) {
	h := newHome(t)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	eva, jan := h.AddParent("Eva", mila), h.AddParent("Jan", finn)
	d := h.asks(medicine())
	require.NoError(t, h.s.Answer(jan.Ctx(), reply(d, finn, "Ja", "Puffer")))
	// Whoever reads this, fails.
	_, err := h.e.Owner(t).Exec(t.Context(), `UPDATE declaration_answer SET filled = '"niet te lezen"'`)
	require.NoError(t, err)
	list, err := h.n.List(eva.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.Len(t, list.Waiting, 1)
	all, err := h.s.All(h.Admin.Ctx())
	require.NoError(t, err)
	require.Equal(t, declarations.Tally{Children: 2, Done: 1}, all[0].Tally)
	require.NoError(t, h.s.Sweep(h.ctx()))
	_, err = h.s.Answers(h.Admin.Ctx(), d.ID)
	require.Error(t, err, "who reads the answers")
}

func TestWhoIsAskedSomethingNewHearsItOnAnotherDay(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	draft := medicine()
	draft.RemindDays = 0
	d := h.asks(draft)
	days := func(n int) {
		for range n {
			h.e.Clock.Advance(24 * time.Hour)
			for range 2 {
				require.NoError(t, h.s.Sweep(h.ctx()))
			}
			h.deliver()
		}
	}
	require.NoError(t, h.s.Answer(eva.Ctx(), reply(d, mila, "Ja")))
	draft.Body, draft.AskAgain, draft.Version, draft.Fields = "In andere woorden", true, d.Version, d.Fields
	require.NoError(t, h.s.Revise(h.Admin.Ctx(), d.ID, draft))
	h.deliver()
	require.Equal(t, 1, h.told(eva), "once a day")
	days(3)
	require.Equal(t, 2, h.told(eva), "that it was mended and is asked again, once")

	finn := h.AddChild("Finn", h.Group)
	h.Tie(eva, finn, children.Authority, "2026-01-01", "")
	days(3)
	require.Equal(t, 3, h.told(eva), "that it is about another child too, once")
}
