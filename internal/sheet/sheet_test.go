package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"ouderportaal/internal/fault"
)

func utf16LE(text string) []byte {
	out := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return out
}

func TestTextIsReadInEveryEncodingAndWithEverySeparator(t *testing.T) {
	cp1252, err := charmap.Windows1252.NewEncoder().Bytes([]byte("Naam;Plaats\r\nZoë Müller;’s-Hertogenbosch €\r\n"))
	require.NoError(t, err)
	want := [][]string{{"Naam", "Plaats"}, {"Zoë Müller", "’s-Hertogenbosch €"}}
	for name, content := range map[string][]byte{
		"Windows-1252":           cp1252,
		"UTF-8":                  []byte("Naam;Plaats\nZoë Müller;’s-Hertogenbosch €"),
		"UTF-8 with mark":        []byte("\uFEFFNaam;Plaats\r\nZoë Müller;’s-Hertogenbosch €\r\n"),
		"UTF-16":                 utf16LE("Naam\tPlaats\r\nZoë Müller\t’s-Hertogenbosch €\r\n"),
		"comma":                  []byte("Naam,Plaats\nZoë Müller,’s-Hertogenbosch €\n"),
		"tab":                    []byte("Naam\tPlaats\nZoë Müller\t’s-Hertogenbosch €\n"),
		"Excel names it":         []byte("sep=,\r\nNaam,Plaats\r\nZoë Müller,’s-Hertogenbosch €\r\n"),
		"commas within quotes":   []byte("\"Naam\";\"Plaats\"\n\"Zoë Müller\";\"’s-Hertogenbosch €\"\n"),
		"spaces and hard spaces": []byte("Naam ; Plaats\u00a0\n Zoë\u00a0Müller; ’s-Hertogenbosch €\n"),
	} {
		table, err := Read(content)
		require.NoError(t, err, name)
		require.Equal(t, CSV, table.Format)
		require.Equal(t, want, cellsOf(table), name)
	}
}

func cellsOf(table *Table) (all [][]string) {
	for _, row := range table.Rows {
		all = append(all, row.Cells)
	}
	return all
}

func TestRowsAreCountedAsASpreadsheetDoes(t *testing.T) {
	table, err := Read([]byte("a;b\n\n\"line one\nline two\";x\n;;\nlast;y\n"))
	require.NoError(t, err)
	require.Equal(t, []Row{{1, []string{"a", "b"}}, {3, []string{"line one\nline two", "x"}}, {5, []string{"last", "y"}}}, table.Rows)
	require.Equal(t, "", table.Rows[0].At(7))
	require.Equal(t, "AB12", Name(27, 12))
	table, err = Read([]byte("sep=;\na\nb\n"))
	require.NoError(t, err)
	require.Equal(t, 2, table.Rows[0].Number)
}

func TestQuotesAsPeopleTypeThem(t *testing.T) {
	table, err := Read([]byte("naam;plaats\nJan \"de Bakker\" Jansen;Bathmen\n"))
	require.NoError(t, err)
	require.Equal(t, `Jan "de Bakker" Jansen`, table.Rows[1].Cells[0])
}

// What excelize writes is what Excel writes: shared texts, dates and times as numbers with a style.
func TestWorkbooksOfARealWriterAreRead(t *testing.T) {
	for _, from1904 := range []bool{false, true} {
		f := excelize.NewFile()
		require.NoError(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &from1904}))
		style := func(code string) int {
			id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
			require.NoError(t, err)
			return id
		}
		set := func(cell string, value any, code string) {
			require.NoError(t, f.SetCellValue("Sheet1", cell, value))
			if code != "" {
				require.NoError(t, f.SetCellStyle("Sheet1", cell, cell, style(code)))
			}
		}
		set("A1", "Kind", "")
		set("C1", "Geboren", "")
		set("A3", "Zoë <&> \"x\"\nregel twee", "")
		set("C3", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), "dd-mm-yyyy")
		set("D3", 612345678, "")
		set("E3", 0.3125, "hh:mm")
		set("F3", true, "")
		set("G3", 12.5, `0.00" dagen"`)
		set("H3", time.Date(2025, 9, 1, 7, 30, 0, 0, time.UTC), "[$-413]d mmmm yyyy hh:mm")
		require.NoError(t, f.SetCellRichText("Sheet1", "I3", []excelize.RichTextRun{{Text: "van "}, {Text: "Dijk", Font: &excelize.Font{Bold: true}}}))
		require.NoError(t, f.SetCellStr("Sheet1", "A5", "年糕"))
		_, err := f.NewSheet("Tweede")
		require.NoError(t, err)
		require.NoError(t, f.SetCellStr("Tweede", "A1", "niet dit blad"))
		var out bytes.Buffer
		require.NoError(t, f.Write(&out))

		table, err := Read(out.Bytes())
		require.NoError(t, err)
		require.Equal(t, &Table{Format: XLSX, Rows: []Row{
			{1, []string{"Kind", "", "Geboren"}},
			{3, []string{"Zoë <&> \"x\"\nregel twee", "", "2024-02-29", "612345678", "07:30", "TRUE", "12.5", "2025-09-01 07:30", "van Dijk"}},
			{5, []string{"年糕"}},
		}}, table)
	}
}

