package notifications_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// postbox is the outside: it takes what it is given, or answers with fail.
type postbox struct {
	sent []mail.Message
	fail map[string]error // by address
}

func (p *postbox) Send(_ context.Context, messages []mail.Message) []error {
	errs := make([]error, len(messages))
	for i, m := range messages {
		if errs[i] = p.fail[m.To.Addr]; errs[i] == nil {
			p.sent = append(p.sent, m)
		}
	}
	return errs
}

type env struct {
	*dbtest.Env
	s    *notifications.Service
	news *notificationstest.News
	post *postbox
}

func setUp(t *testing.T) *env {
	e := &env{Env: dbtest.New(t), post: &postbox{fail: map[string]error{}}}
	e.s, e.news = notificationstest.New(t, e.DB, e.post)
	return e
}

func (e *env) parent(t *testing.T, tenant tenants.Tenant, options ...identitytest.Option) identitytest.Someone {
	return identitytest.NewPerson(t, e.Env, tenant, append([]identitytest.Option{identitytest.Role(actor.Parent)}, options...)...)
}

// tell notifies people of one new event and returns its id and subject.
func (e *env) tell(t *testing.T, tenant tenants.Tenant, event ids.ID, people ...ids.ID) {
	t.Helper()
	e.tellAbout(t, tenant, notificationstest.Item, event, people...)
}

func (e *env) tellAbout(t *testing.T, tenant tenants.Tenant, item string, event ids.ID, people ...ids.ID) {
	t.Helper()
	require.NoError(t, e.DB.Write(tenants.With(context.Background(), tenant), func(ctx context.Context, tx tenants.Writer) error {
		return e.s.Notify(ctx, tx, notifications.News{EventID: event, Item: item, SubjectID: event, Recipients: people})
	}))
}

func (e *env) event(t *testing.T, tenant tenants.Tenant) (id ids.ID) {
	t.Helper()
	notificationstest.Ring(t, e.DB, tenant)
	require.NoError(t, e.Owner(t).QueryRow(context.Background(), "SELECT id FROM event WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1", tenant.ID).Scan(&id))
	return id
}

// deliver gives everything that waits at tenant to the mail channel, as a worker would, and returns the outcomes by person.
func (e *env) deliver(t *testing.T, tenant tenants.Tenant) map[ids.ID]outbox.Outcome {
	t.Helper()
	rows, err := e.Owner(t).Query(context.Background(), `SELECT id, tenant_id, event_id, person_id, subject_id, item FROM delivery WHERE tenant_id = $1 AND state = 'waiting'`, tenant.ID)
	require.NoError(t, err)
	var batch []outbox.Delivery
	for rows.Next() {
		d := outbox.Delivery{Attempt: 1}
		require.NoError(t, rows.Scan(&d.ID, &d.TenantID, &d.EventID, &d.PersonID, &d.SubjectID, &d.Item))
		batch = append(batch, d)
	}
	require.NoError(t, rows.Err())
	got := map[ids.ID]outbox.Outcome{}
	ctx := actor.With(tenants.With(context.Background(), tenant), actor.ForSystem(tenant.ID))
	err = e.s.MailDelivery().Send(ctx, batch, func(d outbox.Delivery, o outbox.Outcome) {
		require.NotContains(t, got, d.PersonID)
		got[d.PersonID] = o
	})
	require.NoError(t, err)
	return got
}

func (e *env) words(t *testing.T, lang string) *i18n.Localizer {
	words, err := i18n.Load(notifications.Locales)
	require.NoError(t, err)
	return words.For(lang)
}

func TestNobodyWhoIsMadeUpGetsMail(t *testing.T) {
	e := setUp(t)
	real, madeUp := e.parent(t, e.A), e.parent(t, e.A)
	_, err := e.Owner(t).Exec(t.Context(), "UPDATE person SET email = 'bea@zonnebloem.example' WHERE id = $1", madeUp.ID)
	require.NoError(t, err)
	e.tell(t, e.A, e.event(t, e.A), real.ID, madeUp.ID)
	example := e.A
	example.Example = true
	got := e.deliver(t, example)
	require.Equal(t, []outbox.Fate{outbox.Sent, outbox.Dropped}, []outbox.Fate{got[real.ID].Fate, got[madeUp.ID].Fate})
	require.Equal(t, outbox.Sent, e.deliver(t, e.A)[madeUp.ID].Fate, "anywhere else an address is an address")
}

