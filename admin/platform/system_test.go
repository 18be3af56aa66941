package platform_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/tenants"
)

func (d *desk) actions(t *testing.T, at tenants.Tenant) (list []string) {
	t.Helper()
	require.NoError(t, d.DB.Read(tenants.With(t.Context(), at), func(ctx context.Context, tx tenants.Reader) error {
		entries, err := audit.List(ctx, tx, audit.Filter{Limit: 50})
		for _, e := range entries {
			list = append(list, e.Action)
		}
		return err
	}))
	return list
}

func TestLimitsHold(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	for _, wrong := range []platform.LimitDraft{{Children: "veel"}, {Children: "-1"}, {Gigabytes: "1.5"}, {Children: "0"}} {
		require.Equal(t, fault.Invalid, fault.CodeOf(d.SetLimits(ctx, d.A.Slug, wrong)), wrong)
	}
	require.NoError(t, d.SetLimits(ctx, d.A.Slug, platform.LimitDraft{Children: " 2 ", Gigabytes: "1"}))
	require.NoError(t, d.SetLimits(ctx, d.A.Slug, platform.LimitDraft{Children: "2", Gigabytes: "1"}), "the same once more")
	var err error
	d.A, err = d.Platform.Find(ctx, d.A.Slug)
	require.NoError(t, err)
	require.Equal(t, 2, d.A.ChildLimit)
	require.EqualValues(t, platform.Gigabyte, d.A.StorageLimit)
	require.Equal(t, []string{"platform.set_limits"}, d.actions(t, d.A))

	house := childrentest.NewHouse(t, d.Env, d.A)
	house.AddChild("Mila", house.Group)
	service := children.New(d.DB)
	add := func() error {
		_, err := service.AddChild(house.Admin.Ctx(), children.ChildDraft{GivenName: "Finn", FamilyName: "Bakker", BirthOn: "2024-03-01"}, nil)
		return err
	}
	require.NoError(t, add())
	err = add()
	require.ErrorIs(t, err, children.ErrFull)
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	require.NoError(t, d.DB.Write(house.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		more := &children.Corrections{Added: children.Roster{Children: []children.Child{{TenantID: d.A.ID, ID: ids.New(), GivenName: "Lux", FamilyName: "B", BirthOn: "2024-03-01", CreatedAt: tx.Now()}}}}
		require.ErrorIs(t, children.Correct(ctx, tx, more, func(int) {}), children.ErrFull)
		return nil
	}))

	one := func(context.Context, tenants.Reader) (int, error) { return 1, nil }
	full := platform.Counters{Children: one, Mails: func(context.Context, tenants.Reader, time.Time) (int, error) { return 0, nil },
		Active:  func(context.Context, tenants.Reader) (*time.Time, error) { return nil, nil },
		Storage: []func(context.Context, tenants.Reader) (int64, error){func(context.Context, tenants.Reader) (int64, error) { return platform.Gigabyte - 10, nil }}}
	require.NoError(t, platform.Count(house.Admin.Ctx(), d.DB, full))
	require.NoError(t, d.DB.Read(house.Admin.Ctx(), func(ctx context.Context, tx tenants.Reader) error {
		require.NoError(t, tenants.MustHaveRoom(ctx, tx, 10))
		require.Equal(t, fault.Invalid, fault.CodeOf(tenants.MustHaveRoom(ctx, tx, 11)))
		return nil
	}))
	require.NoError(t, d.DB.Read(tenants.With(ctx, d.B), func(ctx context.Context, tx tenants.Reader) error {
		return tenants.MustHaveRoom(ctx, tx, 1<<50) // no limit
	}))
}

