// Package conformance states what must hold for every table of the schema, whoever added it (R3).
package conformance_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/migrations"
	"ouderportaal/tenants"
)

// global are the tables that belong to the installation instead of a tenant, with the reason.
var global = map[string]string{
	"tenant":              "the directory itself: the app reads it to resolve a host, and changes some columns of its own row",
	"operator":            "operators are no organisation's people",
	"operator_link":       "as operator",
	"operator_session":    "as operator",
	"operator_attempt":    "as operator",
	"operator_passkey":    "as operator",
	"system_banner":       "said on the pages of everybody",
	"operator_log":        "what operators did, to organisations or not",
	"bun_migrations":      "which migrations ran; the owner's",
	"bun_migration_locks": "held while migrations run; the owner's",
}

const isTenant = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"

// relayTables are what the relay may see of every tenant.
var relayTables = map[string]bool{"event": true, "job": true, "delivery": true}

// platformTables are what operators may see of every tenant, or of the one that they write about.
var platformTables = map[string]bool{"tenant_usage": true, "example_data": true, "audit_entry": true, "audit_link": true, "job": true, "delivery": true, "operator_visit": true}

func tables(t *testing.T, conn *pgx.Conn) []string {
	names := column(t, conn, `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname`)
	var list []string
	for _, name := range names {
		if global[name] == "" {
			list = append(list, name)
		}
	}
	require.Greater(t, len(list), 10, "the catalogue looks empty")
	return list
}

