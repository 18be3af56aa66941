package children_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
)

// nothingOpen stands for a question of a later module that has an answer for every child.
const nothingOpen children.Mark = "false"

func names(d *children.Directory) []string {
	list := []string{}
	for i := range d.Children {
		list = append(list, d.Children[i].GivenName)
	}
	return list
}

func list(t *testing.T, h *childrentest.House, who identitytest.Someone, f children.Filter) *children.Directory {
	t.Helper()
	d, err := h.Service.List(who.Ctx(), f, nothingOpen)
	require.NoError(t, err)
	return d
}

func TestTheDirectory(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	today := e.A.DateOf(e.Clock.Now())
	elsewhere := h.AddLocation("Elders")
	h.AddChild("Zoë", h.Group)
	anna := h.AddChild("anna", h.Group)
	h.AddNewcomer("Bram", h.Group, today.Add(20), "")
	h.AddNewcomer("Liv", h.Group, today.Add(-90), today.Add(-1))
	h.AddChild("Finn", elsewhere)
	other := childrentest.NewHouse(t, e, e.B)
	other.AddChild("Vreemd", other.Group)

	t.Run("orders without capitals and accents", func(t *testing.T) {
		require.Equal(t, []string{"anna", "Bram", "Finn", "Liv", "Zoë"}, names(list(t, h, h.Admin, children.Filter{})))
		require.Equal(t, []string{"Zoë", "Liv", "Finn", "Bram", "anna"}, names(list(t, h, h.Admin, children.Filter{Sort: children.ByNameDown})))
		require.Equal(t, "Bram", names(list(t, h, h.Admin, children.Filter{Sort: children.ByStartDown}))[0])
	})
	t.Run("knows where everybody stands", func(t *testing.T) {
		d := list(t, h, h.Admin, children.Filter{Status: children.Here})
		require.Equal(t, []string{"anna", "Finn", "Zoë"}, names(d))
		require.Equal(t, map[children.Status]int{children.Here: 3, children.Soon: 1, children.Gone: 1}, d.Counts)
		require.Equal(t, []string{"Bram"}, names(list(t, h, h.Admin, children.Filter{Status: children.Soon})))
		require.Equal(t, []string{"Liv"}, names(list(t, h, h.Admin, children.Filter{Status: children.Gone})))
		require.Equal(t, []string{"Liv"}, names(list(t, h, h.Admin, children.Filter{Status: children.Gone, Group: h.Group})), "also by the group that was left")
	})
	t.Run("finds what may be meant", func(t *testing.T) {
		eva := h.AddParent("Eva", anna)
		for typed, found := range map[string][]string{
			"zoe": {"Zoë"}, "ZOË jan": {"Zoë"}, "jansen an": {"anna", "Bram", "Finn", "Liv", "Zoë"}, eva.Email: {"anna"}, "%": {}, "_": {}, "'": {}, "\\": {}, "@": {"anna"}, "\x00": {"anna", "Bram", "Finn", "Liv", "Zoë"},
			strings.Repeat("a", 5000): {}, "14/09/2024": {"anna", "Bram", "Finn", "Liv", "Zoë"}, "2024-09-15": {},
		} {
			require.Equal(t, found, names(list(t, h, h.Admin, children.Filter{Search: typed})), "%.20q", typed)
		}
		require.NotContains(t, names(list(t, h, h.Admin, children.Filter{Unreached: true})), "anna")
	})
	t.Run("is a manager's as far as the own locations go", func(t *testing.T) {
		manager := h.AddManager("Mo")
		d := list(t, h, manager, children.Filter{})
		require.Equal(t, []string{"anna", "Bram", "Liv", "Zoë"}, names(d))
		require.Equal(t, 2, d.Counts[children.Here])
		require.Len(t, d.Places, 1)
		require.Empty(t, names(list(t, h, manager, children.Filter{Group: elsewhere})))
	})
	t.Run("finds who moved on by the place that was left", func(t *testing.T) {
		h.Place(h.AddNewcomer("Tess", h.Group, today.Add(-90), today.Add(-30)), elsewhere, today.Add(-29), "")
		manager := h.AddManager("Ada")
		for _, f := range []children.Filter{{}, {Group: h.Group}, {Location: h.Location}} {
			f.Status = children.Gone
			require.Equal(t, []string{"Liv", "Tess"}, names(list(t, h, manager, f)), "%+v", f)
			require.Empty(t, list(t, h, manager, f).Children[1].Places, "where she went is not told")
		}
		require.Equal(t, []string{"Liv"}, names(list(t, h, h.Admin, children.Filter{Status: children.Gone, Group: h.Group})), "who runs everything knows that she is elsewhere")
	})
	t.Run("is nobody else's", func(t *testing.T) {
		for _, who := range []identitytest.Someone{h.Staff, h.AddParent("Jan", anna)} {
			require.Empty(t, names(list(t, h, who, children.Filter{})))
			_, err := h.Service.Open(who.Ctx(), anna)
			require.Error(t, err)
		}
	})
}

