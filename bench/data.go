package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"ouderportaal/internal/ids"
)

//go:embed data.sql
var dataSQL string

// dataVersion changes when the data would come out different. New migrations are applied to the data that there are.
func dataVersion() string {
	sum := sha256.Sum256([]byte(dataSQL))
	return hex.EncodeToString(sum[:])
}

// fill runs data.sql, two organisations at a time. It connects as superuser, whom row-level security does not bind, and leaves
// out the checks of foreign keys, which would take most of the time.
func fill(ctx context.Context, url string, tenants int) error {
	once, each := statements(dataSQL)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, s := range once {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("data.sql: %w", err)
		}
	}
	say("making %d organisations with %d children, %d entries and %d photos", tenants, tenants*500, tenants*entriesEach, tenants*entriesEach*2)
	var done, next atomic.Int64
	group, inner := errgroup.WithContext(ctx)
	for range 2 {
		group.Go(func() error {
			conn, err := pgx.Connect(inner, url)
			if err != nil {
				return err
			}
			defer conn.Close(context.WithoutCancel(inner))
			for {
				tenant := next.Add(1) - 1
				if tenant >= int64(tenants) {
					return nil
				}
				if err := fillOne(inner, conn, each, tenant); err != nil {
					return err
				}
				if n := done.Add(1); n%10 == 0 {
					say("  %d of %d organisations", n, tenants)
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, s := range []string{"VACUUM ANALYZE", "CREATE TABLE bench.made (version text)", "INSERT INTO bench.made VALUES ('" + dataVersion() + "')", "CHECKPOINT"} {
		if _, err := conn.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func statements(text string) (once, each []string) {
	for s := range strings.SplitSeq(text, ";\n") {
		switch {
		case strings.TrimSpace(s) == "":
		case strings.Contains(s, "CREATE"):
			once = append(once, s)
		default:
			each = append(each, s)
		}
	}
	return once, each
}

func fillOne(ctx context.Context, conn *pgx.Conn, each []string, tenant int64) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if _, err := tx.Exec(ctx, "SET LOCAL session_replication_role = replica; SET LOCAL synchronous_commit = off"); err != nil {
		return err
	}
	for _, s := range each {
		if _, err := tx.Exec(ctx, strings.ReplaceAll(s, "$1", strconv.FormatInt(tenant, 10))); err != nil {
			return fmt.Errorf("data.sql: organisation %d: %w", tenant, err)
		}
	}
	return tx.Commit(ctx)
}

// The same as the functions in data.sql.

func slugOf(tenant int) string { return "bench" + strconv.Itoa(tenant) }

func idOf(kind string, n int) ids.ID {
	id, ok := ids.Parse("019" + kind + "000-0000-7000-8000-" + strconv.Itoa(100_000_000_000+n))
	if !ok {
		panic("bench: malformed id")
	}
	return id
}

func tokenOf(person int) string {
	digits := strconv.Itoa(person)
	return strings.Repeat("x", 43-len(digits)) + digits
}

// parent is one who can be signed in as.
type parent struct {
	tenant int
	person int // number over all organisations, as in data.sql
}

func parentAt(n int) parent { return crowd{each: parentsEach}.at(n) }

// crowd is the parents that a line asks for: the first each of some organisations, which follow each other.
type crowd struct{ first, tenants, each int }

func (c crowd) parents() int { return c.tenants * c.each }

func (c crowd) at(n int) parent {
	tenant := c.first + n/c.each
	return parent{tenant: tenant, person: tenant*peopleEach + n%c.each}
}

// defines are the crowd as timeline.sql reads it.
func (c crowd) defines() []string {
	return []string{fmt.Sprintf("first=%d", c.first), fmt.Sprintf("tenants=%d", c.tenants), fmt.Sprintf("each=%d", c.each)}
}
