package notifications_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

type gatheringEnv struct {
	*env
	owner *pgx.Conn
}

func setUpGathering(t *testing.T) gatheringEnv {
	e := gatheringEnv{env: &env{Env: dbtest.New(t), post: &postbox{}}}
	e.owner = e.Owner(t)
	e.s, e.news = notificationstest.New(t, e.DB, e.post, func(c *notifications.Config) { c.Gather = 10 * time.Minute })
	return e
}

// tellOf notifies people of one new event about subject.
func (e gatheringEnv) tellOf(t *testing.T, item string, subject ids.ID, people ...ids.ID) {
	t.Helper()
	event := e.event(t, e.A)
	require.NoError(t, e.DB.Write(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Writer) error {
		return e.s.Notify(ctx, tx, notifications.News{EventID: event, Item: item, SubjectID: subject, Recipients: people})
	}))
}

// work does what a worker does with everything that is due at e.A, and writes down what became of it. lost is a worker that
// dies before it writes.
func (e gatheringEnv) work(t *testing.T, lost bool) {
	t.Helper()
	rows, err := e.owner.Query(context.Background(), `SELECT id, tenant_id, event_id, person_id, subject_id, item FROM delivery
		WHERE tenant_id = $1 AND channel = 'mail' AND state = 'waiting' AND due_at <= $2 ORDER BY id`, e.A.ID, e.Clock.Now())
	require.NoError(t, err)
	var batch []outbox.Delivery
	for rows.Next() {
		d := outbox.Delivery{Attempt: 1}
		require.NoError(t, rows.Scan(&d.ID, &d.TenantID, &d.EventID, &d.PersonID, &d.SubjectID, &d.Item))
		batch = append(batch, d)
	}
	require.NoError(t, rows.Err())
	ctx := actor.With(tenants.With(context.Background(), e.A), actor.ForSystem(e.A.ID))
	require.NoError(t, e.s.MailDelivery().Send(ctx, batch, func(d outbox.Delivery, o outbox.Outcome) {
		if lost {
			return
		}
		state, due := string(o.Fate), e.Clock.Now()
		if o.Fate == outbox.Held {
			require.True(t, o.Until.After(e.Clock.Now()), "to be held back until now is to go round in circles")
			state, due = "waiting", o.Until
		}
		_, err := e.owner.Exec(ctx, "UPDATE delivery SET state = $3, due_at = $4, last_error = $5 WHERE tenant_id = $1 AND id = $2", e.A.ID, d.ID, state, due, o.Reason)
		require.NoError(t, err)
	}))
}

// pass lets time go by, with a worker who looks whenever something is due.
func (e gatheringEnv) pass(t *testing.T, d time.Duration) {
	t.Helper()
	end := e.Clock.Now().Add(d)
	for {
		var due *time.Time
		require.NoError(t, e.owner.QueryRow(context.Background(), "SELECT min(due_at) FROM delivery WHERE tenant_id = $1 AND state = 'waiting' AND due_at <= $2", e.A.ID, end).Scan(&due))
		if due == nil {
			e.Clock.Advance(end.Sub(e.Clock.Now()))
			return
		}
		e.Clock.Advance(max(0, due.Sub(e.Clock.Now())))
		e.work(t, false)
	}
}

func (e gatheringEnv) states(t *testing.T) map[string]int {
	t.Helper()
	rows, err := e.owner.Query(context.Background(), "SELECT state, count(*) FROM delivery WHERE tenant_id = $1 GROUP BY state", e.A.ID)
	require.NoError(t, err)
	got := map[string]int{}
	for rows.Next() {
		var state string
		var n int
		require.NoError(t, rows.Scan(&state, &n))
		got[state] = n
	}
	require.NoError(t, rows.Err())
	return got
}

func TestABurstBecomesOneMail(t *testing.T) {
	e := setUpGathering(t)
	mother, father := e.parent(t, e.A), e.parent(t, e.A)
	for range 9 {
		e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
		e.pass(t, time.Minute)
	}
	e.tellOf(t, notificationstest.Calm, ids.New(), father.ID)
	require.Empty(t, e.post.sent)
	e.pass(t, 15*time.Minute)
	require.Len(t, e.post.sent, 2)
	many, one := e.post.sent[0], e.post.sent[1]
	require.Equal(t, mother.Email, many.To.Addr)
	require.Equal(t, "9 keer nieuws van "+e.A.Name, many.Subject)
	require.Equal(t, 9, strings.Count(many.Text, "/dagboek/"), many.Text)
	require.Equal(t, 9, strings.Count(many.HTML, "/dagboek/"))
	require.Equal(t, "De bel ging", one.Subject, "what came alone is the mail that it always was")
	require.Equal(t, map[string]int{"sent": 2, "dropped": 8}, e.states(t))

	e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
	e.pass(t, 11*time.Minute)
	require.Len(t, e.post.sent, 3, "the next one begins anew")
}