const many = 5000

// manyChildren fills an organisation: families of two guardians, three quarters of the children in care.
func manyChildren(t *testing.T, e *dbtest.Env, h *childrentest.House) {
	t.Helper()
	conn := e.Owner(t)
	_, err := conn.Exec(context.Background(), "SELECT set_config('app.tenant_id', $1, false)", e.A.ID.String())
	require.NoError(t, err)
	for _, statement := range []string{
		`INSERT INTO child (tenant_id, id, given_name, family_name, birth_on, created_at) SELECT $1, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
			'Kind' || lpad(((n * 7919) % 5000)::text, 4, '0'), 'Familie' || n % 300, '2023-01-01'::date + n % 1200, now() FROM generate_series(1, 5000) n`,
		`INSERT INTO person (tenant_id, id, given_name, family_name, email, created_at, password_hash) SELECT $1, ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
			'Ouder' || n, 'Familie' || n % 300, 'ouder' || n || '@a.example', now(), CASE WHEN n % 3 > 0 THEN 'x' END FROM generate_series(1, 5000) n`,
		`INSERT INTO guardianship (tenant_id, id, child_id, person_id, kind, valid_from) SELECT $1, gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
			('00000000-0000-7000-9000-' || lpad(to_hex((n + k * 11) % 5000 + 1), 12, '0'))::uuid, 'gezag', '2024-01-01' FROM generate_series(1, 5000) n, generate_series(0, 1) k`,
		`INSERT INTO placement (tenant_id, id, child_id, group_id, care_type, starts_on, ends_on) SELECT $1, ('00000000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid,
			('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '` + h.Group.String() + `', 'kdv', '2025-01-01'::date + n % 900, CASE WHEN n % 9 = 0 THEN '2026-06-01'::date + n % 900 END FROM generate_series(1, 5000) n`,
		`INSERT INTO placement_day (tenant_id, placement_id, weekday, from_time, to_time) SELECT $1, ('00000000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid, d, '07:30', '18:30' FROM generate_series(1, 5000) n, generate_series(1, 3) d`,
	} {
		statement = strings.Replace(statement, "'2026-06-01'::date + n % 900", "'2027-12-01'::date", 1)
		_, err := conn.Exec(context.Background(), statement, e.A.ID)
		require.NoError(t, err, statement)
	}
	_, err = conn.Exec(context.Background(), "ANALYZE")
	require.NoError(t, err)
}

