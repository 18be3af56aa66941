package messages

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// move makes somebody one of another household of a child.
func (o *office) move(who identitytest.Someone, child ids.ID, household int) {
	o.t.Helper()
	_, err := o.e.Owner(o.t).Exec(o.t.Context(), "UPDATE guardianship SET household = $3 WHERE person_id = $1 AND child_id = $2", who.ID, child, household)
	require.NoError(o.t, err)
}

// mailed tells how many of the people get a mail about a message as its item writes it now.
func (o *office) mailed(compose func(context.Context, tenants.Reader, []notifications.Telling) (map[ids.ID]notifications.Letter, error), message ids.ID, people ...identitytest.Someone) int {
	o.t.Helper()
	words, err := i18n.Load(Locales)
	require.NoError(o.t, err)
	var to []notifications.Telling
	for _, who := range people {
		t := notifications.Telling{DeliveryID: ids.New(), SubjectID: message, Words: words.For("nl")}
		t.Person.PersonID = who.ID
		to = append(to, t)
	}
	var letters map[ids.ID]notifications.Letter
	require.NoError(o.t, o.e.DB.Read(o.system(), func(ctx context.Context, tx tenants.Reader) (err error) {
		letters, err = compose(ctx, tx, to)
		return err
	}))
	return len(letters)
}

func TestWhoMovesOutReadsNoFurther(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva, adam := o.AddParent("Eva", mila), o.AddParent("Adam", mila)
	own := o.begin(adam, mila, "Luiers", "Ze zijn op")
	message := o.address(o.Staff, o.mailing(ToChild, mila))
	o.wait()
	shared, err := o.s.ThreadOf(o.Staff.Ctx(), message)
	require.NoError(t, err)
	require.Len(t, o.bodies(adam, shared), 1)
	require.Equal(t, 2, o.mailed(o.s.composeForGuardians, message, eva, adam))

	o.move(adam, mila, 2)
	o.hidden(adam, shared, "he is of another household now")
	require.Len(t, o.bodies(eva, shared), 1)
	require.Equal(t, 1, o.mailed(o.s.composeForGuardians, message, eva, adam), "no mail that still had to go")
	o.answer(eva, shared, "We zijn verhuisd naar de Dorpsstraat.")
	o.answer(o.Staff, shared, "Genoteerd.")
	o.wait()
	require.Len(t, o.bodies(eva, shared), 3)
	require.Equal(t, 0, o.count(`SELECT count(*) FROM notification n JOIN message m ON m.id = n.subject_id WHERE n.person_id = $1 AND m.thread_id = $2 AND m.id <> $3`, adam.ID, shared, message))
	require.Len(t, o.bodies(adam, own), 1, "what he shares with nobody stays his")
}

func TestWhoLivesApartForAnotherChildHasTheirOwnConversation(t *testing.T) {
	o := newOffice(t)
	mila, elsewhere := o.AddChild("Mila", o.Group), o.AddChild("Finn", o.AddGroup("Egels"))
	eva, bo := o.AddParent("Eva", mila, elsewhere), o.AddParent("Bo", mila)
	adam := o.addHousehold("Adam", mila, 1)
	o.move(adam, o.tied(adam, elsewhere), 2)
	o.address(o.Staff, o.mailing(ToChild, mila))
	o.wait()
	for _, who := range []identitytest.Someone{eva, adam, bo} {
		require.Len(t, o.lines(who, Filter{}), 1, who.GivenName)
	}
	require.Equal(t, []string{"Eva Jansen"}, o.lines(eva, Filter{})[0].Guardians)
	require.Equal(t, []string{"Adam Jansen"}, o.lines(adam, Filter{})[0].Guardians)
	require.Equal(t, []string{"Bo Jansen"}, o.lines(bo, Filter{})[0].Guardians, "who lives with both is not put with one of them")
}

// tied ties somebody to a child, and gives the child.
func (o *office) tied(who identitytest.Someone, child ids.ID) ids.ID {
	o.t.Helper()
	o.Tie(who, child, children.Authority, "2026-01-01", "")
	return child
}

// letOut lets one message go out, as its handler does.
func (o *office) letOut(message ids.ID) error {
	var event ids.ID
	require.NoError(o.t, o.e.Owner(o.t).QueryRow(o.t.Context(), "SELECT id FROM event WHERE tenant_id = $1 AND name = 'messages.written' AND payload->>'message_id' = $2", o.Tenant.ID, message.String()).Scan(&event))
	return o.s.release(o.system(), event, Written{MessageID: message})
}

func TestReadingGoesByWhatWentOutLast(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	first := o.newest(eva, thread).ID
	o.e.Clock.Advance(time.Second)
	o.answer(eva, thread, "Nee, toch niet")
	second := o.newest(eva, thread).ID
	o.e.Clock.Advance(UndoWithin)
	require.NoError(t, o.letOut(second))
	o.e.Clock.Advance(time.Second)
	require.NoError(t, o.letOut(first))
	require.Equal(t, 2, o.unread(o.Staff))
	page, err := o.s.Open(o.Staff.Ctx(), thread, paging.Cursor{})
	require.NoError(t, err)
	require.NoError(t, o.s.Seen(o.Staff.Ctx(), thread, page.Newest()))
	require.Zero(t, o.unread(o.Staff), "all that is on the page")
}

