// Package clock gives the time, so that six weeks can pass in a test in no time.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells what time it is.
type Clock interface{ Now() time.Time }

type system struct{}

func (system) Now() time.Time { return time.Now() }

// System is the machine's own clock.
var System Clock = system{}

// Manual stands still until it is moved. It is safe for concurrent use.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual returns a clock that stands at now.
func NewManual(now time.Time) *Manual { return &Manual{now: now} }

// Now tells where the clock stands.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Advance moves the clock on.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
}

// Set puts the clock at now.
func (m *Manual) Set(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = now
}

type contextKey struct{}

// With returns a context that carries the moment of a request, so that everything on one page speaks of the same now.
func With(ctx context.Context, now time.Time) context.Context {
	return context.WithValue(ctx, contextKey{}, now)
}

// Of is the moment that ctx carries, or the machine's own.
func Of(ctx context.Context) time.Time {
	if now, ok := ctx.Value(contextKey{}).(time.Time); ok {
		return now
	}
	return System.Now()
}
