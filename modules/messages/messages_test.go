package messages

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// office is a house in which people write to each other.
type office struct {
	*childrentest.House
	t *testing.T
	e *dbtest.Env
	s *Service
	n *notifications.Service
}

func newOffice(t *testing.T) *office {
	t.Helper()
	e := dbtest.New(t)
	n, _ := notificationstest.New(t, e.DB, nil)
	store, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	return &office{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, s: New(e.DB, n, store, nil), n: n}
}

func (o *office) begin(who identitytest.Someone, child ids.ID, subject, body string) ids.ID {
	o.t.Helper()
	id, err := o.s.Write(who.Ctx(), Draft{FormKey: ids.New(), ChildID: child, Subject: subject, Body: body})
	require.NoError(o.t, err)
	return id
}

func (o *office) answer(who identitytest.Someone, thread ids.ID, body string) {
	o.t.Helper()
	require.NoError(o.t, o.s.Answer(who.Ctx(), thread, Answer{FormKey: ids.New(), Body: body}))
}

// wait lets the moment pass in which a message can be taken back, and what is due go out, as its handler does.
func (o *office) wait() {
	o.t.Helper()
	o.e.Clock.Advance(UndoWithin + time.Second)
	rows, err := o.e.Owner(o.t).Query(o.t.Context(), "SELECT id, (payload->>'message_id')::uuid FROM event WHERE tenant_id = $1 AND name = 'messages.written' AND due_at <= $2 ORDER BY recorded_at", o.Tenant.ID, o.e.Clock.Now())
	require.NoError(o.t, err)
	defer rows.Close()
	for rows.Next() {
		var event, message ids.ID
		require.NoError(o.t, rows.Scan(&event, &message))
		for range 2 { // a handler may run twice
			require.NoError(o.t, o.s.release(o.system(), event, Written{MessageID: message}))
		}
	}
}

func (o *office) system() context.Context {
	return actor.With(tenants.With(context.Background(), o.Tenant), actor.ForSystem(o.Tenant.ID))
}

func (o *office) lines(who identitytest.Someone, f Filter) []Line {
	o.t.Helper()
	list, err := o.s.List(who.Ctx(), f)
	require.NoError(o.t, err)
	return list.Lines
}

func (o *office) subjects(who identitytest.Someone, f Filter) []string {
	o.t.Helper()
	list := []string{}
	for _, l := range o.lines(who, f) {
		list = append(list, l.Subject)
	}
	return list
}

func (o *office) bodies(who identitytest.Someone, thread ids.ID) []string {
	o.t.Helper()
	page, err := o.s.Open(who.Ctx(), thread, paging.Cursor{})
	require.NoError(o.t, err)
	list := []string{}
	for _, m := range page.Messages {
		list = append(list, m.Body)
	}
	return list
}

func (o *office) unread(who identitytest.Someone) int {
	o.t.Helper()
	n, err := o.n.UnreadCount(who.Ctx())
	require.NoError(o.t, err)
	return n.Messages
}

func (o *office) newest(who identitytest.Someone, thread ids.ID) *Message {
	o.t.Helper()
	page, err := o.s.Open(who.Ctx(), thread, paging.Cursor{})
	require.NoError(o.t, err)
	return &page.Messages[len(page.Messages)-1]
}

// hidden requires that who is answered about the thread as about one that nobody has.
func (o *office) hidden(who identitytest.Someone, thread ids.ID, why string) {
	o.t.Helper()
	_, err := o.s.Open(who.Ctx(), thread, paging.Cursor{})
	_, unknown := o.s.Open(who.Ctx(), ids.New(), paging.Cursor{})
	require.Equal(o.t, fault.Missing, fault.CodeOf(err), why)
	require.Equal(o.t, unknown, err, why)
	require.Equal(o.t, fault.Missing, fault.CodeOf(o.s.Answer(who.Ctx(), thread, Answer{FormKey: ids.New(), Body: "Mag ik mee?"})), why)
	if list, err := o.s.List(who.Ctx(), Filter{}); err == nil {
		for _, l := range list.Lines {
			require.NotEqual(o.t, thread, l.ID, why)
		}
	}
}

