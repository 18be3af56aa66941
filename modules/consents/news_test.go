package consents_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
)

// heard counts how often each was told of something.
func (d *desk) heard(people ...identitytest.Someone) []int {
	d.t.Helper()
	counts := make([]int, len(people))
	for i, who := range people {
		require.NoError(d.t, d.e.Owner(d.t).QueryRow(d.t.Context(), "SELECT count(*) FROM notification WHERE person_id = $1", who.ID).Scan(&counts[i]))
	}
	return counts
}

// lists is what the list of each says, and how many the bell counts.
func (d *desk) lists(who identitytest.Someone) (lines []string) {
	d.t.Helper()
	words, err := i18n.Load(consents.Locales, notifications.Locales)
	require.NoError(d.t, err)
	list, err := d.told.List(i18n.With(who.Ctx(), words.For("nl")), ids.Nil)
	require.NoError(d.t, err)
	unread := 0
	for _, l := range append(list.Waiting, list.Lines...) {
		lines = append(lines, l.Text)
		if l.Unread {
			unread++
		}
	}
	count, err := d.told.UnreadCount(who.Ctx())
	require.NoError(d.t, err)
	require.Equal(d.t, unread, count.Bell, "the bell counts what can be seen")
	return lines
}

func (d *desk) say(who identitytest.Someone, child ids.ID, to consents.Purpose) {
	d.t.Helper()
	require.NoError(d.t, d.Say(who.Ctx(), consents.Reply{ChildID: child, Purpose: to, Granted: true}))
}

// calm has the question about photos, that everybody is asked, answered for a child.
func (d *desk) calm(children ...ids.ID) {
	for _, child := range children {
		d.say(d.Admin, child, consents.Photos)
	}
}

