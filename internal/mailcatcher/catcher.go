// Package mailcatcher is a mail server that keeps what it gets instead of delivering it: the inbox of the demo, and the
// other side of every test that sends mail. It is never part of a production installation.
package mailcatcher

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Config of a catcher. The zero value listens on a free loopback port and keeps mails in memory only.
type Config struct {
	// Addr to listen on; "127.0.0.1:0".
	Addr string
	// Dir keeps the mails as .eml files, so that they survive a restart; "" for memory only.
	Dir string
	// Keep is how many mails are kept, the newest; 2000.
	Keep int
	// Record keeps what goes over the wire for Transcript. It grows without bound: for tests.
	Record bool
	// TLS offers STARTTLS with this certificate.
	TLS *tls.Config
	// User and Password are demanded when set.
	User, Password string
	// More are links that the inbox shows to what stands beside it.
	More []Link
}

// Link is a way to another page.
type Link struct{ Text, Href string }

// Catcher is a running mail server.
type Catcher struct {
	config   Config
	server   *smtp.Server
	listener net.Listener
	serving  sync.WaitGroup
	closing  chan struct{}
	once     sync.Once

	mu       sync.Mutex
	mails    []*Mail // oldest first
	last     int64   // id of the newest mail
	accepted int
	sessions int
	open     map[*session]struct{}
	arrived  chan struct{} // closed and replaced at every mail
	wire     bytes.Buffer
	faults   faults
}

// Start listens and serves until Close.
func Start(config Config) (*Catcher, error) {
	if config.Addr == "" {
		config.Addr = "127.0.0.1:0"
	}
	if config.Keep <= 0 {
		config.Keep = 2000
	}
	c := &Catcher{config: config, arrived: make(chan struct{}), open: map[*session]struct{}{}, closing: make(chan struct{})}
	if config.Dir != "" {
		if err := c.load(); err != nil {
			return nil, err
		}
	}
	listener, err := net.Listen("tcp", config.Addr)
	if err != nil {
		return nil, fmt.Errorf("mailcatcher: listen: %w", err)
	}
	c.listener = listener
	c.server = smtp.NewServer(smtp.BackendFunc(c.begin))
	c.server.Domain = "mailcatcher.localhost"
	c.server.MaxMessageBytes = 30 << 20
	c.server.MaxRecipients = 100
	c.server.ReadTimeout, c.server.WriteTimeout = time.Minute, time.Minute
	c.server.TLSConfig = config.TLS
	c.server.ErrorLog = log.New(io.Discard, "", 0) // clients that leave without a word are nothing to report
	if config.Record {
		c.server.Debug = wire{c}
	}
	c.serving.Go(func() { _ = c.server.Serve(listener) })
	return c, nil
}

// Close ends all conversations and stops listening.
func (c *Catcher) Close() error {
	c.once.Do(func() { close(c.closing) })
	err := c.server.Close()
	_ = c.listener.Close() // the server does not know it yet when it is closed right after Start
	c.serving.Wait()
	if err != nil && !errors.Is(err, smtp.ErrServerClosed) {
		return fmt.Errorf("mailcatcher: close: %w", err)
	}
	return nil
}

// Addr is where it listens, host:port.
func (c *Catcher) Addr() string { return c.listener.Addr().String() }

// URL is the SMTP_URL of the catcher, without user and password.
func (c *Catcher) URL() string { return "smtp://" + c.Addr() }

// Messages returns the kept mails, oldest first.
func (c *Catcher) Messages() []*Mail {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.mails)
}

// To returns the kept mails to one address, oldest first.
func (c *Catcher) To(address string) []*Mail {
	return slices.DeleteFunc(c.Messages(), func(m *Mail) bool { return !strings.EqualFold(m.To, address) })
}

// Recipients counts the kept mails per address.
func (c *Catcher) Recipients() map[string]int {
	counts := map[string]int{}
	for _, mail := range c.Messages() {
		counts[mail.To]++
	}
	return counts
}

// Count is how many mails were taken over since the start, also those no longer kept.
func (c *Catcher) Count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.accepted
}

// Sessions is how many connections were made since the start.
func (c *Catcher) Sessions() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sessions
}

// Await waits until done is true of the catcher, asking after every mail; false when that took longer than most.
func (c *Catcher) Await(most time.Duration, done func(*Catcher) bool) bool {
	late := time.After(most)
	for {
		c.mu.Lock()
		arrived := c.arrived
		c.mu.Unlock()
		if done(c) {
			return true
		}
		select {
		case <-arrived:
		case <-late:
			return done(c)
		}
	}
}

// Clear forgets all mails.
func (c *Catcher) Clear() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	mails := c.mails
	c.mails = nil
	var errs []error
	for _, mail := range mails {
		errs = append(errs, c.remove(mail))
	}
	return errors.Join(errs...)
}

// Transcript is everything that went over the wire in both directions, when Config.Record is set.
func (c *Catcher) Transcript() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wire.String()
}

// wire takes the server's record of the conversation.
type wire struct{ c *Catcher }

func (w wire) Write(p []byte) (int, error) {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	return w.c.wire.Write(p)
}
