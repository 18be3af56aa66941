package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
	gosmtp "github.com/wneessen/go-mail/smtp"
)

// Config says where mail goes out. The zero values of the numbers mean their defaults.
type Config struct {
	// URL is smtp://user:password@host:587 (STARTTLS demanded), smtps://…, or smtp://127.0.0.1:1025 without TLS.
	URL string
	// From is the installation's own address; its name stands in for a message without one.
	From Address
	// Connections at most at the same time; 4.
	Connections int
	// PerConnection is how many messages go over one connection before a new one is made; 100.
	PerConnection int
	// Timeout for connecting and for each message; 20 s.
	Timeout time.Duration
	// IdleFor is how long an unused connection is kept; 20 s, well under what servers allow.
	IdleFor time.Duration
	// TLS may hold the roots of a private authority; nil for the system's.
	TLS *tls.Config
}

// SMTP is the Sender over a few kept connections. It is safe for concurrent use.
type SMTP struct {
	config Config
	client *gomail.Client
	slots  chan struct{}
	idle   chan *connection
}

// connection is one conversation with the server, used by one Send at a time.
type connection struct {
	smtp  *gosmtp.Client
	raw   net.Conn
	sent  int
	since time.Time // of the last use
}

// NewSMTP prepares a sender. It does not connect yet: a mail server that is away must not keep the program from starting.
func NewSMTP(config Config) (*SMTP, error) {
	server, err := parseURL(config.URL)
	if err != nil {
		return nil, err
	}
	if failure := config.From.check("From"); failure != nil {
		return nil, fmt.Errorf("mail: sender address: %w", failure.Cause)
	}
	config.Connections = orDefault(config.Connections, 4)
	config.PerConnection = orDefault(config.PerConnection, 100)
	config.Timeout = orDefault(config.Timeout, 20*time.Second)
	config.IdleFor = orDefault(config.IdleFor, 20*time.Second)

	// The transaction is reset where it must be (after a refusal); RSET and NOOP around every message double the round trips.
	options := []gomail.Option{gomail.WithTimeout(config.Timeout), gomail.WithoutNoop(), gomail.WithoutRset()}
	settings := &tls.Config{}
	if config.TLS != nil {
		settings = config.TLS.Clone()
	}
	settings.ServerName, settings.MinVersion = server.host, tls.VersionTLS12
	options = append(options, gomail.WithTLSConfig(settings))
	switch server.security {
	case implicitTLS:
		options = append(options, gomail.WithSSL())
	case startTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case clearText:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	options = append(options, gomail.WithPort(server.port), gomail.WithDialContextFunc(dialer(settings, server.security == implicitTLS)))
	if server.user != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(server.user), gomail.WithPassword(server.password))
	}
	client, err := gomail.NewClient(server.host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail: prepare client: %w", err)
	}
	return &SMTP{config: config, client: client, slots: make(chan struct{}, config.Connections), idle: make(chan *connection, config.Connections)}, nil
}

func orDefault[T int | time.Duration](value, standard T) T {
	if value > 0 {
		return value
	}
	return standard
}

// dialed carries the network connection out of the library, which hides it: closing it is the only way to end a wait.
type dialed struct {
	ctx  context.Context // the caller's; the one handed to the dialer ends as soon as the connection stands
	conn net.Conn
	stop func() bool
}

type dialedKey struct{}

