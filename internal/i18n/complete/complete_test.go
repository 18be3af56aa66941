package complete

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLocalesAreComplete(t *testing.T) {
	report, err := Check("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range report.Problems {
		t.Error(problem)
	}
	for _, key := range report.Unused {
		t.Errorf("no source names %s; remove it, or name it in a comment: i18n:keys …", key)
	}
	if report.Keys < 50 || report.Uses < 10 {
		t.Fatalf("only %d keys and %d uses were found: the check looks in the wrong place", report.Keys, report.Uses)
	}
	t.Logf("%d keys, %d uses", report.Keys, report.Uses)
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	root := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a/locales/nl.json", `{"a.used": "x", "a.only_nl": "x", "a.unused": "x", "a.mood.happy": "x", "a.hole": "{{.Name}} {{.Count}}", "a.state.in": "x", "A.Upper": "x", "a.empty": "", "a.form": {"one": "x"}, "a.day.x.y": "x"}`)
	write("a/locales/en.json", `{"a.used": "x", "a.unused": "x", "a.mood.happy": "x", "a.hole": "{{.Naam}}", "a.state.in": "x", "A.Upper": "x", "a.empty": "x", "a.form": {"one": "x", "other": "y"}, "a.day.x.y": "x"}`)
	write("b/locales/nl.json", `{"a.used": "y"}`)
	write("a/a.go", `package a
// i18n:keys a.state.* a.day.*.y
var _ = T(ctx, "a.used") + l.T("a.only_nl") + T(c.UserContext(), "a.mood." + mood) + N(ctx, "a.hole", 2) + T(ctx, "a.nothing."+x)
var _ = fault.New(fault.Invalid, "a.fault_missing")
var _ = f.Add("text", "a.field_missing", nil)
var keys = []string{"a.empty", "a.form"}
`)
	write("a/page.templ", `<p>{ i18n.T(ctx, "a.page_missing", "Name", x) }</p>`)
	write("a/a_test.go", `package a
var _ = T(ctx, "a.in_a_test")`)
	write("node_modules/x/a.go", `package a
var _ = T(ctx, "a.elsewhere")`)
	report, err := Check(root)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(report.Problems, "\n")
	for _, want := range []string{
		`"a.only_nl" is not in en.json`, `[Name] in nl and [Naam] in en`, `b/locales has no en.json`, `is in a/locales and in b/locales`,
		`asks for "a.fault_missing"`, `asks for "a.field_missing"`, `asks for "a.page_missing"`, `"a.nothing." and what follows`, `key "A.Upper" is not made of`,
		`nl.json: key "a.empty" has no words`, `nl.json: key "a.form" has no words`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("not found: %s", want)
		}
	}
	if strings.Contains(all, "a.in_a_test") || strings.Contains(all, "a.elsewhere") || strings.Contains(all, "a.mood") {
		t.Error("found what is no problem")
	}
	if got := strings.Join(report.Unused, " "); got != "a/locales: A.Upper a/locales: a.unused" {
		t.Errorf("unused: %s", got)
	}
	if t.Failed() {
		t.Log(all)
	}
}
