package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// recorder writes the verdicts of all mail workers of this process: whatever came in while one statement ran goes with
// the next, so that many workers share a commit and none waits for a timer.
type recorder struct {
	ledger *Ledger
	in     chan report
	quit   chan struct{}
	once   sync.Once
	ended  sync.WaitGroup
}

type report struct {
	verdict verdict
	until   time.Time // the end of the lease: later nothing can be written any more
	kept    chan struct{}
}

const recordAtOnce = 256

func startRecorder(l *Ledger) *recorder {
	r := &recorder{ledger: l, in: make(chan report), quit: make(chan struct{})}
	r.ended.Go(r.run)
	return r
}

// record returns when the verdict is in its row, or when the lease is over and it never will be.
func (r *recorder) record(v verdict, until time.Time) {
	one := report{verdict: v, until: until, kept: make(chan struct{})}
	select {
	case r.in <- one:
		<-one.kept
	case <-r.quit:
	}
}

func (r *recorder) run() {
	for {
		select {
		case <-r.quit:
			return
		case first := <-r.in:
			r.write(r.gather(first))
		}
	}
}

func (r *recorder) gather(first report) []report {
	group := []report{first}
	for len(group) < recordAtOnce {
		select {
		case next := <-r.in:
			group = append(group, next)
		default:
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
			pauseFor = 0
			until = time.Time{} // one more try, then the rows must wait for their lease
		case <-time.After(pauseFor):
		}
	}
	for _, one := range group {
		close(one.kept)
	}
}

func (r *recorder) stop() {
	r.once.Do(func() { close(r.quit) })
	r.ended.Wait()
}