func TestAConversationIsOfOneGuardianAndTheGroup(t *testing.T) {
	o := newOffice(t)
	mila, noor := o.AddChild("Mila", o.Group), o.AddChild("Noor", o.Group)
	eva, piet := o.AddParent("Eva", mila), o.AddParent("Piet", noor)
	jan := o.AddParent("Jan")
	o.Tie(jan, mila, children.Authority, "2026-01-01", "") // lives elsewhere
	egels := o.AddGroup("Egels")
	stranger, colleague, manager := o.AddStaff("Youssef", egels), o.AddStaff("Fatma", o.Group), o.AddManager("Karin")
	foreign := childrentest.NewHouse(t, o.e, o.e.B)

	thread := o.begin(eva, mila, "Luiers", "Ze zijn bijna op.\nZal ik er morgen meegeven?")
	require.Equal(t, []string{"Ze zijn bijna op.\nZal ik er morgen meegeven?"}, o.bodies(eva, thread), "its author sees it at once")
	require.True(t, o.lines(eva, Filter{})[0].Waits)
	for _, who := range []identitytest.Someone{o.Staff, colleague, manager, o.Admin} {
		o.hidden(who, thread, "nobody else sees what can still be taken back")
	}
	o.wait()

	for _, who := range []identitytest.Someone{eva, o.Staff, colleague, manager, o.Admin} {
		require.Len(t, o.bodies(who, thread), 1, who.GivenName)
		require.Equal(t, []string{"Luiers"}, o.subjects(who, Filter{}), who.GivenName)
	}
	for why, who := range map[string]identitytest.Someone{"the other household": jan, "another family": piet, "who works elsewhere": stranger,
		"another organisation": foreign.Staff, "its admin": foreign.Admin, "its parent": foreign.AddParent("Bo", foreign.AddChild("Bram", foreign.Group))} {
		o.hidden(who, thread, why)
	}
	require.Equal(t, []int{1, 1, 0, 0, 0}, []int{o.unread(o.Staff), o.unread(colleague), o.unread(jan), o.unread(stranger), o.unread(eva)})

	o.answer(o.Staff, thread, "Graag!")
	require.Len(t, o.bodies(eva, thread), 1)
	o.wait()
	require.Equal(t, []string{"Ze zijn bijna op.\nZal ik er morgen meegeven?", "Graag!"}, o.bodies(eva, thread))
	line := o.lines(eva, Filter{})[0]
	require.Equal(t, []any{"Sanne", "Graag!", 1, "Kikkers", "Mila", false}, []any{line.By, line.First, line.Unread, line.GroupName, line.ChildName, line.Waits})
	require.Equal(t, "Eva Jansen", o.newest(o.Staff, thread).threadAuthor(o, thread), "who works there sees whole names")

	t.Run("until the tie is blocked", func(t *testing.T) {
		tom := o.AddParent("Tom")
		tie := o.Tie(tom, mila, children.Authority, "2026-01-01", "")
		his := o.begin(tom, mila, "Zwemles", "Mag dat?")
		o.wait()
		o.answer(o.Staff, his, "Ja hoor.")
		o.wait()
		require.Len(t, o.bodies(tom, his), 2)
		o.answer(o.Staff, his, "Nog iets.")
		require.NoError(t, o.Service.Block(o.Admin.Ctx(), tie, "uitspraak rechter"))
		o.hidden(tom, his, "blocked")
		require.Empty(t, o.lines(tom, Filter{}))
		_, err := o.s.Write(tom.Ctx(), Draft{FormKey: ids.New(), ChildID: mila, Subject: "En", Body: "nu?"})
		require.Equal(t, fault.Missing, fault.CodeOf(err))
		o.wait()
		require.Equal(t, 0, o.count("SELECT count(*) FROM notification WHERE person_id = $1 AND subject_id = (SELECT id FROM message WHERE body = 'Nog iets.' AND tenant_id = $2)", tom.ID, o.Tenant.ID), "and is told nothing")
	})
	t.Run("and the audit log knows", func(t *testing.T) {
		require.Equal(t, 1, o.count("SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'messages.write' AND subject_id = $2", o.Tenant.ID, thread))
		require.Equal(t, 1, o.count("SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'messages.answer' AND subject_id = $2", o.Tenant.ID, thread))
	})
}

