// Package pushcatcher plays the push service of browsers, and the browsers: it takes messages over HTTPS, checks who signed them,
// and opens them with the keys of the browser that they are for. It is the other side of every test that sends push, and catches
// what the demo sends to browsers that it made up. It is never part of a production installation.
package pushcatcher

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"ouderportaal/internal/clock"
)

// Message is what a browser got.
type Message struct {
	Payload json.RawMessage `json:"payload"`
	Topic   string          `json:"topic"`
	Urgency string          `json:"urgency"`
	TTL     string          `json:"ttl"`
	Contact string          `json:"contact"`
	Bytes   int             `json:"bytes"` // as sent
	Key     []byte          `json:"key"`   // that signed it
}

// Browser is somebody's, as it describes itself to a page.
type Browser struct {
	ID       string `json:"id"`
	Endpoint string `json:"endpoint"`
	P256dh   []byte `json:"p256dh"`
	Auth     []byte `json:"auth"`

	secret *ecdh.PrivateKey
	got    []Message
	answer []Answer
}

// Answer is how the service answers instead of taking a message.
type Answer struct {
	Status int
	Header map[string]string
}

// Catcher is a running push service.
type Catcher struct {
	server   *http.Server
	listener net.Listener
	serving  sync.WaitGroup
	ca       []byte
	clock    clock.Clock

	mu       sync.Mutex
	browsers map[string]*Browser
	arrived  chan struct{} // closed and replaced at every message
	refused  []string      // why messages were not taken
}

// Start listens on a free loopback port until Close. Signatures are held against the clock.
func Start(clk clock.Clock) (*Catcher, error) {
	certificate, ca, err := selfSigned()
	if err != nil {
		return nil, err
	}
	c := &Catcher{ca: ca, clock: clk, browsers: map[string]*Browser{}, arrived: make(chan struct{})}
	if c.listener, err = tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}); err != nil {
		return nil, fmt.Errorf("pushcatcher: listen: %w", err)
	}
	routes := http.NewServeMux()
	routes.HandleFunc("POST /push/{id}", c.take)
	c.server = &http.Server{Handler: routes, ReadTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)} // clients that leave are nothing to report
	c.serving.Go(func() { _ = c.server.Serve(c.listener) })
	return c, nil
}

// Close stops listening.
func (c *Catcher) Close() error {
	err := c.server.Close()
	c.serving.Wait()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("pushcatcher: close: %w", err)
	}
	return nil
}

// URL is where it listens: https://127.0.0.1:port.
func (c *Catcher) URL() string { return "https://" + c.listener.Addr().String() }

// CA is the certificate that it is trusted by, in PEM.
func (c *Catcher) CA() []byte { return c.ca }

// NewBrowser makes up a browser that takes messages.
func (c *Catcher) NewBrowser() Browser {
	secret, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // without randomness nothing goes on
	}
	id, auth := make([]byte, 16), make([]byte, 16)
	rand.Read(id)
	rand.Read(auth)
	b := &Browser{ID: base64.RawURLEncoding.EncodeToString(id), P256dh: secret.PublicKey().Bytes(), Auth: auth, secret: secret}
	b.Endpoint = c.URL() + "/push/" + b.ID
	c.mu.Lock()
	defer c.mu.Unlock()
	c.browsers[b.ID] = b
	return *b
}

// Messages are what a browser got, oldest first.
func (c *Catcher) Messages(id string) []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b := c.browsers[id]; b != nil {
		return slices.Clone(b.got)
	}
	return nil
}

// Refused tells why messages were not taken.
func (c *Catcher) Refused() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.refused)
}

// Next makes the service answer the next messages to a browser so, in this order.
func (c *Catcher) Next(id string, answers ...Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.browsers[id].answer = append(c.browsers[id].answer, answers...)
}

// Await waits until a browser has got n messages, and gives what it has by then.
func (c *Catcher) Await(id string, n int, most time.Duration) []Message {
	late := time.After(most)
	for {
		c.mu.Lock()
		arrived := c.arrived
		c.mu.Unlock()
		if got := c.Messages(id); len(got) >= n {
			return got
		}
		select {
		case <-arrived:
		case <-late:
			return c.Messages(id)
		}
	}
}

func (c *Catcher) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4097))
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.browsers[r.PathValue("id")]
	switch {
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
		return
	case b == nil:
		w.WriteHeader(http.StatusGone)
		return
	case len(body) > 4096:
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	case len(b.answer) > 0:
		for name, value := range b.answer[0].Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(b.answer[0].Status)
		b.answer = b.answer[1:]
		return
	}
	m := Message{Topic: r.Header.Get("Topic"), Urgency: r.Header.Get("Urgency"), TTL: r.Header.Get("TTL"), Bytes: len(body)}
	if m.Key, m.Contact, err = c.signer(r.Header.Get("Authorization")); err == nil {
		m.Payload, err = b.open(r.Header, body)
	}
	if err != nil {
		c.refused = append(c.refused, err.Error())
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	b.got = append(b.got, m)
	close(c.arrived)
	c.arrived = make(chan struct{})
	w.Header().Set("Location", r.URL.Path)
	w.WriteHeader(http.StatusCreated)
}

// selfSigned makes a certificate for this machine, and the same in PEM, to trust it by.
func selfSigned() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("pushcatcher: make key: %w", err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0), DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("pushcatcher: make certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// bearer splits "vapid t=…, k=…".
func bearer(header string) (token, key string, ok bool) {
	rest, ok := strings.CutPrefix(header, "vapid ")
	for part := range strings.SplitSeq(rest, ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "t":
			token = value
		case "k":
			key = value
		}
	}
	return token, key, ok && token != "" && key != ""
}
