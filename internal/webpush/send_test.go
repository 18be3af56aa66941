package webpush_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/pushcatcher"
	"ouderportaal/internal/webpush"
)

type env struct {
	clock   *clock.Manual
	service *pushcatcher.Catcher
	sender  *webpush.Sender
	keys    []*webpush.Key
}

func start(t *testing.T) *env {
	t.Helper()
	e := &env{clock: clock.NewManual(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))}
	var err error
	e.service, err = pushcatcher.Start(e.clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.service.Close()) })
	for _, b := range []byte{1, 2} {
		key, err := webpush.NewKey(bytes.Repeat([]byte{b}, webpush.KeyBytes))
		require.NoError(t, err)
		e.keys = append(e.keys, key)
	}
	e.sender, err = webpush.New(webpush.Config{Keys: e.keys, Contact: "mailto:beheer@ouderportaal.example", Clock: e.clock, Sink: e.service.URL(), SinkCA: e.service.CA()})
	require.NoError(t, err)
	t.Cleanup(e.sender.Close)
	return e
}

func (e *env) browser() (string, webpush.Subscription) {
	b := e.service.NewBrowser()
	return b.ID, webpush.Subscription{Endpoint: b.Endpoint, P256dh: b.P256dh, Auth: b.Auth, ServerKey: e.sender.Public()}
}

var hello = webpush.Message{Payload: []byte(`{"web_push":8030}`), TTL: time.Hour, Topic: "groet", Urgency: webpush.Low}

func TestABrowserReadsWhatWasSentToIt(t *testing.T) {
	e := start(t)
	id, to := e.browser()
	require.NoError(t, e.sender.Check(to))
	require.NoError(t, e.sender.Send(t.Context(), to, hello), e.service.Refused())
	got := e.service.Messages(id)
	require.Len(t, got, 1)
	require.JSONEq(t, `{"web_push":8030}`, string(got[0].Payload))
	require.Equal(t, []string{"groet", "low", "3600", "mailto:beheer@ouderportaal.example"}, []string{got[0].Topic, got[0].Urgency, got[0].TTL, got[0].Contact})
	require.Less(t, got[0].Bytes, 4096)

	t.Run("also when the signature of before is old", func(t *testing.T) {
		e.clock.Advance(11*time.Hour + time.Minute)
		require.NoError(t, e.sender.Send(t.Context(), to, hello), e.service.Refused())
	})
	t.Run("signed with the key that it was told, and by no other", func(t *testing.T) {
		id, to := e.browser()
		to.ServerKey = e.keys[1].Public()
		require.NoError(t, e.sender.Send(t.Context(), to, hello))
		require.Equal(t, e.keys[1].Public(), e.service.Messages(id)[0].Key)
		to.ServerKey = bytes.Repeat([]byte{4}, 65)
		f := failure(t, e.sender.Send(t.Context(), to, hello))
		require.Equal(t, []bool{false, false, false}, []bool{f.Gone, f.Permanent, f.Connect}, "another process may know the key: later, and the browser stays")
	})
	t.Run("and nobody else", func(t *testing.T) {
		_, to := e.browser()
		_, other := e.browser()
		to.P256dh = other.P256dh
		require.True(t, failure(t, e.sender.Send(t.Context(), to, hello)).Permanent)
		require.Contains(t, strings.Join(e.service.Refused(), " "), "message authentication failed")
	})
}

func failure(t *testing.T, err error) *webpush.Failure {
	t.Helper()
	var f *webpush.Failure
	require.ErrorAs(t, err, &f)
	require.NotContains(t, f.Error(), "https")
	return f
}

