package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"ouderportaal/internal/fault"
)

const (
	firstWait = 10 * time.Second
	longWait  = time.Hour
	// tryFor is how long a transient fault is tried again before somebody has to look at it.
	tryFor = 24 * time.Hour
)

// wait is the nominal time between the failed try and the next one.
func wait(attempt int) time.Duration {
	if attempt > 12 {
		return longWait
	}
	return min(firstWait<<(max(attempt, 1)-1), longWait)
}

// lastAttempt is the number of the try after which a row is dead: the waits before it add up to less than tryFor.
var lastAttempt = func() int {
	attempt := 1
	for total := wait(attempt); total < tryFor; total += wait(attempt) {
		attempt++
	}
	return attempt
}()

// jittered spreads tries that failed together over a quarter of the wait, downwards, so that the sum keeps its bound.
func jittered(d time.Duration) time.Duration { return d - rand.N(d/4+1) }

// final tells whether trying again would end the same way.
func final(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.Gone, fault.Missing:
		return true
	}
	return false
}

// errPanic stands for a handler that panicked.
var errPanic = errors.New("panic")

// class names an error for the ledger without repeating its text, which may speak of people.
func class(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Key
	}
	var pg *pgconn.PgError
	var network net.Error
	switch {
	case errors.Is(err, errPanic):
		return "panic"
	case errors.As(err, &pg):
		return "postgres " + pg.Code
	case errors.Is(err, context.DeadlineExceeded):
		return "time-out"
	case errors.Is(err, context.Canceled):
		return "stopped"
	case errors.As(err, &network):
		return "network"
	}
	return fmt.Sprintf("error %s", innermost(err))
}

func innermost(err error) reflect.Type {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return reflect.TypeOf(err)
		}
		err = inner
	}
}
