package mail_test

import (
	"bufio"
	"net/textproto"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ouderportaal/internal/mail"
	"ouderportaal/internal/mailcatcher"
)

// R49: what is typed never becomes a header, a recipient or a command.
func TestHeadersCannotBeBrokenOutOf(t *testing.T) {
	catcher := catch(t, mailcatcher.Config{Record: true})
	smtp := sender(t, mail.Config{URL: catcher.URL()})
	breaks := []string{"\r\n", "\n", "\r", "\x00", "\u2028", "\u0085", "\x0b", "\xff"}
	fields := map[string]func(m *mail.Message, text string){
		"subject":     func(m *mail.Message, text string) { m.Subject += text },
		"to name":     func(m *mail.Message, text string) { m.To.Name += text },
		"to address":  func(m *mail.Message, text string) { m.To.Addr += text },
		"from name":   func(m *mail.Message, text string) { m.From.Name += text },
		"from":        func(m *mail.Message, text string) { m.From.Addr = "a@b.example" + text },
		"reply to":    func(m *mail.Message, text string) { m.ReplyTo.Addr = "a@b.example" + text },
		"reply name":  func(m *mail.Message, text string) { m.ReplyTo = mail.Address{Name: "x" + text, Addr: "a@b.example"} },
		"message id":  func(m *mail.Message, text string) { m.MessageID += text },
		"unsubscribe": func(m *mail.Message, text string) { m.ListUnsubscribe += text },
		"header":      func(m *mail.Message, text string) { m.Headers = map[string]string{"X-Test": "a" + text} },
		"header name": func(m *mail.Message, text string) { m.Headers = map[string]string{"X-Test" + text: "a"} },
	}
	for name, put := range fields {
		for _, lineBreak := range breaks {
			m := message(1)
			put(&m, lineBreak+"Bcc: dief@evil.example"+lineBreak+"RCPT TO:<dief@evil.example>")
			err := smtp.Send(t.Context(), []mail.Message{m})[0]
			require.Error(t, err, "%s with %q", name, lineBreak)
			require.True(t, mail.IsPermanent(err))
		}
	}
	require.NotContains(t, catcher.Transcript(), "evil")
	require.Zero(t, catcher.Count())
}

func TestOneRecipientEach(t *testing.T) {
	for _, addr := range []string{
		"a@b.example,c@d.example", "a@b.example;c@d.example", "<a@b.example>", "a@b.example> NOTIFY=NEVER", "a b@c.example", `"a b"@c.example`,
		"Naam <a@b.example>", "a(x)@b.example", "@evil.example:a@b.example", "a@b@c.example", "a@[127.0.0.1]", "a@", "@b.example", "a", "",
		"a..b@c.example", ".a@c.example", "a@b..example", "a@-b.example", "a@b.example.", "a%0d%0a@b.example\n", strings.Repeat("a", 65) + "@b.example",
		"a@" + strings.Repeat("b.", 130) + "example", "а@b.example", // Cyrillic а
	} {
		_, ok := mail.Normalize(addr)
		require.False(t, ok, addr)
	}
	for addr, want := range map[string]string{"Jan.Jansen+kind@Voorbeeld.NL": "Jan.Jansen+kind@voorbeeld.nl", "o'brien@b.example": "o'brien@b.example", "jan@bücher.example": "jan@xn--bcher-kva.example"} {
		got, ok := mail.Normalize(addr)
		require.True(t, ok, addr)
		require.Equal(t, want, got)
	}
}

func TestNamesDoNotPretendToBeAddresses(t *testing.T) {
	catcher := catch(t, mailcatcher.Config{Record: true})
	smtp := sender(t, mail.Config{URL: catcher.URL()})
	for typed, shown := range map[string]string{
		`directie@bank.example`:           `directie bank.example`,
		`Bank <info@bank.example>`:        `Bank info bank.example`,
		`", "dief@evil.example`:           `, dief evil.example`,
		"Opvang\u202Egnavpo":              `Opvanggnavpo`,
		"  Zoë   van 't Hof\u200B ":       `Zoë van 't Hof`,
		"a\\\" <x@y>":                     `a x y`,
		"=?utf-8?q?=0d=0aBcc:_x=40y.nl?=": `=?utf-8?q?=0d=0aBcc:_x=40y.nl?=`,
	} {
		m := message(1)
		m.From.Name, m.To.Name = typed, typed
		require.NoError(t, smtp.Send(t.Context(), []mail.Message{m})[0], typed)
		all := catcher.Messages()
		got := all[len(all)-1]
		require.Equal(t, "noor1@gezin.example", got.To)
		from, err := got.Parsed().Header.AddressList("From")
		require.NoError(t, err, typed)
		require.Len(t, from, 1)
		require.Equal(t, "noreply@ouderportaal.example", from[0].Address)
		require.Equal(t, shown, from[0].Name)
		to, err := got.Parsed().Header.AddressList("To")
		require.NoError(t, err)
		require.Len(t, to, 1)
	}
	require.Equal(t, catcher.Count(), strings.Count(catcher.Transcript(), "RCPT TO:"))
}

func TestOnlyHarmlessHeaders(t *testing.T) {
	smtp := sender(t, mail.Config{URL: catch(t, mailcatcher.Config{}).URL()})
	for _, name := range []string{"Bcc", "bcc", "To", "Subject", "Content-Type", "Sender", "X-Test:", "X Test", "", "Return-Path"} {
		m := message(1)
		m.Headers = map[string]string{name: "a@b.example"}
		require.True(t, mail.IsPermanent(smtp.Send(t.Context(), []mail.Message{m})[0]), name)
	}
	m := message(1)
	m.Headers = map[string]string{"X-Ouderportaal-Event": "diary.entry_published", "In-Reply-To": "<a@b.example>"}
	require.NoError(t, smtp.Send(t.Context(), []mail.Message{m})[0])
}

// Whatever is typed in the free fields: the mail has the headers we gave it, once each, or is not sent at all.
func TestAnythingTypedStaysInItsField(t *testing.T) {
	catcher := catch(t, mailcatcher.Config{})
	smtp := sender(t, mail.Config{URL: catcher.URL()})
	rapid.Check(t, func(r *rapid.T) {
		m := message(1)
		m.Subject, m.From.Name, m.To.Name = rapid.String().Draw(r, "subject"), rapid.String().Draw(r, "from"), rapid.String().Draw(r, "to")
		m.Text, m.HTML = rapid.String().Draw(r, "text")+".", rapid.String().Draw(r, "html")
		if smtp.Send(t.Context(), []mail.Message{m})[0] != nil {
			return
		}
		all := catcher.Messages()
		raw := string(all[len(all)-1].Raw)
		header, err := textproto.NewReader(bufio.NewReader(strings.NewReader(raw))).ReadMIMEHeader()
		if err != nil {
			r.Fatalf("unreadable: %v\n%s", err, raw)
		}
		for name, values := range header {
			switch name {
			case "From", "To", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted", "X-Auto-Response-Suppress", "List-Unsubscribe", "List-Unsubscribe-Post":
				if len(values) != 1 {
					r.Fatalf("%s %d times", name, len(values))
				}
			default:
				r.Fatalf("header %s was never asked for\n%s", name, raw)
			}
		}
	})
	require.NotZero(t, catcher.Count())
}
