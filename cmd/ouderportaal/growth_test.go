package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/sheet"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/imports"
	"ouderportaal/tenants"
)

// step is a node of a plan that was carried out, with how many rows came out of it and how many it compared in vain, each time on average.
type step struct {
	Rows       float64 `json:"Actual Rows"`
	Loops      float64 `json:"Actual Loops"`
	Filtered   float64 `json:"Rows Removed by Filter"`
	Mismatched float64 `json:"Rows Removed by Join Filter"`
	Rechecked  float64 `json:"Rows Removed by Index Recheck"`
	Plans      []step
}

// rows is how many rows went through all of it.
func (s step) rows() float64 {
	n := (s.Rows + s.Filtered + s.Mismatched + s.Rechecked) * s.Loops
	for _, under := range s.Plans {
		n += under.rows()
	}
	return n
}

// effort adds up the rows that went through all plans, as PostgreSQL tells of each.
type effort struct {
	mu   sync.Mutex
	rows float64
}

func (e *effort) add(notice []byte) {
	_, plan, is := strings.Cut(string(notice), "plan:\n")
	if !is {
		return
	}
	var done struct{ Plan step }
	plan, _, _ = strings.Cut(plan, "\x00")
	if json.Unmarshal([]byte(plan), &done) == nil {
		e.mu.Lock()
		e.rows += done.Plan.rows()
		e.mu.Unlock()
	}
}

func (e *effort) of(do func()) float64 {
	e.mu.Lock()
	e.rows = 0
	e.mu.Unlock()
	do()
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.rows
}

// bring imports children from one number to another, each second one a brother or sister of the one before, with two guardians who are invited.
func (p *portal) bring(at *childrentest.House, from, to int) {
	p.t.Helper()
	word := func(n int) (letters string) { // digits are no name
		for n++; n > 0; n /= 26 {
			letters = string(rune('a'+n%26)) + letters
		}
		return letters
	}
	rows := [][]string{strings.Split("Kindnummer;Voornaam;Achternaam;Geboortedatum;Groep;Startdatum;Dagen;Ouder 1 voornaam;Ouder 1 achternaam;Ouder 1 e-mail;Ouder 2 voornaam;Ouder 2 achternaam;Ouder 2 e-mail", ";")}
	for n := from; n < to; n++ {
		family := word(n / 2)
		rows = append(rows, []string{fmt.Sprint(100000 + n), "Kind " + word(n), "Familie " + family, "8-7-2024", "Kikkers", "1-3-2027", "ma; di",
			"Ouder " + family, "Familie", fmt.Sprintf("een%d@voorbeeld.nl", n/2), "Verzorger " + family, "Familie", fmt.Sprintf("twee%d@voorbeeld.nl", n/2)})
	}
	var file bytes.Buffer
	require.NoError(p.t, sheet.WriteCSV(&file, rows))
	service := p.app.modules.imports
	id, err := service.Take(at.Admin.Ctx(), imports.Upload{FileName: "planning.csv", Content: file.Bytes()})
	require.NoError(p.t, err)
	draft, _, err := service.Find(at.Admin.Ctx(), id)
	require.NoError(p.t, err)
	require.NoError(p.t, service.Apply(at.Admin.Ctx(), imports.Order{FormKey: ids.New(), ImportID: id, Seen: draft.Seal(), Accepted: true}))
	payload, err := json.Marshal(imports.ImportQueued{ImportID: id})
	require.NoError(p.t, err)
	system := actor.With(tenants.With(context.Background(), at.Tenant), actor.ForSystem(at.Tenant.ID))
	require.NoError(p.t, service.Subscriptions()[0].Run(system, outbox.Recorded{ID: ids.New(), TenantID: at.Tenant.ID, Payload: payload}))
	done, _, err := service.Find(at.Admin.Ctx(), id)
	require.NoError(p.t, err)
	require.Equal(p.t, imports.Done, done.State, done.Refusal)
	require.NoError(p.t, p.app.modules.invitations.Sweep(system))
}

