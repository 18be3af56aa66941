package imports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
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

// env is an organisation with a group Kikkers and another organisation beside it.
type env struct {
	*dbtest.Env
	t *testing.T
	h *childrentest.House
	s *imports.Service
}

func setUp(t *testing.T) *env {
	t.Helper()
	e := &env{Env: dbtest.New(t), t: t}
	e.h = childrentest.NewHouse(t, e.Env, e.A)
	e.s = imports.New(e.DB)
	return e
}

func (e *env) ctx() context.Context { return e.h.Admin.Ctx() }

// take sends a table as a file.
func (e *env) take(rows ...[]string) ids.ID {
	e.t.Helper()
	var out bytes.Buffer
	require.NoError(e.t, sheet.WriteCSV(&out, rows))
	id, err := e.s.Take(e.ctx(), imports.Upload{FileName: "planning.csv", Content: out.Bytes()})
	require.NoError(e.t, err)
	return id
}

// look gives an import and its preview.
func (e *env) look(id ids.ID) (*imports.Import, *imports.Preview) {
	e.t.Helper()
	i, p, err := e.s.Find(e.ctx(), id)
	require.NoError(e.t, err)
	return i, p
}

func (e *env) order(id ids.ID) imports.Order {
	i, _ := e.look(id)
	return imports.Order{FormKey: ids.New(), ImportID: id, Seen: i.Seal(), Accepted: true}
}

// work runs the handler as a worker would.
func (e *env) work(id ids.ID) error {
	payload, err := json.Marshal(imports.ImportQueued{ImportID: id})
	require.NoError(e.t, err)
	ctx := actor.With(tenants.With(context.Background(), e.A), actor.ForSystem(e.A.ID))
	return e.s.Subscriptions()[0].Run(ctx, outbox.Recorded{ID: ids.New(), TenantID: e.A.ID, Payload: payload})
}

// apply carries out a draft and gives what became of it.
func (e *env) apply(id ids.ID) *imports.Import {
	e.t.Helper()
	require.NoError(e.t, e.s.Apply(e.ctx(), e.order(id)))
	require.NoError(e.t, e.work(id))
	i, _ := e.look(id)
	return i
}

// bring takes and applies a table.
func (e *env) bring(rows ...[]string) *imports.Import {
	e.t.Helper()
	i := e.apply(e.take(rows...))
	require.Equal(e.t, imports.Done, i.State, i.Refusal)
	return i
}

// count asks past row-level security.
func (e *env) count(query string, args ...any) (n int) {
	e.t.Helper()
	require.NoError(e.t, e.Owner(e.t).QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}

// outcomes are "row outcome key key…" of each line.
func outcomes(p *imports.Preview) []string {
	var list []string
	for _, l := range p.Lines {
		parts := []string{string(l.Outcome)}
		for _, some := range [][]imports.Problem{l.Problems, l.Warnings, l.Notes} {
			for _, problem := range some {
				parts = append(parts, strings.TrimPrefix(problem.Key, "imports."))
			}
		}
		list = append(list, strings.Join(parts, " "))
	}
	return list
}

// head are the columns of a planning in most tests.
var head = []string{"Kindnummer", "Voornaam", "Achternaam", "Geboortedatum", "Groep", "Startdatum", "Einddatum", "Dagen",
	"Ouder 1 voornaam", "Ouder 1 achternaam", "Ouder 1 e-mail", "Ouder 1 telefoon", "Ouder 1 soort", "Ouder 2 voornaam", "Ouder 2 achternaam", "Ouder 2 e-mail", "Mentor"}

// row is a row for head: pairs of a header and a cell over a child that is fine.
func row(pairs ...string) []string {
	cells := []string{"", "Mila", "van Dijk", "8-7-2024", "Kikkers", "1-9-2025", "", "ma 07:30-18:00; di"}
	cells = append(cells, make([]string, len(head)-len(cells))...)
	for i := 0; i < len(pairs); i += 2 {
		for j, h := range head {
			if h == pairs[i] {
				cells[j] = pairs[i+1]
			}
		}
	}
	return cells
}

// elsewhere is the admin of the other organisation.
func (e *env) elsewhere() context.Context {
	return childrentest.NewHouse(e.t, e.Env, e.B).Admin.Ctx()
}
