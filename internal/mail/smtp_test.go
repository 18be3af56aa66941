package mail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"ouderportaal/internal/mail"
	"ouderportaal/internal/mailcatcher"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func catch(t *testing.T, config mailcatcher.Config) *mailcatcher.Catcher {
	t.Helper()
	catcher, err := mailcatcher.Start(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, catcher.Close()) })
	return catcher
}

func sender(t *testing.T, config mail.Config) *mail.SMTP {
	t.Helper()
	config.From = mail.Address{Name: "Ouderportaal", Addr: "noreply@ouderportaal.example"}
	smtp, err := mail.NewSMTP(config)
	require.NoError(t, err)
	t.Cleanup(smtp.Close)
	return smtp
}

func message(n int) mail.Message {
	return mail.Message{
		From: mail.Address{Name: "Kinderopvang Bathmen"}, To: mail.Address{Name: "Noor de Vries", Addr: fmt.Sprintf("noor%d@gezin.example", n)},
		Subject: "Nieuwe foto’s", Text: "Hallo Noor", HTML: "<p>Hallo Noor</p>", MessageID: fmt.Sprintf("delivery-%d@ouderportaal.example", n),
		ListUnsubscribe: "https://bathmen.example/afmelden/abc",
	}
}

func messages(n int) (all []mail.Message) {
	for i := range n {
		all = append(all, message(i))
	}
	return all
}

func TestSendKeepsConnections(t *testing.T) {
	catcher := catch(t, mailcatcher.Config{})
	smtp := sender(t, mail.Config{URL: catcher.URL(), PerConnection: 100})
	for _, err := range smtp.Send(t.Context(), messages(150)) {
		require.NoError(t, err)
	}
	for _, err := range smtp.Send(t.Context(), messages(20)) {
		require.NoError(t, err)
	}
	require.Equal(t, 170, catcher.Count())
	require.Equal(t, 2, catcher.Sessions(), "one change at 100 mails, and the second call goes on with the kept connection")

	got := catcher.Messages()[0].Parsed()
	require.Equal(t, "Nieuwe foto’s", got.Subject)
	require.Equal(t, `"Kinderopvang Bathmen" <noreply@ouderportaal.example>`, got.From)
	require.Equal(t, "<delivery-0@ouderportaal.example>", got.MessageID)
	require.Equal(t, "Hallo Noor", strings.TrimSpace(got.Text))
	require.Contains(t, got.HTML, "<p>Hallo Noor</p>")
	require.Equal(t, "auto-generated", got.Header.Get("Auto-Submitted"))
	require.Equal(t, "<https://bathmen.example/afmelden/abc>", got.Header.Get("List-Unsubscribe"))
	require.Equal(t, "List-Unsubscribe=One-Click", got.Header.Get("List-Unsubscribe-Post"))
	require.Empty(t, got.Header.Get("User-Agent")+got.Header.Get("X-Mailer"))
}

func TestSendUsesAtMostItsConnections(t *testing.T) {
	catcher := catch(t, mailcatcher.Config{})
	catcher.Slow(20 * time.Millisecond)
	smtp := sender(t, mail.Config{URL: catcher.URL(), Connections: 2})
	var sending sync.WaitGroup
	for range 6 {
		sending.Go(func() { smtp.Send(t.Context(), messages(3)) })
	}
	sending.Wait()
	require.Equal(t, 18, catcher.Count())
	require.Equal(t, 2, catcher.Sessions())
}

func TestSendSortsFailures(t *testing.T) {
	catcher := catch(t, mailcatcher.Config{})
	smtp := sender(t, mail.Config{URL: catcher.URL()})
	catcher.DeferNext(1)
	catcher.Refuse("noor1@gezin.example", 550)
	results := smtp.Send(t.Context(), messages(4))

	var failure *mail.Failure
	require.ErrorAs(t, results[0], &failure)
	require.Equal(t, []any{false, 451, "recipient"}, []any{failure.Permanent, failure.Code, failure.Stage})
	require.ErrorAs(t, results[1], &failure)
	require.Equal(t, []any{true, 550, "5.1.1", "recipient"}, []any{failure.Permanent, failure.Code, failure.Enhanced, failure.Stage})
	require.NotContains(t, results[1].Error(), "noor1", "an error may be logged")
	require.ErrorContains(t, failure.Cause, "noor1", "and an administrator can see what the server said")
	require.NoError(t, results[2])
	require.NoError(t, results[3])
	require.Equal(t, 1, catcher.Sessions(), "a refusal does not cost the connection")
}

