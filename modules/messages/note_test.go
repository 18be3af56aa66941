package messages

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

func (o *office) note(who identitytest.Someone, thread ids.ID, body string) error {
	return o.s.Note(who.Ctx(), thread, NoteDraft{FormKey: ids.New(), Body: body})
}

func (o *office) open1(who identitytest.Someone, thread ids.ID) *Page {
	o.t.Helper()
	page, err := o.s.Open(who.Ctx(), thread, paging.Cursor{})
	require.NoError(o.t, err)
	return page
}

func TestNotesAreForColleagues(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva, colleague, manager := o.AddParent("Eva", mila), o.AddStaff("Fatma", o.Group), o.AddManager("Karin")
	stranger := o.AddStaff("Youssef", o.AddGroup("Egels"))
	foreign := childrentest.NewHouse(t, o.e, o.e.B)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.wait()
	draft := NoteDraft{FormKey: ids.New(), Body: "Eva belde ook: geheimpje"}
	for range 2 {
		require.NoError(t, o.s.Note(o.Staff.Ctx(), thread, draft))
	}
	for _, who := range []identitytest.Someone{o.Staff, colleague, manager, o.Admin} {
		notes := o.open1(who, thread).Notes
		require.Len(t, notes, 1, who.GivenName)
		require.Equal(t, []string{"Sanne", "Eva belde ook: geheimpje"}, []string{notes[0].AuthorName, notes[0].Body})
	}
	require.Empty(t, o.open1(eva, thread).Notes)
	require.Equal(t, "Ze zijn op", o.lines(eva, Filter{})[0].First)
	require.Zero(t, o.unread(eva))
	for _, who := range []identitytest.Someone{eva, o.Staff} {
		require.Empty(t, o.lines(who, Filter{Search: "geheimpje"}), "no search finds it")
	}
	for why, who := range map[string]identitytest.Someone{"a guardian": eva, "who works elsewhere": stranger, "another organisation": foreign.Admin} {
		require.Equal(t, fault.Missing, fault.CodeOf(o.note(who, thread, "Mag ik mee?")), why)
	}
	require.Equal(t, fault.Invalid, fault.CodeOf(o.note(o.Staff, thread, " \n ")))
	require.Equal(t, 0, o.count("SELECT count(*) FROM notification WHERE person_id = $1", eva.ID))
	require.Equal(t, 0, o.count("SELECT count(*) FROM notification n WHERE tenant_id = $1 AND subject_id IN (SELECT id FROM message_note)", o.Tenant.ID), "nobody is mailed")
	for _, query := range []string{"UPDATE message_note SET body = 'x'", "DELETE FROM message_note"} {
		err := o.e.DB.Write(o.system(), func(ctx context.Context, tx tenants.Writer) error {
			_, err := tx.NewRaw(query).Exec(ctx)
			return err
		})
		require.ErrorContains(t, err, "permission denied", query)
	}

	t.Run("each on the page of its time", func(t *testing.T) {
		for range messagesOfPage {
			o.e.Clock.Advance(time.Second)
			o.answer(o.Staff, thread, "Ja")
		}
		o.wait()
		require.NoError(t, o.note(manager, thread, "Afgehandeld"))
		newest := o.open1(o.Staff, thread)
		require.Len(t, newest.Notes, 1)
		require.Equal(t, "Afgehandeld", newest.Notes[0].Body)
		earlier, err := o.s.Open(o.Staff.Ctx(), thread, newest.Earlier)
		require.NoError(t, err)
		require.Len(t, earlier.Notes, 1)
		require.Equal(t, draft.Body, earlier.Notes[0].Body)
	})
	t.Run("and goes with what was never sent", func(t *testing.T) {
		message := o.address(o.Staff, o.mailing(ToChild, mila))
		fresh, err := o.s.ThreadOf(o.Staff.Ctx(), message)
		require.NoError(t, err)
		require.NoError(t, o.note(o.Staff, fresh, "Klopt dit?"))
		require.NoError(t, o.s.Assign(o.Staff.Ctx(), fresh, o.Staff.ID))
		_, err = o.s.TakeBack(o.Staff.Ctx(), message)
		require.NoError(t, err)
		o.e.Clock.Advance(25 * time.Hour)
		require.NoError(t, o.s.Sweep(o.system()))
		require.Zero(t, o.count("SELECT count(*) FROM message_note WHERE thread_id = $1", fresh))
	})
}

// Somebody who works here and whose own child it is, reads what any guardian reads.
func TestAColleagueIsAGuardianOfTheirOwnChild(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva, fatma := o.AddParent("Eva", mila), o.AddStaff("Fatma", o.Group)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.wait()
	require.NoError(t, o.note(o.Staff, thread, "Onder ons"))
	require.NoError(t, o.s.Assign(o.Staff.Ctx(), thread, fatma.ID))
	o.tell()
	unread := func() int {
		n, err := o.n.UnreadCount(fatma.Ctx())
		require.NoError(t, err)
		return n.Bell
	}
	require.Equal(t, 1, unread())
	require.Len(t, o.open1(fatma, thread).Notes, 1)

	o.Tie(fatma, mila, children.Information, o.Tenant.DateOf(o.e.Clock.Now()), "")
	page := o.open1(fatma, thread)
	require.True(t, page.Own)
	require.Empty(t, page.Notes)
	require.Empty(t, page.Team)
	require.Nil(t, page.Assignee)
	require.Equal(t, fault.Missing, fault.CodeOf(o.note(fatma, thread, "Ook van mij")))
	require.Equal(t, fault.Missing, fault.CodeOf(o.s.Assign(fatma.Ctx(), thread, o.Staff.ID)))
	require.Equal(t, fault.Missing, fault.CodeOf(o.s.Assign(o.Staff.Ctx(), thread, fatma.ID)))
	require.NoError(t, o.s.Assign(o.Staff.Ctx(), thread, o.Staff.ID))
	require.Zero(t, unread(), "she is not asked any more")
}

