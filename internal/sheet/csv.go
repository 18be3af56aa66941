package sheet

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

func itoa(n int) string { return strconv.Itoa(n) }

// readCSV reads text with columns. Programs here write ; and , and tabs, in UTF-8, UTF-16 and Windows-1252.
func readCSV(content []byte) (*Table, error) {
	text, ok := decode(content)
	if !ok {
		return nil, invalid("sheet.error.not_a_table")
	}
	text, comma, skipped := separator(text)
	table, err := parseCSV(text, comma, skipped, false)
	if errors.Is(err, csv.ErrBareQuote) { // Jan "de Bakker" Jansen, as people type it
		table, err = parseCSV(text, comma, skipped, true)
	}
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return nil, invalid("sheet.error.quote", "Row", wrong.StartLine+skipped).Wrap(err)
	}
	return table, err
}

func parseCSV(text string, comma rune, skipped int, lazy bool) (*Table, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma, -1, lazy, true
	var b builder
	inside := 0 // line ends within cells so far: a spreadsheet does not count them
	for {
		record, err := r.Read()
		if err == io.EOF {
			return b.done(CSV)
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		number := line + skipped - inside
		cells := make([]string, len(record))
		for i, cell := range record {
			inside += strings.Count(cell, "\n")
			cells[i] = clean(cell)
		}
		if err := b.add(number, cells); err != nil {
			return nil, err
		}
	}
}

// decode finds the encoding by its mark, else by trying. What has NUL in it is no text.
func decode(content []byte) (string, bool) {
	var text string
	switch {
	case bytes.HasPrefix(content, []byte("\xEF\xBB\xBF")):
		text = strings.ToValidUTF8(string(content[3:]), "\uFFFD")
	case bytes.HasPrefix(content, []byte("\xFF\xFE")):
		text = fromUTF16(content[2:], binary.LittleEndian)
	case bytes.HasPrefix(content, []byte("\xFE\xFF")):
		text = fromUTF16(content[2:], binary.BigEndian)
	case utf8.Valid(content):
		text = string(content)
	default:
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(content)
		if err != nil {
			return "", false
		}
		text = string(decoded)
	}
	return text, !strings.ContainsRune(text, 0) && !strings.HasPrefix(text, "%PDF-")
}

func fromUTF16(content []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(content)/2)
	for i := range units {
		units[i] = order.Uint16(content[2*i:])
	}
	return string(utf16.Decode(units))
}

// separators in the order of preference: of two that are as good, the first.
var separators = []rune{';', '\t', ','}

// separator finds what stands between the columns: what Excel's own first line says ("sep=;"), else what the first line
// with something in it has most of, outside quotes. It gives the text without Excel's line, and how many lines that were.
func separator(text string) (rest string, comma rune, skipped int) {
	first, after, _ := strings.Cut(text, "\n")
	if said := strings.TrimSuffix(first, "\r"); len(said) == 5 && strings.EqualFold(said[:4], "sep=") && strings.ContainsRune(string(separators), rune(said[4])) {
		return after, rune(said[4]), 1
	}
	counts := map[rune]int{}
	quoted, any := false, false
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '\n' && any:
			return text, most(counts), 0
		default:
			counts[r]++
		}
		any = any || r > ' '
	}
	return text, most(counts), 0
}

func most(counts map[rune]int) rune {
	best := separators[0]
	for _, r := range separators[1:] {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}
