package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// What the console of the platform does can be done on the command line.
func TestThePlatformFromTheCommandLine(t *testing.T) {
	e := dbtest.NewAlone(t)
	t.Setenv("BASE_DOMAIN", testDomain)
	t.Setenv("DATABASE_PLATFORM_URL", e.URL.Platform)
	ctx := t.Context()
	does := func(args ...string) { t.Helper(); require.NoError(t, run(ctx, args), args) }
	refuses := func(why string, args ...string) {
		t.Helper()
		require.ErrorContains(t, run(ctx, args), why, args)
	}
	does("operator", "create", "ruud@platform.example", "Ruud Hofstede")
	refuses("email", "operator", "create", "ruud@platform.example", "Ruud Hofstede")
	does("operator", "invite", "ruud@platform.example")
	refuses("", "operator", "invite", "niemand@platform.example")
	does("operator", "list")
	does("operator", "deactivate", "ruud@platform.example")
	require.ErrorIs(t, run(ctx, []string{"operator", "create"}), errUsage)

	does("tenant", "create", "zonnebloem", "De Zonnebloem")
	refuses("DATABASE_URL", "tenant", "invite", "zonnebloem", "sanne@zonnebloem.example", "Sanne", "Terpstra")
	t.Setenv("DATABASE_URL", e.URL.App)
	does("tenant", "invite", "zonnebloem", "sanne@zonnebloem.example", "Sanne", "Terpstra")
	refuses("email", "tenant", "invite", "zonnebloem", "sanne@zonnebloem.example", "Sanne", "Terpstra")
	does("tenant", "limit", "zonnebloem", "80", "")
	refuses("children", "tenant", "limit", "zonnebloem", "veel", "")
	does("tenant", "list")
	made, err := e.Platform.Find(ctx, "zonnebloem")
	require.NoError(t, err)
	require.Equal(t, 80, made.ChildLimit)
	require.NoError(t, e.DB.Read(tenants.With(ctx, made), func(ctx context.Context, tx tenants.Reader) error {
		var actions []string
		require.NoError(t, tx.NewRaw("SELECT action FROM audit_entry ORDER BY at, id").Scan(ctx, &actions))
		require.Equal(t, []string{"platform.create", "identity.add_person", "identity.add_membership", "platform.invite_admin", "platform.set_limits"}, actions)
		return nil
	}))

	does("deliveries", "list")
	refuses("", "deliveries", "retry", ids.New().String())
	does("banner", "say", "warning", "Vanavond onderhoud", "Maintenance tonight", "2099-01-01T18:00")
	refuses("ends", "banner", "say", "info", "a", "b", "1999-01-01T18:00")
	does("banner", "list")
	refuses("", "banner", "end", "geen id")
}
