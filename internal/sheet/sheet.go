// Package sheet reads tables that people keep in a spreadsheet (CSV, XLSX), within bounds, and writes them so that opening
// them does nothing but show them.
package sheet

import (
	"bytes"
	"embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"ouderportaal/internal/fault"
)

// Locales holds the words of this package.
//
//go:embed locales/*.json
var Locales embed.FS

// What a file may hold. A file that is larger is refused before it is read, a table that turns out to be larger while it is.
const (
	MaxBytes    = 10 << 20
	MaxRows     = 20_000
	MaxColumns  = 200
	MaxCell     = 2000     // characters
	maxUnpacked = 48 << 20 // bytes of all parts of an XLSX file together
	maxSmall    = 2 << 20  // bytes of a part that is read as a whole
	maxShared   = 1 << 20  // texts that cells share
)

// Format is how a table was written.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Table is what a file holds: rows of text. Empty rows are left out, and so are empty cells at the end of a row.
type Table struct {
	Format Format
	Rows   []Row
}

// Row is one row. Number counts from 1 as a spreadsheet does, also where rows are empty or a cell has lines of its own.
type Row struct {
	Number int
	Cells  []string
}

// At is the cell in a column that counts from 0; a cell that is not there is empty.
func (r Row) At(column int) string {
	if column < 0 || column >= len(r.Cells) {
		return ""
	}
	return r.Cells[column]
}

// Name is the cell as a spreadsheet calls it: column 2 of row 12 is C12.
func Name(column, row int) string { return letters(column) + itoa(row) }

var (
	oldExcel = []byte{0xD0, 0xCF, 0x11, 0xE0} // also what Excel makes of a file with a password
	zipMagic = []byte("PK\x03\x04")
)

// Read finds out what content is, and reads it. Whatever is wrong is Invalid (TooLarge above MaxBytes), in words that tell what to do.
func Read(content []byte) (*Table, error) {
	switch {
	case len(content) > MaxBytes:
		return nil, fault.New(fault.TooLarge, "sheet.error.too_large").With(map[string]any{"Max": MaxBytes >> 20})
	case bytes.HasPrefix(content, oldExcel):
		return nil, invalid("sheet.error.old_excel")
	case bytes.HasPrefix(content, zipMagic):
		return readXLSX(content)
	}
	return readCSV(content)
}

// builder gathers rows and holds them to the bounds.
type builder struct {
	table Table
	text  int // bytes in all cells: a text that is kept once in the file may be in a million of them
}

// maxText is how much text all cells may have together, in bytes.
const maxText = 24 << 20

func (b *builder) add(number int, cells []string) error {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil
	}
	if len(cells) > MaxColumns {
		return invalid("sheet.error.too_many_columns", "Max", MaxColumns)
	}
	if len(b.table.Rows) == MaxRows+1 { // and the row with the names of the columns
		return invalid("sheet.error.too_many_rows", "Max", MaxRows)
	}
	for i, cell := range cells {
		if b.text += len(cell); b.text > maxText {
			return invalid("sheet.error.unpacked")
		}
		if len(cell) > MaxCell && utf8.RuneCountInString(cell) > MaxCell {
			return invalid("sheet.error.cell_too_long", "Cell", Name(i, number), "Max", MaxCell)
		}
	}
	b.table.Rows = append(b.table.Rows, Row{Number: number, Cells: cells})
	return nil
}

func (b *builder) done(format Format) (*Table, error) {
	if len(b.table.Rows) == 0 {
		return nil, invalid("sheet.error.empty")
	}
	b.table.Format = format
	return &b.table, nil
}

// clean is a cell without what nobody can see and with the apostrophe of Harmless taken off again.
func clean(cell string) string {
	cell = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\u200b' || r == '\ufeff':
			return -1
		case r == '\u00a0' || r == '\t':
			return ' '
		case r != '\n' && unicode.IsControl(r):
			return -1
		}
		return r
	}, cell))
	if len(cell) > 1 && cell[0] == '\'' && risky(cell[1:]) {
		cell = cell[1:]
	}
	return cell
}

func letters(column int) string {
	var name []byte
	for column++; column > 0; column = (column - 1) / 26 {
		name = append([]byte{byte('A' + (column-1)%26)}, name...)
	}
	return string(name)
}

func invalid(key string, args ...any) *fault.Error {
	words := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		words[args[i].(string)] = args[i+1]
	}
	return fault.New(fault.Invalid, key).With(words)
}