func column(t *testing.T, conn *pgx.Conn, query string, args ...any) []string {
	t.Helper()
	rows, err := conn.Query(context.Background(), query, args...)
	require.NoError(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return list
}

func TestEveryTenantTable(t *testing.T) {
	conn := dbtest.New(t).Owner(t)
	for _, table := range tables(t, conn) {
		t.Run(table, func(t *testing.T) {
			t.Run("has row-level security, also for its owner", func(t *testing.T) {
				var enabled, forced bool
				require.NoError(t, conn.QueryRow(context.Background(),
					"SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = $1::text::regclass", table).Scan(&enabled, &forced))
				require.True(t, enabled, "ALTER TABLE %s ENABLE ROW LEVEL SECURITY", table)
				require.True(t, forced, "ALTER TABLE %s FORCE ROW LEVEL SECURITY", table)
			})
			t.Run("shows and takes rows of the tenant only", func(t *testing.T) {
				// A restrictive policy shows nothing more.
				for _, policy := range column(t, conn, "SELECT polname || '|' || coalesce(pg_get_expr(polqual, polrelid), '') || '|' || coalesce(pg_get_expr(polwithcheck, polrelid), '') FROM pg_policy WHERE polpermissive AND polrelid = $1::text::regclass", table) {
					part := strings.Split(policy, "|")
					if part[0] == "relay" && relayTables[table] || part[0] == "platform" && (table == "tenant_usage" || table == "example_data" || table == "job" || table == "delivery") ||
						table == "operator_visit" && (part[0] == "platform_seen" || part[0] == "platform_end") {
						continue
					}
					require.Equal(t, []string{"tenant", isTenant, isTenant}, part, "policy on %s", table)
				}
				require.Contains(t, column(t, conn, "SELECT polname::text FROM pg_policy WHERE polpermissive AND polrelid = $1::text::regclass", table), "tenant")
			})
			t.Run("has tenant_id uuid NOT NULL", func(t *testing.T) {
				require.Equal(t, []string{"uuid"}, column(t, conn, "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attname = 'tenant_id' AND attnotnull", table))
			})
			t.Run("starts every key and foreign key with tenant_id", func(t *testing.T) {
				for _, wrong := range column(t, conn, `SELECT conname::text FROM pg_constraint c WHERE conrelid = $1::text::regclass AND contype IN ('p', 'u', 'f')
					AND (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]) <> 'tenant_id'`, table) {
					t.Errorf("constraint %s of %s does not start with tenant_id", wrong, table)
				}
				for _, wrong := range column(t, conn, `SELECT i.indexrelid::regclass::text FROM pg_index i WHERE i.indrelid = $1::text::regclass AND i.indisunique
					AND (SELECT attname FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0]) <> 'tenant_id'`, table) {
					t.Errorf("unique index %s of %s does not start with tenant_id", wrong, table)
				}
			})
			t.Run("points at rows of the same tenant", func(t *testing.T) {
				for _, wrong := range column(t, conn, `SELECT conname::text FROM pg_constraint c WHERE conrelid = $1::text::regclass AND contype = 'f' AND confrelid <> 'tenant'::regclass
					AND (SELECT attname FROM pg_attribute WHERE attrelid = confrelid AND attnum = confkey[1]) <> 'tenant_id'`, table) {
					t.Errorf("foreign key %s of %s can point into another tenant", wrong, table)
				}
			})
		})
	}
}

func TestRolesArePlain(t *testing.T) {
	conn := dbtest.New(t).Owner(t)
	names := migrations.RoleNames
	for _, role := range []string{names.App, names.Relay, names.Platform} {
		var powerful bool
		require.NoError(t, conn.QueryRow(context.Background(), "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = $1", role).Scan(&powerful))
		require.False(t, powerful, role)
		require.Empty(t, column(t, conn, "SELECT relname::text FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = $1)", role), "%s owns something", role)
		require.Empty(t, column(t, conn, "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = $1)", role), "%s is a member of another role", role)
	}
}

func TestRelaySeesTheLedgerOnly(t *testing.T) {
	conn := dbtest.New(t).Owner(t)
	for _, table := range tables(t, conn) {
		var may bool
		require.NoError(t, conn.QueryRow(context.Background(), "SELECT has_table_privilege($1, $2::text, 'SELECT')", migrations.RoleNames.Relay, table).Scan(&may))
		require.Equal(t, relayTables[table], may, table)
	}
}

// R10: operators run the platform and see nobody's children.
func TestOperatorsSeeNoRowsOfPeople(t *testing.T) {
	e := dbtest.New(t)
	conn := e.Owner(t)
	for _, table := range tables(t, conn) {
		var may bool
		require.NoError(t, conn.QueryRow(context.Background(), "SELECT has_any_column_privilege($1, $2::text, 'SELECT')", migrations.RoleNames.Platform, table).Scan(&may))
		require.Equal(t, platformTables[table], may, "REVOKE ALL ON %s FROM %s", table, migrations.RoleNames.Platform)
		for _, privilege := range []string{"UPDATE", "DELETE", "TRUNCATE"} {
			require.NoError(t, conn.QueryRow(context.Background(), "SELECT has_table_privilege($1, $2::text, $3)", migrations.RoleNames.Platform, table, privilege).Scan(&may))
			require.False(t, may, "%s on %s", privilege, table)
		}
	}
	for table, hidden := range map[string][]string{"job": {"event_id"}, "delivery": {"event_id", "person_id", "subject_id"}} {
		for _, column := range hidden {
			var may bool
			require.NoError(t, conn.QueryRow(context.Background(), "SELECT has_column_privilege($1, $2::text, $3::text, 'SELECT')", migrations.RoleNames.Platform, table, column).Scan(&may))
			require.False(t, may, "%s.%s", table, column)
		}
	}
	err := e.Platform.Read(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Reader) error {
		var n int
		return tx.NewRaw("SELECT count(*) FROM child").Scan(ctx, &n)
	})
	require.ErrorContains(t, err, "permission denied for table child")
	for table, why := range global {
		var may bool
		require.NoError(t, conn.QueryRow(context.Background(), "SELECT has_any_column_privilege($1, $2::text, 'SELECT')", migrations.RoleNames.App, table).Scan(&may))
		require.Equal(t, table == "tenant" || table == "system_banner", may, "the app and %s: %s", table, why)
	}
}

func TestHistoryCannotBeRewritten(t *testing.T) {
	conn := dbtest.New(t).Owner(t)
	for _, table := range []string{"audit_entry", "audit_link", "consent_answer", "care_change", "child_access", "consent_text"} {
		for _, privilege := range []string{"UPDATE", "DELETE", "TRUNCATE"} {
			var may bool
			require.NoError(t, conn.QueryRow(context.Background(), "SELECT has_table_privilege($1, $2::text, $3)", migrations.RoleNames.App, table, privilege).Scan(&may))
			require.False(t, may, "%s on %s", privilege, table)
		}
	}
}

func TestNothingRunsWithTheRightsOfItsOwner(t *testing.T) {
	conn := dbtest.New(t).Owner(t)
	require.Empty(t, column(t, conn, "SELECT proname::text FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"), "SECURITY DEFINER functions")
	require.Empty(t, column(t, conn, "SELECT relname::text FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"), "views without security_invoker")
}