// What is called off goes along with nothing; what it carries itself still goes, and it counts as mailed until then.
func TestWhatIsCalledOffIsNotGathered(t *testing.T) {
	e := setUpGathering(t)
	mother, father := e.parent(t, e.A), e.parent(t, e.A)
	gone, stays := ids.New(), ids.New()
	for _, told := range []struct {
		subject ids.ID
		person  ids.ID
	}{{stays, mother.ID}, {gone, father.ID}, {gone, mother.ID}, {stays, father.ID}} {
		e.tellOf(t, notificationstest.Calm, told.subject, told.person)
		e.pass(t, time.Minute)
	}
	mailed := func() (people []ids.ID) {
		require.NoError(t, e.DB.Read(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Reader) (err error) {
			people, err = notifications.Mailed(ctx, tx, gone)
			return err
		}))
		return people
	}
	require.ElementsMatch(t, []ids.ID{mother.ID, father.ID}, mailed())
	for range 2 {
		require.NoError(t, e.DB.Write(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Writer) error { return notifications.CallOff(ctx, tx, gone) }))
	}
	require.Equal(t, []ids.ID{father.ID}, mailed())
	e.pass(t, 15*time.Minute)
	require.Len(t, e.post.sent, 2)
	for _, m := range e.post.sent {
		require.Contains(t, m.Text, "/dagboek/"+stays.String())
		require.Equal(t, m.To.Addr == father.Email, strings.Contains(m.Text, gone.String()))
	}
}

func TestNewsThatMayNeedSomethingDoesNotWait(t *testing.T) {
	e := setUpGathering(t)
	mother := e.parent(t, e.A)
	e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
	e.tellOf(t, notificationstest.Item, ids.New(), mother.ID)
	e.work(t, false)
	require.Len(t, e.post.sent, 1)
	e.pass(t, 11*time.Minute)
	require.Len(t, e.post.sent, 2)
}

func TestANewsletterIsNiceToSeeAndComesByItself(t *testing.T) {
	e := setUpGathering(t)
	mother := e.parent(t, e.A)
	require.NoError(t, e.s.SetRhythm(mother.Ctx(), notifications.Rhythm{Daily: true, DailyAt: "18:00", QuietFrom: "21:00", QuietUntil: "07:00"}))
	e.tellOf(t, notificationstest.Prompt, ids.New(), mother.ID)
	e.work(t, false)
	require.Len(t, e.post.sent, 1)
	list, err := e.s.List(mother.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.Empty(t, list.Waiting, "it asks for nothing")
	require.Len(t, list.Lines, 1)
}

func TestOneMailADay(t *testing.T) {
	e := setUpGathering(t)
	mother := e.parent(t, e.A)
	zone := e.A.Location()
	now := e.Clock.Now().In(zone)
	at := now.Add(3 * time.Hour).Format("15:04")
	require.NoError(t, e.s.SetRhythm(mother.Ctx(), notifications.Rhythm{Daily: true, DailyAt: at, QuietFrom: "21:00", QuietUntil: "07:00"}))
	twice := ids.New()
	for _, subject := range []ids.ID{ids.New(), twice, ids.New(), twice} {
		e.tellOf(t, notificationstest.Calm, subject, mother.ID)
		e.pass(t, 20*time.Minute)
	}
	require.Empty(t, e.post.sent)
	e.pass(t, 2*time.Hour)
	require.Len(t, e.post.sent, 1)
	require.Equal(t, "3 keer nieuws van "+e.A.Name, e.post.sent[0].Subject)
	require.Equal(t, 1, strings.Count(e.post.sent[0].Text, twice.String()), "each thing once")
	require.Equal(t, map[string]int{"sent": 1, "dropped": 3}, e.states(t))

	e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID) // too late for today
	e.pass(t, 4*time.Hour)
	require.Len(t, e.post.sent, 1)
}

