package authz

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ouderportaal/configs"
	"ouderportaal/internal/actor"
)

const sample = `
# diary
p, role:parent, diary.read
p, role:staff, diary.read
p, role:staff, diary.publish
p, role:manager, diary.withdraw
p, role:system, media.process
`

// policies are those of the modules, as they lie beside them.
func policies(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../*/*/policy.csv")
	if err != nil || len(files) < 12 {
		t.Fatalf("found %q: %v", files, err)
	}
	var all []string
	for _, file := range files {
		policy, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(policy))
	}
	return all
}

// compare asks the lookup and casbin everything, and counts what both allow.
func compare(t *testing.T, policies ...string) (allowed int) {
	t.Helper()
	a, err := New(policies...)
	if err != nil {
		t.Fatal(err)
	}
	e, permissions, err := enforcer(configs.CasbinModel, append([]string{base}, policies...))
	if err != nil {
		t.Fatal(err)
	}
	for _, permission := range append(permissions, "diary.delete", "", "diary", "diary.read ", "DIARY.READ") {
		for _, role := range append([]actor.Role{"", "role:janitor", "parent", "role:"}, actor.Roles...) {
			want, err := e.Enforce(string(role), permission)
			if err != nil {
				t.Fatal(err)
			}
			if got := a.May(role, permission); got != want {
				t.Errorf("May(%q, %q) = %v, casbin says %v", role, permission, got, want)
			}
			if want {
				allowed++
			}
		}
	}
	return allowed
}

func TestTheLookupEqualsTheEnforcer(t *testing.T) {
	if allowed := compare(t, sample); allowed != 6 {
		t.Errorf("%d questions are allowed, want 6: five lines, and the admin through the manager", allowed)
	}
	if allowed := compare(t, policies(t)...); allowed < 40 {
		t.Errorf("the modules allow %d things", allowed)
	}
	a, err := New(sample)
	if err != nil {
		t.Fatal(err)
	}
	if !a.Knows("diary.publish") || a.Knows("diary.publsih") {
		t.Error("Knows does not know")
	}
}

func TestRefusesToStart(t *testing.T) {
	for name, policy := range map[string]string{
		"nothing allowed":       "# nothing",
		"unknown role":          "p, role:janitor, diary.read",
		"no prefix":             "p, staff, diary.read",
		"person":                "p, 0190b8a4-1c5e-7000-8000-000000000000, diary.read",
		"wildcard":              "p, role:staff, *",
		"wildcard tail":         "p, role:staff, diary.*",
		"one word":              "p, role:staff, diary",
		"two columns":           "p, role:staff",
		"four columns":          "p, role:staff, diary.read, deny",
		"other section":         "q, role:staff, diary.read",
		"twice":                 "p, role:staff, diary.read\np, role:staff, diary.read",
		"includes itself":       "g, role:staff, role:staff",
		"includes nobody":       "g, role:staff, role:owner",
		"a person gets a role":  "g, anna, role:staff",
		"permission with space": "p, role:staff, diary read.all",
	} {
		if _, err := New(policy); err == nil {
			t.Errorf("%s: New accepted %q", name, policy)
		}
	}
}

func TestAnEnforcerThatAllowsNonsenseIsRefused(t *testing.T) {
	for name, change := range map[string][2]string{
		"every role":       {"r.act == p.act && g(r.sub, p.sub)", "r.act == p.act"},
		"every permission": {"r.act == p.act && g(r.sub, p.sub)", "g(r.sub, p.sub)"},
		"everything":       {"r.act == p.act && g(r.sub, p.sub)", "true"},
		"allow by default": {"some(where (p.eft == allow))", "!some(where (p.eft == deny))"},
	} {
		conf := strings.Replace(configs.CasbinModel, change[0], change[1], 1)
		if conf == configs.CasbinModel {
			t.Fatalf("%s: the model has no %q any more", name, change[0])
		}
		e, permissions, err := enforcer(conf, []string{sample})
		if err == nil {
			err = refusesNonsense(e, permissions)
		}
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, _, err := enforcer("", []string{sample}); err == nil {
		t.Error("an empty model is accepted")
	}
}

// TestNobodyMayDoAnything asks all that refusesNonsense asks a part of: starting must be quick.
func TestNobodyMayDoAnything(t *testing.T) {
	e, permissions, err := enforcer(configs.CasbinModel, append([]string{base}, policies(t)...))
	if err != nil {
		t.Fatal(err)
	}
	for _, permission := range permissions {
		for _, nobody := range append(nobodies, permission) {
			if ok, err := e.Enforce(nobody, permission); ok || err != nil {
				t.Errorf("%q may %s: %v", nobody, permission, err)
			}
		}
	}
}

func TestMayAllocatesNothing(t *testing.T) {
	a, err := New(sample)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() { a.May(actor.Staff, "diary.publish") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkMay(b *testing.B) {
	a, err := New(sample)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		a.May(actor.Staff, "diary.publish")
		a.May(actor.Parent, "diary.publish")
	}
}
