package invitations_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/mailcatcher"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// TestAYearOfPlacements sends for a start on every second day of a year, with both changes of clock in it: each guardian is
// mailed once, on the right day of the organisation, after nine and before the next look of the schedule.
func TestAYearOfPlacements(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	begin := tenants.Date("2027-01-05")
	o.until(t, begin, "12:00")
	starts := map[ids.ID]tenants.Date{}
	for n := 45; n < 410; n += 2 {
		first := begin.Add(n)
		child := o.child(t, fmt.Sprintf("Kind %d", n), first)
		starts[o.guardian(t, "Ouder", child).ID] = first
	}
	o.work(t)
	for n := 45; n < 410; n += 2 { // what went on another day would go at the next look, and be a day off
		o.until(t, begin.Add(n-42), "08:59")
		o.until(t, begin.Add(n-42), "09:01")
	}
	rows, err := o.owner.Query(context.Background(), "SELECT person_id, sent_at, due_at FROM invitation WHERE tenant_id = $1 AND state = 'sent'", o.Tenant.ID)
	require.NoError(t, err)
	sent := 0
	var who ids.ID
	var at, due time.Time
	_, err = pgx.ForEachRow(rows, []any{&who, &at, &due}, func() error {
		sent++
		local := at.In(o.Tenant.Location())
		require.Equal(t, starts[who].Add(-42), o.Tenant.DateOf(at))
		require.Equal(t, "09:01", local.Format("15:04"))
		require.Equal(t, "09:00", due.In(o.Tenant.Location()).Format("15:04"))
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, len(starts), sent)
	require.Equal(t, len(starts), len(o.catcher.Messages()), "one mail each")
}

var errDied = errors.New("the worker died")

// mortal is the way to the mail server of a worker that dies before or after some of its mails.
type mortal struct {
	mail.Sender
	before, after int // how many mails from now, 0 for never
}

func (m *mortal) Send(ctx context.Context, mails []mail.Message) []error {
	if m.before--; m.before == 0 {
		return []error{errDied}
	}
	errs := m.Sender.Send(ctx, mails)
	if m.after--; m.after == 0 {
		return []error{errDied}
	}
	return errs
}

// world is an organisation to which anything may happen in any order.
type world struct {
	*office
	t       *rapid.T
	worker  *mortal
	people  []identitytest.Someone
	kids    []ids.ID
	asked   map[ids.ID]int // mails beyond the first that somebody asked for
	reasons map[ids.ID]int // placements that were ever expected of somebody
}

func TestWhateverHappensEachGuardianIsInvitedOnceForEachStart(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		require.NoError(t, flag.Set("rapid.checks", "10"))
	}
	e := dbtest.New(t)
	catcher, err := mailcatcher.Start(mailcatcher.Config{Keep: 100_000})
	require.NoError(t, err)
	t.Cleanup(func() { catcher.Close() })
	sender, err := mail.NewSMTP(mail.Config{URL: catcher.URL(), From: mail.Address{Name: "Ouderportaal", Addr: "post@ouderportaal.test"}})
	require.NoError(t, err)
	t.Cleanup(sender.Close)
	e.Clock.Set(time.Date(2027, 2, 1, 11, 0, 0, 0, time.UTC))
	rapid.Check(t, func(rt *rapid.T) {
		worker := &mortal{Sender: sender}
		w := &world{t: rt, worker: worker, asked: map[ids.ID]int{}, reasons: map[ids.ID]int{}}
		w.office = newOfficeWith(t, e, e.NewTenant(t, "Zaak"), worker, catcher)
		w.people = []identitytest.Someone{w.guardian(t, "Roos"), w.guardian(t, "Jasper")}
		w.place(t)
		rt.Repeat(map[string]func(*rapid.T){
			"a child is placed":             func(rt *rapid.T) { w.t = rt; w.place(t) },
			"a placement moves":             func(rt *rapid.T) { w.t = rt; w.move(t) },
			"a placement is cancelled":      func(rt *rapid.T) { w.t = rt; w.cancel(t) },
			"days go by":                    func(rt *rapid.T) { w.t = rt; w.wait(t) },
			"somebody asks for the mail":    func(rt *rapid.T) { w.t = rt; w.resend(t) },
			"somebody activates":            func(rt *rapid.T) { w.t = rt; w.activate(t) },
			"two processes sweep":           func(rt *rapid.T) { w.t = rt; w.sweepTwice(t) },
			"the worker dies around a mail": func(rt *rapid.T) { w.t = rt; w.die() },
		})
		w.settle(t)
	})
}

func (w *world) pick(label string, n int) int { return rapid.IntRange(0, n-1).Draw(w.t, label) }

func (w *world) place(t *testing.T) {
	child := w.child(t, "Kind", w.today().Add(rapid.IntRange(-30, 120).Draw(w.t, "start")))
	w.kids = append(w.kids, child)
	for _, who := range w.people[:1+w.pick("guardians", len(w.people))] {
		w.Tie(who, child, children.Authority, w.today(), "")
		w.reasons[who.ID]++
	}
	w.run(t)
}

