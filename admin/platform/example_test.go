package platform_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

func TestAnOrganisationBeginsWithExampleData(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	admins := platform.NewAdmins(d.DB)
	sanne := identity.Draft{GivenName: "Sanne", FamilyName: "Terpstra", Email: "sanne@zonnebloem.test"}
	made, err := d.Found(ctx, admins, platform.Founding{Tenant: tenants.NewTenant{Slug: "zonnebloem", Name: "De Zonnebloem", Example: true}, Admin: sanne})
	require.NoError(t, err)
	require.True(t, made.Example)
	state := func() platform.Fill {
		t.Helper()
		f, err := d.Fill(ctx, made.ID)
		require.NoError(t, err)
		return f
	}
	require.Equal(t, platform.Fill{State: platform.Waiting}, state())
	require.NoError(t, d.InviteAdmin(ctx, admins, "zonnebloem", identity.Draft{GivenName: "Jo", FamilyName: "Vos", Email: "jo@zonnebloem.test"}))
	var wanted int
	require.NoError(t, d.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM event WHERE name = 'platform.example_wanted'").Scan(&wanted))
	require.Equal(t, 1, wanted, "once, whoever is invited next")

	filler := &filler{db: d.DB}
	w := d.worker(t, filler, made)
	require.NoError(t, w.next())
	require.Equal(t, platform.Fill{State: platform.Filling, Done: 1, Total: 4}, state())
	require.Equal(t, 25, state().Percent())
	filler.fails = errors.New("the image program is away")
	require.ErrorIs(t, w.next(), filler.fails)
	require.Equal(t, platform.Fill{State: platform.Failed, Done: 1, Total: 4}, state())
	filler.fails = nil
	d.Clock.Advance(time.Hour)
	require.NoError(t, w.again())
	require.NoError(t, w.again(), "a job that runs twice")
	require.NoError(t, w.next())
	require.Equal(t, []int{0, 1, 1, 2}, filler.parts, "what is done is not done again")
	unfilled, err := d.Organisation(ctx, made.ID)
	require.NoError(t, err)
	require.Nil(t, unfilled.CountedAt)
	filler.fails = errors.New("the database is away")
	require.ErrorIs(t, w.next(), filler.fails)
	require.Equal(t, platform.Fill{State: platform.Failed, Done: 3, Total: 4}, state())
	filler.fails = nil
	for range 2 { // twice gives the same
		require.NoError(t, w.again())
		require.Equal(t, platform.Fill{State: platform.Ready, Done: 4, Total: 4}, state())
	}
	require.Equal(t, []string{`"part 0"`, `"part 1"`, `"part 2"`}, filler.kept, "once")
	filled, err := d.Organisation(ctx, made.ID)
	require.NoError(t, err)
	require.NotNil(t, filled.CountedAt, "nobody waits for the next count")
	require.Equal(t, 12, filled.Children)
	require.Len(t, filler.at, 1, "all as seen from one moment")
	require.False(t, w.more())

	t.Run("and no other is ever filled", func(t *testing.T) {
		require.Equal(t, fault.Missing, fault.CodeOf(d.worker(t, filler, d.A).run(platform.ExampleWanted{})))
		_, err := d.Fill(ctx, d.A.ID)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
		require.NoError(t, d.InviteAdmin(ctx, admins, d.A.Slug, identity.Draft{GivenName: "Jo", FamilyName: "Vos", Email: "jo@elders.test"}))
		_, err = d.Fill(ctx, d.A.ID)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	})
}

// filler makes up next to nothing, in three parts.
type filler struct {
	db       *tenants.DB
	fails    error
	parts    []int
	at       map[time.Time]bool
	kept     []string
	children bool // of its own

	meanwhile func() // happens while a picture is made
	newer     int    // parts that came with a later version
}

func (f *filler) Parts() int { return 3 + f.newer }

func (f *filler) Picture(_ context.Context, _ tenants.Tenant, at time.Time, part int) (json.RawMessage, error) {
	f.parts = append(f.parts, part)
	f.seen(at)
	if f.meanwhile != nil {
		f.meanwhile()
	}
	if f.children {
		return nil, platform.ErrHasChildren
	}
	return json.RawMessage(fmt.Sprintf(`"part %d"`, part)), f.fails
}

func (f *filler) Keep(ctx context.Context, _ tenants.Tenant, at time.Time, pictures []json.RawMessage, kept func(context.Context, tenants.Writer) error) error {
	f.seen(at)
	if f.fails != nil {
		return f.fails
	}
	for _, p := range pictures {
		f.kept = append(f.kept, string(p))
	}
	err := f.db.Write(ctx, kept)
	if f.children { // as for a worker whose claim another one took over
		return errors.Join(err, platform.ErrHasChildren)
	}
	return err
}

func (f *filler) seen(at time.Time) {
	if f.at == nil {
		f.at = map[time.Time]bool{}
	}
	f.at[at.UTC()] = true
}

// twelveChildren is what is counted of whatever was filled.
var twelveChildren = platform.Counters{
	Children: func(context.Context, tenants.Reader) (int, error) { return 12, nil },
	Mails:    func(context.Context, tenants.Reader, time.Time) (int, error) { return 0, nil },
	Active:   func(context.Context, tenants.Reader) (*time.Time, error) { return nil, nil },
}

// worker runs the jobs of an example one by one.
type worker struct {
	t    *testing.T
	d    *desk
	jobs []outbox.Subscription
	of   tenants.Tenant
	done int // events
}

func (d *desk) worker(t *testing.T, f platform.Filler, of tenants.Tenant) *worker {
	return &worker{t, d, platform.FillExamples(d.DB, f, twelveChildren), of, 0}
}

func (w *worker) events() (list []outbox.Recorded) {
	w.t.Helper()
	rows, err := w.d.Owner(w.t).Query(w.t.Context(), "SELECT id, tenant_id, name, payload, recorded_at AS at FROM event WHERE tenant_id = $1 AND name LIKE 'platform.example_%' ORDER BY id", w.of.ID)
	require.NoError(w.t, err)
	list, err = pgx.CollectRows(rows, pgx.RowToStructByName[outbox.Recorded])
	require.NoError(w.t, err)
	return list
}

func (w *worker) more() bool { return len(w.events()) > w.done }

// next runs the job of the next event, and again that of the last one.
func (w *worker) next() error {
	w.t.Helper()
	require.True(w.t, w.more(), "nothing was asked for")
	w.done++
	return w.again()
}

func (w *worker) again() error {
	w.t.Helper()
	e := w.events()[w.done-1]
	for _, job := range w.jobs {
		if job.Event == e.Name {
			return job.Run(actor.With(tenants.With(w.t.Context(), w.of), actor.ForSystem(w.of.ID)), e)
		}
	}
	return errors.New("nobody does " + e.Name)
}

func (w *worker) run(e platform.ExampleWanted) error {
	payload, err := json.Marshal(e)
	require.NoError(w.t, err)
	return w.jobs[0].Run(actor.With(tenants.With(w.t.Context(), w.of), actor.ForSystem(w.of.ID)), outbox.Recorded{ID: ids.New(), TenantID: w.of.ID, Payload: payload})
}

// An admin may import children before a worker comes to it: what is theirs is left alone, and called an example nowhere.
func TestAnOrganisationWithChildrenIsNoExample(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	found := func(slug string) tenants.Tenant {
		t.Helper()
		made, err := d.Found(ctx, platform.NewAdmins(d.DB), platform.Founding{Tenant: tenants.NewTenant{Slug: slug, Name: slug, Example: true},
			Admin: identity.Draft{GivenName: "Sanne", FamilyName: "Terpstra", Email: "sanne@kinderopvang.test"}})
		require.NoError(t, err)
		return made
	}
	made := found("zonnebloem")
	own := &filler{db: d.DB, children: true}
	w := d.worker(t, own, made)
	require.NoError(t, w.next())
	for range 2 {
		f, err := d.Fill(ctx, made.ID)
		require.NoError(t, err)
		require.Equal(t, platform.Fill{State: platform.Skipped, Total: 4}, f)
		require.True(t, f.Over())
		require.NoError(t, w.again())
	}
	require.Equal(t, []int{0}, own.parts)
	require.False(t, w.more())
	now, err := d.Platform.Find(ctx, made.Slug)
	require.NoError(t, err)
	require.False(t, now.Example, "its pages say nothing of an example")
	var logged int
	require.NoError(t, d.Owner(t).QueryRow(ctx, "SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'platform.skip_example'", made.ID).Scan(&logged))
	require.Equal(t, 1, logged)

	t.Run("unless they are those that were just filled in", func(t *testing.T) {
		made := found("madelief")
		filler := &filler{db: d.DB}
		w := d.worker(t, filler, made)
		for range filler.Parts() {
			require.NoError(t, w.next())
		}
		filler.children = true
		require.NoError(t, w.next())
		f, err := d.Fill(ctx, made.ID)
		require.NoError(t, err)
		require.Equal(t, platform.Ready, f.State)
		now, err := d.Platform.Find(ctx, made.Slug)
		require.NoError(t, err)
		require.True(t, now.Example)
	})
}

// Pictures without rows are swept up after a day, so an example that took that long to be tried again cannot go on with those it had.
func TestAnExampleThatStoodStillBeginsAnew(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	made, err := d.Found(ctx, platform.NewAdmins(d.DB), platform.Founding{Tenant: tenants.NewTenant{Slug: "zonnebloem", Name: "De Zonnebloem", Example: true},
		Admin: identity.Draft{GivenName: "Sanne", FamilyName: "Terpstra", Email: "sanne@zonnebloem.test"}})
	require.NoError(t, err)
	filler := &filler{db: d.DB}
	w := d.worker(t, filler, made)
	state := func() platform.Fill {
		t.Helper()
		f, err := d.Fill(ctx, made.ID)
		require.NoError(t, err)
		return f
	}
	standStill := func() {
		t.Helper()
		filler.fails = errors.New("the image program is away")
		require.ErrorIs(t, w.next(), filler.fails)
		filler.fails, filler.parts, filler.at = nil, nil, nil
		d.Clock.Advance(13 * time.Hour)
		for range 2 { // a job that runs twice
			require.NoError(t, w.again())
		}
		require.Equal(t, platform.Fill{State: platform.Filling, Total: 4}, state())
		require.Empty(t, filler.parts)
	}
	filler.meanwhile = func() { // a worker that stood still itself
		filler.meanwhile = nil
		d.Clock.Advance(13 * time.Hour)
		require.NoError(t, w.again())
	}
	require.NoError(t, w.next())
	require.Equal(t, platform.Fill{State: platform.Filling, Total: 4}, state(), "its picture is of another moment")
	require.NoError(t, w.next())
	standStill() // at a picture
	for range filler.Parts() {
		require.NoError(t, w.next())
	}
	standStill() // where all is kept
	for range filler.Parts() + 1 {
		require.NoError(t, w.next())
	}
	require.Equal(t, platform.Fill{State: platform.Ready, Done: 4, Total: 4}, state())
	require.Equal(t, []int{0, 1, 2}, filler.parts)
	require.Equal(t, []string{`"part 0"`, `"part 1"`, `"part 2"`}, filler.kept)
	require.Len(t, filler.at, 1, "all as seen from one moment")
	require.False(t, w.more())
	d.Clock.Advance(13 * time.Hour)
	require.NoError(t, w.again())
	require.False(t, w.more(), "what is ready never begins anew")
}

// The parts that an earlier version did not know of are made before all is kept.
func TestAnExampleTakesWhatALaterVersionAdds(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	made, err := d.Found(ctx, platform.NewAdmins(d.DB), platform.Founding{Tenant: tenants.NewTenant{Slug: "klaver", Name: "De Klaver", Example: true},
		Admin: identity.Draft{GivenName: "Sanne", FamilyName: "Terpstra", Email: "sanne@klaver.test"}})
	require.NoError(t, err)
	filler := &filler{db: d.DB}
	w := d.worker(t, filler, made)
	for range filler.Parts() {
		require.NoError(t, w.next())
	}
	filler.newer = 1
	for w.more() {
		require.NoError(t, w.next())
	}
	f, err := d.Fill(ctx, made.ID)
	require.NoError(t, err)
	require.Equal(t, platform.Ready, f.State)
	require.Len(t, filler.kept, 4)
}

// Bea is an admin of the example with a password that nobody knows.
func TestNobodyWhoIsMadeUpRunsAnOrganisation(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	admins := platform.NewAdmins(d.DB)
	founding := platform.Founding{Tenant: tenants.NewTenant{Slug: "zonnebloem", Name: "De Zonnebloem", Example: true},
		Admin: identity.Draft{GivenName: "Sanne", FamilyName: "Terpstra", Email: "sanne@zonnebloem.example"}}
	_, err := d.Found(ctx, admins, founding)
	require.ErrorContains(t, err, "platform.error.made_up", "nobody gets in by an address that does not exist")
	founding.Admin.Email = "sane@zonnebloem.test"
	made, err := d.Found(ctx, admins, founding)
	require.NoError(t, err)
	identitytest.NewPerson(t, d.Env, made, identitytest.Named("Bea", "Oldenhof"), identitytest.Email("beheer@zonnebloem.example"), identitytest.Role(actor.Admin), identitytest.WithPassword())
	require.NoError(t, admins.Awaited(ctx, made), "the address of the first admin was wrong")
	next := func() string { d.Clock.Advance(31 * time.Second); return d.code(t) }
	err = d.InviteFirst(ctx, admins, made.Slug, identity.Draft{GivenName: "Sanne", FamilyName: "Terpstra", Email: "terpstra@zonnebloem.example"}, next())
	require.ErrorContains(t, err, "platform.error.made_up")
	require.NoError(t, d.InviteFirst(ctx, admins, made.Slug, identity.Draft{GivenName: "Sanne", FamilyName: "Terpstra", Email: "sanne@zonnebloem.test"}, next()))
	identitytest.NewPerson(t, d.Env, made, identitytest.Named("Els", "Bakker"), identitytest.Role(actor.Admin), identitytest.WithPassword())
	require.Equal(t, fault.Conflict, fault.CodeOf(admins.Awaited(ctx, made)), "from now on the organisation runs itself")
}
