// Package live tells open pages that something they show has changed. A signal carries no content: the page asks again,
// and the server decides again what it may show.
package live

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/pgnotify"
	"ouderportaal/tenants"
)

const channel = "live"

// Topics that pages listen to.
func Child(id ids.ID) string  { return "child:" + id.String() }
func Group(id ids.ID) string  { return "group:" + id.String() }
func Person(id ids.ID) string { return "person:" + id.String() }

// Groups are the topics of several groups.
func Groups(list []ids.ID) []string {
	topics := make([]string, len(list), len(list)+1)
	for i, id := range list {
		topics[i] = Group(id)
	}
	return topics
}

// Signal tells the pages that listen to topics, once the transaction is kept. Any number of topics is one statement.
func Signal(ctx context.Context, tx tenants.Writer, topics ...string) error {
	if len(topics) == 0 {
		return nil
	}
	_, err := tx.NewRaw("SELECT count(pg_notify(?, ? || topic)) FROM unnest(?::text[]) AS topic",
		channel, tx.Tenant().ID.String()+"|", pgdialect.Array(topics)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("live: signal: %w", err)
	}
	return nil
}

// Hub passes the signals of the database on to the open streams of this process.
type Hub struct {
	mu      sync.Mutex
	streams map[*Stream]struct{}
	// heard is when a signal last came, by tenant|topic, for pages that were made before it and listen after it.
	heard map[string]time.Time
}

// remember is how old a page may be when its stream opens; past that it is told to look again.
const remember = 2 * time.Minute

// NewHub returns a hub without streams.
func NewHub() *Hub { return &Hub{streams: map[*Stream]struct{}{}, heard: map[string]time.Time{}} }

// Stream is one open page.
type Stream struct {
	hub    *Hub
	tenant string
	topics map[string]bool
	// C gets one value for any number of signals that came since it was last read.
	C chan struct{}
}

// Open starts a stream of the tenant's signals on topics, for a page that was made at since. A signal that came between
// that moment and this one is told at once; the zero time has missed nothing.
func (h *Hub) Open(tenant ids.ID, topics []string, since time.Time) *Stream {
	s := &Stream{hub: h, tenant: tenant.String(), C: make(chan struct{}, 1)}
	s.topics = setOf(topics)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams[s] = struct{}{}
	if !since.IsZero() && h.missed(s, since) {
		s.C <- struct{}{}
	}
	return s
}

func (h *Hub) missed(s *Stream, since time.Time) bool {
	if time.Since(since) > remember {
		return true
	}
	for topic := range s.topics {
		if !h.heard[s.tenant+"|"+topic].Before(since) {
			return true
		}
	}
	return false
}

// note remembers a signal, and forgets the old ones once there are many.
func (h *Hub) note(payload string, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard[payload] = now
	if len(h.heard) > 10_000 {
		maps.DeleteFunc(h.heard, func(_ string, at time.Time) bool { return now.Sub(at) > remember })
	}
}

// Watch replaces what the stream listens to, after its rights were looked at again.
func (s *Stream) Watch(topics []string) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.topics = setOf(topics)
}

// Close ends the stream.
func (s *Stream) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	delete(s.hub.streams, s)
}

// Signals is where the hub hears the signals of every process; see tenants.DB.Listen. After a lost connection every stream
// is told to look again.
func (h *Hub) Signals() pgnotify.Channel {
	return pgnotify.Channel{
		Name:      channel,
		Connected: func() { h.pass(func(*Stream) bool { return true }) },
		Notified: func(payload string) {
			h.note(payload, time.Now())
			tenant, topic, _ := strings.Cut(payload, "|")
			h.pass(func(s *Stream) bool { return s.tenant == tenant && s.topics[topic] })
		},
	}
}

func (h *Hub) pass(to func(*Stream) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		if to(s) {
			select {
			case s.C <- struct{}{}:
			default: // it has not looked yet at the last one; one look is enough
			}
		}
	}
}

func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[s] = true
	}
	return set
}