func (w *world) move(t *testing.T) {
	child := w.kids[w.pick("child", len(w.kids))]
	w.exec(t, "UPDATE placement SET starts_on = $3 WHERE tenant_id = $1 AND child_id = $2", w.Tenant.ID, child, string(w.today().Add(rapid.IntRange(-30, 120).Draw(w.t, "start"))))
	w.changed(t, child)
}

func (w *world) cancel(t *testing.T) {
	child := w.kids[w.pick("child", len(w.kids))]
	w.exec(t, "UPDATE placement SET cancelled_at = now() WHERE tenant_id = $1 AND child_id = $2", w.Tenant.ID, child)
	w.changed(t, child)
}

func (w *world) changed(t *testing.T, child ids.ID) {
	require.NoError(w.t, w.e.DB.Write(w.system(), func(ctx context.Context, tx tenants.Writer) error { return children.TellChanged(ctx, tx, child) }))
	w.run(t)
}

func (w *world) wait(t *testing.T) {
	w.e.Clock.Advance(time.Duration(rapid.IntRange(1, 60*24).Draw(w.t, "hours")) * time.Hour)
	require.NoError(w.t, w.Sweep(w.system()))
	w.run(t)
}

func (w *world) resend(t *testing.T) {
	who := w.people[w.pick("who", len(w.people))]
	var id ids.ID
	if w.owner.QueryRow(context.Background(), "SELECT id FROM invitation WHERE tenant_id = $1 AND person_id = $2 ORDER BY id LIMIT 1", w.Tenant.ID, who.ID).Scan(&id) != nil {
		return
	}
	if w.Resend(w.Admin.Ctx(), id, "") == nil {
		w.asked[who.ID]++
	}
	w.run(t)
}

func (w *world) activate(t *testing.T) {
	who := w.people[w.pick("who", len(w.people))]
	if w.mails(who) == 0 {
		return
	}
	_, _ = w.accounts.ActivateAccount(tenants.With(context.Background(), w.Tenant), identity.Reset{Token: w.token(t, who), Password: password})
	w.run(t)
}

func (w *world) sweepTwice(t *testing.T) {
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { require.NoError(t, w.Sweep(w.system())) })
	}
	both.Wait()
	w.run(t)
}

func (w *world) die() {
	w.worker.before, w.worker.after = w.pick("before", 4), w.pick("after", 4)
}

// run works off the ledger as workers do that may die: what failed is tried again.
func (w *world) run(t *testing.T) {
	more := false
	for _, e := range w.news(w.t) {
		more = true
		for _, s := range w.Subscriptions() {
			for s.Event == e.Name {
				if err := s.Run(w.system(), e); err == nil {
					break
				} else if !errors.Is(err, errDied) {
					require.NoError(w.t, err, s.Handler)
				}
			}
		}
	}
	if more {
		w.run(t)
	}
}

// settle lets everything come to its end, and looks at the whole.
func (w *world) settle(t *testing.T) {
	w.worker.before, w.worker.after = 0, 0
	w.e.Clock.Advance(200 * 24 * time.Hour)
	require.NoError(w.t, w.Sweep(w.system()))
	w.run(t)
	for _, who := range w.people {
		sent := w.mails(who)
		require.LessOrEqual(w.t, sent, w.reasons[who.ID]+w.asked[who.ID], "no more mails than starts and requests")
		var open, twice int
		require.NoError(w.t, w.owner.QueryRow(context.Background(), `SELECT count(*) FILTER (WHERE state IN ('planned', 'due')),
			count(*) FILTER (WHERE state IN ('sent', 'activated')) - count(DISTINCT placement_id) FILTER (WHERE state IN ('sent', 'activated'))
			FROM invitation WHERE tenant_id = $1 AND person_id = $2`, w.Tenant.ID, who.ID).Scan(&open, &twice))
		require.Zero(w.t, open, "nothing waits any more")
		require.Zero(w.t, twice)
		var uninvited int
		require.NoError(w.t, w.owner.QueryRow(context.Background(), `SELECT count(*) FROM guardianship g JOIN placement p ON p.tenant_id = g.tenant_id AND p.child_id = g.child_id
			JOIN person u ON u.tenant_id = g.tenant_id AND u.id = g.person_id
			WHERE g.tenant_id = $1 AND g.person_id = $2 AND p.cancelled_at IS NULL AND u.password_hash IS NULL
			AND NOT EXISTS (SELECT FROM invitation i WHERE i.tenant_id = g.tenant_id AND i.person_id = g.person_id AND i.placement_id = p.id AND i.state = 'sent')`,
			w.Tenant.ID, who.ID).Scan(&uninvited))
		require.Zero(w.t, uninvited, "nobody is forgotten")
	}
	before := w.catcher.Count()
	require.NoError(w.t, w.Sweep(w.system()))
	w.run(t)
	require.Equal(w.t, before, w.catcher.Count(), "another look changes nothing")
}
