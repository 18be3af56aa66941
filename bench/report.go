package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// bound is a number that a result must not be on the wrong side of.
type bound struct {
	limit float64
	most  bool
}

func atLeast(limit float64) *bound { return &bound{limit, false} }
func atMost(limit float64) *bound  { return &bound{limit, true} }

func (b *bound) holds(value float64) bool { return (value <= b.limit) == b.most || value == b.limit }

func (b *bound) String() string {
	switch {
	case b == nil:
		return ""
	case b.most:
		return "≤ " + number(b.limit)
	}
	return "≥ " + number(b.limit)
}

// result is one row of the table.
type result struct {
	line, what, against string
	value               float64
	unit                string
	must, goal          *bound
	detail              string
}

func (r result) verdict() string {
	switch {
	case r.must != nil && !r.must.holds(r.value):
		return "**missed**"
	case r.goal != nil && !r.goal.holds(r.value) && r.must != nil:
		return "must holds, goal not yet"
	case r.goal != nil && !r.goal.holds(r.value):
		return "goal not yet"
	}
	return "holds"
}

func (r result) measured() string { return strings.TrimSpace(number(r.value) + " " + r.unit) }

func (r result) short() string {
	text := fmt.Sprintf("%s %s: %s (%s)", r.line, r.what, r.measured(), r.verdict())
	if r.detail != "" {
		text += "; " + r.detail
	}
	return text
}

func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func ms(d time.Duration) string { return number(float64(d.Microseconds())/1000) + " ms" }

func median(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	if half := len(sorted) / 2; len(sorted)%2 == 0 {
		return (sorted[half-1] + sorted[half]) / 2
	}
	return sorted[len(sorted)/2]
}

// report is the table, and below it what else was seen.
func report(w *world, all []result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, on %s. %d organisations, %d children, %d entries, %d photos; %d rounds of %s a side, medians of the rounds' ratios.\n\n",
		time.Now().Format("2 January 2006"), machine(), w.tenants, w.tenants*500, w.tenants*entriesEach, w.tenants*entriesEach*2, w.rounds, w.round)
	b.WriteString("| | What | Against | Measured | Must | Goal | |\n|---|---|---|---|---|---|---|\n")
	for _, r := range all {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", r.line, r.what, r.against, r.measured(), r.must, r.goal, r.verdict())
	}
	b.WriteString("\n")
	for _, r := range all {
		if r.detail != "" {
			fmt.Fprintf(&b, "- **%s** %s.\n", r.line, r.detail)
		}
	}
	return b.String()
}

const (
	resultsBegin = "<!-- results: written by make bench -->"
	resultsEnd   = "<!-- end of results -->"
)

// rewrite puts text between the marks of the file.
func rewrite(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), resultsBegin)
	_, after, closed := strings.Cut(rest, resultsEnd)
	if !ok || !closed {
		return fmt.Errorf("%s has no marks %q and %q", file, resultsBegin, resultsEnd)
	}
	return os.WriteFile(file, []byte(before+resultsBegin+"\n"+text+resultsEnd+after), 0o644)
}
