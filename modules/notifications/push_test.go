package notifications_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/pushcatcher"
	"ouderportaal/internal/webpush"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

type pushEnv struct {
	gatheringEnv
	service  *pushcatcher.Catcher
	identity *identity.Service
}

func setUpPush(t *testing.T) pushEnv {
	e := pushEnv{gatheringEnv: gatheringEnv{env: &env{Env: dbtest.New(t), post: &postbox{}}}}
	e.owner = e.Owner(t)
	e.identity = identity.New(e.DB, identity.Config{Keys: identitytest.Keys})
	var err error
	e.service, err = pushcatcher.Start(e.Clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.service.Close()) })
	e.s, e.news = notificationstest.New(t, e.DB, e.post, func(c *notifications.Config) { c.Gather, c.Push = 10*time.Minute, e.sender(t, 1) })
	return e
}

// sender signs with the first of keys.
func (e pushEnv) sender(t *testing.T, keys ...byte) *webpush.Sender {
	t.Helper()
	config := webpush.Config{Contact: "mailto:beheer@ouderportaal.example", Clock: e.Clock, Sink: e.service.URL(), SinkCA: e.service.CA()}
	for _, b := range keys {
		key, err := webpush.NewKey(bytes.Repeat([]byte{b}, webpush.KeyBytes))
		require.NoError(t, err)
		config.Keys = append(config.Keys, key)
	}
	sender, err := webpush.New(config)
	require.NoError(t, err)
	t.Cleanup(sender.Close)
	return sender
}

// phone is a browser in which somebody is signed in.
type phone struct {
	pushcatcher.Browser
	ctx   context.Context
	token string
}

func (p phone) describes() notifications.Subscription {
	return notifications.Subscription{Endpoint: p.Endpoint, P256dh: base64.RawURLEncoding.EncodeToString(p.P256dh), Auth: base64.RawURLEncoding.EncodeToString(p.Auth)}
}

// signIn opens a session in a new browser.
func (e pushEnv) signIn(t *testing.T, who identitytest.Someone, before string) (context.Context, string) {
	t.Helper()
	signed, err := e.identity.SignIn(tenants.With(context.Background(), who.Tenant), identity.Credentials{Email: who.Email, Password: identitytest.Password, Device: "Safari · iPhone", Before: before})
	require.NoError(t, err)
	return actor.With(tenants.With(context.Background(), who.Tenant), signed.Actor), signed.Token
}

// phone signs somebody in and switches push on.
func (e pushEnv) phone(t *testing.T, who identitytest.Someone) phone {
	t.Helper()
	p := phone{Browser: e.service.NewBrowser()}
	p.ctx, p.token = e.signIn(t, who, "")
	require.NoError(t, e.s.Subscribe(p.ctx, p.describes()))
	return p
}

func (e pushEnv) mother(t *testing.T, options ...identitytest.Option) identitytest.Someone {
	return e.parent(t, e.A, append(options, identitytest.WithPassword())...)
}

// push does what a worker does with the pushes that are due, and gives the outcomes by device. lost is a worker that dies before it
// writes them down.
func (e pushEnv) push(t *testing.T, lost bool) map[ids.ID]outbox.Outcome {
	t.Helper()
	rows, err := e.owner.Query(context.Background(), `SELECT id, tenant_id, event_id, person_id, subject_id, device_id, item FROM delivery
		WHERE tenant_id = $1 AND kind = 'push' AND state = 'waiting' AND due_at <= $2 ORDER BY id`, e.A.ID, e.Clock.Now())
	require.NoError(t, err)
	var batch []outbox.Delivery
	for rows.Next() {
		d := outbox.Delivery{Attempt: 1}
		require.NoError(t, rows.Scan(&d.ID, &d.TenantID, &d.EventID, &d.PersonID, &d.SubjectID, &d.DeviceID, &d.Item))
		batch = append(batch, d)
	}
	require.NoError(t, rows.Err())
	got := map[ids.ID]outbox.Outcome{}
	ctx := actor.With(tenants.With(context.Background(), e.A), actor.ForSystem(e.A.ID))
	require.NoError(t, e.s.PushDelivery()[0].Send(ctx, batch, func(d outbox.Delivery, o outbox.Outcome) {
		got[d.DeviceID] = o
		if lost {
			return
		}
		state, due := string(o.Fate), e.Clock.Now()
		switch o.Fate {
		case outbox.Held:
			state, due = "waiting", o.Until
		case outbox.Later:
			state, due = "waiting", due.Add(max(o.After, 10*time.Second))
		}
		_, err := e.owner.Exec(ctx, "UPDATE delivery SET state = $3, due_at = $4, last_error = $5 WHERE tenant_id = $1 AND id = $2", e.A.ID, d.ID, state, due, o.Reason)
		require.NoError(t, err)
	}))
	return got
}

