package main

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/mailcatcher"
	"ouderportaal/internal/outbox"
)

//go:embed fair.sql
var fairSQL string

// What fair.sql makes: who is signed in at the organisation that writes, how many guardians it writes to, and how many people the
// other one has.
const (
	fairTenant = 1
	fairPerson = 0
	fairFamily = 2
	newsletter = 50_000
)

// fairEach messages and as many entries are written, a second apart. A message goes out 20 s later, when the pile is there.
const fairEach = 20

// fair is line k: one organisation has 50,000 mails waiting, and another one writes to a family. One web process and one worker as
// in production, and a mail server that takes 3 ms a mail.
func fair(ctx context.Context, w *world) ([]result, error) {
	apart, err := w.beside(ctx, "bench_fair", strings.ReplaceAll(fairSQL, "{token}", tokenOf(fairPerson)))
	if err != nil {
		return nil, err
	}
	bulk, err := apart.behind(ctx, outbox.Bulk)
	if err != nil {
		return nil, err
	}
	same, err := apart.behind(ctx, outbox.Normal)
	if err != nil {
		return nil, err
	}
	detail := func(p pile) string {
		return fmt.Sprintf("median %s s; the other organisation had %d of 50,000 mails waiting when the last had come", number(median(p.messages)), p.left)
	}
	return []result{
		{line: "k", what: "Message of one organisation while a newsletter of another goes to 50,000, slowest of 20", against: "budget", value: slices.Max(bulk.messages), unit: "s", must: atMost(2), detail: detail(bulk)},
		{line: "k", what: "Entry in the diary meanwhile, slowest of 20", against: "budget", value: slices.Max(bulk.entries), unit: "s", must: atMost(2)},
		{line: "k", what: "The same message while 50,000 mails of the class of entries wait", against: "budget", value: slices.Max(same.messages), unit: "s", must: atMost(2), detail: detail(same)},
		{line: "k", what: "The same entry, of the class of those 50,000", against: "budget", value: slices.Max(same.entries), unit: "s", must: atMost(2)},
	}, nil
}

// pile is how long mails took, in seconds, behind those of another organisation, of which so many were left.
type pile struct {
	messages, entries []float64
	left              int
}

// behind piles mails of a class up at the first organisation, while the second one writes.
func (w *world) behind(ctx context.Context, queue string) (pile, error) {
	var p pile
	mails, err := mailcatcher.Start(mailcatcher.Config{Keep: newsletter + 100})
	if err != nil {
		return p, err
	}
	defer mails.Close()
	mails.Slow(3 * time.Millisecond)
	server, err := w.serve(ctx, nil)
	if err != nil {
		return p, err
	}
	defer server.Stop()
	worker, err := w.work(ctx, nil, mails.URL())
	if err != nil {
		return p, err
	}
	defer worker.Stop()
	owner, err := pgx.Connect(ctx, w.url.owner)
	if err != nil {
		return p, err
	}
	defer owner.Close(context.WithoutCancel(ctx))
	if _, err := owner.Exec(ctx, "DELETE FROM delivery"); err != nil { // what is left of another pile
		return p, err
	}

	shared := map[string]time.Time{} // from when people may hear of it
	for i := range fairEach {
		shared[titleOf("Bericht", queue, i)] = time.Now()
		path, fields := messageForm(queue, i)
		if err := write(ctx, server.addr, path, fields); err != nil {
			return p, err
		}
		pause(ctx, time.Second)
	}
	if err := pileUp(ctx, owner, queue); err != nil {
		return p, err
	}
	for i := range fairEach {
		shared[titleOf("Stukje", queue, i)] = time.Now()
		path, fields := entryForm(queue, i)
		if err := write(ctx, server.addr, path, fields); err != nil {
			return p, err
		}
		pause(ctx, time.Second)
	}
	if err := p.read(ctx, owner, mails, shared); err != nil {
		return p, err
	}
	if p.left == 0 {
		return p, fmt.Errorf("the pile was gone before the last mail of the others had come: that says nothing")
	}
	return p, nil
}