func TestNewsReachesItsRecipientsAndNobodyElse(t *testing.T) {
	e := setUp(t)
	mother, other, stranger := e.parent(t, e.A, identitytest.Named("Sanne", "de Wit")), e.parent(t, e.A), e.parent(t, e.B)
	event := e.event(t, e.A)
	e.tell(t, e.A, event, mother.ID)
	e.tell(t, e.A, event, mother.ID, mother.ID) // a handler that runs again

	list, err := e.s.List(i18n.With(mother.Ctx(), e.words(t, "nl")), ids.Nil)
	require.NoError(t, err)
	require.Empty(t, list.Lines, "what may ask for something stands apart")
	require.Len(t, list.Waiting, 1)
	require.True(t, list.Waiting[0].Unread)
	require.Equal(t, "Nieuw", list.Waiting[0].Text)
	for _, nobody := range []identitytest.Someone{other, stranger} {
		list, err := e.s.List(nobody.Ctx(), ids.Nil)
		require.NoError(t, err)
		require.Empty(t, append(list.Lines, list.Waiting...))
	}

	require.Equal(t, map[ids.ID]outbox.Outcome{mother.ID: {Fate: outbox.Sent}}, e.deliver(t, e.A))
	require.Len(t, e.post.sent, 1)
	m := e.post.sent[0]
	require.Equal(t, mother.Email, m.To.Addr)
	require.Equal(t, "Sanne de Wit", m.To.Name)
	require.Equal(t, e.A.Name, m.From.Name)
	require.Contains(t, m.Text, "Dag Sanne")
	require.Contains(t, m.Text, "https://"+e.A.Slug+".ouderportaal.test/dagboek/"+event.String())
	require.Contains(t, m.HTML, "Kies waarover je e-mail krijgt")
	require.True(t, strings.HasSuffix(m.MessageID, "@ouderportaal.test"), m.MessageID)
	require.True(t, strings.HasPrefix(m.ListUnsubscribe, "https://"+e.A.Slug+".ouderportaal.test/afmelden/test."), m.ListUnsubscribe)
	require.Empty(t, e.deliver(t, e.B))
}

func TestNewsForAnotherOrganisationsPersonIsRefused(t *testing.T) {
	e := setUp(t)
	stranger := e.parent(t, e.B)
	event := e.event(t, e.A)
	err := e.DB.Write(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Writer) error {
		return e.s.Notify(ctx, tx, notifications.News{EventID: event, Item: notificationstest.Item, SubjectID: event, Recipients: []ids.ID{stranger.ID}})
	})
	require.Error(t, err)
	require.Error(t, e.DB.Write(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Writer) error {
		return e.s.Notify(ctx, tx, notifications.News{EventID: event, Item: "nonsense", SubjectID: event, Recipients: []ids.ID{stranger.ID}})
	}), "an item that nobody offers")
}

func TestWhatIsLookedAtWhenSending(t *testing.T) {
	e := setUp(t)
	wants, off, gone, silent, ended, full, wrong := e.parent(t, e.A, identitytest.Speaks("en")), e.parent(t, e.A), e.parent(t, e.A),
		e.parent(t, e.A, identitytest.Email("")), e.parent(t, e.A), e.parent(t, e.A), e.parent(t, e.A)
	e.tell(t, e.A, e.event(t, e.A), wants.ID, off.ID, gone.ID, silent.ID, ended.ID, full.ID, wrong.ID)

	// Everything changes after the news was written down.
	require.NoError(t, e.s.SetWanted(off.Ctx(), notifications.MailChannel, map[string]bool{notificationstest.Item: false}))
	_, err := e.Owner(t).Exec(context.Background(), "UPDATE person SET deactivated_at = now() WHERE id = $1", gone.ID)
	require.NoError(t, err)
	e.news.Hide(ended.ID)
	e.post.fail[full.Email] = &mail.Failure{Stage: "recipient", Code: 452}
	e.post.fail[wrong.Email] = &mail.Failure{Permanent: true, Stage: "recipient", Code: 550, Enhanced: "5.1.1", Cause: errors.New(wrong.Email)}

	require.Equal(t, map[ids.ID]outbox.Outcome{
		wants.ID: {Fate: outbox.Sent}, off.ID: {Fate: outbox.Dropped, Reason: "switched off"}, gone.ID: {Fate: outbox.Dropped, Reason: "person inactive"},
		silent.ID: {Fate: outbox.Dropped, Reason: "no address"}, ended.ID: {Fate: outbox.Dropped, Reason: "may not be told"},
		full.ID:  {Fate: outbox.Later, Reason: "mail: transient failure at recipient: 452"},
		wrong.ID: {Fate: outbox.Dead, Reason: "mail: permanent failure at recipient: 550 5.1.1"},
	}, e.deliver(t, e.A))
	require.Len(t, e.post.sent, 1)
	require.Contains(t, e.post.sent[0].HTML, "Prefer no email?")
}