func TestGuardiansHearWhatTheyAreAsked(t *testing.T) {
	d := newDesk(t)
	mila, finn, gone := d.AddChild("Mila", d.Group), d.AddChild("Finn", d.Group), d.AddNewcomer("Weg", d.Group, "2026-01-01", "2026-02-01")
	eva, sam, jan := d.AddParent("Eva", mila, finn), d.AddParent("Sam", mila), d.AddParent("Jan", gone)
	informed := d.AddParent("Tom")
	d.Tie(informed, mila, children.Information, "2026-01-01", "")
	foreign := childrentest.NewHouse(t, d.e, d.e.B)
	other := foreign.AddParent("Bo", foreign.AddChild("Bram", foreign.Group))
	d.calm(mila, finn)

	trip := d.ask(d.draft("Uitje"))
	d.work()
	require.Equal(t, []int{1, 1, 0, 0, 0}, d.heard(eva, sam, jan, informed, other), "whose answer is waited for, once")
	require.Equal(t, []string{"Geef antwoord: Uitje (Finn en Mila)"}, d.lists(eva))
	require.Equal(t, []string{"Geef antwoord: Uitje (Mila)"}, d.lists(sam))
	notificationstest.Deliver(t, d.e, d.told, d.Tenant)
	require.Len(t, d.mails.Sent, 2)
	for _, m := range d.mails.Sent {
		require.Equal(t, "Mag dit? Uitje", m.Subject)
		require.Contains(t, m.Text, "De opvang vraagt je toestemming voor ‘Uitje’. Het gaat over ")
		require.Contains(t, m.Text, "https://"+d.Tenant.Slug+".ouderportaal.test/")
	}

	list, err := d.told.List(eva.Ctx(), ids.Nil)
	require.NoError(t, err)
	_, err = d.told.Read(eva.Ctx(), list.Waiting[0].ID)
	require.NoError(t, err)
	list, err = d.told.List(eva.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.Len(t, list.Waiting, 1, "what was read asks for an answer all the same")
	require.Empty(t, list.Lines)

	d.say(sam, mila, trip) // one is enough
	require.Empty(t, d.lists(sam))
	require.Equal(t, []string{"Geef antwoord: Uitje (Finn)"}, d.lists(eva))
	d.say(eva, finn, trip)
	require.Empty(t, d.lists(eva))
	require.NoError(t, d.AskLatecomers(d.system()))
	d.work()
	require.Equal(t, []int{1, 1, 0, 0, 0}, d.heard(eva, sam, jan, informed, other), "there is nothing to ask any more")
}

func TestNoMailGoesOutAboutWhatIsAnsweredOrEnded(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	eva, sam := d.AddParent("Eva", mila), d.AddParent("Sam", mila)
	d.calm(mila)
	every := d.draft("Uitje")
	every.Required = consents.Every
	trip := d.ask(every)
	d.work()
	d.say(eva, mila, trip)
	notificationstest.Deliver(t, d.e, d.told, d.Tenant)
	require.Len(t, d.mails.Sent, 1, "to who has not answered")
	require.Equal(t, sam.Email, d.mails.Sent[0].To.Addr)

	swim := d.ask(d.draft("Zwemmen"))
	d.work()
	require.Len(t, d.lists(eva), 1)
	over := d.draft("Zwemmen")
	over.StartsOn, over.EndsOn, over.Version = d.today().Add(-2), d.today().Add(-1), 1
	require.NoError(t, d.Revise(d.Admin.Ctx(), swim, over))
	d.work()
	_, err := d.e.Owner(t).Exec(t.Context(), "UPDATE delivery SET state = 'sent' WHERE id IN (SELECT id FROM delivery WHERE item = 'consent' AND person_id = $1 AND subject_id NOT IN (SELECT batch FROM consent_told WHERE purpose = $2))", sam.ID, string(swim))
	require.NoError(t, err)
	notificationstest.Deliver(t, d.e, d.told, d.Tenant)
	require.Len(t, d.mails.Sent, 1, "of what is not asked any more")
	require.Empty(t, d.lists(eva))
	require.Equal(t, []string{"Geef antwoord: Uitje (Mila)"}, d.lists(sam))
}

func TestWhoIsAskedAgainOrCameLaterHearsOnce(t *testing.T) {
	d := newDesk(t)
	mila, finn := d.AddChild("Mila", d.Group), d.AddChild("Finn", d.Group)
	eva, jan := d.AddParent("Eva", mila), d.AddParent("Jan", finn)
	d.calm(mila, finn)
	draft := d.draft("Uitje")
	trip := d.ask(draft)
	d.work()
	d.say(eva, mila, trip)

	draft.Version, draft.Body = 1, "Mag dat met de bus?"
	require.NoError(t, d.Revise(d.Admin.Ctx(), trip, draft))
	d.work()
	require.Equal(t, []int{1, 1}, d.heard(eva, jan), "what she said holds")
	draft.Version, draft.Body, draft.AskAgain = 2, "Mag dat met de trein?", true
	require.NoError(t, d.Revise(d.Admin.Ctx(), trip, draft))
	d.work()
	require.Equal(t, []int{2, 1}, d.heard(eva, jan), "who still has to answer hears of a question once a day")
	d.e.Clock.Advance(24 * time.Hour)
	for range 2 {
		require.NoError(t, d.AskLatecomers(d.system()))
		d.work()
	}
	require.Equal(t, []int{2, 2}, d.heard(eva, jan))
	require.Equal(t, []string{"Geef antwoord: Uitje (Mila)"}, d.lists(eva))

	noor := d.AddChild("Noor", d.Group)
	bo := d.AddParent("Bo", noor)
	require.NoError(t, d.AskLatecomers(d.system()))
	d.work()
	require.Equal(t, []int{2, 1}, d.heard(eva, bo))
	require.Equal(t, []string{"Geef antwoord op 2 vragen om toestemming (Noor)"}, d.lists(bo), "one notification, however many questions")
	d.say(bo, noor, trip)
	require.Equal(t, []string{"Geef antwoord: Foto’s in het ouderportaal (Noor)"}, d.lists(bo))
	notificationstest.Deliver(t, d.e, d.told, d.Tenant)
	require.Equal(t, "Mag dit? Foto’s in het ouderportaal", d.mails.Sent[len(d.mails.Sent)-1].Subject)
}

func TestAQuestionThatBeginsLaterIsToldOfThen(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	eva := d.AddParent("Eva", mila)
	d.calm(mila)
	draft := d.draft("Uitje")
	draft.StartsOn = d.today().Add(1)
	trip := d.ask(draft)
	d.work()
	require.NoError(t, d.AskLatecomers(d.system()))
	d.work()
	require.Equal(t, []int{0}, d.heard(eva))
	d.e.Clock.Advance(10 * time.Hour) // it is 00:20 in Amsterdam
	require.NoError(t, d.Sweep(d.system()))
	require.NoError(t, d.Sweep(d.system()))
	d.work()
	require.Equal(t, consents.One, d.about(mila, trip).Required, "it is asked")
	require.Equal(t, []int{0}, d.heard(eva), "nobody hears at night")
	d.e.Clock.Advance(8 * time.Hour)
	require.NoError(t, d.AskLatecomers(d.system()))
	d.work()
	require.Equal(t, []int{1}, d.heard(eva))
}

func TestWhoKeepsFilesRemindsOnceADay(t *testing.T) {
	d := newDesk(t)
	mila, finn := d.AddChild("Mila", d.Group), d.AddChild("Finn", d.AddLocation("Elders"))
	eva, jan := d.AddParent("Eva", mila), d.AddParent("Jan", finn)
	d.calm(mila, finn)
	trip, swim := d.ask(d.draft("Uitje")), d.ask(d.draft("Zwemmen"))
	d.work()
	require.Equal(t, []int{2, 2}, d.heard(eva, jan))
	n, err := d.Remind(d.Admin.Ctx(), trip)
	require.NoError(t, err)
	require.Zero(t, n, "told today")
	d.e.Clock.Advance(24 * time.Hour)
	mo := d.AddManager("Mo")
	for want := range []int{1, 0} {
		n, err := d.Remind(mo.Ctx(), trip)
		require.NoError(t, err)
		require.Equal(t, 1-want, n, "of their own location")
	}
	d.work()
	require.Equal(t, []int{3, 2}, d.heard(eva, jan))
	require.ElementsMatch(t, []string{"Geef antwoord: Uitje (Mila)", "Geef antwoord: Zwemmen (Mila)"}, d.lists(eva), "a reminder takes the place of what it reminds of")
	d.say(eva, mila, swim)
	require.Equal(t, []string{"Geef antwoord: Uitje (Mila)"}, d.lists(eva))

	for _, who := range []identitytest.Someone{eva, d.Staff, childrentest.NewHouse(t, d.e, d.e.B).Admin} {
		_, err := d.Remind(who.Ctx(), trip)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	}
}

// Who has no account yet gets an invitation, and no mail that leads to a page they cannot open.
func TestWhoHasNoAccountHearsOnceTheyDo(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	eva := d.AddParent("Eva", mila)
	account := func(sql string) {
		_, err := d.e.Owner(t).Exec(t.Context(), "UPDATE person SET password_hash = "+sql+" WHERE id = $1", eva.ID)
		require.NoError(t, err)
	}
	account("NULL")
	waiting := func() (n int) {
		list, err := d.Asked(d.Admin.Ctx())
		require.NoError(t, err)
		return list[0].Waiting
	}
	require.NoError(t, d.AskLatecomers(d.system()))
	d.work()
	require.Equal(t, []int{0}, d.heard(eva))
	require.Zero(t, waiting(), "nobody to remind")
	account("'x'")
	for range 2 {
		require.NoError(t, d.AskLatecomers(d.system()))
		d.work()
	}
	require.Equal(t, []int{1}, d.heard(eva))
	require.Equal(t, 1, waiting())
}

// An answer that comes between the decision to tell somebody and the telling leaves no bell that counts what no list shows.
func TestWhoAnswersBeforeTheyAreToldHasNothingWaiting(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	eva := d.AddParent("Eva", mila)
	d.calm(mila)
	trip := d.ask(d.draft("Uitje"))
	for _, s := range d.Subscriptions() {
		if s.Event == (consents.QuestionAsked{}).EventName() {
			payload, err := json.Marshal(consents.QuestionAsked{Purpose: trip})
			require.NoError(t, err)
			require.NoError(t, s.Run(d.system(), outbox.Recorded{ID: ids.New(), TenantID: d.Tenant.ID, Payload: payload}))
		}
	}
	d.say(eva, mila, trip)
	d.work()
	require.Empty(t, d.lists(eva))
}

func TestAQuestionThatBeginsAgainIsToldOfAgain(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	eva := d.AddParent("Eva", mila)
	d.calm(mila)
	draft := d.draft("Uitje")
	draft.EndsOn = d.today()
	trip := d.ask(draft)
	d.work()
	d.e.Clock.Advance(24 * time.Hour)
	require.NoError(t, d.Sweep(d.system()))
	d.work()
	require.Empty(t, d.lists(eva))
	draft.Version, draft.StartsOn, draft.EndsOn = 1, d.today(), ""
	require.NoError(t, d.Revise(d.Admin.Ctx(), trip, draft))
	d.work()
	require.Equal(t, []int{2}, d.heard(eva))
	require.Equal(t, []string{"Geef antwoord: Uitje (Mila)"}, d.lists(eva))
}

// Whoever has to answer once more, after they had not to for a while, hears of it, also on the same day.
func TestWhoIsAskedOnceMoreHearsOnceMore(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	eva, sam := d.AddParent("Eva", mila), d.AddParent("Sam")
	tie := d.Tie(sam, mila, children.Authority, "2026-01-01", "")
	d.calm(mila)
	draft := d.draft("Uitje")
	draft.Required = consents.Every
	trip := d.ask(draft)
	d.work()
	revise := func(change func()) {
		draft.Version++
		change()
		require.NoError(t, d.Revise(d.Admin.Ctx(), trip, draft))
		d.work()
	}
	revise(func() { draft.StartsOn = d.today().Add(1) })
	require.Empty(t, d.lists(sam), "it is not asked yet")
	revise(func() { draft.StartsOn = d.today() })
	require.Equal(t, []int{2, 2}, d.heard(eva, sam))

	d.say(eva, mila, trip)
	revise(func() { draft.Required = consents.One })
	require.Empty(t, d.lists(sam), "one is enough")
	revise(func() { draft.Required = consents.Every })
	require.Equal(t, []int{2, 3}, d.heard(eva, sam))

	require.NoError(t, d.House.Service.Block(d.Admin.Ctx(), tie, "uitspraak"))
	d.work()
	require.NoError(t, d.House.Service.Unblock(d.Admin.Ctx(), tie))
	d.work()
	require.NoError(t, d.AskLatecomers(d.system()))
	d.work()
	require.Equal(t, []int{2, 4}, d.heard(eva, sam))
	require.Equal(t, []string{"Geef antwoord: Uitje (Mila)"}, d.lists(sam))

	require.NoError(t, d.House.Service.EndTie(d.Admin.Ctx(), tie, d.today(), 0))
	d.work()
	require.Len(t, d.lists(sam), 1, "he has authority today")
	d.e.Clock.Advance(24 * time.Hour)
	require.NoError(t, d.Sweep(d.system()))
	d.work()
	require.Empty(t, d.lists(sam))
}

// Siblings who come on one day are one piece of news, and the second of them one of the next day.
func TestSiblingsAreToldOfOnceADay(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	eva := d.AddParent("Eva", mila)
	d.calm(mila)
	d.ask(d.draft("Uitje"))
	d.work()
	finn := d.AddChild("Finn", d.Group)
	d.Tie(eva, finn, children.Authority, "2026-01-01", "")
	d.calm(finn)
	later := func() {
		require.NoError(t, d.AskLatecomers(d.system()))
		d.work()
	}
	later()
	require.Equal(t, []int{1}, d.heard(eva))
	d.e.Clock.Advance(12 * time.Hour)
	later()
	require.Equal(t, []int{1}, d.heard(eva), "it is night")
	d.e.Clock.Advance(12 * time.Hour)
	later()
	require.Equal(t, []int{2}, d.heard(eva))
	require.ElementsMatch(t, []string{"Geef antwoord: Uitje (Mila)", "Geef antwoord: Uitje (Finn)"}, d.lists(eva))
}

// Of a notification about two children each answer settles its own half: the last of two at the same moment settles the whole.
func TestAnswersAtTheSameMomentLeaveNothingWaiting(t *testing.T) {
	d := newDesk(t)
	var eight [8]ids.ID
	for i := range eight {
		eight[i] = d.AddChild(string(rune('A'+i)), d.Group)
	}
	eva := d.AddParent("Eva", eight[:]...)
	d.calm(eight[:]...)
	trip := d.ask(d.draft("Uitje"))
	d.work()
	var wg sync.WaitGroup
	for _, child := range eight {
		wg.Go(func() {
			if err := d.Say(eva.Ctx(), consents.Reply{ChildID: child, Purpose: trip, Granted: true}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Empty(t, d.lists(eva))
}

// Two ties of one guardian may hold on the same day, one of them with an end.
func TestWhoIsTiedTwiceHearsOnce(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	eva := d.AddParent("Eva", mila)
	d.Tie(eva, mila, children.Authority, "2026-01-01", d.today().Add(30))
	d.calm(mila)
	d.ask(d.draft("Uitje"))
	d.work()
	require.Equal(t, []int{1}, d.heard(eva))
}
