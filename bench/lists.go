package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/modules/children"
)

//go:embed lists.sql
var listsSQL string

// The large organisation of lists.sql.
const (
	largeTenant = 999
	largeAdmin  = largeTenant * peopleEach
)

// The lists of the console as somebody asks for them: an admin, and a manager of two locations.
var adminLists = []string{
	"/beheer/kinderen", "/beheer/kinderen?status=here", "/beheer/kinderen?status=soon", "/beheer/kinderen?status=gone&sorteer=-start",
	"/beheer/kinderen?sorteer=-birth", "/beheer/kinderen?q=van+den+berg", "/beheer/kinderen?q=mila+jansen", "/beheer/kinderen?q=1-3-2023", "/beheer/kinderen?q=p77%40bench",
	"/beheer/kinderen?account=geen", "/beheer/kinderen?toestemming=open", "/beheer/kinderen?status=here&sorteer=start&toestemming=open&account=geen&q=mila",
	"/beheer/ouders", "/beheer/ouders?q=nowak", "/beheer/ouders?account=geen", "/beheer/medewerkers", "/beheer/uitnodigingen",
}

var managerLists = []string{"/beheer/kinderen", "/beheer/kinderen?q=mila&sorteer=birth", "/beheer/ouders"}

// lists is line h: how long the server takes for a list of an organisation with 5,000 children among 100,000 others.
func lists(ctx context.Context, w *world) ([]result, error) {
	if err := w.fillLarge(ctx); err != nil {
		return nil, err
	}
	server, err := w.serve(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer server.Stop()

	html, _, err := look(server.addr, request(parent{largeTenant, largeAdmin}, adminLists[0]))
	if err != nil {
		return nil, err
	}
	if found := bytes.Count(html, []byte(`<a href="/beheer/kinderen/0192`)); found < children.PageSize {
		return nil, fmt.Errorf("the list has %d children", found)
	}

	slowest, slow := time.Duration(0), ""
	for n, paths := range [][]string{adminLists, managerLists} {
		for _, path := range paths {
			took, err := timed(server.addr, request(parent{largeTenant, largeAdmin + n}, path))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			if took > slowest {
				slowest, slow = took, path
			}
		}
	}
	var ratio, pages, plain []float64
	for range w.rounds {
		took, err := timed(server.addr, request(parent{largeTenant, largeAdmin}, adminLists[0]))
		if err != nil {
			return nil, err
		}
		p, err := w.pgbench(ctx, "children.sql", 1, 2*time.Second)
		if err != nil {
			return nil, err
		}
		mine, theirs := float64(took.Microseconds())/1000, 1000/p.perSecond
		pages, plain, ratio = append(pages, mine), append(plain, theirs), append(ratio, theirs/mine)
	}
	return []result{
		{line: "h", what: "Slowest list of the console, 5,000 children", against: "budget", value: float64(slowest.Microseconds()) / 1000, unit: "ms", must: atMost(100),
			detail: fmt.Sprintf("%s; median of %d requests one after the other, of %d lists", slow, timedRequests, len(adminLists)+len(managerLists))},
		{line: "h", what: "List of children", against: "pgbench, plain query", value: median(ratio), unit: "×",
			detail: fmt.Sprintf("a page takes %.1f ms beside %.1f ms", median(pages), median(plain))},
	}, nil
}

const timedRequests = 15

// timed is the median time of a request, asked one after the other: the first ones plan their queries.
func timed(addr string, request []byte) (time.Duration, error) {
	took := make([]time.Duration, timedRequests)
	for i := range took {
		began := time.Now()
		head, _, err := get(addr, request)
		if err != nil {
			return 0, err
		}
		if head.status != 200 {
			return 0, fmt.Errorf("answer %d", head.status)
		}
		took[i] = time.Since(began)
	}
	return percentile(took, 0.5), nil
}

// fillLarge makes the large organisation anew; it takes seconds.
func (w *world) fillLarge(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, w.url.owner)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, each := statements(listsSQL)
	if err := fillOne(ctx, conn, each, largeTenant); err != nil {
		return err
	}
	for _, table := range []string{"person", "membership", "child", "guardianship", "placement", "placement_day", "consent_state"} {
		if _, err := conn.Exec(ctx, "ANALYZE "+table); err != nil {
			return err
		}
	}
	return nil
}
