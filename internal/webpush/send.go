package webpush

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ouderportaal/internal/clock"
)

// Config of a Sender.
type Config struct {
	// Keys: the first is told to browsers; the others are older, and sign for browsers that were told them.
	Keys []*Key
	// Contact is whom push services ask when something is wrong: mailto:… or https://….
	Contact string
	Clock   clock.Clock
	// Sink is the origin of a push service on this machine, for tests and the demo, which is trusted by SinkCA, in PEM.
	Sink   string
	SinkCA []byte
}

// Sender sends messages to browsers.
type Sender struct {
	keys    []*Key
	contact string
	clock   clock.Clock
	client  *http.Client
	sink    string
	local   *http.Client
}

const (
	connectTime = 5 * time.Second
	answerTime  = 10 * time.Second
	mostAnswer  = 4 << 10 // bytes; what a push service says is not read, but lets the connection be used again
)

// New prepares a sender; it connects when it first sends.
func New(config Config) (*Sender, error) {
	if len(config.Keys) == 0 || config.Contact == "" {
		return nil, errors.New("webpush: no key or nobody to contact")
	}
	s := &Sender{keys: config.Keys, contact: config.Contact, clock: config.Clock}
	s.client = clientOf(&net.Dialer{Timeout: connectTime, Control: publicOnly}, nil)
	if config.Sink != "" {
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(config.SinkCA) {
			return nil, errors.New("webpush: no certificate of the push service on this machine")
		}
		s.sink, s.local = strings.TrimSuffix(config.Sink, "/"), clientOf(&net.Dialer{Timeout: connectTime}, roots)
	}
	return s, nil
}

// clientOf makes a client that knows no proxy and follows no redirect: either would choose for us where a message goes.
func clientOf(dialer *net.Dialer, roots *x509.CertPool) *http.Client {
	return &http.Client{
		Timeout:       answerTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: connectTime, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 16 << 10},
	}
}

// Public is the key that browsers are told.
func (s *Sender) Public() []byte { return s.keys[0].Public() }

// Close lets go of connections.
func (s *Sender) Close() {
	s.client.CloseIdleConnections()
	if s.local != nil {
		s.local.CloseIdleConnections()
	}
}

// Subscription is a browser that wants messages.
type Subscription struct {
	Endpoint     string
	P256dh, Auth []byte
	ServerKey    []byte // the public key that it was told
}

// Check is nil for what a browser could have given.
func (s *Sender) Check(sub Subscription) error {
	if err := s.CheckEndpoint(sub.Endpoint); err != nil {
		return err
	}
	_, err := encrypt(nil, sub.P256dh, sub.Auth)
	return err
}

// Urgency is for devices that save their battery.
type Urgency string

// The urgencies that we use: Low is worth no waking up.
const (
	Low    Urgency = "low"
	Normal Urgency = "normal"
)

// Message is what is sent.
type Message struct {
	Payload []byte        // MostPayload bytes at most
	TTL     time.Duration // how long it is worth keeping for a device that is off
	Topic   string        // 32 characters of base64url at most: replaces one of the same topic that still waits
	Urgency Urgency
}

// Failure is why a message was not taken.
type Failure struct {
	Class     string // for the ledger: names no address
	Gone      bool   // the browser wants no more, ever
	Permanent bool   // trying again would end the same way
	Connect   bool   // the service was not reached: others of the same host need not try now
	After     time.Duration
	cause     error
}

func (f *Failure) Error() string { return "push: " + f.Class }
func (f *Failure) Unwrap() error { return f.cause }

// Send hands the message to the push service of the browser. An error is a *Failure.
func (s *Sender) Send(ctx context.Context, to Subscription, m Message) error {
	i := slices.IndexFunc(s.keys, func(k *Key) bool { return bytes.Equal(k.Public(), to.ServerKey) })
	if i < 0 {
		// While keys change, processes of before and after run beside each other: another knows it, and the browser still wants messages.
		return &Failure{Class: "key not known here"}
	}
	if err := s.CheckEndpoint(to.Endpoint); err != nil { // what was allowed once may not be any more
		return &Failure{Class: "host not allowed", Gone: true, cause: err}
	}
	return s.send(ctx, s.keys[i], to, m)
}

func (s *Sender) send(ctx context.Context, key *Key, to Subscription, m Message) error {
	request, err := s.request(ctx, key, to, m)
	if err != nil {
		return &Failure{Class: "not a message", Permanent: true, cause: err}
	}
	client := s.client
	if s.sink != "" && request.URL.Scheme+"://"+request.URL.Host == s.sink {
		client = s.local
	}
	answer, err := client.Do(request)
	if err != nil {
		if errors.Is(err, errPrivate) {
			return &Failure{Class: "address not public", Permanent: true, cause: errPrivate}
		}
		return &Failure{Class: "not reached", Connect: true, cause: withoutAddress(err)}
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, mostAnswer))
	return s.judge(answer)
}

func (s *Sender) request(ctx context.Context, key *Key, to Subscription, m Message) (*http.Request, error) {
	body, err := encrypt(m.Payload, to.P256dh, to.Auth)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.Endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("webpush: request: %w", withoutAddress(err))
	}
	authorization, err := key.authorization(request.URL.Scheme+"://"+request.URL.Host, s.contact, s.clock.Now())
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"Authorization": authorization, "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream",
		"TTL": strconv.Itoa(int(m.TTL / time.Second)), "Urgency": string(m.Urgency), "Topic": m.Topic} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	return request, nil
}

// judge reads the answer of a push service (RFC 8030, sections 5 and 7.3).
func (s *Sender) judge(answer *http.Response) error {
	f := &Failure{Class: "answer " + strconv.Itoa(answer.StatusCode)}
	switch code := answer.StatusCode; {
	case code == http.StatusOK || code == http.StatusCreated || code == http.StatusAccepted || code == http.StatusNoContent:
		return nil
	case code == http.StatusNotFound || code == http.StatusGone:
		f.Gone = true
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		f.After = s.retryAfter(answer.Header.Get("Retry-After"))
	default: // a redirect, a message that is too long, a signature that is not taken
		f.Permanent = true
	}
	return f
}

// longestWait bounds what a push service may ask for.
const longestWait = 6 * time.Hour

func (s *Sender) retryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return min(time.Duration(min(seconds, 86400))*time.Second, longestWait)
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(at.Sub(s.clock.Now()), 0), longestWait)
	}
	return 0
}

// withoutAddress takes the endpoint out of an error: it is a secret, and errors are logged.
func withoutAddress(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
