package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/jackc/pgx/v5"
)

//go:embed years.sql
var yearsSQL string

// families are the parents of years.sql.
var families = crowd{first: 998, tenants: 1, each: 32}

// years is line i: the same page as line a, of parents who have three years of their children behind them.
func years(ctx context.Context, w *world) ([]result, error) {
	if err := w.fillYears(ctx); err != nil {
		return nil, err
	}
	server, err := w.serve(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer server.Stop()
	html, err := lookAtPages(server.addr, families)
	if err != nil {
		return nil, err
	}
	var small bytes.Buffer
	squeeze := brotli.NewWriter(&small)
	if _, err := squeeze.Write(html); err != nil {
		return nil, err
	}
	if err := squeeze.Close(); err != nil {
		return nil, err
	}
	var pages comparison
	for n := -1; n < w.rounds; n++ { // the first fills caches and does not count
		d := w.round
		if n < 0 {
			d = min(d, 3*time.Second)
		}
		one, err := w.compare(ctx, server, "years", families, d)
		if err != nil {
			return nil, err
		}
		if n < 0 {
			continue
		}
		say("  page %.0f/s  pgbench %.0f/s", one.page.perSecond, one.plain.perSecond)
		pages.add(one)
	}
	return []result{
		{line: "i", what: "Timeline page of a family with 1,500 entries and 6,000 photos", against: "pgbench, plain query", value: median(pages.ratio), unit: "×", goal: atLeast(0.70),
			detail: pages.rates() + ". " + pages.shared()},
		{line: "i", what: "The same page, in brotli", against: "budget", value: float64(small.Len()) / 1000, unit: "kB", must: atMost(20)},
	}, nil
}

// fillYears makes the families anew; it takes seconds.
func (w *world) fillYears(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, w.url.owner)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, each := statements(yearsSQL)
	if err := fillOne(ctx, conn, each, int64(families.first)); err != nil {
		return fmt.Errorf("years.sql: %w", err)
	}
	for _, table := range []string{"diary_entry", "diary_entry_child", "photo", "photo_child", "guardianship", "placement"} {
		if _, err := conn.Exec(ctx, "VACUUM ANALYZE "+table); err != nil {
			return err
		}
	}
	return nil
}
