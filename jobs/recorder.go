package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// inDoubt bounds how many messages of this process can be sent and not yet written down: what a crash can send twice.
	// Against a mail server on a network it is one or two, because writing is much faster than sending.
	inDoubt = 16
	// linger is how long a verdict waits for company: a statement for each would cost as much as the mail itself.
	linger = 3 * time.Millisecond
)

// recorder writes the verdicts of all mail workers of this process, a few at a time.
type recorder struct {
	ledger *Ledger
	slots  chan struct{}
	in     chan report
	ended  sync.WaitGroup
	once   sync.Once
	quit   chan struct{}
}

type report struct {
	verdict verdict
	until   time.Time // the end of the lease: later nothing can be written any more
}

func startRecorder(l *Ledger) *recorder {
	r := &recorder{ledger: l, slots: make(chan struct{}, inDoubt), in: make(chan report, inDoubt), quit: make(chan struct{})}
	r.ended.Go(r.run)
	return r
}

// record has the verdict written soon. It waits while inDoubt others are not written yet, so that no worker goes on sending
// what cannot be written down.
func (r *recorder) record(v verdict, until time.Time) {
	select {
	case r.slots <- struct{}{}:
		r.in <- report{v, until}
	case <-r.quit:
	}
}

func (r *recorder) run() {
	for {
		select {
		case first := <-r.in:
			r.write(r.gather(first))
		case <-r.quit:
			select {
			case first := <-r.in:
				r.write(r.gather(first))
			default:
				return
			}
		}
	}
}

func (r *recorder) gather(first report) []report {
	group := []report{first}
	timer := time.NewTimer(linger)
	defer timer.Stop()
	for len(group) < inDoubt {
		select {
		case next := <-r.in:
			group = append(group, next)
		case <-timer.C:
			return group
		}
	}
	return group
}

// write tries for as long as a lease holds: a mail that went out must not go out again because the database was away for
// a moment.
func (r *recorder) write(group []report) {
	verdicts := make([]verdict, len(group))
	until := group[0].until
	for i, one := range group {
		verdicts[i] = one.verdict
		if one.until.After(until) {
			until = one.until
		}
	}
	for pauseFor := 50 * time.Millisecond; ; pauseFor = min(2*pauseFor, 2*time.Second) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		kept, err := r.ledger.finishDeliveries(ctx, verdicts)
		cancel()
		if err == nil {
			if kept < len(verdicts) {
				slog.Warn("jobs: claims were lost before they were finished", "deliveries", len(verdicts)-kept)
			}
			break
		}
		slog.Error("jobs: cannot write what was delivered", "deliveries", len(verdicts), "error", err)
		if time.Now().After(until) {
			break
		}
		select {
		case <-r.quit:
			until = time.Time{} // one more try, then the rows must wait for their lease
		case <-time.After(pauseFor):
		}
	}
	for range group {
		<-r.slots
	}
}

// stop writes what is left. Workers must have stopped before.
func (r *recorder) stop() {
	r.once.Do(func() { close(r.quit) })
	r.ended.Wait()
}