// threadAuthor is who wrote the first message of a thread, as who works there sees it.
func (m *Message) threadAuthor(o *office, thread ids.ID) string {
	page, err := o.s.Open(o.Staff.Ctx(), thread, paging.Cursor{})
	require.NoError(o.t, err)
	return page.Messages[0].AuthorName
}

func (o *office) count(query string, args ...any) (n int) {
	o.t.Helper()
	require.NoError(o.t, o.e.Owner(o.t).QueryRow(o.t.Context(), query, args...).Scan(&n))
	return n
}

func TestWhatIsWrittenCanBeTakenBackForAMoment(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	message := o.newest(eva, thread).ID

	o.e.Clock.Advance(UndoWithin - time.Second)
	_, err := o.s.TakeBack(o.Staff.Ctx(), message)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "of somebody else")
	for range 2 {
		back, err := o.s.TakeBack(eva.Ctx(), message)
		require.NoError(t, err)
		require.Equal(t, &Back{ThreadID: thread, First: true, Draft: Draft{ChildID: mila, GroupID: o.Group, Subject: "Luiers", Body: "Ze zijn op"}}, back)
	}
	o.wait()
	o.hidden(eva, thread, "taken back")
	o.hidden(o.Staff, thread, "taken back")
	require.Zero(t, o.unread(o.Staff))
	back, err := o.s.TakenBack(eva.Ctx(), message)
	require.NoError(t, err)
	require.Equal(t, "Ze zijn op", back.Draft.Body)
	_, err = o.s.TakenBack(o.Staff.Ctx(), message)
	require.Equal(t, fault.Missing, fault.CodeOf(err))

	t.Run("and not later", func(t *testing.T) {
		second := o.begin(eva, mila, "Luiers", "Ze zijn bijna op")
		sent := o.newest(eva, second).ID
		o.e.Clock.Advance(UndoWithin)
		_, err := o.s.TakeBack(eva.Ctx(), sent)
		require.Equal(t, fault.Conflict, fault.CodeOf(err), "due, though it did not go out yet")
		o.wait()
		_, err = o.s.TakeBack(eva.Ctx(), sent)
		require.Equal(t, fault.Conflict, fault.CodeOf(err))
		require.Len(t, o.bodies(o.Staff, second), 1)

		o.answer(eva, second, "Toch niet")
		back, err := o.s.TakeBack(eva.Ctx(), o.newest(eva, second).ID)
		require.NoError(t, err)
		require.False(t, back.First, "the conversation is there without it")
	})
	t.Run("and it is forgotten a day later, and what was said is not", func(t *testing.T) {
		o.e.Clock.Advance(25 * time.Hour)
		require.NoError(t, o.s.Sweep(o.system()))
		require.Equal(t, 1, o.count("SELECT count(*) FROM message WHERE tenant_id = $1", o.Tenant.ID))
		require.Equal(t, 1, o.count("SELECT count(*) FROM message_thread WHERE tenant_id = $1", o.Tenant.ID))
	})
	t.Run("and the database lets nobody change what was said", func(t *testing.T) {
		for change, refused := range map[string]string{"UPDATE message SET body = 'x'": "went out", "UPDATE message SET author_id = thread_id": "permission denied", "UPDATE message_thread SET subject = 'x'": "another subject"} {
			err := o.e.DB.Write(o.system(), func(ctx context.Context, tx tenants.Writer) error {
				_, err := tx.NewRaw(change).Exec(ctx)
				return err
			})
			require.ErrorContains(t, err, refused, change)
		}
	})
}

func TestAMessageGoesOutWhateverBecomesOfItsEvent(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.e.Clock.Advance(UndoWithin + 10*time.Second)
	require.NoError(t, o.s.Sweep(o.system()))
	o.hidden(o.Staff, thread, "its handler has a minute")
	o.e.Clock.Advance(time.Minute)
	require.NoError(t, o.s.Sweep(o.system()))
	require.NoError(t, o.s.Sweep(o.system()))
	require.Len(t, o.bodies(o.Staff, thread), 1)
	require.Equal(t, 1, o.unread(o.Staff))
	o.wait()
	require.Equal(t, 1, o.unread(o.Staff), "once")
}

