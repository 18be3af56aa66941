package mailcatcher

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// faults are what a test made go wrong.
type faults struct {
	deferNext   int
	hangUpNext  int
	refused     map[string]int
	slowContent time.Duration
}

// DeferNext answers 451 to the next n recipients.
func (c *Catcher) DeferNext(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.deferNext = n
}

// HangUpNext closes the connection at the next n mails after their content was read, without an answer: the sender
// cannot know whether the mail was taken over (it was not).
func (c *Catcher) HangUpNext(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.hangUpNext = n
}

// Refuse answers code (550 for example) to every mail for the address; 0 ends it.
func (c *Catcher) Refuse(address string, code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.faults.refused == nil {
		c.faults.refused = map[string]int{}
	}
	c.faults.refused[strings.ToLower(address)] = code
}

// Slow waits that long before the answer to every mail.
func (c *Catcher) Slow(wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.slowContent = wait
}

// HangUpAll closes all present connections, as a server does with clients that are quiet for long.
func (c *Catcher) HangUpAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := range c.open {
		_ = s.conn.Conn().Close()
	}
}

// session is one connection.
type session struct {
	catcher *Catcher
	conn    *smtp.Conn
	known   bool
	from    string
	to      []string
}

func (c *Catcher) begin(conn *smtp.Conn) (smtp.Session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sessions++
	s := &session{catcher: c, conn: conn, known: c.config.User == ""}
	c.open[s] = struct{}{}
	return s, nil
}

// Reset forgets the mail in hand.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout is called at the end of the connection.
func (s *session) Logout() error {
	s.catcher.mu.Lock()
	defer s.catcher.mu.Unlock()
	delete(s.catcher.open, s)
	return nil
}

// AuthMechanisms names PLAIN when a password is demanded.
func (s *session) AuthMechanisms() []string {
	if s.catcher.config.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth checks user and password.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		right := subtle.ConstantTimeCompare([]byte(user+"\x00"+password), []byte(s.catcher.config.User+"\x00"+s.catcher.config.Password))
		if right != 1 {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

// Mail takes the sender.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.known {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

// Rcpt takes a recipient, unless a test says otherwise.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c := s.catcher
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.faults.deferNext > 0 {
		c.faults.deferNext--
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	}
	if code := c.faults.refused[strings.ToLower(to)]; code != 0 {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: fmt.Sprintf("No mailbox %s here", to)}
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the content: one kept mail per recipient.
func (s *session) Data(r io.Reader) error {
	var content bytes.Buffer
	if _, err := content.ReadFrom(r); err != nil {
		return fmt.Errorf("mailcatcher: read content: %w", err)
	}
	c := s.catcher
	c.mu.Lock()
	slow, hangUp := c.faults.slowContent, c.faults.hangUpNext > 0
	if hangUp {
		c.faults.hangUpNext--
	}
	c.mu.Unlock()
	if hangUp {
		return s.conn.Conn().Close()
	}
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-c.closing:
		}
	}
	for _, to := range s.to {
		if err := c.keep(s.from, to, content.Bytes()); err != nil {
			return err
		}
	}
	return nil
}