func TestTheDirectoryOfManyChildren(t *testing.T) {
	e := dbtest.NewAlone(t)
	h := childrentest.NewHouse(t, e, e.A)
	manyChildren(t, e, h)
	manager := h.AddManager("Mo")

	t.Run("gives everybody once, page after page, in every order", func(t *testing.T) {
		for _, sort := range []children.Sort{children.ByName, children.ByBirthDown, children.ByStart} {
			seen, f := map[ids.ID]bool{}, children.Filter{Sort: sort}
			for pages := 0; ; pages++ {
				require.Less(t, pages, many/children.PageSize+2)
				d := list(t, h, h.Admin, f)
				for _, c := range d.Children {
					require.False(t, seen[c.ID], "twice: %s", c.GivenName)
					seen[c.ID] = true
				}
				if d.Next == (children.Cursor{}) {
					break
				}
				f.After = children.ParseCursor(d.Next.String())
			}
			require.Len(t, seen, many, sort)
		}
	})
	// Processor time of PostgreSQL alone: other work on the machine does not come into it, and a page that reads every row for
	// every row would take seconds.
	postgres := e.Processor(t)
	const most = 250 * time.Millisecond
	t.Run("costs little", func(t *testing.T) {
		for name, f := range map[string]children.Filter{
			"all": {Status: children.Here}, "name": {Search: "kind0042 fam"}, "mail": {Search: "ouder4321@"}, "birth": {Search: "4 mei 2024"}, "month": {Search: "mei 2024"},
			"unreached": {Unreached: true}, "soon": {Status: children.Soon, StartsSoon: true, SoonDays: 42}, "start": {Sort: children.ByStartDown}, "group": {Group: h.Group, Status: children.Here},
		} {
			for _, who := range []identitytest.Someone{h.Admin, manager} {
				used := postgres(func() { require.NotEmpty(t, list(t, h, who, f).Children, name) })
				t.Logf("%-10s %-12s %v", name, who.Role, used)
				require.Less(t, used, most, "%s as %s", name, who.Role)
			}
		}
	})
	t.Run("looks in the other tabs for little", func(t *testing.T) {
		for _, who := range []identitytest.Someone{h.Admin, manager} {
			var d *children.Directory
			used := postgres(func() { d = list(t, h, who, children.Filter{Search: "kind004", Status: children.Gone}) })
			t.Logf("%-12s %v", who.Role, used)
			require.Less(t, used, most)
			require.Empty(t, d.Children)
			require.NotZero(t, d.Elsewhere[children.Here])
			require.Zero(t, d.Elsewhere[children.Gone])
		}
	})
	t.Run("counts who starts soon and is not reached as the list does", func(t *testing.T) {
		_, err := e.Owner(t).Exec(t.Context(), "UPDATE person SET password_hash = NULL WHERE tenant_id = $1 AND email ~ '[78]@a.example$'", e.A.ID)
		require.NoError(t, err)
		for _, who := range []identitytest.Someone{h.Admin, manager} {
			var o *children.Overview
			var err error
			used := postgres(func() { o, err = h.Service.Overview(who.Ctx(), 42, "true") })
			require.NoError(t, err)
			t.Logf("%-12s %v", who.Role, used)
			require.Less(t, used, 3*most)
			require.NotZero(t, o.Unreached)
			shown, f := 0, children.Filter{Status: children.Soon, StartsSoon: true, SoonDays: 42, Unreached: true}
			for pages := 0; pages < many/children.PageSize; pages++ {
				d := list(t, h, who, f)
				shown += len(d.Children)
				if f.After = d.Next; d.Next == (children.Cursor{}) {
					break
				}
			}
			require.EqualValues(t, o.Unreached, shown)
			require.EqualValues(t, o.Status[children.Here], o.Open)
		}
	})
	t.Run("reads no table from end to end for a page of one child", func(t *testing.T) {
		conn, err := pgx.Connect(t.Context(), e.URL.App)
		require.NoError(t, err)
		defer conn.Close(context.Background())
		_, err = conn.Exec(t.Context(), "SELECT set_config('app.tenant_id', $1, false)", e.A.ID.String())
		require.NoError(t, err)
		for _, question := range []string{
			fmt.Sprintf("SELECT * FROM child WHERE tenant_id = '%s' ORDER BY name_key, id LIMIT 51", e.A.ID),
			fmt.Sprintf("SELECT * FROM child WHERE tenant_id = '%s' AND birth_on BETWEEN '2024-05-04' AND '2024-05-04'", e.A.ID),
			fmt.Sprintf("SELECT * FROM placement WHERE tenant_id = '%s' AND child_id = '00000000-0000-7000-8000-000000000042'", e.A.ID),
		} {
			rows, err := conn.Query(t.Context(), "EXPLAIN "+question)
			require.NoError(t, err)
			plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
			require.NoError(t, err)
			require.Contains(t, strings.Join(plan, "\n"), "Index", question)
			require.NotContains(t, strings.Join(plan, "\n"), "Seq Scan", question)
		}
	})
}