func TestQuietHoursHoldEverythingBack(t *testing.T) {
	e := setUpGathering(t)
	mother := e.parent(t, e.A)
	now := e.Clock.Now().In(e.A.Location())
	require.NoError(t, e.s.SetRhythm(mother.Ctx(), notifications.Rhythm{DailyAt: "18:00", Quiet: true,
		QuietFrom: now.Add(-time.Hour).Format("15:04"), QuietUntil: now.Add(2 * time.Hour).Format("15:04")}))
	e.tellOf(t, notificationstest.Item, ids.New(), mother.ID)
	e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
	e.pass(t, 119*time.Minute)
	require.Empty(t, e.post.sent)
	e.pass(t, time.Minute)
	require.Len(t, e.post.sent, 1, "to the minute")
	e.pass(t, 10*time.Minute)
	require.Len(t, e.post.sent, 2)
}

func TestWhatIsToldInTheEveningComesInTheMorningAlsoWhenClocksChange(t *testing.T) {
	for evening, night := range map[string]time.Duration{"2026-10-24 19:00": 13 * time.Hour, "2027-03-27 19:00": 11 * time.Hour} {
		e := setUpGathering(t)
		mother := e.parent(t, e.A)
		require.NoError(t, e.s.SetRhythm(mother.Ctx(), notifications.Rhythm{DailyAt: "18:00", Quiet: true, QuietFrom: "19:00", QuietUntil: "07:00"}))
		zone := e.A.Location()
		at, err := time.ParseInLocation("2006-01-02 15:04", evening, zone)
		require.NoError(t, err)
		e.Clock.Advance(at.Sub(e.Clock.Now()))
		e.tellOf(t, notificationstest.Item, ids.New(), mother.ID)
		e.pass(t, night-time.Minute)
		require.Empty(t, e.post.sent, evening)
		e.pass(t, time.Minute)
		require.Equal(t, "07:00", e.Clock.Now().In(zone).Format("15:04"))
		require.Len(t, e.post.sent, 1, evening)
	}
}

func TestWhatMayNotBeToldAnyMoreIsNotInTheMail(t *testing.T) {
	e := setUpGathering(t)
	mother, father := e.parent(t, e.A), e.parent(t, e.A)
	for range 3 {
		e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID, father.ID)
	}
	e.work(t, false)
	e.news.Hide(mother.ID)
	require.NoError(t, e.s.SetWanted(father.Ctx(), notifications.MailChannel, map[string]bool{notificationstest.Calm: false}))
	e.pass(t, 11*time.Minute)
	require.Empty(t, e.post.sent)
	require.Equal(t, map[string]int{"dropped": 6}, e.states(t))
}

func TestAWorkerThatDiesWhileItSendsTogether(t *testing.T) {
	e := setUpGathering(t)
	mother := e.parent(t, e.A)
	for range 3 {
		e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
		e.work(t, true) // what it decided is kept, what it reports is lost
		e.work(t, false)
	}
	e.Clock.Advance(10 * time.Minute)
	e.work(t, true)
	e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID) // comes between the two tries
	e.work(t, false)
	require.Len(t, e.post.sent, 2)
	require.Equal(t, e.post.sent[0].MessageID, e.post.sent[1].MessageID)
	require.Equal(t, e.post.sent[0].Text, e.post.sent[1].Text, "the second time it says the same")
	e.pass(t, 11*time.Minute)
	require.Len(t, e.post.sent, 3)
	require.Equal(t, map[string]int{"sent": 2, "dropped": 2}, e.states(t))
}

func TestWhatWasToldWithOthersIsNotToldAgain(t *testing.T) {
	e := setUpGathering(t)
	mother := e.parent(t, e.A)
	e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
	e.work(t, false)
	e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
	e.work(t, true) // it goes along, but its worker dies, and its lease ends after the mail
	_, err := e.owner.Exec(context.Background(), "UPDATE delivery SET due_at = $2 WHERE tenant_id = $1 AND last_error = ''", e.A.ID, e.Clock.Now().Add(12*time.Minute))
	require.NoError(t, err)
	e.pass(t, time.Hour)
	require.Len(t, e.post.sent, 1)
	require.Equal(t, 2, strings.Count(e.post.sent[0].Text, "/dagboek/"))
	require.Equal(t, map[string]int{"sent": 1, "dropped": 1}, e.states(t))
}

func TestADeadCarrierTakesNobodyAlong(t *testing.T) {
	e := setUpGathering(t)
	mother := e.parent(t, e.A)
	e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
	e.work(t, false)
	_, err := e.owner.Exec(context.Background(), "UPDATE delivery SET state = 'dead', finished_at = now() WHERE tenant_id = $1", e.A.ID)
	require.NoError(t, err)
	e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
	e.work(t, false)
	e.pass(t, time.Hour)
	require.Len(t, e.post.sent, 1)
	require.Equal(t, map[string]int{"sent": 1, "dead": 1}, e.states(t))
}

