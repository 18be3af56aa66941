package i18n

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"

	"ouderportaal/internal/fault"
	"ouderportaal/tenants"
)

func files(nl, en string) fstest.MapFS {
	return fstest.MapFS{"locales/nl.json": {Data: []byte(nl)}, "locales/en.json": {Data: []byte(en)}}
}

func sample(t testing.TB) *Bundle {
	t.Helper()
	b, err := Load(files(`{
		"a.plain": "Dagboek schrijven",
		"a.name": "Hallo {{.Name}}, welkom bij {{ .Place }}.",
		"a.count": {"one": "{{.Count}} foto van {{.Name}}", "other": "{{.Count}} foto's van {{.Name}}"},
		"a.few": {"one": "één kind", "other": "{{.Count}} kinderen"},
		"a.logic": "{{if .Urgent}}Nu{{else}}Straks{{end}} {{.Name}}",
		"a.dutch": "Alleen Nederlands voor {{.Name}}",
		"a.marks": "100% & <b> \"x\" {"
	}`, `{
		"a.plain": "Write in the diary",
		"a.name": "Hello {{.Name}}, welcome to {{.Place}}.",
		"a.count": {"one": "{{.Count}} photo of {{.Name}}", "other": "{{.Count}} photos of {{.Name}}"},
		"a.few": {"one": "one child", "other": "{{.Count}} children"},
		"a.logic": "{{if .Urgent}}Now{{else}}Later{{end}} {{.Name}}",
		"a.marks": "100% & <b> \"x\" {"
	}`))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSentences(t *testing.T) {
	b := sample(t)
	nl, en := b.For("nl"), b.For("en")
	for _, c := range []struct{ got, want string }{
		{nl.T("a.plain"), "Dagboek schrijven"}, {en.T("a.plain"), "Write in the diary"},
		{nl.T("a.name", "Name", "Anna", "Place", "Bathmen"), "Hallo Anna, welkom bij Bathmen."},
		{nl.N("a.count", 1, "Name", "Mila"), "1 foto van Mila"}, {nl.N("a.count", 0, "Name", "Mila"), "0 foto's van Mila"},
		{nl.N("a.count", 12345, "Name", "Mila"), "12.345 foto's van Mila"}, {en.N("a.count", 12345, "Name", "Mila"), "12,345 photos of Mila"},
		{nl.N("a.few", 1), "één kind"}, {en.N("a.few", 3), "3 children"}, {nl.N("a.plain", 3), "Dagboek schrijven"},
		{nl.T("a.logic", "Urgent", true, "Name", "Anna"), "Nu Anna"}, {nl.T("a.logic", "Urgent", false, "Name", "Anna"), "Straks Anna"},
		{en.T("a.dutch", "Name", "Anna"), "Alleen Nederlands voor Anna"},
		{b.For("pl").T("a.plain"), "Dagboek schrijven"},
		{nl.Say("a.count", map[string]any{"Count": 2, "Name": "Noor"}), "2 foto's van Noor"},
		{nl.Say("a.name", map[string]any{"Name": "{{.Place}}", "Place": "x"}), "Hallo {{.Place}}, welkom bij x."},
		{nl.T("a.marks"), `100% & <b> "x" {`},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestWhatIsMissingIsTold(t *testing.T) {
	b := sample(t)
	var told []string
	b.OnMissing(func(lang, key string) { told = append(told, lang+" "+key) })
	before := b.Missing()
	if got := b.For("nl").T("a.typo"); got != "a.typo" {
		t.Errorf("got %q", got)
	}
	b.For("en").T("a.dutch", "Name", "x")
	if got := b.For("nl").T("a.name", "Name", "Anna"); got != "Hallo Anna, welkom bij ." {
		t.Errorf("got %q", got)
	}
	if strings.Join(told, "|") != "nl a.typo|en a.dutch|nl a.name {{.Place}}" || b.Missing() != before+3 {
		t.Errorf("told %q", told)
	}
	ctx := context.Background()
	if T(ctx, "a.plain") != "a.plain" || N(ctx, "a.few", 2) != "a.few" || Say(ctx, "a.plain", nil) != "a.plain" || Date(ctx, time.Unix(0, 0).UTC()) == "" {
		t.Error("without a localizer the key should come back")
	}
}

func TestAFaultNeverShowsItsCause(t *testing.T) {
	b := sample(t)
	var told []string
	b.OnMissing(func(_, key string) { told = append(told, key) })
	l := b.For("nl")
	err := fmt.Errorf("diary: %w", fault.New(fault.Invalid, "a.name").With(map[string]any{"Name": "Anna", "Place": "hier"}).Wrap(errors.New("geheim")))
	if got := l.Fault(err); got != "Hallo Anna, welkom bij hier." {
		t.Error(got)
	}
	if got := l.Fault(errors.New("geheim")); strings.Contains(got, "geheim") {
		t.Error(got)
	}
}

// TestCompiledEqualsTheReference holds our pieces against go-i18n for every message and many numbers.
func TestCompiledEqualsTheReference(t *testing.T) {
	b := sample(t)
	compared := 0
	for _, lang := range b.Languages() {
		l := b.For(lang)
		reference, err := l.reference()
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range b.Keys(lang) {
			for n := range 130 {
				args := map[string]any{"Name": "Anna", "Place": "Bathmen", "Urgent": n%2 == 0, "Count": n}
				config := &goi18n.LocalizeConfig{MessageID: key, TemplateData: args}
				if parts := l.messages[key].parts; parts != nil && parts.plural {
					config.PluralCount = n
				}
				want, err := reference.Localize(config)
				if err != nil {
					t.Fatal(err)
				}
				if got := l.Say(key, args); got != want {
					t.Fatalf("%s %s %d: %q, go-i18n says %q", lang, key, n, got, want)
				}
				compared++
			}
		}
	}
	if compared < 5000 {
		t.Fatalf("only %d compared", compared)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"no files":        {},
		"not JSON":        files(`{`, `{}`),
		"a list":          files(`[]`, `{}`),
		"key twice":       files(`{"a.b": "x", "a.b": "y"}`, `{}`),
		"taken key":       files(`{"date.today": "x"}`, `{}`),
		"upper case":      files(`{"a.B": "x"}`, `{}`),
		"no words":        files(`{"a.b": ""}`, `{}`),
		"one form only":   files(`{"a.b": {"one": "x"}}`, `{}`),
		"unknown form":    files(`{"a.b": {"other": "x", "some": "y"}}`, `{}`),
		"form twice":      files(`{"a.b": {"other": "x", "other": "y"}}`, `{}`),
		"a number":        files(`{"a.b": 5}`, `{}`),
		"a list of words": files(`{"a.b": ["x"]}`, `{}`),
		"form in form":    files(`{"a.b": {"other": {"other": "x"}}}`, `{}`),
		"cut off":         files(`{"a.b": {"other": "x"`, `{}`),
		"two objects":     files(`{"a.b": "x"} {}`, `{}`),
		"no language":     {"locales/words.json": {Data: []byte(`{}`)}},
		"digit first":     files(`{"a.b": "{{.1a}}"}`, `{}`),
		"bad UTF-8":       files("{\"a.b\": \"\xff\"}", `{}`),
		"null":            files(`{"a.b": null}`, `{}`),
		"broken template": files(`{"a.b": "{{.X"}`, `{}`),
	} {
		if _, err := Load(fsys); err != nil {
			continue
		}
		t.Errorf("%s: accepted", name)
	}
}

func TestMatch(t *testing.T) {
	b := sample(t)
	for accept, want := range map[string]string{
		"nl": "nl", "nl-BE,fr;q=0.5": "nl", "en-GB,nl;q=0.9": "en", "de,en;q=0.5": "en", "de": "nl", "": "nl", "*": "nl", "x;q=z": "nl",
		strings.Repeat("en,", 400): "nl", "EN": "en", "de;q=0.9, nl;q=0": "nl",
	} {
		if got := b.Match(accept, "nl"); got != want {
			t.Errorf("%.40q: %s, want %s", accept, got, want)
		}
	}
	if b.Match("de", "en") != "en" || b.Match("", "en") != "en" {
		t.Error("the organisation's language is not used")
	}
}

func TestDates(t *testing.T) {
	b := sample(t)
	amsterdam := tenants.Tenant{TimeZone: "Europe/Amsterdam"}
	ctx := tenants.With(With(context.Background(), b.For("nl")), amsterdam)
	english := With(ctx, b.For("en"))
	at := time.Date(2026, 11, 23, 10, 24, 0, 0, time.UTC)
	late := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC) // the 23rd in Amsterdam
	summer := time.Date(2026, 10, 24, 22, 30, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{Date(ctx, at), "maandag 23 november"}, {Date(english, at), "Monday 23 November"}, {LongDate(ctx, at), "maandag 23 november 2026"},
		{ShortDate(ctx, at), "23 nov 2026"}, {Time(ctx, at), "11:24"}, {Time(ctx, at.Add(-4*time.Hour)), "07:24"}, {Clock(485), "08:05"}, {Clock(0), "00:00"}, {Clock(23*60 + 59), "23:59"}, {Month(ctx, at), "november 2026"}, {ShortDate(ctx, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)), "1 mrt 2026"},
		{Date(ctx, late), "maandag 23 november"}, {DayHeading(ctx, late, at), "Vandaag"}, {DayHeading(ctx, at.AddDate(0, 0, -1), at), "Gisteren"},
		{DayHeading(ctx, at.AddDate(0, 0, 1), at), "Morgen"}, {DayHeading(ctx, at.AddDate(0, 0, -2), at), "zaterdag 21 november"},
		{DayHeading(ctx, at.AddDate(-1, 0, 0), at), "zondag 23 november 2025"}, {DayHeading(english, at, at), "Today"},
		{DayHeading(ctx, summer, summer.Add(24*time.Hour)), "Vandaag"}, // a day of 25 hours
		{DayHeading(ctx, summer, summer.Add(25*time.Hour)), "Gisteren"},
		{CivilDate(ctx, "2026-11-23"), "maandag 23 november"}, {CivilLongDate(english, "2026-01-01"), "Thursday 1 January 2026"}, {CivilDate(ctx, "onzin"), ""},
		{CivilDayHeading(ctx, "2026-11-22", "2026-11-23"), "Gisteren"}, {CivilDayHeading(ctx, "2026-12-31", "2027-01-01"), "Gisteren"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	b := sample(t)
	nl, en := b.For("nl"), b.For("en")
	for _, c := range []struct{ got, want string }{
		{nl.Number(0), "0"}, {nl.Number(999), "999"}, {nl.Number(1000), "1.000"}, {nl.Number(-1234567), "-1.234.567"}, {en.Number(1234567), "1,234,567"},
		{nl.FileSize(0), "0 B"}, {nl.FileSize(820_400), "820 kB"}, {nl.FileSize(2_440_000), "2,4 MB"}, {en.FileSize(2_440_000), "2.4 MB"}, {nl.FileSize(20 << 20), "21 MB"},
		{nl.FileSize(999_999), "1 MB"}, {nl.FileSize(5_000_000_000), "5 GB"},
		{nl.Duration(0), "0 min"}, {nl.Duration(65 * time.Minute), "1 uur 5 min"}, {en.Duration(120 * time.Minute), "2 hours"}, {en.Duration(61*time.Minute + 59*time.Second), "1 hour 1 min"}, {nl.Duration(-time.Hour), "0 min"},
		{nl.List(nil), ""}, {nl.List([]string{"Mila"}), "Mila"}, {nl.List([]string{"Mila", "Noor"}), "Mila en Noor"}, {nl.List([]string{"Mila", "Noor", "Bram"}), "Mila, Noor en Bram"}, {en.List([]string{"Mila", "Noor", "Bram"}), "Mila, Noor and Bram"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestPlainSentencesCostNothing(t *testing.T) {
	ctx := With(context.Background(), sample(t).For("nl"))
	if n := testing.AllocsPerRun(1000, func() { T(ctx, "a.plain") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkPlain(b *testing.B) {
	ctx := With(context.Background(), sample(b).For("nl"))
	for b.Loop() {
		T(ctx, "a.plain")
	}
}

func BenchmarkCount(b *testing.B) {
	ctx := With(context.Background(), sample(b).For("nl"))
	b.ReportAllocs()
	for b.Loop() {
		N(ctx, "a.count", 3, "Name", "Mila")
	}
}

func BenchmarkCountByReference(b *testing.B) {
	reference, err := sample(b).For("nl").reference()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = reference.Localize(&goi18n.LocalizeConfig{MessageID: "a.count", TemplateData: map[string]any{"Name": "Mila", "Count": 3}, PluralCount: 3})
	}
}