func TestAnswersOfAPushService(t *testing.T) {
	e := start(t)
	id, to := e.browser()
	for _, c := range []struct {
		status    int
		header    map[string]string
		gone, end bool
		after     time.Duration
	}{
		{http.StatusGone, nil, true, false, 0}, {http.StatusNotFound, nil, true, false, 0},
		{http.StatusTooManyRequests, map[string]string{"Retry-After": "120"}, false, false, 2 * time.Minute},
		{http.StatusServiceUnavailable, map[string]string{"Retry-After": e.clock.Now().Add(time.Minute).Format(http.TimeFormat)}, false, false, time.Minute},
		{http.StatusBadGateway, map[string]string{"Retry-After": "99999999"}, false, false, 6 * time.Hour}, {http.StatusInternalServerError, map[string]string{"Retry-After": "-1"}, false, false, 0},
		{http.StatusRequestEntityTooLarge, nil, false, true, 0}, {http.StatusForbidden, nil, false, true, 0}, {http.StatusBadRequest, nil, false, true, 0},
		{http.StatusFound, map[string]string{"Location": to.Endpoint}, false, true, 0}, {http.StatusTemporaryRedirect, map[string]string{"Location": to.Endpoint}, false, true, 0},
	} {
		e.service.Next(id, pushcatcher.Answer{Status: c.status, Header: c.header})
		f := failure(t, e.sender.Send(t.Context(), to, hello))
		require.Equal(t, []bool{c.gone, c.end}, []bool{f.Gone, f.Permanent}, c.status)
		require.Equal(t, c.after, f.After, c.status)
	}
	require.Empty(t, e.service.Messages(id), "no redirect was followed")
	require.NoError(t, e.sender.Send(t.Context(), to, hello))

	t.Run("or none", func(t *testing.T) {
		require.NoError(t, e.service.Close())
		f := failure(t, e.sender.Send(t.Context(), to, hello))
		require.True(t, f.Connect)
		require.False(t, f.Permanent)
	})
	t.Run("or too much to send", func(t *testing.T) {
		require.True(t, failure(t, e.sender.Send(t.Context(), to, webpush.Message{Payload: make([]byte, webpush.MostPayload+1)})).Permanent)
	})
}

func TestOnlyPushServicesAreAsked(t *testing.T) {
	e := start(t)
	for _, good := range []string{"https://fcm.googleapis.com/fcm/send/abc", "https://updates.push.services.mozilla.com/wpush/v2/abc", "https://wns2-am3p.notify.windows.com/w/?token=abc",
		"https://web.push.apple.com/abc", "https://fcm.googleapis.com:443/fcm/send/abc", e.service.URL() + "/push/x"} {
		require.NoError(t, e.sender.CheckEndpoint(good), good)
	}
	for _, wrong := range []string{"", "http://fcm.googleapis.com/fcm/send/abc", "https://fcm.googleapis.com", "https://fcm.googleapis.com.evil.example/x", "https://evilfcm.googleapis.com/x", "https://a@fcm.googleapis.com/x",
		"https://fcm.googleapis.com:8443/x", "https://127.0.0.1/x", "https://127.0.0.1:1/x", "https://localhost/x", "https://[::1]/x", "https://169.254.169.254/latest", "https://.push.apple.com/x", "https://push.apple.com/x",
		"https://fcm.googleapis.com/x#y", "https://fcm.googleapis.com/x y", "https://fcm.googleapis.com/\nx", "//fcm.googleapis.com/x", "file:///etc/passwd", "https://fcm.googleapis.com/" + strings.Repeat("a", webpush.MostEndpoint)} {
		require.Error(t, e.sender.CheckEndpoint(wrong), wrong)
		_, to := e.browser()
		to.Endpoint = wrong
		require.True(t, failure(t, e.sender.Send(t.Context(), to, hello)).Gone, wrong)
	}
}

// A name that is allowed may lead anywhere: what is looked at is the address that would be called.
func TestANameThatLeadsInsideIsNotCalled(t *testing.T) {
	e := start(t)
	sender, err := webpush.New(webpush.Config{Keys: e.keys, Contact: "mailto:beheer@ouderportaal.example", Clock: e.clock})
	require.NoError(t, err)
	id, to := e.browser()
	f := failure(t, sender.SendAnywhere(t.Context(), to, hello))
	require.True(t, f.Permanent)
	require.Equal(t, "push: address not public", f.Error())
	require.Empty(t, e.service.Messages(id))
}

func TestKeys(t *testing.T) {
	_, err := webpush.New(webpush.Config{Contact: "mailto:x@example.org"})
	require.Error(t, err)
	for _, wrong := range [][]byte{nil, make([]byte, 32), bytes.Repeat([]byte{255}, 32), make([]byte, 31)} {
		_, err := webpush.NewKey(wrong)
		require.Error(t, err)
	}
}

func TestSendingEndsWithItsContext(t *testing.T) {
	e := start(t)
	_, to := e.browser()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := e.sender.Send(ctx, to, hello)
	require.True(t, errors.Is(err, context.Canceled), err)
}
