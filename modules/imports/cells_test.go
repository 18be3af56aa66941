package imports

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/sheet"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

func TestDatesAsPeopleWriteThem(t *testing.T) {
	for cell, want := range map[string]tenants.Date{
		"1-9-2025": "2025-09-01", "01-09-2025": "2025-09-01", "1/9/2025": "2025-09-01", "1.9.2025": "2025-09-01", "2025-09-01": "2025-09-01",
		"2025/9/1": "2025-09-01", "1 september 2025": "2025-09-01", "1 sep 2025": "2025-09-01", "1 sep. 2025": "2025-09-01", "1-SEP-2025": "2025-09-01",
		"maandag 1 september 2025": "2025-09-01", "ma 1 sep 2025": "2025-09-01", "3 mrt 2024": "2024-03-03", "29-2-2024": "2024-02-29",
		"2025-09-01 00:00": "2025-09-01", "2025-09-01T00:00:00": "2025-09-01", "1-9-2025 0:00:00": "2025-09-01", "45901": "2025-09-01",
		" 1 - 9 - 2025 ": "2025-09-01", "1 September 2025": "2025-09-01", "12 okt 2023": "2023-10-12",
	} {
		got, problem := parseDate(cell)
		require.Empty(t, problem.key, cell)
		require.Equal(t, want, got, cell)
	}
	for cell, key := range map[string]string{
		"1 sep 25": "date_year", "01-09-25": "date_year", "09/13/2025": "date_month_first", "31-2-2025": "date_unknown", "29-2-2023": "date_unknown",
		"0-1-2025": "date_unknown", "13-13-2025": "date_unknown", "1-9-1025": "date_far", "1-9-3025": "date_far", "morgen": "date", "1-9": "date",
		"1 septembre 2025": "date", "": "date", "1-9-2025-3": "date", "1234": "date", "12": "date", "1-9-": "date",
	} {
		_, problem := parseDate(cell)
		require.Equal(t, "imports.error."+key, problem.key, cell)
	}
}

func TestTimes(t *testing.T) {
	for cell, want := range map[string]string{"07:30": "07:30", "7:30": "07:30", "7.30": "07:30", "0730": "07:30", "730": "07:30", "7u30": "07:30", "7": "07:00", "18 uur": "18:00", "7:30:00": "07:30", "23:59": "23:59"} {
		got, ok := parseTime(cell)
		require.True(t, ok, cell)
		require.Equal(t, want, got, cell)
	}
	for _, cell := range []string{"", "24:00", "7:60", "7:3", "zeven", "-7", "12345"} {
		_, ok := parseTime(cell)
		require.False(t, ok, cell)
	}
}

func TestDaysAsPeopleWriteThem(t *testing.T) {
	bare := func(weekdays ...int) (list []day) {
		for _, w := range weekdays {
			list = append(list, day{weekday: w})
		}
		return list
	}
	for cell, want := range map[string][]day{
		"ma,di,do": bare(1, 2, 4), "maandag, dinsdag en donderdag": bare(1, 2, 4), "Ma/Wo/Vr": bare(1, 3, 5), "ma-vr": bare(1, 2, 3, 4, 5), "ma t/m do": bare(1, 2, 3, 4),
		"Mon, Tue": bare(1, 2), "ma\ndi": bare(1, 2), "": nil,
		"ma 07:30-18:00; di": {{1, "07:30", "18:00"}, {2, "", ""}}, "ma 7.30 - 18.00, wo 8-12": {{1, "07:30", "18:00"}, {3, "08:00", "12:00"}},
		"ma, di 07:30-18:30": {{1, "07:30", "18:30"}, {2, "07:30", "18:30"}}, "ma-wo van 8:00 tot 12:30": {{1, "08:00", "12:30"}, {2, "08:00", "12:30"}, {3, "08:00", "12:30"}},
		"ma: 07:30 – 18:00 uur": {{1, "07:30", "18:00"}},
	} {
		got, problem := parseDays(cell)
		require.Empty(t, problem.key, "%s %v", cell, problem.args)
		require.Equal(t, want, got, cell)
	}
	for cell, key := range map[string]string{
		"ma, blauw": "day", "ma, ma": "day_twice", "ma-di, di": "day_twice", "ma 18:00-07:30": "times_order", "ma 07:30": "times", "07:30-18:00": "times_twice",
		"ma 7:30-12:00 13:00-18:00": "times_twice", "vr-ma": "days", "-": "days", "ma 25:00-26:00": "times", "🎈": "day",
	} {
		_, problem := parseDays(cell)
		require.Equal(t, "imports.error."+key, problem.key, cell)
	}
	for cell, want := range map[string]day{"x": {3, "", ""}, "Ja": {3, "", ""}, "TRUE": {3, "", ""}, "07:30-18:00": {3, "07:30", "18:00"}} {
		got, said, problem := parseDayCell(3, cell)
		require.True(t, said && !problem.any(), cell)
		require.Equal(t, want, got)
	}
	for _, cell := range []string{"", "nee", "-", "0"} {
		_, said, problem := parseDayCell(3, cell)
		require.False(t, said || problem.any(), cell)
	}
	_, _, problem := parseDayCell(3, "misschien")
	require.Equal(t, "imports.error.times", problem.key)
}

func TestNamesOfEveryScript(t *testing.T) {
	for _, name := range []string{"Zoë", "van ’t Hof", "O'Neill", "Åsa", "محمد", "李小龙", "Анна-Мария", "Ελένη", "נועה", "अनन्या", "İrem", "Jean-Luc", "Nguyễn", "D.J.", "佐藤 さくら", "مریم\u200cسادات"} {
		require.Empty(t, checkName(name, maxName).key, name)
	}
	for name, key := range map[string]string{"Mila 🎈": "name_sign", "Jan2": "name_sign", "<b>": "name_sign", "=1+1": "name_sign", "--": "no_name", strings.Repeat("a", 81): "too_long", "a\u202eb": "name_sign"} {
		require.Equal(t, "identity.error."+key, checkName(name, maxName).key, name)
	}
}