func TestNothingGoesOutBeforeItIsDue(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	message := o.newest(eva, thread).ID
	o.e.Clock.Advance(UndoWithin - time.Second)
	require.Error(t, o.letOut(message), "asked too early, it is asked again")
	o.hidden(o.Staff, thread, "it can be taken back")
	o.e.Clock.Advance(time.Second)
	require.NoError(t, o.letOut(message))
	require.Len(t, o.bodies(o.Staff, thread), 1)
}

func TestNobodyAtWorkIsMailedWhatTheyMayNotRead(t *testing.T) {
	o := newOffice(t)
	mila := o.AddNewcomer("Mila", o.Group, "2026-01-01", o.Tenant.DateOf(o.e.Clock.Now()))
	eva := o.AddParent("Eva", mila)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	message := o.newest(eva, thread).ID
	o.wait()
	require.Equal(t, 1, o.mailed(o.s.composeForGroup, message, o.Staff, eva))
	o.e.Clock.Advance(24 * time.Hour)
	o.hidden(o.Staff, thread, "the child has left")
	require.Equal(t, 0, o.mailed(o.s.composeForGroup, message, o.Staff))
}

func TestWhoWorksHereHearsThatNobodyReads(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	tom := o.AddParent("Tom")
	tie := o.Tie(tom, mila, children.Authority, "2026-01-01", "")
	thread := o.begin(tom, mila, "Zwemles", "Mag dat?")
	o.wait()
	require.True(t, o.open(o.Staff, thread))
	require.NoError(t, o.Service.Block(o.Admin.Ctx(), tie, "uitspraak rechter"))
	require.False(t, o.open(o.Staff, thread))
	err := o.s.Answer(o.Staff.Ctx(), thread, Answer{FormKey: ids.New(), Body: "Ja hoor"})
	e, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, "messages.error.nobody_left", e.Fields[0].Key)
}

func (o *office) open(who identitytest.Someone, thread ids.ID) bool {
	o.t.Helper()
	page, err := o.s.Open(who.Ctx(), thread, paging.Cursor{})
	require.NoError(o.t, err)
	return page.Open
}

func TestNoBadgeCountsWhatNobodyIsShown(t *testing.T) {
	o := newOffice(t)
	today := o.Tenant.DateOf(o.e.Clock.Now())
	mila, noor := o.AddNewcomer("Mila", o.Group, "2026-01-01", today), o.AddChild("Noor", o.Group)
	eva, kees := o.AddParent("Eva", mila), o.AddParent("Kees", noor)
	tom := o.AddParent("Tom")
	o.Tie(tom, noor, children.Authority, "2026-01-01", today)
	o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.begin(kees, noor, "Ziek", "Koorts")
	o.address(o.Staff, o.mailing(ToChild, noor))
	o.wait()
	require.Equal(t, []int{2, 1, 1}, []int{o.unread(o.Staff), o.unread(tom), o.unread(kees)})
	o.e.Clock.Advance(24 * time.Hour)
	require.NoError(t, o.s.Sweep(o.system()))
	require.Equal(t, []int{1, 0, 1}, []int{o.unread(o.Staff), o.unread(tom), o.unread(kees)}, "Mila has left the group, Tom is told no more")
	require.Equal(t, []string{"Ziek"}, o.subjects(o.Staff, Filter{Unread: true}))
}

func TestTheDatabaseKeepsWhatWasSent(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.wait()
	message := o.newest(eva, thread).ID
	require.NoError(t, o.s.Seen(o.Staff.Ctx(), thread, message))
	try := func(query string) error {
		return o.e.DB.Write(o.system(), func(ctx context.Context, tx tenants.Writer) error {
			_, err := tx.NewRaw(query).Exec(ctx)
			return err
		})
	}
	for _, query := range []string{"DELETE FROM message", "DELETE FROM message_thread"} {
		require.NoError(t, try(query), query)
		require.Equal(t, 1, o.count("SELECT count(*) FROM message WHERE id = $1", message), query)
	}
	require.NoError(t, try("DELETE FROM message_word"))
	require.Equal(t, 4, o.count("SELECT count(*) FROM message_word WHERE message_id = $1", message), "of what was not withdrawn")
	for _, table := range []string{"message_thread_member", "message_reading", "message_mailing"} {
		require.ErrorContains(t, try("DELETE FROM "+table), "permission denied", table)
	}
	require.ErrorContains(t, try("UPDATE message SET released_at = NULL"), "went out")
	require.ErrorContains(t, try("UPDATE message SET released_at = NULL, taken_back_at = now()"), "went out")
}
