// Testreport reads the output of `go test -json` and prints what somebody wants to know of it: a line for each package,
// everything about what failed, and the counts. With -counts it also writes them as "passed failed skipped".
// It ends with 1 when anything failed.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is a line of go test -json; see `go doc test2json`.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

// report is what was read so far.
type report struct {
	out                     io.Writer
	passed, failed, skipped int
	broken                  int // packages that failed without a failing test: they did not build, panicked or ran out of time
	output                  map[string][]string
	failedTests             map[string]int
}

func main() {
	counts := flag.String("counts", "", "file for the counts")
	flag.Parse()
	r := &report{out: os.Stdout, output: map[string][]string{}, failedTests: map[string]int{}}
	if err := r.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(1)
	}
	fmt.Fprintf(r.out, "Go tests: %s\n", r.line())
	if *counts != "" {
		if err := os.WriteFile(*counts, fmt.Appendf(nil, "%d %d %d\n", r.passed, r.failed+r.broken, r.skipped), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "testreport:", err)
			os.Exit(1)
		}
	}
	if r.failed+r.broken > 0 || r.passed == 0 {
		os.Exit(1)
	}
}

func (r *report) line() string {
	line := fmt.Sprintf("%d passed, %d failed, %d skipped", r.passed, r.failed, r.skipped)
	if r.broken > 0 {
		line += fmt.Sprintf(", %d packages broken", r.broken)
	}
	return line
}

func (r *report) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<20), 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(r.out, lines.Text()) // not of the tests: a message of the go command
			continue
		}
		r.take(e)
	}
	return lines.Err()
}

func (r *report) take(e event) {
	switch {
	case e.Action == "build-output":
		fmt.Fprint(r.out, e.Output)
	case e.Action == "output":
		r.output[e.Package+" "+e.Test] = append(r.output[e.Package+" "+e.Test], e.Output)
	case e.Test != "":
		r.test(e)
	default:
		r.pkg(e)
	}
}

func (r *report) test(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "pass":
		r.passed++
	case "skip":
		r.skipped++
	case "fail":
		r.failed++
		r.failedTests[e.Package]++
		fmt.Fprintf(r.out, "FAIL %s %s\n%s", e.Package, e.Test, indent(r.output[key]))
	default:
		return
	}
	delete(r.output, key)
}

func (r *report) pkg(e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(r.out, "ok   %s %.1fs\n", e.Package, e.Elapsed)
	case "fail":
		if r.failedTests[e.Package] == 0 {
			r.broken++
		}
		// What is left was said outside of tests, or by one that was running when everything ended: a panic, a hang.
		for key, output := range r.output {
			if strings.HasPrefix(key, e.Package+" ") {
				fmt.Fprint(r.out, indent(output))
			}
		}
		fmt.Fprintf(r.out, "FAIL %s %.1fs\n", e.Package, e.Elapsed)
	}
}

func indent(output []string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(strings.Join(output, ""), "\n"), "\n", "\n    ") + "\n"
}