func TestAMailServerThatIsAwayIsAskedOnce(t *testing.T) {
	e := setUp(t)
	var people []ids.ID
	for range 3 {
		p := e.parent(t, e.A)
		people = append(people, p.ID)
		e.post.fail[p.Email] = &mail.Failure{Stage: "connect"}
	}
	e.tell(t, e.A, e.event(t, e.A), people...)
	got := e.deliver(t, e.A)
	require.Len(t, got, 3)
	for _, o := range got {
		require.Equal(t, outbox.Outcome{Fate: outbox.Later, Reason: "mail: transient failure at connect"}, o)
	}
}

func TestReading(t *testing.T) {
	e := setUp(t)
	mother, father := e.parent(t, e.A), e.parent(t, e.A)
	var events []ids.ID
	for range 35 {
		events = append(events, e.event(t, e.A))
		e.tellAbout(t, e.A, notificationstest.Calm, events[len(events)-1], mother.ID, father.ID)
		time.Sleep(time.Millisecond) // ids sort by the millisecond
	}
	first, err := e.s.List(mother.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.Len(t, first.Lines, 30)
	second, err := e.s.List(mother.Ctx(), first.Older)
	require.NoError(t, err)
	require.Len(t, second.Lines, 5)
	require.Equal(t, ids.Nil, second.Older)
	seen := map[ids.ID]bool{}
	for _, l := range append(first.Lines, second.Lines...) {
		require.False(t, seen[l.ID])
		seen[l.ID] = true
	}
	unread := func(who identitytest.Someone) int {
		n, err := e.s.UnreadCount(who.Ctx())
		require.NoError(t, err)
		return n.Bell
	}
	require.Equal(t, 35, unread(mother))
	path, err := e.s.Read(mother.Ctx(), first.Lines[0].ID)
	require.NoError(t, err)
	require.Equal(t, "/dagboek/"+events[34].String(), path)
	require.Equal(t, 34, unread(mother))
	_, err = e.s.Read(father.Ctx(), first.Lines[1].ID)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "somebody else's")
	_, err = e.s.Read(mother.Ctx(), ids.New())
	require.Equal(t, fault.Missing, fault.CodeOf(err), "nobody's")
	require.NoError(t, e.s.ReadAll(mother.Ctx()))
	require.Zero(t, unread(mother))
	require.Equal(t, 35, unread(father))
	require.Zero(t, unread(e.parent(t, e.B)))
}

// as gives the same person signed in with another role.
func as(who identitytest.Someone, role actor.Role) context.Context {
	who.Role = role
	return who.Ctx()
}

func TestEachRoleHasItsOwnBell(t *testing.T) {
	e := setUp(t)
	work := e.news.Item()
	work.Name, work.For = "work", notifications.Staff
	e.s.Offer(work)
	sanne := e.parent(t, e.A, identitytest.Role(actor.Staff))
	parent, staff := as(sanne, actor.Parent), as(sanne, actor.Staff)
	tell := func(item string) {
		event := e.event(t, e.A)
		require.NoError(t, e.DB.Write(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Writer) error {
			return e.s.Notify(ctx, tx, notifications.News{EventID: event, Item: item, SubjectID: event, Recipients: []ids.ID{sanne.ID}})
		}))
	}
	bell := func(ctx context.Context) (n int) {
		t.Helper()
		counts, err := e.s.UnreadCount(ctx)
		require.NoError(t, err)
		n = counts.Bell
		list, err := e.s.List(ctx, ids.Nil)
		require.NoError(t, err)
		unread := 0
		for _, line := range append(list.Waiting, list.Lines...) {
			if line.Unread {
				unread++
			}
		}
		require.Equal(t, n, unread, "the bell counts what the list shows")
		require.Equal(t, n > 0, list.Unread)
		return n
	}
	for range 2 {
		tell(notificationstest.Item)
	}
	require.Equal(t, []int{2, 0}, []int{bell(parent), bell(staff)})
	tell("work")
	require.Equal(t, []int{2, 1}, []int{bell(parent), bell(staff)})
	require.Equal(t, 1, bell(as(sanne, actor.Manager)), "whoever works here hears of work")

	require.NoError(t, e.s.ReadAll(staff))
	require.Equal(t, []int{2, 0}, []int{bell(parent), bell(staff)})
	list, err := e.s.List(parent, ids.Nil)
	require.NoError(t, err)
	_, err = e.s.Read(staff, list.Waiting[0].ID)
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	_, err = e.s.Read(parent, list.Waiting[0].ID)
	require.NoError(t, err)
	require.Equal(t, []int{1, 0}, []int{bell(parent), bell(staff)})
}