func TestOtherCells(t *testing.T) {
	for cell, want := range map[string]children.CareType{"KDV": children.DayCare, "Hele dagopvang": children.DayCare, "BSO": children.AfterSchool, "After school": children.AfterSchool, "peuteropvang": children.Playgroup, "Gastouder": children.Childminder} {
		got, problem := parseCare(cell)
		require.False(t, problem.any(), cell)
		require.Equal(t, want, got)
	}
	for cell, want := range map[string]children.Kind{"Gezag": children.Authority, "ouder zonder gezag": children.Information, "mag ophalen": children.Collector, "Oma": children.Relative} {
		got, problem := parseTie(cell)
		require.False(t, problem.any(), cell)
		require.Equal(t, want, got)
	}
	for cell, want := range map[string]int{"4": 48, "2½": 30, "2,5": 30, "2.25": 27, "0": 0, "4 jaar": 48} {
		got, problem := parseAge(cell)
		require.False(t, problem.any(), cell)
		require.Equal(t, want, got, cell)
	}
	for _, cell := range []string{"vier", "-1", "99", "2,3"} {
		_, problem := parseAge(cell)
		require.True(t, problem.any(), cell)
	}
	for _, cell := range []string{"06-12345678", "+31 6 1234 5678", "(0570) 12 34 56"} {
		_, problem := parsePhone(cell)
		require.False(t, problem.any(), cell)
	}
	for _, cell := range []string{"geen", "12", "06 12 34 56 78 (werk)", strings.Repeat("1", 41)} {
		_, problem := parsePhone(cell)
		require.True(t, problem.any(), cell)
	}
	require.Equal(t, 13, months("2024-07-08", "2025-09-07"))
	require.Equal(t, 14, months("2024-07-08", "2025-09-08"))
}

func TestHeadersAreUnderstood(t *testing.T) {
	for _, c := range []struct {
		header string
		kind   Kind
		want   Mapping
	}{
		{"Voornaam kind;Tussenvoegsel;Achternaam;Geb. datum;Stamgroep;Ingangsdatum;E-mail ouder 1;Voornaam verzorger 2;Iets anders", Planning,
			Mapping{givenName, prefix, familyName, birthOn, group, startsOn, ofGuardian(0, email), ofGuardian(1, givenName), ""}},
		{"Child first name;Date of birth;Group;Start date;Days;Guardian 1 e-mail;Parent 2 phone;Guardian 1 email", Planning,
			Mapping{givenName, birthOn, group, startsOn, weekdays, ofGuardian(0, email), ofGuardian(1, phone), ""}},
		{"Locatie;Opvangsoort;LRK-nummer;Groep;Leeftijd vanaf;Leeftijd tot", Groups, Mapping{location, careType, lrkNumber, group, fromAge, toAge}},
		{"First name;Last name;E-mail;Role;Group", Staff, Mapping{givenName, familyName, email, role, group}},
	} {
		kind, mapping := guess(sheet.Row{Cells: strings.Split(c.header, ";")})
		require.Equal(t, c.kind, kind, c.header)
		require.Equal(t, c.want, mapping, c.header)
	}
	for _, k := range Kinds {
		for _, language := range []string{"nl", "en"} {
			rows := Template(k, language)
			kind, mapping := guess(sheet.Row{Cells: rows[0]})
			require.Equal(t, k, kind)
			require.Empty(t, mapping.missing(k))
			require.NotContains(t, mapping, Field(""), "%v", rows[0])
		}
	}
	require.Equal(t, headersHash(Planning, []string{"A", "B"}), headersHash(Planning, []string{"b", "a"}), "whatever the order")
	again := fromHeaders(Mapping{givenName, "", familyName}.byHeader([]string{"Naam", "x", "Naam"}), []string{"x", "Naam", "Naam"})
	require.Equal(t, Mapping{"", givenName, familyName}, again, "two columns with the same header are told apart")
}

func FuzzDate(f *testing.F) {
	for _, seed := range []string{"1-9-2025", "ma 1 sep. 2025", "2025-09-01T00:00:00", "45901", "31-2-2024", "1 sep 25", "٣-٩-٢٠٢٥", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		date, problem := parseDate(cell)
		require.NotEqual(t, date == "", !problem.any(), "a date or a reason")
		if date != "" {
			again, problem := parseDate(string(date))
			require.False(t, problem.any())
			require.Equal(t, date, again)
		}
	})
}

func FuzzDays(f *testing.F) {
	for _, seed := range []string{"ma,di", "ma 07:30-18:00; wo 8-12", "ma t/m vr", "ma - vr 7u30 – 18.30 uur", "-", "vr-ma", "ma 1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		days, problem := parseDays(cell)
		if problem.any() {
			return
		}
		seen := map[int]bool{}
		for _, d := range days {
			require.False(t, seen[d.weekday])
			seen[d.weekday] = true
			require.True(t, d.weekday >= 1 && d.weekday <= 7)
			require.True(t, d.from == "" && d.to == "" || d.from < d.to)
		}
	})
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{"Zoë", "محمد", "Mila 🎈", "\xff", "a\x00b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		name := tidy(cell)
		if !checkName(name, maxName).any() {
			require.LessOrEqual(t, utf8.RuneCountInString(name), maxName)
			require.NotContains(t, name, "<")
		}
	})
}