func TestAFormIsCarriedOutOnce(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	draft := Draft{FormKey: ids.New(), ChildID: mila, Subject: "Luiers", Body: "Ze zijn op"}
	first, err := o.s.Write(eva.Ctx(), draft)
	require.NoError(t, err)
	second, err := o.s.Write(eva.Ctx(), draft)
	require.NoError(t, err)
	require.Equal(t, first, second)
	answer := Answer{FormKey: ids.New(), Body: "Nog iets"}
	for range 2 {
		require.NoError(t, o.s.Answer(eva.Ctx(), first, answer))
	}
	require.Len(t, o.bodies(eva, first), 2)
}

func TestTheGroupIsChosenWhenThereAreSeveral(t *testing.T) {
	o := newOffice(t)
	egels := o.AddGroup("Egels")
	mila, later := o.AddChild("Mila", o.Group), o.AddNewcomer("Jip", o.Group, o.Tenant.DateOf(o.e.Clock.Now()).Add(42), "")
	o.Place(mila, egels, "2026-01-01", "")
	eva := o.AddParent("Eva", mila, later)
	write := func(child, group ids.ID) map[string]string {
		_, err := o.s.Write(eva.Ctx(), Draft{FormKey: ids.New(), ChildID: child, GroupID: group, Subject: "Luiers", Body: "Ze zijn op"})
		wrong := map[string]string{}
		if e, ok := fault.As(err); ok {
			for _, f := range e.Fields {
				wrong[f.Name] = f.Key
			}
		}
		return wrong
	}
	require.Equal(t, map[string]string{"group": "messages.error.group_required"}, write(mila, ids.Nil))
	require.Equal(t, map[string]string{"group": "messages.error.other_group"}, write(mila, o.AddGroup("Otters")))
	require.Equal(t, map[string]string{"child": "messages.error.nobody_reads"}, write(later, o.Group))
	require.Empty(t, write(mila, egels))
	subjects, err := o.s.Subjects(eva.Ctx())
	require.NoError(t, err)
	require.Len(t, subjects, 1)
	require.Len(t, subjects[0].Groups, 2)

	err = (&Draft{Subject: " \n ", Body: "\x00"}).Check()
	e, _ := fault.As(err)
	require.Len(t, e.Fields, 3)
}

func TestWhoHasReadIsNoted(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.wait()
	first := o.newest(eva, thread).ID
	require.Equal(t, []string{"Luiers"}, o.subjects(o.Staff, Filter{Unread: true}))
	require.NoError(t, o.n.ReadAll(o.Staff.Ctx()))
	require.Equal(t, 1, o.unread(o.Staff), "a message is read where it stands")
	require.NoError(t, o.s.Seen(o.Staff.Ctx(), thread, first))
	require.Zero(t, o.unread(o.Staff))
	require.Empty(t, o.subjects(o.Staff, Filter{Unread: true}))

	o.answer(o.Staff, thread, "Dank je")
	o.wait()
	second := o.newest(eva, thread).ID
	require.Equal(t, 1, o.unread(eva))
	require.NoError(t, o.s.Seen(eva.Ctx(), thread, first), "not so far")
	require.Equal(t, 1, o.unread(eva))
	require.NoError(t, o.s.Seen(eva.Ctx(), thread, second))
	require.Zero(t, o.unread(eva))
	page, err := o.s.Open(o.Staff.Ctx(), thread, paging.Cursor{})
	require.NoError(t, err)
	require.Len(t, page.Readers, 2)
	page, err = o.s.Open(eva.Ctx(), thread, paging.Cursor{})
	require.NoError(t, err)
	require.Empty(t, page.Readers, "who read is for who works there")

	other := o.begin(eva, mila, "Anders", "Iets")
	require.Equal(t, fault.Missing, fault.CodeOf(o.s.Seen(eva.Ctx(), thread, o.newest(eva, other).ID)), "a message of another thread")
	o.wait()
	require.Equal(t, 1, o.unread(o.Staff))
	o.leave(o.Staff)
	require.NoError(t, o.s.Sweep(o.system()))
	require.Zero(t, o.unread(o.Staff), "who has left the group has nothing to read there")
}