func TestDatesAndTimesAreToldFromNumbersByTheirFormat(t *testing.T) {
	for code, date := range map[string]bool{"dd-mm-yyyy": true, "h:mm": true, "[$-413]d mmm": true, "General": false, "0.00": false, `0" dagen"`: false, `#,##0\d`: false, "[Red]0": false, "@": false} {
		require.Equal(t, date, showsDate(code), code)
	}
	f := &workbookFile{}
	for days, want := range map[float64]string{1: "1900-01-01", 59: "1900-02-28", 61: "1900-03-01", 45170.75: "2023-09-01 18:00", 0.5: "12:00", 0.75001: "18:00:01", -3: "-3", 9e9: "9000000000"} {
		require.Equal(t, want, f.moment(days))
	}
}

// archive zips parts as they are; a workbook needs the ones of the writer besides.
func archive(t testing.TB, parts map[string]string) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	add := func(name, content string) {
		part, err := w.Create(name)
		require.NoError(t, err)
		_, err = part.Write([]byte(content))
		require.NoError(t, err)
	}
	for _, part := range workbook {
		if _, replaced := parts[part.name]; !replaced {
			add(part.name, part.content)
		}
	}
	for name, content := range parts {
		add(name, content)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

const sheetPart = "xl/worksheets/sheet1.xml"

func rows(inside string) string {
	return "<worksheet><sheetData>" + inside + "</sheetData></worksheet>"
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	long := strings.Repeat("x", MaxCell+1)
	relations := func(kind, target string) string {
		return fmt.Sprintf(`<Relationships><Relationship Id="rId1" Type="a/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId9" Type="a/%s" Target="%s"/></Relationships>`, kind, target)
	}
	for name, c := range map[string]struct {
		content []byte
		key     string
	}{
		"empty":                      {nil, "sheet.error.empty"},
		"blank":                      {[]byte(" \n;;;\n"), "sheet.error.empty"},
		"larger than a file may be":  {make([]byte, MaxBytes+1), "sheet.error.too_large"},
		"an old workbook":            {[]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "sheet.error.old_excel"},
		"a picture":                  {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "sheet.error.not_a_table"},
		"a letter":                   {[]byte("%PDF-1.7\n"), "sheet.error.not_a_table"},
		"a zip with other things":    {archiveOf(t, "word/document.xml"), "sheet.error.not_a_table"},
		"half a workbook":            {archive(t, nil)[:400], "sheet.error.damaged"},
		"a cell that is too long":    {[]byte("a;b\nc;" + long), "sheet.error.cell_too_long"},
		"too many rows":              {[]byte(strings.Repeat("a\n", MaxRows+2)), "sheet.error.too_many_rows"},
		"too many columns":           {[]byte(strings.Repeat("a;", MaxColumns+1)), "sheet.error.too_many_columns"},
		"a quote out of place":       {[]byte("a;b\n\"c\"d;e\n"), "sheet.error.quote"},
		"a quote that is not closed": {[]byte("a;b\n\"c;d\n"), "sheet.error.quote"},
		"a cell far away":            {archive(t, map[string]string{sheetPart: rows(`<row><c r="ZZZ1"><v>1</v></c></row>`)}), "sheet.error.too_many_columns"},
		"a sheet that is cut off":    {archive(t, map[string]string{sheetPart: `<worksheet><sheetData><row><c><v>1</v></c></row><row>`}), "sheet.error.damaged"},
		"a text that is not there":   {archive(t, map[string]string{sheetPart: rows(`<row><c t="s"><v>-1</v></c></row>`)}), "sheet.error.damaged"},
		"a bomb of one part":         {archive(t, map[string]string{sheetPart: rows(strings.Repeat(" ", maxUnpacked+1))}), "sheet.error.unpacked"},
		"a bomb of empty cells":      {archive(t, map[string]string{sheetPart: rows("<row>" + strings.Repeat("<c/>", mostColumns+1) + "</row>")}), "sheet.error.unpacked"},
		"a bomb of shared texts":     {archive(t, map[string]string{sheetPart: rows(""), "xl/_rels/workbook.xml.rels": relations("sharedStrings", "s.xml"), "xl/s.xml": "<sst>" + strings.Repeat("<si/>", maxShared+1) + "</sst>"}), "sheet.error.unpacked"},
		"a bomb of styles":           {archive(t, map[string]string{sheetPart: rows(""), "xl/_rels/workbook.xml.rels": relations("styles", "s.xml"), "xl/s.xml": "<styleSheet>" + strings.Repeat(" ", maxSmall)}), "sheet.error.unpacked"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(c.content)
			e, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			require.Equal(t, c.key, e.Key, "%v", err)
		})
	}
}

