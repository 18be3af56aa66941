package platform_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

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

	var fails error
	var during platform.Fill
	filled := 0
	job := platform.FillExamples(d.DB, func(ctx context.Context, of tenants.Tenant, stored func(done, total int), kept func(context.Context, tenants.Writer) error) error {
		require.Equal(t, made.ID, of.ID)
		for done := range 40 {
			stored(done+1, 40)
		}
		during = state()
		if fails != nil {
			return fails
		}
		filled++
		return d.DB.Write(ctx, kept)
	})
	fails = errors.New("the image program is away")
	require.ErrorIs(t, d.fill(t, job, made), fails)
	require.Equal(t, platform.Fill{State: platform.Filling, Done: 40, Total: 40}, during)
	require.Equal(t, 100, during.Percent())
	require.Equal(t, platform.Failed, state().State)
	fails = nil
	for range 2 { // twice gives the same
		require.NoError(t, d.fill(t, job, made))
		require.Equal(t, platform.Fill{State: platform.Ready, Done: 40, Total: 40}, state())
	}
	require.Equal(t, 1, filled)

	t.Run("and no other is ever filled", func(t *testing.T) {
		require.Equal(t, fault.Missing, fault.CodeOf(d.fill(t, job, d.A)))
		_, err := d.Fill(ctx, d.A.ID)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
		require.NoError(t, d.InviteAdmin(ctx, admins, d.A.Slug, identity.Draft{GivenName: "Jo", FamilyName: "Vos", Email: "jo@elders.test"}))
		_, err = d.Fill(ctx, d.A.ID)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	})
}

// fill runs the job of an organisation, as a worker would.
func (d *desk) fill(t *testing.T, job outbox.Subscription, at tenants.Tenant) error {
	t.Helper()
	payload, err := json.Marshal(platform.ExampleWanted{})
	require.NoError(t, err)
	return job.Run(actor.With(tenants.With(t.Context(), at), actor.ForSystem(at.ID)), outbox.Recorded{ID: ids.New(), TenantID: at.ID, Payload: payload})
}

// An admin may import children before a worker comes to it: what is theirs is left alone, and called an example nowhere.
func TestAnOrganisationWithChildrenIsNoExample(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	made, err := d.Found(ctx, platform.NewAdmins(d.DB), platform.Founding{Tenant: tenants.NewTenant{Slug: "zonnebloem", Name: "De Zonnebloem", Example: true},
		Admin: identity.Draft{GivenName: "Sanne", FamilyName: "Terpstra", Email: "sanne@zonnebloem.test"}})
	require.NoError(t, err)
	tries := 0
	job := platform.FillExamples(d.DB, func(context.Context, tenants.Tenant, func(done, total int), func(context.Context, tenants.Writer) error) error {
		tries++
		return platform.ErrHasChildren
	})
	for range 2 {
		require.NoError(t, d.fill(t, job, made))
		f, err := d.Fill(ctx, made.ID)
		require.NoError(t, err)
		require.Equal(t, platform.Fill{State: platform.Skipped}, f)
		require.True(t, f.Over())
	}
	require.Equal(t, 1, tries)
	now, err := d.Platform.Find(ctx, made.Slug)
	require.NoError(t, err)
	require.False(t, now.Example, "its pages say nothing of an example")
	var logged int
	require.NoError(t, d.Owner(t).QueryRow(ctx, "SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'platform.skip_example'", made.ID).Scan(&logged))
	require.Equal(t, 1, logged)

	t.Run("unless they are those that were just filled in", func(t *testing.T) {
		made, err := d.Found(ctx, platform.NewAdmins(d.DB), platform.Founding{Tenant: tenants.NewTenant{Slug: "madelief", Name: "Madelief", Example: true},
			Admin: identity.Draft{GivenName: "Sanne", FamilyName: "Terpstra", Email: "sanne@madelief.test"}})
		require.NoError(t, err)
		job := platform.FillExamples(d.DB, func(ctx context.Context, _ tenants.Tenant, _ func(done, total int), kept func(context.Context, tenants.Writer) error) error {
			return errors.Join(d.DB.Write(ctx, kept), platform.ErrHasChildren) // as for a worker whose claim another one took over
		})
		require.NoError(t, d.fill(t, job, made))
		f, err := d.Fill(ctx, made.ID)
		require.NoError(t, err)
		require.Equal(t, platform.Ready, f.State)
		now, err := d.Platform.Find(ctx, made.Slug)
		require.NoError(t, err)
		require.True(t, now.Example)
	})
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