func TestALongListHidesNothing(t *testing.T) {
	e := setUpGathering(t)
	mother := e.parent(t, e.A)
	for range 103 {
		e.tellOf(t, notificationstest.Item, ids.New(), mother.ID)
	}
	ctx := i18n.With(mother.Ctx(), e.words(t, "nl"))
	list, err := e.s.List(ctx, ids.Nil)
	require.NoError(t, err)
	require.Len(t, list.Waiting, 100)
	require.Len(t, list.Lines, 3, "what does not fit apart stands below")
	seen := map[ids.ID]bool{}
	for _, line := range append(list.Waiting, list.Lines...) {
		seen[line.ID] = true
	}
	require.Len(t, seen, 103)
}

func TestWorkersThatGatherAtTheSameTime(t *testing.T) {
	e := setUpGathering(t)
	var people []ids.ID
	for range 4 {
		people = append(people, e.parent(t, e.A).ID)
	}
	for range 12 {
		e.tellOf(t, notificationstest.Calm, ids.New(), people...)
	}
	rows, err := e.owner.Query(context.Background(), "SELECT id, person_id, subject_id, item FROM delivery WHERE tenant_id = $1", e.A.ID)
	require.NoError(t, err)
	parts := make([][]outbox.Delivery, 6)
	for n := 0; rows.Next(); n++ {
		d := outbox.Delivery{TenantID: e.A.ID, Attempt: 1}
		require.NoError(t, rows.Scan(&d.ID, &d.PersonID, &d.SubjectID, &d.Item))
		parts[n%6] = append(parts[n%6], d)
	}
	ctx := actor.With(tenants.With(context.Background(), e.A), actor.ForSystem(e.A.ID))
	var wait sync.WaitGroup
	for _, part := range parts {
		wait.Go(func() {
			_ = e.s.MailDelivery().Send(ctx, part, func(outbox.Delivery, outbox.Outcome) {}) // one that loses a race tries again
		})
	}
	wait.Wait()
	e.work(t, false)
	e.pass(t, 11*time.Minute)
	require.Len(t, e.post.sent, 4, "one for each")
	for _, m := range e.post.sent {
		require.Equal(t, 12, strings.Count(m.Text, "/dagboek/"))
	}
	require.Equal(t, map[string]int{"sent": 4, "dropped": 44}, e.states(t))
}

func TestTheLinkOfAMailOfSeveralThings(t *testing.T) {
	e := setUpGathering(t)
	mother := e.parent(t, e.A)
	e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
	e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
	e.work(t, false)
	e.pass(t, 11*time.Minute)
	require.Len(t, e.post.sent, 1)
	_, token, _ := strings.Cut(e.post.sent[0].ListUnsubscribe, "/afmelden/")
	ctx := tenants.With(i18n.With(context.Background(), e.words(t, "nl")), e.A)
	label, err := e.s.Unsubscribe(ctx, token)
	require.NoError(t, err)
	require.Equal(t, "notifications.calm", label)
	wanted, err := e.s.Preferences(mother.Ctx())
	require.NoError(t, err)
	got := map[string]bool{}
	for _, p := range wanted {
		got[p.Item] = p.Mail
	}
	require.Equal(t, map[string]bool{notificationstest.Item: true, notificationstest.Calm: false, notificationstest.Prompt: false}, got)
	wanted, err = e.s.Preferences(as(mother, actor.Staff))
	require.NoError(t, err)
	require.Empty(t, wanted, "what guardians are told is nothing that staff choose")
}

func TestRhythmIsOnesOwn(t *testing.T) {
	e := setUpGathering(t)
	mother, father := e.parent(t, e.A), e.parent(t, e.A)
	chosen := notifications.Rhythm{Daily: true, DailyAt: "06:30", Quiet: true, QuietFrom: "20:00", QuietUntil: "08:00"}
	require.NoError(t, e.s.SetRhythm(mother.Ctx(), chosen))
	require.NoError(t, e.s.SetRhythm(mother.Ctx(), chosen))
	got, err := e.s.Rhythm(mother.Ctx())
	require.NoError(t, err)
	require.Equal(t, "06:30", got.DailyAt)
	require.True(t, got.Daily && got.Quiet)
	got, err = e.s.Rhythm(father.Ctx())
	require.NoError(t, err)
	require.False(t, got.Daily || got.Quiet)
	require.Error(t, e.s.SetRhythm(context.Background(), chosen))
}