// What PostgreSQL knows of its tables is older than an import: it expects nobody in an organisation that is full by now. What a page then
// costs may grow with how many there are, and not with their square: four times as many children take about four times as much.
func TestWhatAPageCostsAfterAnImport(t *testing.T) {
	const some, many, least = 150, 600, 3000
	pages := []string{"/beheer", "/beheer/kinderen", "/beheer/kinderen?status=soon", "/beheer/kinderen?status=soon&account=1&start=1", "/beheer/kinderen?toestemming=1", "/beheer/kinderen?q=kind",
		"/beheer/ouders", "/beheer/ouders?q=ouder", "/beheer/medewerkers", "/beheer/toestemmingen", "/beheer/uitnodigingen", "/beheer/uitnodigingen?stand=planned", "/beheer/uitnodigingen?q=familie",
		"/beheer/zoeken?q=kind", "/beheer/bezorging", "/beheer/onbeantwoord"}
	ofAdmins := []string{"/beheer/bewaartermijnen", "/beheer/bewaartermijnen/dossiers", "/beheer/logboek"}
	for _, known := range []int{0, 100} {
		t.Run(fmt.Sprintf("with statistics of %d others", known), func(t *testing.T) {
			e, effort := *dbtest.NewAlone(t), new(effort)
			explained(t, &e)
			owner := e.Owner(t)
			e.URL.App = (&wire{notice: effort.add}).through(t, e.URL.App)
			p := newPortal(t, &e)
			if known > 0 {
				p.bring(p.b, 0, known)
				_, err := owner.Exec(t.Context(), "ANALYZE")
				require.NoError(t, err)
			}
			admin, manager := p.browser(p.a.Admin, e.A), p.browser(p.a.AddManager("Mo"), e.A)
			costs := func() map[string]float64 {
				found := map[string]float64{}
				for _, path := range slices.Concat(pages, ofAdmins) {
					found["admin "+path] = effort.of(func() { admin.Get(path).Is(200) })
				}
				for _, path := range pages {
					found["manager "+path] = effort.of(func() { manager.Get(path).Is(200) })
				}
				return found
			}
			bring := func(from, to int) {
				p.bring(p.a, from, to)
				for _, query := range []string{"SET session_replication_role = replica", // answers of nobody, to questions without words
					`INSERT INTO consent_definition (tenant_id, purpose, required, starts_on, running, text_version, asked_version, version, created_at)
						SELECT id, x, 'one', '2026-01-01', true, 1, 1, 1, now() FROM tenant, unnest('{photos,website,medicine,outings}'::text[]) x WHERE slug LIKE 't%' ON CONFLICT DO NOTHING`,
					`INSERT INTO consent_state (tenant_id, child_id, purpose, granted, answer_id, text_version)
						SELECT c.tenant_id, c.id, d.purpose, true, c.id, 1 FROM child c JOIN consent_definition d USING (tenant_id) ON CONFLICT DO NOTHING`} {
					_, err := owner.Exec(t.Context(), query)
					require.NoError(t, err)
				}
			}
			bring(0, some)
			before := costs()
			bring(some, many)
			for page, after := range costs() {
				require.NotZero(t, after, page)
				t.Logf("%s: %.0f rows, then %.0f", page, before[page], after)
				if grew := after / max(before[page], least); grew > 1.5*many/some {
					t.Errorf("%s passes %.0f rows for %d children and %.0f for %d: %.0f times as many", page, before[page], some, after, many, grew)
				}
			}
		})
	}
}

// explained has PostgreSQL tell what it does for whoever connects from here on.
func explained(t *testing.T, e *dbtest.Env) {
	t.Helper()
	owner := e.Owner(t)
	if _, err := owner.Exec(t.Context(), "LOAD 'auto_explain'"); err != nil {
		t.Skipf("PostgreSQL cannot tell what it does: %v", err)
	}
	var database string
	require.NoError(t, owner.QueryRow(t.Context(), "SELECT quote_ident(current_database())").Scan(&database))
	for _, setting := range []string{"session_preload_libraries = auto_explain", "auto_explain.log_min_duration = 0", "auto_explain.log_analyze = on", "auto_explain.log_timing = off",
		"auto_explain.log_format = json", "auto_explain.log_level = notice"} {
		_, err := owner.Exec(t.Context(), "ALTER DATABASE "+database+" SET "+setting)
		require.NoError(t, err)
	}
}