func TestSendAfterTheServerHungUp(t *testing.T) {
	catcher := catch(t, mailcatcher.Config{})
	smtp := sender(t, mail.Config{URL: catcher.URL()})
	require.NoError(t, smtp.Send(t.Context(), messages(1))[0])
	catcher.HangUpAll()
	time.Sleep(20 * time.Millisecond)
	require.NoError(t, smtp.Send(t.Context(), messages(1))[0], "a kept connection that was closed is replaced")
	require.Equal(t, 2, catcher.Count())

	catcher.HangUpNext(1)
	results := smtp.Send(t.Context(), messages(3))
	var failure *mail.Failure
	require.ErrorAs(t, results[0], &failure)
	require.Equal(t, []any{false, 0, "content"}, []any{failure.Permanent, failure.Code, failure.Stage}, "not known whether it arrived: not sent again by us")
	require.NoError(t, results[1])
	require.NoError(t, results[2])
	require.Equal(t, 4, catcher.Count())
}

func TestSendWithoutServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	results := sender(t, mail.Config{URL: "smtp://" + listener.Addr().String()}).Send(t.Context(), messages(3))
	for _, err := range results {
		require.Error(t, err)
		require.False(t, mail.IsPermanent(err))
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	t.Run("while a mail is on its way", func(t *testing.T) {
		catcher := catch(t, mailcatcher.Config{})
		catcher.Slow(2 * time.Second)
		requireQuick(t, sender(t, mail.Config{URL: catcher.URL()}))
	})
	t.Run("while the server does not greet", func(t *testing.T) {
		silent, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer silent.Close()
		requireQuick(t, sender(t, mail.Config{URL: "smtp://" + silent.Addr().String()}))
	})
}

func requireQuick(t *testing.T, smtp *mail.SMTP) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	for _, err := range smtp.Send(ctx, messages(3)) {
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.False(t, mail.IsPermanent(err))
	}
	require.Less(t, time.Since(began), time.Second)
}

func TestSendOverTLS(t *testing.T) {
	certificate, roots := authority(t)
	catcher := catch(t, mailcatcher.Config{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}, User: "portaal", Password: "geheim"})
	withUser := func(user string) string { return strings.Replace(catcher.URL(), "//", "//"+user+"@", 1) }

	require.NoError(t, sender(t, mail.Config{URL: withUser("portaal:geheim"), TLS: &tls.Config{RootCAs: roots}}).Send(t.Context(), messages(1))[0])
	require.Equal(t, 1, catcher.Count())

	for name, smtp := range map[string]*mail.SMTP{
		"unknown authority": sender(t, mail.Config{URL: withUser("portaal:geheim")}),
		"wrong password":    sender(t, mail.Config{URL: withUser("portaal:fout"), TLS: &tls.Config{RootCAs: roots}}),
	} {
		err := smtp.Send(t.Context(), messages(1))[0]
		require.Error(t, err, name)
		require.False(t, mail.IsPermanent(err), "%s: says nothing about the recipient", name)
	}
	plain := catch(t, mailcatcher.Config{User: "portaal", Password: "geheim", Record: true})
	err := sender(t, mail.Config{URL: strings.Replace(plain.URL(), "//", "//portaal:geheim@", 1)}).Send(t.Context(), messages(1))[0]
	require.Error(t, err)
	require.NotContains(t, plain.Transcript(), "AUTH PLAIN ", "no password goes over a line without TLS")
}

func authority(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func TestAddressOfTheServer(t *testing.T) {
	for url, wrong := range map[string]string{
		"smtp://user:pw@smtp.example": "", "smtps://user:pw@smtp.example:465": "", "smtp://127.0.0.1:1025": "", "smtp://[::1]:25": "",
		"smtp://mailbox:1025?tls=off":          "",
		"smtp://smtp.example:25?tls=off":       "host name without a dot",
		"smtp://user:pw@mailbox:1025?tls=off":  "without user",
		"smtps://smtp.example?tls=off":         "contradict",
		"smtp://smtp.example?tls=maybe":        "can only be off",
		"http://smtp.example":                  "must begin with smtp",
		"smtp://user@smtp.example":             "no password",
		"smtp://smtp.example:0":                "port",
		"smtp://":                              "must name a host",
		"smtp://smtp.example/path":             "nothing after",
		"smtp://us er:pw@smtp.example:geheim":  "not an address",
		"smtp://user:geh\x7feim@smtp.example/": "not an address",
	} {
		err := mail.CheckURL(url)
		if wrong == "" {
			require.NoError(t, err, url)
			continue
		}
		require.ErrorContains(t, err, wrong, url)
		require.NotContains(t, err.Error(), "geheim")
	}
}
