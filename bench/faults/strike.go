package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// strike kills and wipes at random moments, starts what it killed at once, and tells when the last was.
func strike(ctx context.Context, w *world, random *rand.Rand) (last time.Time, err error) {
	faults := make([]bool, w.kills+w.flushes) // true: wipe
	for i := range w.flushes {
		faults[i] = true
	}
	random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
	for i, wipe := range faults {
		pause(ctx, time.Duration(random.Int64N(int64(2*w.gap))))
		if err := ctx.Err(); err != nil {
			return last, err
		}
		if wipe {
			if err := w.redis.FlushAll(ctx).Err(); err != nil {
				return last, fmt.Errorf("wipe redis: %w", err)
			}
		} else {
			p := w.programs[random.IntN(len(w.programs))]
			if err := p.kill(); err != nil {
				return last, err
			}
			p.kills++
			if err := p.start(); err != nil {
				return last, err
			}
		}
		last = time.Now()
		if (i+1)%20 == 0 {
			say("%d of %d faults, %d mails so far", i+1, len(faults), w.mails.Count())
		}
	}
	return last, nil
}

// drain waits until nothing is waiting any more, and tells how long after the last fault that was.
func drain(ctx context.Context, w *world, last time.Time) (time.Duration, error) {
	for {
		var open int
		err := w.owner.QueryRow(ctx, `SELECT (SELECT count(*) FROM event WHERE expanded_at IS NULL) + (SELECT count(*) FROM job WHERE finished_at IS NULL)
			+ (SELECT count(*) FROM delivery WHERE finished_at IS NULL)`).Scan(&open)
		if err != nil {
			return 0, fmt.Errorf("look for what waits: %w", err)
		}
		after := time.Since(last)
		if open == 0 {
			return after, nil
		}
		if after > 2*drainWithin {
			return after, fmt.Errorf("%d rows still wait %s after the last fault", open, after.Round(time.Second))
		}
		for _, p := range w.programs {
			select {
			case <-p.Done():
				return after, fmt.Errorf("%s ended by itself: %s: %s", p.name, p.Ended(), p.Tail())
			default:
			}
		}
		pause(ctx, 250*time.Millisecond)
	}
}
