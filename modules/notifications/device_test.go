package notifications_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// R27, R50: whoever is signed out, in whatever way, is told nothing any more at that device.
func TestWhoeverIsSignedOutLeavesNoDevice(t *testing.T) {
	e := setUpPush(t)
	at := tenants.With(context.Background(), e.A)
	ends := map[string]func(identitytest.Someone, phone) error{
		"signs out":  func(_ identitytest.Someone, p phone) error { return e.identity.SignOut(at, p.token) },
		"leaves all": func(_ identitytest.Someone, p phone) error { return e.identity.LeaveAll(at, p.token, "") },
		"is deactivated": func(who identitytest.Someone, _ phone) error {
			return e.identity.Deactivate(actor.With(at, actor.ForSystem(e.A.ID)), who.ID)
		},
		"gets another password": func(who identitytest.Someone, _ phone) error {
			return e.identity.SetPassword(at, who.ID, "een heel andere zin van vijf woorden")
		},
		"ends the session as such": func(_ identitytest.Someone, p phone) error {
			return e.identity.EndSession(p.ctx, actor.From(p.ctx).SessionID)
		},
		"is ended by hand": func(who identitytest.Someone, _ phone) error {
			_, err := e.owner.Exec(at, "UPDATE session SET ended_at = now() WHERE person_id = $1", who.ID)
			return err
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			who := e.mother(t)
			p := e.phone(t, who)
			e.tellOf(t, notificationstest.Item, ids.New(), who.ID)
			if name == "is ended by hand" { // the owner of the tables is held to row-level security too
				_, err := e.owner.Exec(at, "SELECT set_config('app.tenant_id', $1, false)", e.A.ID.String())
				require.NoError(t, err)
			}
			require.NoError(t, end(who, p))
			require.Empty(t, e.devices(t, who.Ctx()))
			for _, o := range e.push(t, false) {
				require.Equal(t, outbox.Outcome{Fate: outbox.Dropped, Reason: "device gone"}, o)
			}
			require.Empty(t, e.service.Messages(p.ID))
			require.Equal(t, fault.Unauthenticated, fault.CodeOf(e.s.Subscribe(p.ctx, p.describes())), "and brings none")
		})
	}
	t.Run("but signing in anew in the same browser keeps it", func(t *testing.T) {
		who := e.mother(t)
		p := e.phone(t, who)
		e.Clock.Advance(15 * 24 * time.Hour) // nobody used the session for so long: the password is asked again
		later, token := e.signIn(t, who, p.token)
		require.Len(t, e.devices(t, later), 1)
		require.True(t, e.devices(t, later)[0].Current(actor.From(later)))
		e.tellOf(t, notificationstest.Item, ids.New(), who.ID)
		e.push(t, false)
		require.Len(t, e.service.Messages(p.ID), 1)
		require.NoError(t, e.identity.SignOut(at, token))
		require.Empty(t, e.devices(t, later))
	})
	t.Run("and who works here has none once their session ended by time", func(t *testing.T) {
		staff := identitytest.NewPerson(t, e.Env, e.A, identitytest.Role(actor.Staff))
		visit, err := e.identity.Resolve(at, identitytest.SignedIn(t, e.Env, staff).Value)
		require.NoError(t, err)
		p := phone{Browser: e.service.NewBrowser(), ctx: actor.With(at, visit.Actor)}
		require.NoError(t, e.s.Subscribe(p.ctx, p.describes()))
		device := e.devices(t, p.ctx)[0].ID
		require.NoError(t, e.s.Try(p.ctx, device))
		require.Equal(t, outbox.Sent, e.push(t, false)[device].Fate)
		require.NoError(t, e.s.Try(p.ctx, device))
		require.Equal(t, outbox.Outcome{Fate: outbox.Dropped, Reason: "device gone"}, e.later(t, time.Hour+time.Second)[device])
		require.Len(t, e.service.Messages(p.ID), 1)
	})
	t.Run("and somebody else who signs in there does not get it", func(t *testing.T) {
		who, stranger := e.mother(t), e.mother(t)
		p := e.phone(t, who)
		e.signIn(t, stranger, p.token)
		require.Empty(t, e.devices(t, who.Ctx()))
		require.Empty(t, e.devices(t, stranger.Ctx()))
	})
}

// A hundred times signing out races with switching on.
func TestSignOutWinsFromSwitchingOn(t *testing.T) {
	e := setUpPush(t)
	who := e.mother(t)
	b := e.service.NewBrowser()
	for range 100 {
		cookie := identitytest.SignedIn(t, e.Env, who)
		visit, err := e.identity.Resolve(tenants.With(context.Background(), e.A), cookie.Value)
		require.NoError(t, err)
		p := phone{Browser: b, ctx: actor.With(tenants.With(context.Background(), e.A), visit.Actor)}
		var pair sync.WaitGroup
		pair.Go(func() { _ = e.s.Subscribe(p.ctx, p.describes()) })
		pair.Go(func() { _ = e.identity.SignOut(p.ctx, cookie.Value) })
		pair.Wait()
		require.Empty(t, e.devices(t, p.ctx))
	}
}

