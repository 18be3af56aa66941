// Bench measures what bench/README.md promises. Each line sets what the product does beside the plainest program that does the
// same work, in rounds that take turns, so that a busy machine slows both; what counts is the median of the rounds' ratios.
//
//	make bench                         everything, with 4 million photos; the first time makes the data, which takes minutes
//	scripts/bench -scale 0.01          the same with little data, to try out
//	scripts/bench -only timeline,start some lines
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

type options struct {
	scale    float64
	rounds   int
	round    time.Duration
	only     string
	dir      string
	programs string
	stores   string
	readme   string
	profile  string
}

// line is one measurement.
type line struct {
	name string
	run  func(context.Context, *world) ([]result, error)
}

func lines() []line {
	return []line{
		{"timeline", timeline},
		{"years", years},
		{"lists", lists},
		{"photo", photo},
		{"serving", serving},
		{"zip", zips},
		{"fanout", fanOut},
		{"relay", relay},
		{"fair", fair},
		{"authz", authorisation},
		{"start", start},
	}
}

func main() {
	var o options
	flag.Float64Var(&o.scale, "scale", 1, "part of the 200 organisations")
	flag.IntVar(&o.rounds, "rounds", 7, "rounds of each line")
	flag.DurationVar(&o.round, "round", 6*time.Second, "how long one side of a round takes")
	flag.StringVar(&o.only, "only", "", "names of lines, separated by commas: "+names())
	flag.StringVar(&o.dir, "data", ".data/bench", "where the data are kept")
	flag.StringVar(&o.programs, "programs", "bin", "where ouderportaal and ouderportaal-images are")
	flag.StringVar(&o.stores, "stores", ".build/bin", "where versitygw is")
	flag.StringVar(&o.readme, "readme", "", "file to write the results into, between its marks; only a run of all lines at full scale does")
	flag.StringVar(&o.profile, "profile", "", "folder for CPU profiles of the web process and the data layer")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func names() string {
	var list []string
	for _, l := range lines() {
		list = append(list, l.name)
	}
	return strings.Join(list, ", ")
}

func run(ctx context.Context, o options) error {
	chosen, err := choose(o.only)
	if err != nil {
		return err
	}
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	w, err := openWorld(ctx, o)
	if err != nil {
		return err
	}
	defer w.close()
	var all []result
	for _, l := range chosen {
		say("%s", l.name)
		results, err := l.run(ctx, w)
		if err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
		for _, r := range results {
			say("  %s", r.short())
		}
		all = append(all, results...)
	}
	text := report(w, all)
	fmt.Print("\n", text)
	if o.readme != "" && o.only == "" && o.scale == 1 {
		return rewrite(o.readme, text)
	}
	return nil
}

func choose(only string) ([]line, error) {
	if only == "" {
		return lines(), nil
	}
	var chosen []line
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(lines(), func(l line) bool { return l.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no line %q; there are %s", name, names())
		}
		chosen = append(chosen, lines()[i])
	}
	return chosen, nil
}

// say tells how far it is, on standard error: the table alone is on standard output.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format(time.TimeOnly)+"  "+format+"\n", args...)
}
