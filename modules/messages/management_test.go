package messages

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/keepsake"
	"ouderportaal/tenants"
)

// confide begins a conversation with management.
func (o *office) confide(who identitytest.Someone, child ids.ID, subject, body string, attachments ...ids.ID) ids.ID {
	o.t.Helper()
	id, err := o.s.Write(who.Ctx(), Draft{FormKey: ids.New(), ChildID: child, ToManagement: true, Subject: subject, Body: body, Attachments: attachments})
	require.NoError(o.t, err)
	return id
}

// as is somebody in another of their roles.
func as(who identitytest.Someone, role actor.Role) identitytest.Someone {
	who.Role = role
	return who
}

// topics are those of who sees a thread at work.
func (o *office) topics(thread ids.ID) (topics []string) {
	o.t.Helper()
	require.NoError(o.t, o.e.DB.Read(o.system(), func(ctx context.Context, tx tenants.Reader) error {
		t, err := selectThread(ctx, tx, thread)
		if err != nil {
			return err
		}
		topics, err = topicsAtWork(ctx, tx, &Heading{ID: t.ID, GroupID: t.GroupID, LocationID: t.LocationID})
		return err
	}))
	return topics
}

func TestALineToManagementIsReadByNobodyOfTheGroup(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva, adam := o.AddParent("Eva", mila), o.AddParent("Adam", mila)
	colleague, karin := o.AddStaff("Fatma", o.Group), o.AddManager("Karin")
	elsewhere := o.manager("Youssef", o.locationOf(o.AddLocation("De Egel")))
	foreign := childrentest.NewHouse(t, o.e, o.e.B)

	pdf := o.upload(eva, "brief.pdf", aPDF)
	thread := o.confide(eva, mila, "Over een medewerker", "Ik wil iets vertrouwelijks kwijt.", pdf)
	for _, who := range []identitytest.Someone{karin, o.Admin} {
		o.hidden(who, thread, "it can still be taken back")
	}
	o.wait()

	for _, who := range []identitytest.Someone{eva, karin, o.Admin} {
		require.Equal(t, []string{"Ik wil iets vertrouwelijks kwijt."}, o.bodies(who, thread), who.GivenName)
		require.Equal(t, []string{"Over een medewerker"}, o.subjects(who, Filter{ToManagement: true, Search: "vertrouwelijks"}), who.GivenName)
		require.True(t, o.have(who, pdf), who.GivenName)
		require.Equal(t, o.Location, o.lines(who, Filter{})[0].LocationID)
	}
	waiting, err := o.s.Unanswered(karin.Ctx())
	require.NoError(t, err)
	require.Len(t, waiting, 1)
	require.Equal(t, o.lines(karin, Filter{})[0].Location, waiting[0].Group)
	for why, who := range map[string]identitytest.Someone{"who works in the group": o.Staff, "her colleague": colleague, "the manager in the role of staff": as(karin, actor.Staff),
		"the admin in the role of staff": as(o.Admin, actor.Staff), "the other guardian": adam, "who manages another location": elsewhere, "another organisation": foreign.Admin} {
		o.hidden(who, thread, why)
		require.Empty(t, o.subjects(who, Filter{Search: "vertrouwelijks"}), why)
		require.False(t, o.have(who, pdf), why)
		require.Zero(t, o.unread(who), why)
		bell, err := o.n.UnreadCount(who.Ctx())
		require.NoError(t, err)
		require.Zero(t, bell.Bell, why)
		require.Equal(t, fault.Missing, fault.CodeOf(o.note(who, thread, "Mag ik mee?")), why)
		require.Equal(t, fault.Missing, fault.CodeOf(o.s.Assign(who.Ctx(), thread, who.ID)), why)
		require.Equal(t, fault.Missing, fault.CodeOf(o.s.Seen(who.Ctx(), thread, o.newest(eva, thread).ID)), why)
		_, err = o.s.ThreadOf(who.Ctx(), o.newest(eva, thread).ID)
		require.Equal(t, fault.Missing, fault.CodeOf(err), why)
	}
	require.ElementsMatch(t, []string{live.Person(karin.ID), live.Person(o.Admin.ID)}, o.topics(thread), "no group hears that something moves")
	require.Equal(t, []int{1, 0}, []int{o.unread(karin), o.unread(o.Admin)}, "its manager is told, and the admin where there is none")
	message := o.newest(eva, thread).ID
	require.Equal(t, 1, o.mailed(o.s.composeForManagement, message, karin, o.Staff, colleague, elsewhere, adam))
	require.Zero(t, o.mailed(o.s.composeForGroup, message, o.Staff, colleague, karin), "no way round by the item of the group")

	t.Run("who answers, notes and looks after it", func(t *testing.T) {
		o.answer(karin, thread, "Dank je voor je vertrouwen.")
		o.wait()
		line := o.lines(eva, Filter{})[0]
		require.Equal(t, []any{"Karin", "Dank je voor je vertrouwen.", 1, ""}, []any{line.By, line.First, line.Unread, line.GroupName})
		require.NoError(t, o.s.Seen(eva.Ctx(), thread, o.newest(eva, thread).ID))
		require.Zero(t, o.unread(eva))
		require.NoError(t, o.s.Seen(karin.Ctx(), thread, o.newest(karin, thread).ID))
		require.Zero(t, o.unread(karin))
		require.NoError(t, o.note(o.Admin, thread, "Ik bel haar."))
		page := o.open1(karin, thread)
		require.Len(t, page.Notes, 1)
		require.Len(t, page.Team, 2)
		require.NoError(t, o.s.Assign(o.Admin.Ctx(), thread, karin.ID))
		require.Equal(t, "Karin", o.open1(o.Admin, thread).Assignee.Name)
		for range 2 {
			require.NoError(t, o.s.tellAssignee(o.system(), o.event("messages.assigned"), Assigned{ThreadID: thread, PersonID: karin.ID}))
		}
		bell := func(who identitytest.Someone) int {
			n, err := o.n.UnreadCount(who.Ctx())
			require.NoError(t, err)
			return n.Bell
		}
		require.Equal(t, []int{1, 0}, []int{bell(karin), bell(as(karin, actor.Staff))}, "in the role in which she may open it")
		require.NoError(t, o.s.Sweep(o.system()))
		require.Equal(t, 1, bell(karin), "and the sweep leaves it")
		require.Equal(t, fault.Missing, fault.CodeOf(o.s.Assign(o.Admin.Ctx(), thread, o.Staff.ID)), "nobody of the group")
	})
	t.Run("and takes it home", func(t *testing.T) {
		var list []keepsake.Conversation
		require.NoError(t, o.e.DB.Read(o.system(), func(ctx context.Context, tx tenants.Reader) (err error) {
			list, err = o.s.ConversationsOf(ctx, tx, eva.ID, mila, o.e.Clock.Now())
			return err
		}))
		require.Len(t, list, 1)
		require.Equal(t, []any{"", true, 2}, []any{list[0].Group, list[0].Location != "", len(list[0].Messages)})
	})
	t.Run("until somebody manages the location no more", func(t *testing.T) {
		o.answer(eva, thread, "Nog iets.")
		o.wait()
		require.Equal(t, 1, o.unread(karin))
		require.NoError(t, identity.New(o.e.DB, identity.Config{}).EndMembership(o.system(), karin.Membership, o.e.A.DateOf(o.e.Clock.Now().AddDate(0, 0, -1))))
		o.hidden(karin, thread, "her membership has ended")
		require.Zero(t, o.mailed(o.s.composeForManagement, o.newest(eva, thread).ID, karin), "no mail that still had to go")
		require.NoError(t, o.s.Sweep(o.system()))
		require.Zero(t, o.unread(karin), "and nothing counts for ever")
		o.answer(eva, thread, "En nog iets.")
		o.wait()
		require.Equal(t, 1, o.unread(o.Admin), "now it is the admin who is told")
	})
}