func archiveOf(t *testing.T, name string) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	_, err := w.Create(name)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

var attempts = []string{"=1+1", "=HYPERLINK(\"http://x\";\"y\")", "+1", "+31 6 12 34 56 78", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "=cmd|' /C calc'!A0"}

// R51: nothing that people typed is a formula in a file that we hand out.
func TestWhatIsWrittenIsNoFormula(t *testing.T) {
	for _, cell := range attempts {
		require.Equal(t, "'"+cell, Harmless(cell))
	}
	for _, cell := range []string{"", "Jan", "1-9-2025", "a=b", "ma 07:30-18:00", "'s-Hertogenbosch", "年"} {
		require.Equal(t, cell, Harmless(cell))
	}
	for format, write := range map[Format]func(*bytes.Buffer, [][]string) error{
		CSV:  func(b *bytes.Buffer, rows [][]string) error { return WriteCSV(b, rows) },
		XLSX: func(b *bytes.Buffer, rows [][]string) error { return WriteXLSX(b, rows) },
	} {
		var out bytes.Buffer
		typed := [][]string{{"Kop; met \"van alles\"", "", "<&>"}, {"=1+1", "+31 6", "regel\ntwee"}}
		require.NoError(t, write(&out, typed))
		if format == CSV {
			require.Contains(t, out.String(), "\r\n'=1+1;'+31 6;")
		}
		table, err := Read(out.Bytes())
		require.NoError(t, err)
		require.Equal(t, format, table.Format)
		require.Equal(t, typed, cellsOf(table), "comes back as it was")
	}
}

func TestWorkbooksThatAreWrittenOpenElsewhere(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, WriteXLSX(&out, [][]string{{"Kind", "Geboren"}, {"Zoë", "1-9-2025"}}))
	f, err := excelize.OpenReader(&out)
	require.NoError(t, err)
	got, err := f.GetRows(f.GetSheetName(0))
	require.NoError(t, err)
	require.Equal(t, [][]string{{"Kind", "Geboren"}, {"Zoë", "1-9-2025"}}, got)
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"a;b\n\"c\nd\";e\n", "sep=,\na,b", "\uFEFFx\ty", "Jan \"x\" y;z", "\xff\xfea\x00;\x00", "caf\xe9;b", "\"", "PK\x03\x04"} {
		f.Add([]byte(seed))
	}
	f.Add(archive(f, map[string]string{sheetPart: rows(`<row r="2"><c r="B2" t="inlineStr"><is><r><t>x</t></r></is></c><c s="1"><v>45170</v></c></row>`)}))
	f.Fuzz(func(t *testing.T, content []byte) {
		table, err := Read(content)
		if err != nil {
			require.Contains(t, []fault.Code{fault.Invalid, fault.TooLarge}, fault.CodeOf(err), "%v", err)
			return
		}
		last := 0
		for _, row := range table.Rows {
			require.Greater(t, row.Number, last)
			require.NotEmpty(t, row.Cells)
			require.LessOrEqual(t, len(row.Cells), MaxColumns)
			require.NotEmpty(t, row.Cells[len(row.Cells)-1])
			last = row.Number
		}
	})
}