func TestABannerIsSaidInItsTime(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	local := func(after time.Duration) string {
		return d.Clock.Now().Add(after).In(platform.Zone.Location()).Format("2006-01-02T15:04")
	}
	require.ErrorContains(t, d.SayToAll(ctx, platform.BannerDraft{Dutch: "Onderhoud", Ends: local(time.Hour)}), "platform.error.words")
	require.ErrorContains(t, d.SayToAll(ctx, platform.BannerDraft{Dutch: "a", English: "b", Ends: local(-time.Hour)}), "platform.error.ends")
	require.ErrorContains(t, d.SayToAll(ctx, platform.BannerDraft{Dutch: "a", English: "b", Ends: "morgen"}), "platform.error.moment")
	require.NoError(t, d.SayToAll(ctx, platform.BannerDraft{Level: "warning", Dutch: "Vanavond onderhoud", English: "Maintenance tonight", Starts: local(time.Hour), Ends: local(2 * time.Hour)}))

	said := func() string {
		t.Helper()
		b, err := d.Directory.Banner(ctx)
		require.NoError(t, err)
		return b.Words("nl")
	}
	require.Empty(t, said(), "it is not time")
	d.Clock.Advance(61 * time.Minute)
	require.Equal(t, "Vanavond onderhoud", said())
	b, err := d.Directory.Banner(ctx)
	require.NoError(t, err)
	require.True(t, b.Warning)
	require.Equal(t, "Maintenance tonight", b.Words("en"))
	list, err := d.Banners(ctx)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.NoError(t, d.Unsay(ctx, list[0].ID))
	require.Equal(t, fault.Missing, fault.CodeOf(d.Unsay(ctx, list[0].ID)))
	d.Directory.Changes().Notified("") // no process listens in this test
	require.Empty(t, said())
}

func TestWhatFailedIsTriedAgain(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	owner := d.Owner(t)
	event, job := ids.New(), ids.New()
	_, err := owner.Exec(ctx, `SELECT set_config('app.tenant_id', $1, false)`, d.A.ID.String())
	require.NoError(t, err)
	_, err = owner.Exec(ctx, `INSERT INTO event (tenant_id, id, name, payload, recorded_at, expanded_at) VALUES ($1, $2, 'x', '{}', now(), now())`, d.A.ID, event)
	require.NoError(t, err)
	_, err = owner.Exec(ctx, `INSERT INTO job (tenant_id, id, event_id, handler, queue, state, due_at, attempts, last_error, finished_at) VALUES ($1, $2, $3, 'photos.process', 'media', 'dead', now(), 12, 'timeout', now())`, d.A.ID, job, event)
	require.NoError(t, err)

	l, err := d.Ledger(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, l.Count)
	require.Equal(t, "photos.process", l.Dead[0].What)
	require.Equal(t, "Kinderopvang A", l.Dead[0].Tenant)
	require.Equal(t, "timeout", l.Dead[0].Reason)
	require.Len(t, l.Queues, 4)
	require.Zero(t, l.Queues[3].Waiting)

	require.NoError(t, d.Redrive(ctx, job))
	require.Equal(t, fault.Missing, fault.CodeOf(d.Redrive(ctx, job)), "it is not dead any more")
	require.Equal(t, fault.Missing, fault.CodeOf(d.Redrive(ctx, ids.New())))
	l, err = d.Ledger(ctx)
	require.NoError(t, err)
	require.Zero(t, l.Count)
	require.Equal(t, "media", l.Queues[3].Name)
	require.Equal(t, 1, l.Queues[3].Waiting)
	require.Equal(t, []string{"platform.redrive"}, d.actions(t, d.A))
}