// Who runs a location and has a child there reads of it as a guardian, and of what another guardian confides nothing.
func TestWhoRunsALocationReadsOfTheirOwnChildAsAGuardian(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva, karin := o.AddParent("Eva", mila), o.AddManager("Karin")
	tie := o.Tie(karin, mila, children.Authority, "2026-01-01", "")
	worker := o.AddStaff("Fatma", o.Group)
	o.Tie(worker, mila, children.Authority, "2026-01-01", "")

	hers := o.confide(eva, mila, "Over Karin", "Wij zijn uit elkaar.")
	o.wait()
	for _, who := range []identitytest.Someone{karin, as(karin, actor.Parent), worker, as(worker, actor.Parent)} {
		o.hidden(who, hers, "a guardian of the same child")
	}
	require.Equal(t, []int{0, 1}, []int{o.unread(karin), o.unread(o.Admin)}, "the admin is told instead")
	require.Len(t, o.bodies(o.Admin, hers), 1)
	require.Equal(t, []string{live.Person(o.Admin.ID)}, o.topics(hers))

	own := o.confide(as(worker, actor.Parent), mila, "Van thuis", "Als ouder.")
	o.wait()
	require.Len(t, o.bodies(as(worker, actor.Parent), own), 1)
	o.hidden(worker, own, "at work she sees nothing of it")

	t.Run("also when the tie is blocked", func(t *testing.T) {
		require.NoError(t, o.Service.Block(o.Admin.Ctx(), tie, "uitspraak rechter"))
		o.hidden(karin, hers, "blocked")
	})
	t.Run("and where nobody could read it, it is not taken", func(t *testing.T) {
		o.Tie(o.Admin, mila, children.Relative, "2026-01-01", "")
		_, err := o.s.Write(eva.Ctx(), Draft{FormKey: ids.New(), ChildID: mila, ToManagement: true, Subject: "Hallo", Body: "Leest iemand dit?"})
		f, ok := fault.As(err)
		require.True(t, ok)
		require.Equal(t, "messages.error.no_management", f.Fields[0].Key)
		require.False(t, o.open1(eva, hers).Open)
		require.Equal(t, fault.Invalid, fault.CodeOf(o.s.Answer(eva.Ctx(), hers, Answer{FormKey: ids.New(), Body: "Hallo?"})))
	})
}

