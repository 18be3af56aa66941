package messages

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
)

func (o *office) mailing(reach Reach, to ids.ID) MailingDraft {
	return MailingDraft{FormKey: ids.New(), GroupID: o.Group, Reach: reach, ReachID: to, Subject: "Studiedag", Body: "Vrijdag zijn we dicht."}
}

func (o *office) address(who identitytest.Someone, draft MailingDraft) ids.ID {
	o.t.Helper()
	n, err := o.s.Reaches(who.Ctx(), draft)
	require.NoError(o.t, err)
	draft.Families = n
	id, err := o.s.Address(who.Ctx(), draft)
	require.NoError(o.t, err)
	return id
}

// addHousehold ties somebody to a child, of a household of a number.
func (o *office) addHousehold(name string, child ids.ID, number int) identitytest.Someone {
	o.t.Helper()
	who := o.AddParent(name)
	tie := o.Tie(who, child, children.Authority, "2026-01-01", "")
	_, err := o.e.Owner(o.t).Exec(o.t.Context(), "UPDATE guardianship SET household = $2 WHERE id = $1", tie, number)
	require.NoError(o.t, err)
	return who
}

func TestEveryFamilyGetsItsOwnConversation(t *testing.T) {
	o := newOffice(t)
	mila, finn, noor := o.AddChild("Mila", o.Group), o.AddChild("Finn", o.Group), o.AddChild("Noor", o.Group)
	eva := o.AddParent("Eva", mila, finn)
	adam, jan, leyla := o.addHousehold("Adam", mila, 1), o.addHousehold("Jan", mila, 2), o.AddParent("Leyla", noor)
	o.Tie(adam, finn, children.Authority, "2026-01-01", "")
	oma := o.AddParent("Oma")
	o.Tie(oma, mila, children.Collector, "2026-01-01", "")
	egels := o.AddGroup("Egels")
	piet := o.AddParent("Piet", o.AddChild("Sem", egels))

	n, err := o.s.Reaches(o.Staff.Ctx(), o.mailing(ToGroup, o.Group))
	require.NoError(t, err)
	require.Equal(t, 3, n, "Eva and Adam of one house, though they have two children here; Jan of another; Leyla")
	draft := o.mailing(ToGroup, o.Group)
	draft.Families = 2
	_, err = o.s.Address(o.Staff.Ctx(), draft)
	require.Equal(t, fault.Conflict, fault.CodeOf(err), "another number than was on the screen")

	first := o.address(o.Staff, o.mailing(ToGroup, o.Group))
	require.Empty(t, o.lines(eva, Filter{}), "it can still be taken back")
	o.wait()
	for _, who := range []identitytest.Someone{eva, adam, jan, leyla} {
		require.Equal(t, []string{"Studiedag"}, o.subjects(who, Filter{}), who.GivenName)
		require.Equal(t, 1, o.unread(who), who.GivenName)
	}
	require.Empty(t, o.lines(piet, Filter{}))
	require.Empty(t, o.lines(oma, Filter{}))
	shared := o.lines(eva, Filter{})[0]
	require.Equal(t, shared.ID, o.lines(adam, Filter{})[0].ID, "one house, one conversation")
	require.Equal(t, []string{"Adam Jansen", "Eva Jansen"}, shared.Guardians)
	o.hidden(jan, shared.ID, "another household")
	o.answer(jan, o.lines(jan, Filter{})[0].ID, "Goed dat je het zegt.")
	o.wait()
	require.Len(t, o.bodies(eva, shared.ID), 1)
	require.Equal(t, 1, o.unread(eva))
	o.answer(eva, shared.ID, "Dank je")
	o.wait()
	require.Equal(t, 2, o.unread(adam), "who shares the conversation is told")
	_, err = o.s.ThreadOf(o.Staff.Ctx(), first)
	require.NoError(t, err)

	t.Run("of a child, and of a location", func(t *testing.T) {
		o.address(o.Staff, o.mailing(ToChild, noor))
		o.wait()
		require.Len(t, o.lines(leyla, Filter{}), 2)
		require.Len(t, o.lines(eva, Filter{}), 1)
		n, err := o.s.Reaches(o.Staff.Ctx(), o.mailing(ToLocation, o.Location))
		require.NoError(t, err)
		require.Equal(t, 3, n, "as far as who writes works there")
		n, err = o.s.Reaches(o.AddManager("Karin").Ctx(), o.mailing(ToLocation, o.Location))
		require.NoError(t, err)
		require.Equal(t, 4, n)
	})
	t.Run("and nobody reaches further than they work", func(t *testing.T) {
		foreign := childrentest.NewHouse(t, o.e, o.e.B)
		stranger := o.AddStaff("Youssef", egels)
		for why, c := range map[string]struct {
			who identitytest.Someone
			to  MailingDraft
		}{
			"another group": {stranger, o.mailing(ToGroup, o.Group)}, "another organisation": {foreign.Admin, o.mailing(ToGroup, o.Group)}, "a guardian": {eva, o.mailing(ToGroup, o.Group)},
			"a group beside the one that is written in": {o.Admin, o.mailing(ToGroup, egels)}, "a child of another group": {o.Admin, o.mailing(ToChild, ids.New())}, "a location elsewhere": {o.Admin, o.mailing(ToLocation, ids.New())},
		} {
			_, err := o.s.Address(c.who.Ctx(), c.to)
			require.Equal(t, fault.Missing, fault.CodeOf(err), why)
		}
		_, err := o.s.Address(o.Staff.Ctx(), MailingDraft{FormKey: ids.New(), GroupID: o.Group, Reach: "all"})
		e, _ := fault.As(err)
		require.Len(t, e.Fields, 3)
	})
}

func TestAMailingIsTakenBackWhole(t *testing.T) {
	o := newOffice(t)
	mila, noor := o.AddChild("Mila", o.Group), o.AddChild("Noor", o.Group)
	eva, leyla := o.AddParent("Eva", mila), o.AddParent("Leyla", noor)
	message := o.address(o.Staff, o.mailing(ToGroup, o.Group))
	o.e.Clock.Advance(UndoWithin - time.Second)
	for range 2 {
		back, err := o.s.TakeBack(o.Staff.Ctx(), message)
		require.NoError(t, err)
		require.Equal(t, []any{ToGroup, o.Group, "Studiedag"}, []any{back.Mailing.Reach, back.Mailing.ReachID, back.Draft.Subject})
	}
	o.wait()
	require.Empty(t, o.lines(eva, Filter{}))
	require.Empty(t, o.lines(leyla, Filter{}))
	require.Empty(t, o.lines(o.Staff, Filter{}))

	second := o.address(o.Staff, o.mailing(ToGroup, o.Group))
	o.wait()
	_, err := o.s.TakeBack(o.Staff.Ctx(), second)
	require.Equal(t, fault.Conflict, fault.CodeOf(err))
	o.e.Clock.Advance(25 * time.Hour)
	require.NoError(t, o.s.Sweep(o.system()))
	require.Equal(t, 2, o.count("SELECT count(*) FROM message_thread WHERE tenant_id = $1", o.Tenant.ID))
}
