// Package mail writes messages and hands them to a mail server. It decides nothing about who gets what.
//
// Every message has one recipient, a Message-ID chosen by the caller (the same on every try, so that a receiving server
// can drop a double), and headers that no typed text can break out of.
package mail

import (
	"context"
	"errors"
	"fmt"
)

// Address is a mailbox with the name it is shown under. The name is decoration: whatever could pass for an address or
// hide text is taken out of it when sending.
type Address struct{ Name, Addr string }

// Message is one mail to one person.
type Message struct {
	// From is the organisation's name; an empty Addr becomes the installation's own address.
	From Address
	To   Address
	// ReplyTo may be empty.
	ReplyTo Address
	// ReturnPath is where the mail comes back to when it cannot be delivered; empty for the address of From. Readers do not see it.
	ReturnPath string
	Subject    string
	// HTML may be empty; Text may not.
	HTML, Text string
	// MessageID without angle brackets: left@right. The caller keeps it the same for every try of the same mail.
	MessageID string
	// ListUnsubscribe is the address of a page that takes a POST without a session; "" for mail that cannot be switched off.
	ListUnsubscribe string
	// Headers may hold X-… and the threading headers In-Reply-To and References, nothing else.
	Headers map[string]string
}

// Sender hands messages to a mail server.
type Sender interface {
	// Send returns one error for each message, in order; nil means that the server took the message over.
	// Every other is a *Failure. When ctx ends, what was not sent yet fails as transient.
	Send(ctx context.Context, messages []Message) []error
}

// Failure says why a message was not taken over. Its text names no person and quotes no server, so it may be logged.
type Failure struct {
	// Permanent: trying again gives the same answer.
	Permanent bool
	// Code is the SMTP reply code, 0 when there was none (network, time-out, refused before sending).
	Code int
	// Enhanced is the status such as "5.1.1", when the server gave one.
	Enhanced string
	// Stage is where it happened: "check", "connect", "sender", "recipient", "content".
	Stage string
	// Cause may hold the recipient's address and the server's words: for an administrator's eyes, not for logs.
	Cause error
}

// Error tells class, stage and code.
func (f *Failure) Error() string {
	class := "transient"
	if f.Permanent {
		class = "permanent"
	}
	text := fmt.Sprintf("mail: %s failure at %s", class, f.Stage)
	if f.Code != 0 {
		text += fmt.Sprintf(": %d", f.Code)
	}
	if f.Enhanced != "" {
		text += " " + f.Enhanced
	}
	return text
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// IsPermanent tells whether err is a failure that trying again does not mend.
func IsPermanent(err error) bool {
	var failure *Failure
	return errors.As(err, &failure) && failure.Permanent
}

func refused(problem string) *Failure {
	return &Failure{Permanent: true, Stage: "check", Cause: errors.New("mail: " + problem)}
}