func TestALineToManagementIsOfOneLocation(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	o.Place(mila, o.AddGroup("Egels"), "2026-01-01", "")
	o.confide(eva, mila, "Eén locatie", "Geen groep nodig.")
	group := o.AddLocation("De Egel")
	youssef := o.manager("Youssef", o.locationOf(group))
	o.Place(mila, group, "2026-01-01", "")
	_, err := o.s.Write(eva.Ctx(), Draft{FormKey: ids.New(), ChildID: mila, ToManagement: true, Subject: "Twee", Body: "Welke?"})
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	thread, err := o.s.Write(eva.Ctx(), Draft{FormKey: ids.New(), ChildID: mila, GroupID: group, ToManagement: true, Subject: "Twee", Body: "Deze."})
	require.NoError(t, err)
	o.wait()
	require.Equal(t, []string{"Twee"}, o.subjects(youssef, Filter{}))
	require.Len(t, o.bodies(youssef, thread), 1)

	back, err := o.s.Write(eva.Ctx(), Draft{FormKey: ids.New(), ChildID: mila, GroupID: group, ToManagement: true, Subject: "Terug", Body: "Toch niet."})
	require.NoError(t, err)
	taken, err := o.s.TakeBack(eva.Ctx(), o.newest(eva, back).ID)
	require.NoError(t, err)
	require.True(t, taken.Draft.ToManagement, "what is written on goes to the same readers")
}

// locationOf is the location of a group.
func (o *office) locationOf(group ids.ID) (location ids.ID) {
	o.t.Helper()
	require.NoError(o.t, o.e.Owner(o.t).QueryRow(o.t.Context(), "SELECT location_id FROM care_group WHERE id = $1", group).Scan(&location))
	return location
}

// manager adds somebody who manages a location.
func (o *office) manager(name string, location ids.ID) identitytest.Someone {
	o.t.Helper()
	who := identitytest.NewPerson(o.t, o.e, o.Tenant, identitytest.Named(name, "de Groot"), identitytest.Role(actor.Manager))
	require.NoError(o.t, o.e.DB.Write(o.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		return children.Recall(ctx, tx, children.Roster{}, []children.Managed{{TenantID: o.Tenant.ID, MembershipID: who.Membership, LocationID: location}})
	}))
	return who
}

// event is the newest of a name.
func (o *office) event(name string) (id ids.ID) {
	o.t.Helper()
	require.NoError(o.t, o.e.Owner(o.t).QueryRow(o.t.Context(), "SELECT id FROM event WHERE tenant_id = $1 AND name = $2 ORDER BY recorded_at DESC LIMIT 1", o.Tenant.ID, name).Scan(&id))
	return id
}