func (e pushEnv) later(t *testing.T, d time.Duration) map[ids.ID]outbox.Outcome {
	e.Clock.Advance(d)
	return e.push(t, false)
}

func (e pushEnv) devices(t *testing.T, ctx context.Context) []notifications.Device {
	t.Helper()
	list, err := e.s.Devices(ctx)
	require.NoError(t, err)
	return list
}

func TestADeviceShowsThatThereIsNewsAndNotWhat(t *testing.T) {
	e := setUpPush(t)
	mother, other := e.mother(t, identitytest.Named("Sanne", "de Wit")), e.mother(t)
	phone, tablet, foreign := e.phone(t, mother), e.phone(t, mother), e.phone(t, other)
	subject := ids.New()
	e.tellOf(t, notificationstest.Item, subject, mother.ID)
	e.push(t, false)
	for _, at := range []string{phone.ID, tablet.ID} {
		got := e.service.Messages(at)
		require.Len(t, got, 1, e.service.Refused())
		var said struct {
			WebPush      int `json:"web_push"`
			Notification map[string]string
		}
		require.NoError(t, json.Unmarshal(got[0].Payload, &said))
		require.Equal(t, 8030, said.WebPush, "what Safari shows without a service worker")
		home := "https://" + e.A.Slug + ".ouderportaal.test"
		require.Equal(t, map[string]string{"title": "Nieuw bericht van je opvang", "body": e.A.Name, "lang": "nl", "navigate": home + "/dagboek/" + subject.String(),
			"tag": got[0].Topic, "icon": home + "/app-icoon/192.png"}, said.Notification)
		require.NotContains(t, string(got[0].Payload), "Sanne")
		require.Equal(t, []string{"normal", "86400"}, []string{got[0].Urgency, got[0].TTL})
		require.Len(t, got[0].Topic, 32)
		require.NotContains(t, got[0].Topic, subject.String()[:8])
	}
	require.Empty(t, e.service.Messages(foreign.ID))

	t.Run("each once, whoever runs again", func(t *testing.T) {
		require.Empty(t, e.push(t, false))
		event := e.event(t, e.A)
		e.tell(t, e.A, event, mother.ID)
		e.tell(t, e.A, event, mother.ID)
		require.Len(t, e.push(t, false), 2)
		require.Len(t, e.service.Messages(phone.ID), 2)
	})
	t.Run("and a worker that dies in between sends what takes the place of the first", func(t *testing.T) {
		e.tellOf(t, notificationstest.Item, ids.New(), mother.ID)
		e.push(t, true)
		e.push(t, false)
		got := e.service.Messages(phone.ID)
		require.Len(t, got, 4)
		require.Equal(t, got[2].Topic, got[3].Topic)
		require.NotEqual(t, got[1].Topic, got[2].Topic)
	})
	t.Run("in the language of its owner", func(t *testing.T) {
		english := e.mother(t, identitytest.Speaks("en"))
		at := e.phone(t, english)
		e.tellOf(t, notificationstest.Item, ids.New(), english.ID)
		e.push(t, false)
		require.Contains(t, string(e.service.Messages(at.ID)[0].Payload), "New message from your childcare")
	})
}

func TestWhoWantsNoPushOrMayNotKnowGetsNone(t *testing.T) {
	e := setUpPush(t)
	off, hidden, left := e.mother(t), e.mother(t), e.mother(t)
	phones := []phone{e.phone(t, off), e.phone(t, hidden), e.phone(t, left)}
	require.NoError(t, e.s.SetWanted(off.Ctx(), notifications.PushChannel, map[string]bool{notificationstest.Item: false}))
	e.news.Hide(hidden.ID)
	require.NoError(t, e.identity.EndMembership(tenants.With(context.Background(), e.A), left.Membership, e.A.DateOf(e.Clock.Now().AddDate(0, 0, -1))))
	e.tellOf(t, notificationstest.Item, ids.New(), off.ID, hidden.ID, left.ID)
	var reasons []string
	for _, o := range e.push(t, false) {
		require.Equal(t, outbox.Dropped, o.Fate)
		reasons = append(reasons, o.Reason)
	}
	require.ElementsMatch(t, []string{"switched off", "may not be told", "device gone"}, reasons)
	for _, p := range phones {
		require.Empty(t, e.service.Messages(p.ID))
	}
	choices, err := e.s.Preferences(off.Ctx())
	require.NoError(t, err)
	require.True(t, choices[0].Mail, "mail is another choice")
	require.False(t, choices[0].Push)
}

