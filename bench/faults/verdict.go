package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
)

// inFlight is how many mails of one worker can be sent and not yet written down: one of each of the five tasks that deliver, and
// what jobs.recorder holds.
const inFlight = 5 + 16

// row of the table; most is what it may be, nil when it is only told.
type row struct {
	what     string
	measured string
	most     string
	wrong    bool
}

type verdict []row

func (v *verdict) tell(what string, measured any) {
	*v = append(*v, row{what: what, measured: fmt.Sprint(measured)})
}

// must adds a number that must not be over most.
func (v *verdict) must(what string, measured, most int) {
	*v = append(*v, row{what: what, measured: strconv.Itoa(measured), most: "≤ " + strconv.Itoa(most), wrong: measured > most})
}

func (v verdict) holds() bool {
	for _, r := range v {
		if r.wrong {
			return false
		}
	}
	return true
}

func (v verdict) String() string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range v {
		says := ""
		if r.most != "" {
			says = "holds"
		}
		if r.wrong {
			says = "MISSED"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.what, r.measured, r.most, says)
	}
	_ = table.Flush() // into memory
	return b.String()
}

// told is a form that somebody heard of.
type told struct {
	to   string
	form int
}

// post is what the mail catcher got.
type post struct {
	copies  map[told]int
	ids     map[string]int // mails by Message-ID
	changed int            // second mails about the same that have another Message-ID
	strayed []string       // subjects of mails to who is not to hear of it, or that cannot be read
}

var (
	address = regexp.MustCompile(`^g(\d+)-p\d+@storing\.example$`)
	number  = regexp.MustCompile(title + `(\d+)\.`)
)

func collect(w *world, forms []*form) post {
	p := post{copies: map[told]int{}, ids: map[string]int{}}
	first := map[told]string{}
	for _, m := range w.mails.Messages() {
		parsed := m.Parsed()
		about := number.FindStringSubmatch(parsed.Subject + "\n" + parsed.Text)
		to := address.FindStringSubmatch(m.To)
		if about == nil || to == nil {
			p.strayed = append(p.strayed, parsed.Subject)
			continue
		}
		form, _ := strconv.Atoi(about[1])
		group, _ := strconv.Atoi(to[1])
		if form >= len(forms) || !forms[form].reaches(group) {
			p.strayed = append(p.strayed, parsed.Subject)
			continue
		}
		one := told{m.To, form}
		if p.copies[one]++; p.copies[one] == 1 {
			first[one] = parsed.MessageID
		} else if first[one] != parsed.MessageID {
			p.changed++
		}
		p.ids[parsed.MessageID]++
	}
	return p
}

// ledger is what the database says of the mails, added up.
type ledger struct {
	unsent   int           // neither waiting nor sent
	again    int           // times that a worker took a row that another had taken before
	unproven int           // mails beyond the times that their row was taken
	slowest  time.Duration // from when people were to hear of it until it was written down that the mail went out
}

func readLedger(ctx context.Context, w *world, ids map[string]int) (ledger, error) {
	var l ledger
	rows, err := w.owner.Query(ctx, `SELECT d.id::text, d.state, d.attempts, d.finished_at - coalesce(e.due_at, e.recorded_at)
		FROM delivery d JOIN event e ON e.tenant_id = d.tenant_id AND e.id = d.event_id`)
	if err != nil {
		return l, fmt.Errorf("read deliveries: %w", err)
	}
	var id, state string
	var attempts int
	var took time.Duration
	_, err = pgx.ForEachRow(rows, []any{&id, &state, &attempts, &took}, func() error {
		l.again += attempts - 1
		l.slowest = max(l.slowest, took)
		if state != "sent" {
			l.unsent++
		}
		if mails := ids["<"+id+"@"+baseDomain+">"]; mails > attempts {
			l.unproven += mails - attempts
		}
		return nil
	})
	if err != nil {
		return l, fmt.Errorf("read deliveries: %w", err)
	}
	return l, nil
}

// judge compares what people have got with what was planned, and the mails with the ledger.
func judge(ctx context.Context, w *world, forms []*form, s *sent, flushes int, drained time.Duration) (verdict, error) {
	var planned, entries, messages, families int
	for _, f := range forms {
		planned += f.deliveries()
		if f.entry {
			entries++
		} else {
			messages++
			families += f.deliveries() / 2
		}
	}
	var kept struct{ entries, mailings, messages, lines, told int }
	err := w.owner.QueryRow(ctx, `SELECT (SELECT count(*) FROM diary_entry), (SELECT count(*) FROM message_mailing), (SELECT count(*) FROM message),
		count(*), count(DISTINCT (person_id, subject_id)) FROM notification`).Scan(&kept.entries, &kept.mailings, &kept.messages, &kept.lines, &kept.told)
	if err != nil {
		return nil, fmt.Errorf("count what was kept: %w", err)
	}
	mails := collect(w, forms)
	l, err := readLedger(ctx, w, mails.ids)
	if err != nil {
		return nil, err
	}
	doubles, workers := -len(mails.copies), 0
	for _, n := range mails.copies {
		doubles += n
	}
	var v verdict
	v.tell("Deliveries", planned)
	v.tell("Forms, each sent until it was answered", len(forms))
	v.tell("  sent again though they had been sent", s.again.Load())
	v.tell("  without an answer, sent again with the same key", s.cutOff.Load())
	v.tell("  answered with an error of the server, sent again", s.refused.Load())
	for _, p := range w.programs {
		v.tell("Kills of "+p.name, p.kills)
		if p.does == "work" {
			workers += p.kills
		}
	}
	v.tell("Redis wiped", flushes)
	v.tell("Deliveries taken again after a kill or a wipe", l.again)
	v.must("Entries and messages kept twice or not at all", apart(kept.entries, entries)+apart(kept.mailings, messages)+apart(kept.messages, families), 0)
	v.must("Mails lost", planned-len(mails.copies), 0)
	v.must("Mails to the wrong people", len(mails.strayed), 0)
	if len(mails.strayed) > 0 {
		v.tell("  the first one is about", mails.strayed[0])
	}
	v.must("Deliveries given up", l.unsent, 0)
	v.must("In the portal, lost", planned-kept.told, 0)
	v.must("In the portal, doubles", kept.lines-kept.told, 0)
	v.must("Mails that came twice, of what was in flight at kills", doubles, min(workers*inFlight, l.again))
	v.must("  of those with another Message-ID", mails.changed, 0)
	v.must("  of those without a claim of their own", l.unproven, 0)
	v.must("Drained after the last fault, seconds", int(drained.Round(time.Second).Seconds()), int(drainWithin.Seconds()))
	v.tell("Slowest delivery", l.slowest.Round(time.Second))
	return v, nil
}

// apart is how far two counts are from each other.
func apart(a, b int) int { return max(a-b, b-a) }