func TestOldNotificationsAreForgotten(t *testing.T) {
	e := setUp(t)
	mother := e.parent(t, e.A)
	e.tell(t, e.A, e.event(t, e.A), mother.ID)
	e.Clock.Advance(399 * 24 * time.Hour)
	require.NoError(t, e.s.Forget(tenants.With(context.Background(), e.A)))
	n, err := e.s.UnreadCount(mother.Ctx())
	require.NoError(t, err)
	require.Equal(t, 1, n.Bell)
	e.Clock.Advance(2 * 24 * time.Hour)
	require.NoError(t, e.s.Forget(tenants.With(context.Background(), e.A)))
	n, err = e.s.UnreadCount(mother.Ctx())
	require.NoError(t, err)
	require.Zero(t, n.Bell)
}

func TestSwitchingMailOffFromAMail(t *testing.T) {
	e := setUp(t)
	mother, stranger := e.parent(t, e.A), e.parent(t, e.B)
	e.tell(t, e.A, e.event(t, e.A), mother.ID)
	e.deliver(t, e.A)
	_, token, ok := strings.Cut(e.post.sent[0].ListUnsubscribe, "/afmelden/")
	require.True(t, ok)
	inA, inB := tenants.With(context.Background(), e.A), tenants.With(context.Background(), e.B)

	label, err := e.s.Unsubscribing(inA, token)
	require.NoError(t, err)
	require.Equal(t, "notifications.title", label)
	wantsMail := func(who identitytest.Someone) bool {
		chosen, err := e.s.Preferences(who.Ctx())
		require.NoError(t, err)
		require.Equal(t, notificationstest.Item, chosen[0].Item)
		return chosen[0].Mail
	}
	require.True(t, wantsMail(mother), "looking changes nothing")

	for name, forged := range map[string]string{
		"nothing": "", "no item": strings.TrimPrefix(token, "test"), "another item": "photos" + strings.TrimPrefix(token, "test"),
		"cut short": token[:len(token)-2], "longer": token + "AA", "another letter": swap(token, 8), "another seal": swap(token, len(token)-4),
	} {
		_, err := e.s.Unsubscribe(inA, forged)
		require.Equal(t, fault.Missing, fault.CodeOf(err), name)
	}
	_, err = e.s.Unsubscribe(inB, token)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "another organisation")
	require.True(t, wantsMail(mother))
	require.True(t, wantsMail(stranger))

	for range 2 {
		_, err = e.s.Unsubscribe(inA, token)
		require.NoError(t, err)
		require.False(t, wantsMail(mother))
	}
	require.NoError(t, e.s.SetWanted(mother.Ctx(), notifications.MailChannel, map[string]bool{notificationstest.Item: true}))
	require.True(t, wantsMail(mother))
	require.Equal(t, fault.Missing, fault.CodeOf(e.s.SetWanted(mother.Ctx(), notifications.MailChannel, map[string]bool{"nonsense": false})))
	require.Equal(t, fault.Missing, fault.CodeOf(e.s.SetWanted(inA, notifications.MailChannel, map[string]bool{notificationstest.Item: false})), "a visitor")
}

// swap changes the character at i.
func swap(s string, i int) string {
	c := byte('A')
	if s[i] == c {
		c = 'B'
	}
	return s[:i] + string(c) + s[i+1:]
}

func TestAKeyIsNeeded(t *testing.T) {
	_, err := notifications.New(nil, notifications.Config{})
	require.Error(t, err)
	_, err = notifications.New(nil, notifications.Config{Keys: [][]byte{[]byte("short")}})
	require.Error(t, err)
}

// R69: while it is replaced, a program of before push writes beside this one. What it names in ON CONFLICT must stay unique.
func TestAProgramOfBeforePushStillWritesDeliveries(t *testing.T) {
	e := setUp(t)
	mother := e.parent(t, e.A)
	event := e.event(t, e.A)
	for range 2 {
		require.NoError(t, e.DB.Write(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Writer) error {
			_, err := tx.NewRaw(`INSERT INTO delivery (tenant_id, id, event_id, person_id, channel, item, subject_id, queue, due_at) VALUES (?, ?, ?, ?, 'mail', ?, ?, 'normal', ?)
				ON CONFLICT (tenant_id, event_id, person_id, channel) DO NOTHING`, e.A.ID, ids.New(), event, mother.ID, notificationstest.Item, ids.New(), tx.Now()).Exec(ctx)
			return err
		}))
	}
	e.tell(t, e.A, event, mother.ID)
	var rows int
	require.NoError(t, e.Owner(t).QueryRow(context.Background(), "SELECT count(*) FROM delivery WHERE tenant_id = $1 AND kind = 'mail'", e.A.ID).Scan(&rows))
	require.Equal(t, 1, rows, "and both programs know each other's rows")
}
