package platform_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// R10: an operator gets into an organisation by a visit and by nothing else.
func TestOperatorsMakeTheFirstAdminOnly(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	admins := platform.NewAdmins(d.DB)
	next := func() string { d.Clock.Advance(31 * time.Second); return d.code(t) }
	invited := func(at tenants.Tenant) (n int) {
		t.Helper()
		deeds, err := d.Deeds(ctx, at.ID)
		require.NoError(t, err)
		for _, deed := range deeds {
			if deed.Action == "platform.invite_admin" {
				require.Equal(t, "Ruud Hofstede", deed.Operator)
				n++
			}
		}
		return n
	}
	made, err := d.Found(ctx, admins, platform.Founding{Tenant: tenants.NewTenant{Slug: "zonnebloem", Name: "De Zonnebloem"},
		Admin: identity.Draft{GivenName: "Sanne", FamilyName: "Terpstra", Email: "sane@zonnebloem.example"}})
	require.NoError(t, err)
	require.Equal(t, 1, invited(made), "the first is a deed too")

	sanne := identity.Draft{GivenName: "Sanne", FamilyName: "Terpstra", Email: "sanne@zonnebloem.example"}
	require.ErrorContains(t, d.InviteFirst(ctx, admins, made.Slug, sanne, "000000"), "identity.error.code")
	require.ErrorContains(t, d.InviteFirst(ctx, admins, made.Slug, identity.Draft{GivenName: "S", FamilyName: "T"}, next()), "identity.error.email")
	require.ErrorContains(t, d.InviteFirst(ctx, admins, made.Slug, identity.Draft{GivenName: "S", FamilyName: "T", Email: "sane@zonnebloem.example"}, next()), "identity.error.email_taken")
	require.Equal(t, fault.Missing, fault.CodeOf(d.InviteFirst(ctx, admins, "bestaat-niet", sanne, next())))
	require.Equal(t, 1, invited(made), "what was not done is not told")
	code := next()
	require.NoError(t, d.InviteFirst(ctx, admins, made.Slug, sanne, code), "the first address was wrong")
	require.Equal(t, 2, invited(made))
	require.ErrorContains(t, d.InviteFirst(ctx, admins, made.Slug, identity.Draft{GivenName: "R", FamilyName: "H", Email: "nog@zonnebloem.example"}, code), "identity.error.code", "a code works once")

	owner := d.Owner(t)
	_, err = owner.Exec(ctx, `SELECT set_config('app.tenant_id', $1, false)`, made.ID.String())
	require.NoError(t, err)
	_, err = owner.Exec(ctx, "UPDATE person SET password_hash = 'x', password_set_at = now() WHERE email = 'sanne@zonnebloem.example'")
	require.NoError(t, err)
	for _, afterwards := range []string{"", "UPDATE person SET password_hash = NULL", "UPDATE membership SET valid_to = valid_from", "UPDATE person SET deactivated_at = now()"} {
		if afterwards != "" {
			_, err = owner.Exec(ctx, afterwards)
			require.NoError(t, err)
		}
		err = d.InviteFirst(ctx, admins, made.Slug, identity.Draft{GivenName: "R", FamilyName: "H", Email: "ruud@platform.example"}, next())
		require.Equal(t, fault.Conflict, fault.CodeOf(err), afterwards)
		require.ErrorContains(t, err, "platform.error.has_admin")
		require.Equal(t, fault.Conflict, fault.CodeOf(admins.Awaited(ctx, made)))
		d.Clock.Advance(time.Minute)
	}
	require.Equal(t, 2, invited(made))
	require.NoError(t, admins.Awaited(ctx, d.B), "another organisation waits still")
}
