package imports

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/sheet"
)

// Mapping says for each column of a file what it means.
type Mapping []Field

// at is the column that means f, or -1.
func (m Mapping) at(f Field) int { return slices.Index(m, f) }

// missing are the fields without which no row of the kind can be read.
func (m Mapping) missing(k Kind) (list []Field) {
	for _, c := range columnsOf(k) {
		if c.required && m.at(c.field) < 0 {
			list = append(list, c.field)
		}
	}
	return list
}

// check refuses a mapping in which two columns mean the same, or one that means nothing in this kind of file.
func (m Mapping) check(k Kind, columns int) error {
	var problems fault.Fields
	if len(m) != columns {
		return fault.New(fault.BadRequest, "error.bad_request")
	}
	known := FieldsOf(k)
	seen := map[Field]bool{}
	for i, f := range m {
		switch {
		case f == "":
			continue
		case !slices.Contains(known, f):
			return fault.New(fault.BadRequest, "error.bad_request")
		case seen[f]:
			problems.Add(ColumnName(i), "imports.error.column_twice")
		}
		seen[f] = true
	}
	return problems.Err()
}

// ColumnName is the name of the control that says what a column means.
func ColumnName(column int) string { return "kolom_" + strconv.Itoa(column) }

// headers splits a table in its headers and its rows. Files often begin with a title: the headers are the first of the
// first ten rows in which two columns are understood, and otherwise the first row.
func headers(t *sheet.Table) (sheet.Row, []sheet.Row) {
	for i, row := range t.Rows[:min(10, len(t.Rows))] {
		for _, k := range Kinds {
			if understood(propose(k, row.Cells)) >= 2 {
				return row, t.Rows[i+1:]
			}
		}
	}
	return t.Rows[0], t.Rows[1:]
}

// guess finds out what a file is about: the kind of which nothing is missing, and of several the one that understands most columns.
func guess(header sheet.Row) (Kind, Mapping) {
	best, mapping, bestScore := Planning, Mapping(nil), -1
	for _, k := range Kinds {
		m := propose(k, header.Cells)
		score := understood(m)
		if len(m.missing(k)) == 0 {
			score += sheet.MaxColumns
		}
		if score > bestScore {
			best, mapping, bestScore = k, m, score
		}
	}
	return best, mapping
}

func understood(m Mapping) (n int) {
	for _, f := range m {
		if f != "" {
			n++
		}
	}
	return n
}

// vocabulary is for each kind which header means what.
var vocabulary = sync.OnceValue(func() map[Kind]map[string]Field {
	all := map[Kind]map[string]Field{}
	for k, columns := range catalogue() {
		all[k] = map[string]Field{}
		for _, c := range columns {
			for _, name := range c.names {
				if _, taken := all[k][plain(name)]; !taken {
					all[k][plain(name)] = c.field
				}
			}
		}
	}
	return all
})

// propose finds what headers mean. Of two columns with the same header the first means it.
func propose(k Kind, header []string) Mapping {
	m := make(Mapping, len(header))
	for i, text := range header {
		if f := vocabulary()[k][plain(text)]; m.at(f) < 0 {
			m[i] = f
		}
	}
	return m
}

// headerKeys name the columns of a file by their headers; of columns with the same header the second is told apart.
func headerKeys(header []string) []string {
	seen := map[string]int{}
	keys := make([]string, len(header))
	for i, text := range header {
		keys[i] = plain(text)
		if seen[keys[i]]++; seen[keys[i]] > 1 {
			keys[i] += "#" + strconv.Itoa(seen[keys[i]])
		}
	}
	return keys
}

// headersHash is the same for files with the same headers, in whatever order.
func headersHash(k Kind, header []string) []byte {
	keys := headerKeys(header)
	slices.Sort(keys)
	sum := sha256.Sum256([]byte(string(k) + "\n" + strings.Join(keys, "\n")))
	return sum[:]
}

// byHeader and fromHeaders turn a mapping into what is remembered, and back.
func (m Mapping) byHeader(header []string) map[string]Field {
	known := map[string]Field{}
	for i, key := range headerKeys(header) {
		if i < len(m) && m[i] != "" {
			known[key] = m[i]
		}
	}
	return known
}

func fromHeaders(known map[string]Field, header []string) Mapping {
	m := make(Mapping, len(header))
	for i, key := range headerKeys(header) {
		m[i] = known[key]
	}
	return m
}