func TestNewsOfWhatIsAssignedGoesWithTheWork(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva, fatma := o.AddParent("Eva", mila), o.AddStaff("Fatma", o.Group)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.wait()
	require.NoError(t, o.s.Assign(o.Staff.Ctx(), thread, fatma.ID))
	o.tell()
	bell := func() int {
		n, err := o.n.UnreadCount(fatma.Ctx())
		require.NoError(t, err)
		return n.Bell
	}
	require.NoError(t, o.s.Sweep(o.system()))
	require.Equal(t, 1, bell(), "it is hers")
	_, err := o.e.Owner(t).Exec(context.Background(), "DELETE FROM group_assignment WHERE tenant_id = $1 AND person_id = $2", o.Tenant.ID, fatma.ID)
	require.NoError(t, err)
	require.NoError(t, o.s.Sweep(o.system()))
	require.Zero(t, bell(), "she works elsewhere")
}

func TestAConversationIsGivenToAColleague(t *testing.T) {
	o := newOffice(t)
	mila, noor := o.AddChild("Mila", o.Group), o.AddChild("Noor", o.Group)
	eva, kees := o.AddParent("Eva", mila), o.AddParent("Kees", noor)
	fatma, stranger, manager := o.AddStaff("Fatma", o.Group), o.AddStaff("Youssef", o.AddGroup("Egels")), o.AddManager("Karin")
	foreign := childrentest.NewHouse(t, o.e, o.e.B)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.begin(kees, noor, "Ziek", "Koorts")
	o.wait()
	names := []string{}
	for _, c := range o.open1(manager, thread).Team {
		names = append(names, c.Name)
	}
	require.Equal(t, []string{"Fatma", "Karin", "Sanne"}, names)
	for range 2 {
		require.NoError(t, o.s.Assign(o.Staff.Ctx(), thread, fatma.ID))
	}
	require.Equal(t, "Fatma", o.open1(o.Staff, thread).Assignee.Name)
	require.Equal(t, []string{"Luiers"}, o.subjects(fatma, Filter{Mine: true}))
	require.Empty(t, o.subjects(o.Staff, Filter{Mine: true}))
	require.Equal(t, "Fatma", o.lines(manager, Filter{Search: "luiers"})[0].For)
	require.Empty(t, o.lines(eva, Filter{})[0].For, "no guardian is told")
	require.Nil(t, o.open1(eva, thread).Assignee)

	bell := func(who identitytest.Someone) int {
		n, err := o.n.UnreadCount(who.Ctx())
		require.NoError(t, err)
		return n.Bell
	}
	o.tell()
	require.Equal(t, []int{1, 0, 0, 0}, []int{bell(fatma), bell(o.Staff), bell(manager), bell(eva)})
	list, err := o.n.List(fatma.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.Equal(t, "messages.assigned.told", list.Waiting[0].Text)
	require.NoError(t, o.s.Seen(fatma.Ctx(), thread, o.newest(fatma, thread).ID))
	require.Zero(t, bell(fatma), "she has seen it")

	for why, c := range map[string]struct {
		who identitytest.Someone
		to  ids.ID
	}{"a guardian": {eva, fatma.ID}, "who works elsewhere": {stranger, fatma.ID}, "another organisation": {foreign.Admin, fatma.ID}, "to who works elsewhere": {o.Staff, stranger.ID}, "to a guardian": {o.Staff, eva.ID}} {
		require.Equal(t, fault.Missing, fault.CodeOf(o.s.Assign(c.who.Ctx(), thread, c.to)), why)
	}
	require.NoError(t, o.s.Assign(manager.Ctx(), thread, manager.ID))
	o.tell()
	require.Zero(t, bell(manager), "who takes it needs not be told")
	require.NoError(t, o.s.Assign(manager.Ctx(), thread, ids.Nil))
	require.Nil(t, o.open1(o.Staff, thread).Assignee)
	require.Equal(t, 3, o.count("SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'messages.assign'", o.Tenant.ID), "what changed nothing is not noted")
}

// tell runs the handler of what was assigned, as the worker does: twice.
func (o *office) tell() {
	o.t.Helper()
	rows, err := o.e.Owner(o.t).Query(o.t.Context(), "SELECT id, (payload->>'thread_id')::uuid, (payload->>'person_id')::uuid FROM event WHERE tenant_id = $1 AND name = 'messages.assigned'", o.Tenant.ID)
	require.NoError(o.t, err)
	defer rows.Close()
	for rows.Next() {
		var event ids.ID
		var e Assigned
		require.NoError(o.t, rows.Scan(&event, &e.ThreadID, &e.PersonID))
		for range 2 {
			require.NoError(o.t, o.s.tellAssignee(o.system(), event, e))
		}
	}
}

func TestAConversationHasAsManyNotesAsItsPageShows(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	thread, other := o.begin(eva, mila, "Luiers", "Ze zijn op"), o.begin(eva, mila, "Slapen", "Korter graag")
	o.wait()
	for range MostNotes {
		require.NoError(t, o.note(o.Staff, thread, "Nog iets"))
	}
	f, ok := fault.As(o.note(o.Staff, thread, "Eén te veel"))
	require.True(t, ok)
	require.Equal(t, []string{"note", "messages.error.too_many_notes"}, []string{f.Fields[0].Name, f.Fields[0].Key})
	require.Len(t, o.open1(o.Staff, thread).Notes, MostNotes)
	require.NoError(t, o.note(o.Staff, other, "Hier is plaats"))
}
