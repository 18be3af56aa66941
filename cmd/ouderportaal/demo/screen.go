package demo

import (
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
	"time"
)

// screen writes lines for whoever started the demo.
type screen struct {
	mu  sync.Mutex
	out io.Writer
}

func newScreen(out io.Writer) *screen { return &screen{out: out} }

// line writes one line.
func (s *screen) line(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text != "" {
		text = "  " + text
	}
	fmt.Fprintln(s.out, text)
}

// done writes what was done and how long it took.
func (s *screen) done(what string, since time.Time) {
	s.line(fmt.Sprintf("%5.1f s  %s", time.Since(since).Seconds(), what))
}

// welcome says where everything is and who can sign in.
func (s *screen) welcome(d *demo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, "\nOuderportaal runs (ready in %.1f s).\n\n", time.Since(d.began).Seconds())
	if d.Empty {
		s.welcomeToNothing(d)
		return
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, org := range organisations {
		fmt.Fprintf(w, "  %s\t%s\n", org.name, d.address(org.slug))
	}
	if d.services.inbox != "" {
		fmt.Fprintf(w, "  All mail\t%s\n", d.services.inbox)
	}
	fmt.Fprintf(w, "  Codes\t%s\n", d.services.codes)
	_ = w.Flush()
	fmt.Fprintf(s.out, "\nEverybody's password: %s\nStaff, managers and admins also need a code: the page Codes shows the one of now.\n", Password)
	before := ""
	for _, l := range Logins() {
		if l.Organisation != before {
			_ = w.Flush()
			before = l.Organisation
			fmt.Fprintf(s.out, "\n  %s\n", d.address(l.Organisation))
		}
		fmt.Fprintf(w, "    %s\t%s\n", l.Email, l.Who)
	}
	_ = w.Flush()
	fmt.Fprintf(s.out, "\n  %s\n    %s  %s\n", d.address(operator.Organisation), operator.Email, operator.Who)
	fmt.Fprintf(s.out, "\n  Worker: process %d; end it (kill -9 %d) and see it come back without losing anything.\n", d.worker.PID(), d.worker.PID())
	fmt.Fprintf(s.out, "  A planning of %d children to import as admin of %s: %s\n", planned, organisations[0].name, d.short(planningFile))
	if !d.Check {
		fmt.Fprintf(s.out, "  Suspend an organisation: env $(cat %s) %s tenant suspend klaproos \"Reden\"; resume klaproos undoes it.\n", d.short(platformFile), d.Serve[0])
		fmt.Fprintln(s.out, "  Ctrl-C stops everything; the data stay. make demo-reset empties them.")
	}
	fmt.Fprintln(s.out)
}

// welcomeToNothing says how somebody begins who has nothing yet.
func (s *screen) welcomeToNothing(d *demo) {
	fmt.Fprintf(s.out, "  The console of the platform  %s\n  All mail  %s\n\n", d.address(operator.Organisation), d.services.inbox)
	fmt.Fprintf(s.out, "  Nobody is there yet. The first operator: env $(cat %s) %s operator create you@example.nl \"Your name\"\n", d.short(platformFile), d.Serve[0])
	fmt.Fprintf(s.out, "  To import, in this order: %s, %s, %s\n", d.short(placesFile), d.short(staffFile), d.short(planningFile))
	fmt.Fprintf(s.out, "  Ctrl-C stops everything; the data stay in %s.\n\n", d.Dir)
}

// address is where an organisation is found in a browser.
func (d *demo) address(slug string) string {
	return fmt.Sprintf("http://%s.%s:%d", slug, BaseDomain, d.port)
}