func TestNewsOfAnotherRoleStaysOffTheDevice(t *testing.T) {
	e := setUpPush(t)
	both := e.mother(t, identitytest.Role(actor.Staff), identitytest.WithApp())
	p := phone{Browser: e.service.NewBrowser()}
	waits, err := e.identity.SignIn(tenants.With(context.Background(), e.A), identity.Credentials{Email: both.Email, Password: identitytest.Password})
	require.NoError(t, err)
	signed, err := e.identity.Prove(tenants.With(context.Background(), e.A), identity.Proof{Wait: waits.Wait, Code: identitytest.Code(t, e.Env)})
	require.NoError(t, err)
	require.Equal(t, actor.Staff, signed.Actor.Role)
	p.ctx = actor.With(tenants.With(context.Background(), e.A), signed.Actor)
	require.NoError(t, e.s.Subscribe(p.ctx, p.describes()))
	require.NotEmpty(t, e.devices(t, p.ctx)[0].Name, "also for a browser that says nothing of itself")
	e.tellOf(t, notificationstest.Item, ids.New(), both.ID) // is for guardians
	for _, o := range e.push(t, false) {
		require.Equal(t, outbox.Outcome{Fate: outbox.Dropped, Reason: "device used in another role"}, o)
	}
	_, err = e.identity.SwitchRole(tenants.With(context.Background(), e.A), signed.Token, actor.Parent)
	require.NoError(t, err)
	e.tellOf(t, notificationstest.Item, ids.New(), both.ID)
	e.push(t, false)
	require.Len(t, e.service.Messages(p.ID), 1)
}

func TestPushKeepsQuietHoursAndGathers(t *testing.T) {
	e := setUpPush(t)
	mother := e.mother(t)
	phone, tablet := e.phone(t, mother), e.phone(t, mother)
	for range 3 {
		e.tellOf(t, notificationstest.Calm, ids.New(), mother.ID)
		e.work(t, false) // mail gathers beside it
		e.push(t, false)
	}
	require.Empty(t, e.service.Messages(phone.ID))
	e.later(t, 10*time.Minute)
	for _, at := range []string{phone.ID, tablet.ID} {
		got := e.service.Messages(at)
		require.Len(t, got, 1)
		require.Contains(t, string(got[0].Payload), "3 nieuwe berichten van je opvang")
		require.Contains(t, string(got[0].Payload), "/meldingen")
		require.Equal(t, "low", got[0].Urgency)
	}
	e.work(t, false)
	require.Len(t, e.post.sent, 1)

	now := e.Clock.Now().In(e.A.Location())
	require.NoError(t, e.s.SetRhythm(mother.Ctx(), notifications.Rhythm{DailyAt: "18:00", Quiet: true,
		QuietFrom: now.Add(-time.Hour).Format("15:04"), QuietUntil: now.Add(2 * time.Hour).Format("15:04")}))
	e.tellOf(t, notificationstest.Item, ids.New(), mother.ID)
	require.NoError(t, e.s.Try(phone.ctx, e.devices(t, phone.ctx)[1].ID))
	e.push(t, false)
	require.Len(t, e.service.Messages(tablet.ID), 1)
	require.Len(t, e.service.Messages(phone.ID), 2, "what one asks for comes at once")
	e.later(t, 119*time.Minute)
	require.Len(t, e.service.Messages(tablet.ID), 1)
	e.later(t, time.Minute)
	require.Len(t, e.service.Messages(tablet.ID), 2)
}

