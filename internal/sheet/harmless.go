package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Harmless is the text of a cell as it is written to a file that people open in a spreadsheet: what a spreadsheet would
// take for a formula gets an apostrophe in front, and stays text. Read takes it off again.
func Harmless(cell string) string {
	if risky(cell) {
		return "'" + cell
	}
	return cell
}

// risky tells whether a spreadsheet may take the text for a formula. Some take the wide signs of Chinese and Japanese
// keyboards for the narrow ones.
func risky(cell string) bool {
	first, _ := utf8.DecodeRuneInString(cell)
	switch first {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		return true
	}
	return false
}

// WriteCSV writes rows as Excel opens them in the Netherlands: UTF-8 with its mark, semicolons, CRLF, every cell Harmless.
func WriteCSV(w io.Writer, rows [][]string) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return fmt.Errorf("sheet: write: %w", err)
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	for _, row := range rows {
		if err := out.Write(harmless(row)); err != nil {
			return fmt.Errorf("sheet: write: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("sheet: write: %w", err)
	}
	return nil
}

func harmless(row []string) []string {
	cells := make([]string, len(row))
	for i, cell := range row {
		cells[i] = Harmless(cell)
	}
	return cells
}

// The parts of the smallest workbook that spreadsheets open without complaint. Its cells have the format "text", so that
// nothing that is typed into them turns into something else.
var workbook = []struct{ name, content string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf xfId="0"/><xf xfId="0" fontId="1" numFmtId="49" applyFont="1" applyNumberFormat="1"/><xf xfId="0" numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>`},
}

// WriteXLSX writes rows as a workbook with one sheet; the first row is bold and stays in sight.
func WriteXLSX(w io.Writer, rows [][]string) error {
	out := zip.NewWriter(w)
	for _, part := range workbook {
		if err := writePart(out, part.name, func(w *bufio.Writer) error {
			_, err := w.WriteString(part.content)
			return err
		}); err != nil {
			return err
		}
	}
	if err := writePart(out, "xl/worksheets/sheet1.xml", func(w *bufio.Writer) error { return writeSheet(w, rows) }); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("sheet: write: %w", err)
	}
	return nil
}

func writePart(out *zip.Writer, name string, write func(*bufio.Writer) error) error {
	part, err := out.Create(name)
	if err != nil {
		return fmt.Errorf("sheet: write %s: %w", name, err)
	}
	w := bufio.NewWriter(part)
	_, _ = w.WriteString(xml.Header)
	if err := write(w); err != nil {
		return fmt.Errorf("sheet: write %s: %w", name, err)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("sheet: write %s: %w", name, err)
	}
	return nil
}

func writeSheet(w *bufio.Writer, rows [][]string) error {
	columns := 1
	for _, row := range rows {
		columns = max(columns, len(row))
	}
	fmt.Fprintf(w, `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="%d" width="18" style="2" customWidth="1"/></cols><sheetData>`, columns)
	for i, row := range rows {
		style := 2
		if i == 0 {
			style = 1
		}
		fmt.Fprintf(w, `<row r="%d">`, i+1)
		for j, cell := range harmless(row) {
			if cell == "" {
				continue
			}
			fmt.Fprintf(w, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">`, Name(j, i+1), style)
			if err := xml.EscapeText(w, []byte(strings.ToValidUTF8(cell, "\uFFFD"))); err != nil {
				return err
			}
			_, _ = w.WriteString(`</t></is></c>`)
		}
		_, _ = w.WriteString(`</row>`)
	}
	_, err := w.WriteString(`</sheetData></worksheet>`)
	return err
}
