// Faults proves that nothing is lost or doubled when programs die and Redis forgets. It runs the built program, one web process
// and two workers, with servers of its own; sends forms through the web as somebody at work does, and again when no answer came;
// kills processes (kill -9) and wipes Redis at random moments meanwhile; and then looks at what every guardian has got.
//
//	make faults                                          10,000 deliveries, 200 kills, 20 wipes: some eight minutes
//	scripts/faults -deliveries 500 -kills 10 -flushes 2  less of each; not much shorter, because what a dead worker held is free
//	                                                     after a lease of three minutes
//	scripts/faults -seed 7                               the same choices as another run; the moments differ, as machines do
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	// wholeRun is when a run ends whatever has become of it.
	wholeRun = 25 * time.Minute
	// drainWithin is how long after the last fault everything must be delivered.
	drainWithin = 5 * time.Minute
)

type options struct {
	deliveries int
	kills      int
	flushes    int
	gap        time.Duration
	mail       time.Duration
	seed       uint64
	programs   string
	logs       string
}

func main() {
	var o options
	flag.IntVar(&o.deliveries, "deliveries", 10_000, "mails to send, in hundreds")
	flag.IntVar(&o.kills, "kills", 200, "processes to kill")
	flag.IntVar(&o.flushes, "flushes", 20, "times to wipe Redis")
	flag.DurationVar(&o.gap, "gap", 700*time.Millisecond, "time between two faults, on average")
	flag.DurationVar(&o.mail, "mail", 60*time.Millisecond, "how long the mail server takes for a mail")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().Unix()), "of the random choices")
	flag.StringVar(&o.programs, "programs", "bin", "where ouderportaal and ouderportaal-images are")
	flag.StringVar(&o.logs, "logs", ".build/logs", "where the logs of the processes go")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, wholeRun)
	defer cancel()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		cancel()
		stop()
		os.Exit(1)
	}
}

// errNotProven means that the table has a line that does not hold.
var errNotProven = errors.New("something does not hold")

func run(ctx context.Context, o options, out io.Writer) error {
	if o.deliveries < perGroup || o.kills < 0 || o.flushes < 0 || o.gap <= 0 {
		return fmt.Errorf("sizes are positive, and deliveries %d at least", perGroup)
	}
	say("seed %d", o.seed)
	random := rand.New(rand.NewPCG(o.seed, 0))
	forms := plan(o.deliveries)
	w, err := openWorld(ctx, o)
	if err != nil {
		return errors.Join(err, w.close())
	}
	defer func() { _ = w.close() }()

	began := time.Now()
	sending := startSending(ctx, w, forms, random.Uint64())
	last, err := strike(ctx, w, random)
	if err != nil {
		return err
	}
	say("all faults are done; waiting for the forms and the deliveries")
	sent, err := sending()
	if err != nil {
		return err
	}
	drained, err := drain(ctx, w, last)
	if err != nil {
		return err
	}
	say("drained %s after the last fault, %s after the first form", drained.Round(100*time.Millisecond), time.Since(began).Round(time.Second))
	verdict, err := judge(ctx, w, forms, sent, o.flushes, drained)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s", verdict)
	if err := w.close(); err != nil {
		return err
	}
	if !verdict.holds() {
		return errNotProven
	}
	return nil
}

// say tells how far it is, on standard error: the table alone is on standard output.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format(time.TimeOnly)+"  "+format+"\n", args...)
}
