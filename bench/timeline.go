package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/clock"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// poolSize is that of the program on two cores; see connections in cmd/ouderportaal.
const poolSize = 8

// timeline is lines a and b: the page, and the reading behind it, beside pgbench with the plain query.
func timeline(ctx context.Context, w *world) ([]result, error) {
	if err := w.warm(ctx); err != nil {
		return nil, err
	}
	server, err := w.serve(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer server.Stop()
	db, err := tenants.Open(ctx, w.url.app, poolSize, clock.System)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	reader := newReader(db, w.tenants)
	everybody := crowd{tenants: w.tenants, each: parentsEach}
	if _, err := lookAtPages(server.addr, everybody); err != nil {
		return nil, err
	}

	var pages comparison
	var reads, readRatio, readCPU []float64
	for round := -1; round < w.rounds; round++ { // the first fills caches and does not count
		d := w.round
		if round < 0 {
			d = min(d, 3*time.Second)
		}
		one, err := w.compare(ctx, server, "timeline", everybody, d)
		if err != nil {
			return nil, err
		}
		before := w.processor()
		c, err := reader.drive(ctx, d, w.profile)
		if err != nil {
			return nil, fmt.Errorf("data layer: %w", err)
		}
		readUsed := w.processor() - before
		if round < 0 {
			continue
		}
		say("  page %.0f/s  pgbench %.0f/s  data layer %.0f/s", one.page.perSecond, one.plain.perSecond, c.perSecond)
		pages.add(one)
		reads, readRatio, readCPU = append(reads, c.perSecond), append(readRatio, c.perSecond/one.plain.perSecond), append(readCPU, micros(readUsed, c.done))
	}
	memory, err := rss(server.PID())
	if err != nil {
		return nil, err
	}
	return []result{
		{line: "a", what: "Timeline page", against: "pgbench, plain query", value: median(pages.ratio), unit: "×", must: atLeast(0.50), goal: atLeast(0.70),
			detail: fmt.Sprintf("%s; web process %.0f MB after it. %s", pages.rates(), memory, pages.shared())},
		{line: "a", what: "Timeline page, p99 at 16 connections", against: "budget", value: float64(percentile(pages.took, 0.99).Microseconds()) / 1000, unit: "ms", must: atMost(40)},
		{line: "b", what: "Data layer of the timeline", against: "pgbench, plain query", value: median(readRatio), unit: "×", must: atLeast(0.75), goal: atLeast(0.85),
			detail: fmt.Sprintf("%.0f reads/s beside %.0f queries/s; processor time %.0f µs: %.2f ×", median(reads), median(pages.plain), median(readCPU), median(pages.plainCPU)/median(readCPU))},
	}, nil
}

// round is one of a comparison: both sides, one after the other.
type round struct {
	page             load
	plain            plainly
	pageCPU, ownsCPU float64 // µs a page: of everything together, and of the web process
}

// compare asks for *Mijn kind* of random parents of the crowd, and then has pgbench run the plain query for such.
func (w *world) compare(ctx context.Context, server *web, line string, who crowd, d time.Duration) (r round, err error) {
	own, before := cpuOf(server.PID(), false), w.processor()
	profiled := server.profile(ctx, w.profile, line, d)
	r.page, err = drive(ctx, server.addr, d, func(random *rand.Rand) []byte { return request(who.at(random.IntN(who.parents())), "/") })
	if err := errors.Join(err, profiled()); err != nil {
		return r, fmt.Errorf("pages: %w", err)
	}
	r.ownsCPU = micros(cpuOf(server.PID(), false)-own, len(r.page.took))
	r.pageCPU = micros(w.processor()-before, len(r.page.took))
	r.plain, err = w.pgbench(ctx, "timeline.sql", connections, d, who.defines()...)
	return r, err
}

// comparison is what the rounds came to.
type comparison struct {
	pages, plain, ratio, pageCPU, plainCPU, ownCPU []float64
	took                                           []time.Duration // by every page
}

func (c *comparison) add(r round) {
	c.pages, c.plain, c.ratio = append(c.pages, r.page.perSecond), append(c.plain, r.plain.perSecond), append(c.ratio, r.page.perSecond/r.plain.perSecond)
	c.pageCPU, c.plainCPU, c.ownCPU = append(c.pageCPU, r.pageCPU), append(c.plainCPU, micros(r.plain.each, 1)), append(c.ownCPU, r.ownsCPU)
	c.took = append(c.took, r.page.took...)
}

func (c *comparison) rates() string {
	return fmt.Sprintf("%.0f pages/s beside %.0f queries/s; p50 %s", median(c.pages), median(c.plain), ms(percentile(c.took, 0.5)))
}

func (c *comparison) shared() string {
	return fmt.Sprintf("Processor time of everything together, which other work on the machine changes less: page %.0f µs (web process %.0f µs), plain query %.0f µs: %.2f ×",
		median(c.pageCPU), median(c.ownCPU), median(c.plainCPU), median(c.plainCPU)/median(c.pageCPU))
}

// processor is the processor time of this program and everything it started, PostgreSQL's own children included.
func (w *world) processor() time.Duration {
	server := w.postgres.PID()
	return cpuOf(os.Getpid(), true) + cpuOf(server, true) - cpuOf(server, false)
}

func micros(d time.Duration, count int) float64 {
	return float64(d.Microseconds()) / float64(max(count, 1))
}

// lookAtPages makes sure that what is measured is a whole page, and gives the HTML of one.
func lookAtPages(addr string, who crowd) ([]byte, error) {
	var first []byte
	for n := range 5 {
		html, body, err := look(addr, request(who.at(who.parents()/5*n), "/"))
		if err != nil {
			return nil, err
		}
		if found := bytes.Count(html, []byte(`data-qa="entry"`)); found != diary.PageSize || !bytes.Contains(html, []byte("srcset=")) {
			return nil, fmt.Errorf("page has %d entries", found)
		}
		if n == 0 {
			first = html
			say("  a page has %.1f kB of HTML, %.1f kB in gzip", float64(len(html))/1000, float64(len(body))/1000)
		}
	}
	return first, nil
}

// look gives a page as a browser has it, and as it came.
func look(addr string, request []byte) (html, sent []byte, err error) {
	head, sent, err := get(addr, request)
	if err != nil {
		return nil, nil, err
	}
	if head.status != 200 {
		return nil, nil, fmt.Errorf("page answers %d", head.status)
	}
	plain, err := gzip.NewReader(bytes.NewReader(sent))
	if err != nil {
		return nil, nil, err
	}
	html, err = io.ReadAll(plain)
	return html, sent, err
}

// reader asks the diary as a page does, without the web around it.
type reader struct {
	diary   *diary.Service
	tenants []tenants.Tenant
	today   tenants.Date
}

// readings is what a round of reading came to.
type readings struct {
	done      int
	perSecond float64
}

func newReader(db *tenants.DB, count int) *reader {
	r := &reader{diary: diary.New(db, nil), today: tenants.Date(time.Now().Format(time.DateOnly))}
	for n := range count {
		r.tenants = append(r.tenants, tenants.Tenant{ID: idOf("10", n), Slug: slugOf(n), Status: tenants.Active, TimeZone: "Europe/Amsterdam", Language: "nl"})
	}
	return r
}

func (r *reader) drive(ctx context.Context, d time.Duration, profile string) (readings, error) {
	if profile != "" {
		stop, err := profileTo(filepath.Join(profile, "data.pprof"))
		if err != nil {
			return readings{}, err
		}
		defer stop()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var done atomic.Int64
	var failed error
	var once sync.Once
	var all sync.WaitGroup
	began := time.Now()
	end := began.Add(d)
	for i := range connections {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), uint64(began.UnixNano())))
			for time.Now().Before(end) {
				if err := r.read(ctx, parentAt(random.IntN(len(r.tenants)*parentsEach))); err != nil {
					once.Do(func() { failed = err })
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	count := int(done.Load())
	return readings{done: count, perSecond: float64(count) / time.Since(began).Seconds()}, failed
}

func (r *reader) read(ctx context.Context, p parent) error {
	tenant := r.tenants[p.tenant]
	ctx = actor.With(tenants.With(ctx, tenant), actor.Actor{TenantID: tenant.ID, PersonID: idOf("11", p.person), Role: actor.Parent, Language: "nl"})
	page, err := r.diary.Read(ctx, diary.Filter{})
	if err != nil {
		return err
	}
	if len(page.Entries) != diary.PageSize || len(page.Children) == 0 {
		return errors.New("a page that is not full")
	}
	return nil
}

func profileTo(file string) (stop func(), err error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}