// R10: a reason, a code, one use, an hour, and the log of the organisation tells.
func TestAVisitIsShortAndSeen(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	visits := platform.NewVisits(d.DB)
	at, elsewhere := tenants.With(t.Context(), d.A), tenants.With(t.Context(), d.B)
	next := func() string { d.Clock.Advance(31 * time.Second); return d.code(t) }

	_, err := d.StartVisit(ctx, d.A.Slug, "", next())
	require.ErrorContains(t, err, "platform.error.reason")
	_, err = d.StartVisit(ctx, d.A.Slug, "Zoekgeraakte foto", "000000")
	require.ErrorContains(t, err, "identity.error.code")
	require.Empty(t, d.actions(t, d.A))
	link, err := d.StartVisit(ctx, d.A.Slug, "Zoekgeraakte foto", next())
	require.NoError(t, err)
	require.Equal(t, []string{"platform.start_visit"}, d.actions(t, d.A), "before anything was seen")

	_, err = visits.Peek(elsewhere, link)
	require.Equal(t, fault.Gone, fault.CodeOf(err), "nothing at another organisation")
	visit, err := visits.Peek(at, link)
	require.NoError(t, err)
	require.Equal(t, "Zoekgeraakte foto", visit.Reason)
	token, err := visits.Begin(at, link)
	require.NoError(t, err)
	_, err = visits.Begin(at, link)
	require.Equal(t, fault.Gone, fault.CodeOf(err), "a link works once")
	_, err = visits.Resolve(elsewhere, token)
	require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
	visit, err = visits.Resolve(at, token)
	require.NoError(t, err)
	require.NoError(t, visits.NotePage(at, visit, "/beheer/kinderen"))
	require.ErrorContains(t, d.DB.Write(tenants.ReadOnly(at), func(context.Context, tenants.Writer) error { return nil }), "error.read_only")

	require.NoError(t, visits.Sweep(at))
	d.Clock.Advance(time.Hour)
	_, err = visits.Resolve(at, token)
	require.Equal(t, fault.Unauthenticated, fault.CodeOf(err), "after an hour it is over")
	for range 2 { // twice notes it once
		require.NoError(t, visits.Sweep(at))
	}
	require.Equal(t, []string{"platform.end_visit", "platform.open_page", "platform.start_visit"}, d.actions(t, d.A))
	require.Empty(t, d.actions(t, d.B))

	t.Run("and ends by hand", func(t *testing.T) {
		ctx := d.ctx(t)
		link, err := d.StartVisit(ctx, d.A.Slug, "Nog eens", next())
		require.NoError(t, err)
		token, err := visits.Begin(at, link)
		require.NoError(t, err)
		visit, err := visits.Resolve(at, token)
		require.NoError(t, err)
		require.NoError(t, visits.End(at, visit))
		_, err = visits.Resolve(at, token)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
	})
	t.Run("and a link that was not used is worth nothing after five minutes", func(t *testing.T) {
		d.Clock.Advance(31 * time.Second)
		link, err := d.StartVisit(d.ctx(t), d.A.Slug, "Nog eens", next())
		require.NoError(t, err)
		d.Clock.Advance(6 * time.Minute)
		_, err = visits.Begin(at, link)
		require.Equal(t, fault.Gone, fault.CodeOf(err))
	})
	for name, leave := range map[string]func(token string) error{
		"and ends with the session of its operator": func(token string) error { return d.SignOut(t.Context(), token) },
		"and with its operator":                     func(string) error { return d.Deactivate(t.Context(), "ruud@platform.example") },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.Invite(t.Context(), "ruud@platform.example") // whoever was shut out is back
			require.NoError(t, err)
			d.Clock.Advance(time.Hour)
			require.NoError(t, visits.Sweep(at))
			session := d.signIn(t)
			who, err := d.Resolve(t.Context(), session)
			require.NoError(t, err)
			start := func(slug string) string {
				link, err := d.StartVisit(actor.With(t.Context(), who), slug, "Zoekgeraakte foto", next())
				require.NoError(t, err)
				return link
			}
			unused := start(d.B.Slug)
			token, err := visits.Begin(at, start(d.A.Slug))
			require.NoError(t, err)
			visit, err := visits.Resolve(at, token)
			require.NoError(t, err)
			before := len(d.actions(t, d.A))
			require.NoError(t, leave(session))
			_, err = visits.Resolve(at, token)
			require.Equal(t, fault.Unauthenticated, fault.CodeOf(err), "at once")
			_, err = visits.Peek(elsewhere, unused)
			require.Equal(t, fault.Gone, fault.CodeOf(err), "and everywhere")
			_, err = visits.Begin(elsewhere, unused)
			require.Equal(t, fault.Gone, fault.CodeOf(err))
			for range 2 { // twice notes it once
				require.NoError(t, visits.Sweep(at))
			}
			noted := d.actions(t, d.A)
			require.Len(t, noted, before+1)
			require.Equal(t, "platform.end_visit", noted[0])
			require.NoError(t, visits.End(at, visit), "and by hand nothing more")
			require.Len(t, d.actions(t, d.A), before+1)
		})
	}
}