func TestDevicesAreOnesOwn(t *testing.T) {
	e := setUpPush(t)
	mother, other := e.mother(t), e.mother(t)
	mine, theirs := e.phone(t, mother), e.phone(t, other)
	list := e.devices(t, mine.ctx)
	require.Len(t, list, 1)
	require.Equal(t, "Safari · iPhone", list[0].Name)
	foreign := e.devices(t, theirs.ctx)[0].ID
	elsewhere := identitytest.NewPerson(t, e.Env, e.B, identitytest.Role(actor.Parent))
	for _, id := range []ids.ID{foreign, ids.New()} {
		for _, err := range []error{e.s.Rename(mine.ctx, id, "Telefoon"), e.s.Remove(mine.ctx, id), e.s.Try(mine.ctx, id), e.s.Remove(elsewhere.Ctx(), list[0].ID), e.s.Try(elsewhere.Ctx(), list[0].ID)} {
			require.Equal(t, fault.NotFound().Key, faultKey(err))
		}
	}
	require.NoError(t, e.s.Rename(mine.ctx, list[0].ID, "  Telefoon\x07  van\nmij "))
	require.Equal(t, "Telefoon van mij", e.devices(t, mine.ctx)[0].Name)
	for _, wrong := range []string{"", "  ", strings.Repeat("a", 61)} {
		require.Equal(t, fault.Invalid, fault.CodeOf(e.s.Rename(mine.ctx, list[0].ID, wrong)))
	}

	t.Run("tried once at a time", func(t *testing.T) {
		require.NoError(t, e.s.Try(mine.ctx, list[0].ID))
		require.NoError(t, e.s.Try(mine.ctx, list[0].ID))
		e.push(t, false)
		got := e.service.Messages(mine.ID)
		require.Len(t, got, 1)
		require.Contains(t, string(got[0].Payload), "Zo ziet een melding eruit")
		require.Equal(t, "300", got[0].TTL)
	})
	t.Run("switched on again, the same one", func(t *testing.T) {
		require.NoError(t, e.s.Subscribe(mine.ctx, mine.describes()))
		require.Equal(t, list[0].ID, e.devices(t, mine.ctx)[0].ID)
		require.Equal(t, "Telefoon van mij", e.devices(t, mine.ctx)[0].Name)
	})
	t.Run("moved by its push service", func(t *testing.T) {
		moved := phone{Browser: e.service.NewBrowser()}
		require.Equal(t, fault.Missing, fault.CodeOf(e.s.Renew(mine.ctx, theirs.Endpoint, moved.describes())))
		require.Equal(t, fault.Missing, fault.CodeOf(e.s.Renew(theirs.ctx, mine.Endpoint, moved.describes())))
		require.NoError(t, e.s.Renew(mine.ctx, mine.Endpoint, moved.describes()))
		require.Equal(t, moved.Endpoint, e.devices(t, mine.ctx)[0].Endpoint)
		second := e.phone(t, mother)
		require.NoError(t, e.s.Renew(mine.ctx, moved.Endpoint, second.describes()), "to where another session of the same browser was")
		require.NoError(t, e.s.Renew(mine.ctx, second.Endpoint, moved.describes()))
		require.Len(t, e.devices(t, mine.ctx), 1)
		require.Equal(t, list[0].ID, e.devices(t, mine.ctx)[0].ID)
	})
	t.Run("removed", func(t *testing.T) {
		require.NoError(t, e.s.Remove(mine.ctx, list[0].ID))
		require.Empty(t, e.devices(t, mine.ctx))
		require.Len(t, e.devices(t, theirs.ctx), 1)
	})
	t.Run("two people in one browser have one each", func(t *testing.T) {
		father := e.mother(t)
		p := phone{Browser: theirs.Browser}
		p.ctx, p.token = e.signIn(t, father, "")
		require.NoError(t, e.s.Subscribe(p.ctx, p.describes()))
		require.Len(t, e.devices(t, p.ctx), 1)
		require.Len(t, e.devices(t, theirs.ctx), 1)
	})
	t.Run("and twenty at most", func(t *testing.T) {
		many := e.mother(t)
		for range 20 {
			visit, err := e.identity.Resolve(tenants.With(context.Background(), e.A), identitytest.SignedIn(t, e.Env, many).Value)
			require.NoError(t, err)
			p := phone{Browser: e.service.NewBrowser()}
			require.NoError(t, e.s.Subscribe(actor.With(tenants.With(context.Background(), e.A), visit.Actor), p.describes()))
		}
		p := phone{Browser: e.service.NewBrowser()}
		p.ctx, p.token = e.signIn(t, many, "")
		require.Equal(t, "notifications.devices.too_many", faultKey(e.s.Subscribe(p.ctx, p.describes())))
		require.Len(t, e.devices(t, p.ctx), 20)
	})
}

func faultKey(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Key
	}
	return ""
}

func TestWhatNoBrowserGivesIsRefused(t *testing.T) {
	e := setUpPush(t)
	p := phone{Browser: e.service.NewBrowser()}
	p.ctx, p.token = e.signIn(t, e.mother(t), "")
	good := p.describes()
	for name, wrong := range map[string]notifications.Subscription{
		"inside": {Endpoint: "https://169.254.169.254/latest", P256dh: good.P256dh, Auth: good.Auth}, "plain": {Endpoint: "http://fcm.googleapis.com/x", P256dh: good.P256dh, Auth: good.Auth},
		"anywhere": {Endpoint: "https://evil.example/x", P256dh: good.P256dh, Auth: good.Auth}, "long": {Endpoint: e.service.URL() + "/" + strings.Repeat("a", 2000), P256dh: good.P256dh, Auth: good.Auth},
		"no key": {Endpoint: good.Endpoint, Auth: good.Auth}, "no secret": {Endpoint: good.Endpoint, P256dh: good.P256dh}, "no curve": {Endpoint: good.Endpoint, P256dh: strings.Repeat("A", 87), Auth: good.Auth},
	} {
		require.Equal(t, "notifications.devices.refused", faultKey(e.s.Subscribe(p.ctx, wrong)), name)
		require.Equal(t, "notifications.devices.refused", faultKey(e.s.Renew(p.ctx, good.Endpoint, wrong)), name)
	}
	require.Empty(t, e.devices(t, p.ctx))
	require.NoError(t, e.s.Subscribe(p.ctx, good))
}