func dialer(settings *tls.Config, implicit bool) gomail.DialContextFunc {
	return func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		if implicit {
			conn, err = (&tls.Dialer{Config: settings}).DialContext(ctx, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		}
		if err == nil {
			made := ctx.Value(dialedKey{}).(*dialed)
			made.conn, made.stop = conn, context.AfterFunc(made.ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
}

// Send sends the messages one after the other over one connection. Calls beside each other get connections of their own,
// as many as Config.Connections; more of them wait.
func (s *SMTP) Send(ctx context.Context, messages []Message) []error {
	results := make([]error, len(messages))
	if len(messages) == 0 {
		return results
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return fill(results, 0, transient("connect", ctx.Err()))
	}
	var conn *connection
	defer func() { s.keep(conn) }()
	for i, message := range messages {
		checked, failure := message.checked(s.config.From)
		if failure != nil {
			results[i] = failure
			continue
		}
		if err := ctx.Err(); err != nil {
			return fill(results, i, transient("connect", err))
		}
		if conn != nil && conn.sent >= s.config.PerConnection {
			s.quit(conn)
			conn = nil
		}
		reused := conn != nil
		if conn == nil {
			if conn, reused = s.rested(); conn == nil {
				var failure *Failure
				if conn, failure = s.connect(ctx); failure != nil {
					return fill(results, i, failure)
				}
			}
		}
		failure, alive := s.transmit(ctx, conn, checked)
		// A server may have closed a connection that rested. Nothing of the message was taken then: try a fresh one.
		if failure != nil && !alive && reused && failure.Stage == "sender" && ctx.Err() == nil {
			drop(conn)
			if conn, failure = s.connect(ctx); failure != nil {
				return fill(results, i, failure)
			}
			failure, alive = s.transmit(ctx, conn, checked)
		}
		if failure != nil {
			results[i] = failure
		}
		if !alive {
			drop(conn)
			conn = nil
		}
	}
	return results
}

// transmit sends one message and tells whether the connection can be used for the next.
func (s *SMTP) transmit(ctx context.Context, conn *connection, message Message) (failure *Failure, alive bool) {
	stop := context.AfterFunc(ctx, func() { _ = conn.raw.Close() })
	msg := compose(message)
	err := s.client.SendWithSMTPClient(conn.smtp, msg)
	alive = stop() // false: the end of ctx closed the connection
	conn.sent++
	conn.since = time.Now()
	if err == nil || msg.IsDelivered() {
		return nil, alive && err == nil
	}
	failure = classify(err)
	if ctx.Err() != nil {
		failure.Cause = errors.Join(ctx.Err(), failure.Cause)
	}
	// After a refusal of sender or recipient the library resets the transaction; any other failure leaves the
	// conversation in a state that only the server knows.
	clean := failure.Code >= 400 && failure.Code != 421 && (failure.Stage == "sender" || failure.Stage == "recipient")
	return failure, alive && clean
}

// classify sorts a failure by where it happened and by what the server answered.
func classify(err error) *Failure {
	failure := transient("sender", err)
	var sent *gomail.SendError
	if !errors.As(err, &sent) {
		return failure
	}
	failure.Code, failure.Enhanced = sent.ErrorCode(), sent.EnhancedStatusCode()
	switch sent.Reason {
	// A refusal of the sender says nothing about this recipient (a login that expired, a limit of our own): it stays transient.
	case gomail.ErrSMTPRcptTo:
		failure.Permanent, failure.Stage = failure.Code >= 500, "recipient"
	case gomail.ErrSMTPData, gomail.ErrSMTPDataClose, gomail.ErrWriteContent:
		failure.Permanent, failure.Stage = failure.Code >= 500, "content"
	case gomail.ErrGetSender, gomail.ErrGetRcpts, gomail.ErrNoUnencoded:
		failure.Permanent, failure.Stage = true, "check"
	}
	return failure
}

func transient(stage string, cause error) *Failure { return &Failure{Stage: stage, Cause: cause} }

func fill(results []error, from int, failure *Failure) []error {
	for i := from; i < len(results); i++ {
		results[i] = failure
	}
	return results
}

// connect makes a connection. Whatever goes wrong here (name, network, TLS, password) says nothing about the recipient:
// it is transient, however the server words it.
func (s *SMTP) connect(ctx context.Context) (*connection, *Failure) {
	made := &dialed{ctx: ctx}
	client, err := s.client.DialToSMTPClientWithContext(context.WithValue(ctx, dialedKey{}, made))
	if made.stop != nil && !made.stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		if made.conn != nil {
			_ = made.conn.Close()
		}
		failure := transient("connect", errors.Join(ctx.Err(), err))
		failure.Code = replyCode(err)
		return nil, failure
	}
	return &connection{smtp: client, raw: made.conn, since: time.Now()}, nil
}

// rested takes a kept connection that is still fresh.
func (s *SMTP) rested() (*connection, bool) {
	for {
		select {
		case conn := <-s.idle:
			if time.Since(conn.since) < s.config.IdleFor {
				return conn, true
			}
			drop(conn)
		default:
			return nil, false
		}
	}
}

func (s *SMTP) keep(conn *connection) {
	if conn == nil {
		return
	}
	select {
	case s.idle <- conn:
	default:
		s.quit(conn)
	}
}

// quit takes leave as the protocol wants, without waiting long for it.
func (s *SMTP) quit(conn *connection) {
	_ = conn.raw.SetDeadline(time.Now().Add(2 * time.Second))
	_ = s.client.CloseWithSMTPClient(conn.smtp)
	drop(conn)
}

func drop(conn *connection) { _ = conn.raw.Close() }

// Close ends the kept connections. What is being sent at that moment is finished.
func (s *SMTP) Close() {
	for range cap(s.slots) {
		s.slots <- struct{}{}
	}
	for {
		select {
		case conn := <-s.idle:
			s.quit(conn)
		default:
			for range cap(s.slots) {
				<-s.slots
			}
			return
		}
	}
}

// replyCode finds the three digits with which a refusal during connecting begins.
func replyCode(err error) int {
	for ; err != nil; err = errors.Unwrap(err) {
		if text := err.Error(); len(text) > 3 && (text[0] == '4' || text[0] == '5') {
			if code, convErr := strconv.Atoi(text[:3]); convErr == nil {
				return code
			}
		}
	}
	return 0
}
