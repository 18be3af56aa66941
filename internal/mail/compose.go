package mail

import (
	netmail "net/mail"

	gomail "github.com/wneessen/go-mail"
)

// compose makes the MIME message of a checked Message.
func compose(m Message) *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	msg.FromMailAddress(&netmail.Address{Name: m.From.Name, Address: m.From.Addr})
	if m.ReturnPath != "" {
		_ = msg.EnvelopeFrom(m.ReturnPath) // checked before
	}
	msg.ToMailAddress(&netmail.Address{Name: m.To.Name, Address: m.To.Addr})
	if m.ReplyTo.Addr != "" {
		msg.ReplyToMailAddress(&netmail.Address{Name: m.ReplyTo.Name, Address: m.ReplyTo.Addr})
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.MessageID)
	msg.SetDate()
	// No out-of-office answers to a machine: RFC 3834, and Exchange's own header for the same.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	if m.ListUnsubscribe != "" {
		// RFC 8058. An address has no place to fold, so it goes out as one line.
		msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<"+m.ListUnsubscribe+">")
		msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	for name, value := range m.Headers {
		msg.SetGenHeader(gomail.Header(name), value)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg
}
