package mailcatcher

import (
	"bytes"
	"fmt"
	"io"
	"net/mail"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // reads every character set that mails come in
)

// Parsed is the readable side of a mail.
type Parsed struct {
	Subject    string
	From, To   string // as in the headers, decoded
	MessageID  string // with angle brackets
	HTML, Text string
	Header     mail.Header // undecoded
	// Problem says why the mail cannot be read, "" if it can.
	Problem string
}

// parse reads the headers and the first readable part of each kind.
func parse(raw []byte) (Parsed, error) {
	headers, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Parsed{}, fmt.Errorf("mailcatcher: read headers: %w", err)
	}
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return Parsed{}, fmt.Errorf("mailcatcher: read mail: %w", err)
	}
	parsed := Parsed{MessageID: entity.Header.Get("Message-Id"), Header: headers.Header}
	for name, value := range map[string]*string{"Subject": &parsed.Subject, "From": &parsed.From, "To": &parsed.To} {
		if *value, err = entity.Header.Text(name); err != nil {
			return Parsed{}, fmt.Errorf("mailcatcher: read %s: %w", name, err)
		}
	}
	return parsed, entity.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil {
			return fmt.Errorf("mailcatcher: read part: %w", err)
		}
		return parsed.read(part)
	})
}

// read takes the words of a part: what is not text, or attached, is left to the raw mail.
func (p *Parsed) read(part *message.Entity) error {
	kind, _, err := part.Header.ContentType()
	if err != nil {
		return fmt.Errorf("mailcatcher: read kind of part: %w", err)
	}
	words := map[string]*string{"text/plain": &p.Text, "text/html": &p.HTML}[kind]
	disposition, _, _ := part.Header.ContentDisposition()
	if words == nil || *words != "" || disposition == "attachment" {
		return nil
	}
	content, err := io.ReadAll(part.Body)
	if err != nil {
		return fmt.Errorf("mailcatcher: read part: %w", err)
	}
	*words = strings.ReplaceAll(string(content), "\r\n", "\n")
	return nil
}
