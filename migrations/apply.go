package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/migrate"
)

// Roles are the database users of the program, as the connection addresses that they sign in with.
// An address without a password leaves the password as it is.
type Roles struct{ App, Relay, Platform string }

// Apply makes the roles where they are missing and brings the schema up to date. It connects as the owner of the
// schema, who must be allowed to create roles the first time. Two at once wait for each other. It returns the names
// of the migrations that it ran.
func Apply(ctx context.Context, ownerURL string, roles Roles) ([]string, error) {
	cfg, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		return nil, fmt.Errorf("migrations: owner url: %w", err)
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	std := stdlib.OpenDB(*cfg)
	defer std.Close()
	// One connection: the advisory lock below belongs to it.
	std.SetMaxOpenConns(1)
	db := bun.NewDB(std, pgdialect.New())

	const lock = 7_241_883
	if _, err := db.ExecContext(ctx, "SELECT pg_advisory_lock(?)", lock); err != nil {
		return nil, fmt.Errorf("migrations: lock: %w", err)
	}
	defer db.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(?)", lock)

	if err := ensureRoles(ctx, std, roles); err != nil {
		return nil, err
	}
	set := migrate.NewMigrations()
	if err := set.Discover(Files); err != nil {
		return nil, fmt.Errorf("migrations: discover: %w", err)
	}
	migrator := migrate.NewMigrator(db, set, migrate.WithMarkAppliedOnSuccess(true))
	if err := migrator.Init(ctx); err != nil {
		return nil, fmt.Errorf("migrations: init: %w", err)
	}
	group, err := migrator.Migrate(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrations: apply: %w", err)
	}
	var names []string
	for _, m := range group.Migrations {
		names = append(names, m.Name+"_"+m.Comment)
	}
	return names, nil
}

// RoleNames are the users that the policies and grants of the schema speak of.
var RoleNames = struct{ App, Relay, Platform string }{"ouderportaal_app", "ouderportaal_relay", "ouderportaal_platform"}

func ensureRoles(ctx context.Context, db *sql.DB, roles Roles) error {
	for _, r := range []struct{ name, address string }{
		{RoleNames.App, roles.App}, {RoleNames.Relay, roles.Relay}, {RoleNames.Platform, roles.Platform},
	} {
		password, err := passwordIn(r.address, r.name)
		if err != nil {
			return err
		}
		if err := ensureRole(ctx, db, r.name, password); err != nil {
			return fmt.Errorf("migrations: role %s: %w", r.name, err)
		}
	}
	return nil
}

func passwordIn(address, role string) (string, error) {
	if address == "" {
		return "", nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("migrations: the address of " + role + " is not a URL")
	}
	if u.User.Username() != role {
		return "", fmt.Errorf("migrations: the address for %s signs in as %q", role, u.User.Username())
	}
	password, _ := u.User.Password()
	return password, nil
}

func ensureRole(ctx context.Context, db *sql.DB, name, password string) error {
	// Not a DO block: its body takes no parameters, and a password must not be pasted into text by hand.
	var exists bool
	if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name).Scan(&exists); err != nil {
		return err
	}
	ident := pgx.Identifier{name}.Sanitize()
	if !exists {
		if _, err := db.ExecContext(ctx, "CREATE ROLE "+ident+" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"); err != nil {
			return err
		}
		for setting, value := range map[string]time.Duration{
			"statement_timeout": 5 * time.Second, "lock_timeout": 2 * time.Second, "idle_in_transaction_session_timeout": 15 * time.Second,
		} {
			if _, err := db.ExecContext(ctx, fmt.Sprintf("ALTER ROLE %s SET %s = %d", ident, setting, value.Milliseconds())); err != nil {
				return err
			}
		}
	}
	if password == "" {
		return nil
	}
	var statement string
	if err := db.QueryRowContext(ctx, "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", name, password).Scan(&statement); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, statement)
	return err
}