// pileUp leaves a mail to each of the 50,000 waiting, as the handler of a newsletter would.
func pileUp(ctx context.Context, owner *pgx.Conn, queue string) error {
	_, err := owner.Exec(ctx, `WITH e AS (INSERT INTO event (tenant_id, id, name, payload, recorded_at, expanded_at)
			VALUES (fair.id('10', 0), gen_random_uuid(), 'bench.newsletter', '{}', now(), now()) RETURNING id)
		INSERT INTO delivery (tenant_id, id, event_id, person_id, channel, item, subject_id, queue, due_at)
		SELECT fair.id('10', 0), gen_random_uuid(), e.id, fair.id('11', n), 'mail', 'message', fair.id('51', n / 2), $1, now() FROM e, generate_series(0, 49999) n`, queue)
	if err != nil {
		return fmt.Errorf("pile up: %w", err)
	}
	_, err = owner.Exec(ctx, "SELECT pg_notify($1, '')", outbox.Wake)
	return err
}

func messageForm(queue string, n int) (path string, fields url.Values) {
	group := idOf("21", 0).String()
	return "/berichten/aan/" + group, url.Values{"form_key": {ids.New().String()}, "to": {"group:" + group}, "families": {"group:" + group + "=1"},
		"subject": {titleOf("Bericht", queue, n)}, "body": {"Neem je morgen laarzen mee?"}}
}

func entryForm(queue string, n int) (path string, fields url.Values) {
	return "/groep/" + idOf("21", 0).String() + "/dagboek", url.Values{"form_key": {ids.New().String()}, "children": {idOf("22", 0).String()},
		"title": {titleOf("Stukje", queue, n)}, "body": {"Vandaag was er veel te doen."}}
}

// titleOf is what its mails are recognised by.
func titleOf(kind, queue string, n int) string {
	return kind + " " + queue + " " + strconv.Itoa(n) + "."
}

// write sends a form as the employee of the second organisation.
func write(ctx context.Context, addr, path string, fields url.Values) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return err
	}
	request.Host = "fair" + strconv.Itoa(fairTenant) + "." + baseDomain
	request.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}, "Cookie": {"__Host-sessie=" + tokenOf(fairPerson)}}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("%s: answer %s", path, answer.Status)
	}
	return nil
}

// read waits for the mails of all that was written, and sets what the last mail about each took.
func (p *pile) read(ctx context.Context, owner *pgx.Conn, mails *mailcatcher.Catcher, shared map[string]time.Time) error {
	rows, err := owner.Query(ctx, "SELECT t.subject, m.due_at FROM message m JOIN message_thread t ON t.tenant_id = m.tenant_id AND t.id = m.thread_id WHERE m.tenant_id = fair.id('10', $1)", fairTenant)
	if err != nil {
		return err
	}
	var title string
	var due time.Time
	if _, err := pgx.ForEachRow(rows, []any{&title, &due}, func() error {
		if _, known := shared[title]; known {
			shared[title] = due
		}
		return nil
	}); err != nil {
		return err
	}
	var came map[string][]time.Time
	if !mails.Await(2*time.Minute, func(c *mailcatcher.Catcher) bool {
		came = arrivals(c)
		return len(came) == len(shared) && !slices.ContainsFunc(slices.Collect(maps.Values(came)), func(at []time.Time) bool { return len(at) < fairFamily })
	}) {
		return fmt.Errorf("of %d messages and entries only %d had come after two minutes", len(shared), len(came))
	}
	for title, at := range came {
		took := slices.MaxFunc(at, time.Time.Compare).Sub(shared[title]).Seconds()
		if strings.HasPrefix(title, "Bericht") {
			p.messages = append(p.messages, took)
		} else {
			p.entries = append(p.entries, took)
		}
	}
	return owner.QueryRow(ctx, "SELECT count(*) FROM delivery WHERE finished_at IS NULL").Scan(&p.left)
}

var fairTitle = regexp.MustCompile(`(Bericht|Stukje) \w+ \d+\.`)

// arrivals are the moments at which mails to the second organisation came, by what they are about.
func arrivals(c *mailcatcher.Catcher) map[string][]time.Time {
	came := map[string][]time.Time{}
	for _, m := range c.Messages() {
		if strings.HasSuffix(m.To, "@klein.example") {
			title := fairTitle.FindString(m.Parsed().Subject + "\n" + m.Parsed().Text)
			came[title] = append(came[title], m.At)
		}
	}
	return came
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