func TestWhatAPushServiceAnswers(t *testing.T) {
	e := setUpPush(t)
	mother := e.mother(t)
	p := e.phone(t, mother)
	device := e.devices(t, p.ctx)[0].ID
	answers := func(status int, header map[string]string) outbox.Outcome {
		e.service.Next(p.ID, pushcatcher.Answer{Status: status, Header: header})
		e.tellOf(t, notificationstest.Item, ids.New(), mother.ID)
		o := e.push(t, false)[device]
		_, err := e.owner.Exec(context.Background(), "DELETE FROM delivery WHERE tenant_id = $1", e.A.ID)
		require.NoError(t, err)
		return o
	}
	require.Equal(t, outbox.Outcome{Fate: outbox.Later, Reason: "push: answer 429", After: 2 * time.Minute}, answers(http.StatusTooManyRequests, map[string]string{"Retry-After": "120"}))
	require.Equal(t, "answer 429", e.devices(t, p.ctx)[0].Failure)
	require.Equal(t, outbox.Outcome{Fate: outbox.Later, Reason: "push: answer 500"}, answers(http.StatusInternalServerError, nil))
	require.Equal(t, outbox.Outcome{Fate: outbox.Dead, Reason: "push: answer 413"}, answers(http.StatusRequestEntityTooLarge, nil))
	require.Equal(t, outbox.Outcome{Fate: outbox.Dead, Reason: "push: answer 307"}, answers(http.StatusTemporaryRedirect, map[string]string{"Location": p.Endpoint}))
	require.Empty(t, e.service.Messages(p.ID), "a redirect is not followed")
	require.Len(t, e.devices(t, p.ctx), 1)

	e.tellOf(t, notificationstest.Item, ids.New(), mother.ID)
	e.push(t, false)
	require.Empty(t, e.devices(t, p.ctx)[0].Failure, "that is over")
	require.NotNil(t, e.devices(t, p.ctx)[0].UsedAt)

	require.Equal(t, outbox.Outcome{Fate: outbox.Dropped, Reason: "push: gone"}, answers(http.StatusGone, nil))
	require.Empty(t, e.devices(t, p.ctx))

	t.Run("or nothing: the others of the same service need not try", func(t *testing.T) {
		e.phone(t, mother)
		e.phone(t, mother)
		e.tellOf(t, notificationstest.Item, ids.New(), mother.ID)
		require.NoError(t, e.service.Close())
		for _, o := range e.push(t, false) {
			require.Equal(t, outbox.Outcome{Fate: outbox.Later, Reason: "push: not reached"}, o)
		}
	})
}

// R76: browsers keep to the key that they were told.
func TestAnotherKeyInFront(t *testing.T) {
	e := setUpPush(t)
	mother := e.mother(t)
	old := e.phone(t, mother)
	restart := func(keys ...byte) {
		e.s, e.news = notificationstest.New(t, e.DB, e.post, func(c *notifications.Config) { c.Push = e.sender(t, keys...) })
	}
	restart(2, 1)
	fresh := e.phone(t, mother)
	e.tellOf(t, notificationstest.Item, ids.New(), mother.ID)
	e.push(t, false)
	require.NotEqual(t, e.service.Messages(old.ID)[0].Key, e.service.Messages(fresh.ID)[0].Key)
	restart(2)
	e.tellOf(t, notificationstest.Item, ids.New(), mother.ID)
	var late []outbox.Outcome
	for _, o := range e.push(t, false) {
		if o.Fate != outbox.Sent {
			late = append(late, o)
		}
	}
	require.Equal(t, []outbox.Outcome{{Fate: outbox.Later, Reason: "push: key not known here"}}, late)
	require.Len(t, e.service.Messages(old.ID), 1)
	require.Len(t, e.service.Messages(fresh.ID), 2)
	require.Len(t, e.devices(t, fresh.ctx), 2, "a process that does not know the key yet, or any more, takes nobody's device away")
	restart(1, 2)
	e.later(t, time.Minute)
	require.Len(t, e.service.Messages(old.ID), 2, "one that knows it sends what waited")
	require.Empty(t, e.devices(t, old.ctx)[0].Failure+e.devices(t, old.ctx)[1].Failure)
}

func TestWithoutKeysThereIsNoPush(t *testing.T) {
	e := setUp(t)
	who := e.parent(t, e.A)
	require.Empty(t, e.s.PushDelivery())
	require.Empty(t, e.s.PushKey())
	for _, err := range []error{e.s.Subscribe(who.Ctx(), notifications.Subscription{}), e.s.Renew(who.Ctx(), "", notifications.Subscription{}), e.s.Try(who.Ctx(), ids.New())} {
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	}
}