// leave ends the work of somebody in their groups yesterday.
func (o *office) leave(who identitytest.Someone) {
	o.t.Helper()
	_, err := o.e.Owner(o.t).Exec(o.t.Context(), "UPDATE group_assignment SET valid_to = $2::date - 1 WHERE person_id = $1", who.ID, string(o.Tenant.DateOf(o.e.Clock.Now())))
	require.NoError(o.t, err)
}

func TestSearchAndPages(t *testing.T) {
	o := newOffice(t)
	mila, finn := o.AddChild("Mila", o.Group), o.AddChild("Finn", o.Group)
	eva, kees := o.AddParent("Eva", mila), o.AddParent("Kees", finn)
	a := o.begin(eva, mila, "Zwemspullen", "Géén handdoek mee")
	o.wait()
	o.begin(kees, finn, "Ziek", "Finn heeft koorts")
	o.wait()
	o.answer(o.Staff, a, "Wij hebben nog een badjas")
	search := func(who identitytest.Someone, typed string) []string { return o.subjects(who, Filter{Search: typed}) }
	require.Empty(t, search(o.Admin, "badjas"), "it did not go out yet")
	o.wait()
	require.Equal(t, []string{"Zwemspullen", "Ziek"}, search(o.Staff, ""), "what moved last is first")
	for typed, want := range map[string][]string{"zwem": {"Zwemspullen"}, "geen HAND": {"Zwemspullen"}, "badj": {"Zwemspullen"}, "mila": {"Zwemspullen"}, "mila koorts": {},
		"koorts": {"Ziek"}, "kees": {"Ziek"}, "%": {"Zwemspullen", "Ziek"}, "handdoekje": {}, "hánddoek": {"Zwemspullen"}} {
		require.Equal(t, want, search(o.Staff, typed), typed)
	}
	require.Empty(t, search(eva, "koorts"), "another family's")
	require.Equal(t, []string{"Zwemspullen"}, search(eva, "badjas"))

	for range PageSize {
		o.begin(eva, mila, "Vraag", "Hoe gaat het?")
	}
	o.wait()
	first, err := o.s.List(o.Staff.Ctx(), Filter{})
	require.NoError(t, err)
	require.Len(t, first.Lines, PageSize)
	second, err := o.s.List(o.Staff.Ctx(), Filter{After: first.Next})
	require.NoError(t, err)
	require.Len(t, second.Lines, 2)
	require.Zero(t, second.Next)
	require.Empty(t, o.subjects(o.Staff, Filter{GroupID: o.AddGroup("Otters")}))
	for range messagesOfPage {
		o.answer(o.Staff, a, "Ja")
	}
	page, err := o.s.Open(o.Staff.Ctx(), a, paging.Cursor{})
	require.NoError(t, err)
	require.Len(t, page.Messages, messagesOfPage)
	page, err = o.s.Open(o.Staff.Ctx(), a, page.Earlier)
	require.NoError(t, err)
	require.Len(t, page.Messages, 2)
}

func TestWhoLeftTheGroupIsToldWhereToWrite(t *testing.T) {
	o := newOffice(t)
	today := o.Tenant.DateOf(o.e.Clock.Now())
	mila := o.AddNewcomer("Mila", o.Group, "2026-01-01", today)
	eva := o.AddParent("Eva", mila)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.wait()
	o.e.Clock.Advance(24 * time.Hour)
	page, err := o.s.Open(eva.Ctx(), thread, paging.Cursor{})
	require.NoError(t, err, "the conversation stays hers")
	require.False(t, page.Open)
	err = o.s.Answer(eva.Ctx(), thread, Answer{FormKey: ids.New(), Body: "Hallo?"})
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	o.hidden(o.Staff, thread, "who knows the child no more")
	require.Len(t, o.bodies(o.Admin, thread), 1)
}
