package mailcatcher_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"ouderportaal/internal/mailcatcher"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, config mailcatcher.Config) *mailcatcher.Catcher {
	t.Helper()
	catcher, err := mailcatcher.Start(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, catcher.Close()) })
	return catcher
}

const nasty = `<html><head></head><body><script>alert(1)</script><a href="https://bathmen.example/wachtwoord/x">Kies</a></body></html>`

func send(t *testing.T, catcher *mailcatcher.Catcher, to, subject string) {
	t.Helper()
	content := "From: Bathmen <noreply@o.example>\r\nTo: " + to + "\r\nSubject: " + subject + "\r\nMessage-ID: <1@o.example>\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nZie https://bathmen.example/wachtwoord/x?a=1&b=2.\r\nEn <b>dit</b>\r\n" +
		"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + nasty + "\r\n--b--\r\n"
	require.NoError(t, smtp.SendMail(catcher.Addr(), nil, "noreply@o.example", []string{to}, []byte(content)))
}

func TestMailsSurviveARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	first, err := mailcatcher.Start(mailcatcher.Config{Dir: dir, Keep: 3})
	require.NoError(t, err)
	for n := range 5 {
		send(t, first, fmt.Sprintf("ouder%d@x.example", n), "Nieuws")
	}
	require.NoError(t, first.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes.eml"), []byte("not ours"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "17.eml"), []byte("Return-Path: <cut"), 0o600))

	again := start(t, mailcatcher.Config{Dir: dir, Keep: 3})
	require.Equal(t, map[string]int{"ouder2@x.example": 1, "ouder3@x.example": 1, "ouder4@x.example": 1}, again.Recipients(), "the newest three")
	before := again.Messages()[2]
	require.Equal(t, "Nieuws", before.Parsed().Subject)
	require.Equal(t, "noreply@o.example", before.From)
	send(t, again, "ouder5@x.example", "Later")
	require.Equal(t, "ouder5@x.example", again.Messages()[2].To, "newer than those of the earlier run")
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	require.NoError(t, err)
	require.Len(t, files, 5, "three kept, two that are not ours")
	require.NoError(t, again.Clear())
	require.Empty(t, again.Messages())
}

func TestAwaitSeesMailsArrive(t *testing.T) {
	catcher := start(t, mailcatcher.Config{})
	go send(t, catcher, "a@x.example", "1")
	require.True(t, catcher.Await(5*time.Second, func(c *mailcatcher.Catcher) bool { return len(c.To("A@x.example")) == 1 }))
	require.False(t, catcher.Await(10*time.Millisecond, func(c *mailcatcher.Catcher) bool { return c.Count() == 2 }))
}

func get(t *testing.T, server *httptest.Server, path string) (*http.Response, string) {
	t.Helper()
	answer, err := server.Client().Get(server.URL + path)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer, string(body)
}

func TestInbox(t *testing.T) {
	catcher := start(t, mailcatcher.Config{})
	server := httptest.NewServer(catcher.Handler())
	defer server.Close()

	_, page := get(t, server, "/")
	require.Contains(t, page, "No mail yet")
	send(t, catcher, "anna@x.example", "Hoi <b>Anna</b>")
	send(t, catcher, "bram@x.example", "Hoi Bram")
	_, page = get(t, server, "/")
	require.Contains(t, page, `http-equiv="refresh"`)
	require.Contains(t, page, "Hoi &lt;b&gt;Anna&lt;/b&gt;")
	require.Less(t, strings.Index(page, "bram@"), strings.Index(page, "anna@"), "newest first")
	_, page = get(t, server, "/?to=ANNA")
	require.Contains(t, page, "1 of 2 mails")
	require.NotContains(t, page, "bram@")

	mail := fmt.Sprintf("/m/%d", catcher.Messages()[0].ID)
	answer, page := get(t, server, mail)
	require.Contains(t, page, `<a href="https://bathmen.example/wachtwoord/x?a=1&amp;b=2">https://bathmen.example/wachtwoord/x?a=1&amp;b=2</a>.`)
	require.Contains(t, page, "&lt;b&gt;dit&lt;/b&gt;")
	require.Contains(t, page, `sandbox="allow-popups allow-popups-to-escape-sandbox"`)
	require.Contains(t, answer.Header.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'")

	answer, page = get(t, server, mail+"/html")
	require.Contains(t, page, `<head><base target="_blank">`)
	policy := answer.Header.Get("Content-Security-Policy")
	require.Contains(t, policy, "sandbox allow-popups")
	require.NotContains(t, policy, "allow-scripts")
	require.NotContains(t, policy, "script-src")

	answer, page = get(t, server, mail+"/raw")
	require.Equal(t, "text/plain; charset=utf-8", answer.Header.Get("Content-Type"))
	require.Contains(t, page, "Message-ID: <1@o.example>")

	answer, _ = get(t, server, "/m/1")
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
	answer, _ = get(t, server, "/m/../../etc/passwd")
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
}

func TestInboxAnswersOnThisMachineOnly(t *testing.T) {
	catcher := start(t, mailcatcher.Config{})
	send(t, catcher, "anna@x.example", "Geheim")
	ask := func(method, host, site string) int {
		request := httptest.NewRequest(method, "/", nil)
		if method == http.MethodPost {
			request = httptest.NewRequest(method, "/clear", nil)
		}
		request.Host = host
		if site != "" {
			request.Header.Set("Sec-Fetch-Site", site)
		}
		answer := httptest.NewRecorder()
		catcher.Handler("mail.demo.example").ServeHTTP(answer, request)
		return answer.Code
	}
	for host, want := range map[string]int{
		"localhost:8025": 200, "mail.ouderportaal.localhost": 200, "127.0.0.1:8025": 200, "[::1]:8025": 200, "mail.demo.example": 200,
		"evil.example": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example:80": 421, "": 421, "10.0.0.8": 421,
	} {
		require.Equal(t, want, ask("GET", host, ""), host)
	}
	require.Equal(t, http.StatusForbidden, ask("POST", "localhost", "cross-site"))
	require.Equal(t, http.StatusForbidden, ask("POST", "localhost", "same-site"))
	require.Len(t, catcher.Messages(), 1)
	require.Equal(t, http.StatusSeeOther, ask("POST", "localhost", "same-origin"))
	require.Empty(t, catcher.Messages())
}
