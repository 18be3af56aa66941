package imports

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"ouderportaal/internal/sheet"
	"ouderportaal/tenants"
)

// record reads the cells of one row by what they mean, and gathers what is wrong with them in its line.
type record struct {
	columns map[Field]int
	row     sheet.Row
	line    *Line
}

// columns are where each field stands.
func (m Mapping) columns() map[Field]int {
	at := map[Field]int{}
	for i, f := range m {
		if f != "" {
			at[f] = i
		}
	}
	return at
}

// text is the cell of a field on one line; empty when the file has no such column.
func (r *record) text(f Field) string {
	if i, ok := r.columns[f]; ok {
		return tidy(r.row.At(i))
	}
	return ""
}

// problem is what is the matter with the cell of a field, or with the row when the file has no such column.
func (r *record) problem(f Field, key string, args map[string]any) Problem {
	p := Problem{Key: key, Args: args}
	if i, ok := r.columns[f]; ok {
		p.Cell, p.Value = sheet.Name(i, r.row.Number), shorten(tidy(r.row.At(i)))
	}
	return p
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:59]) + "…"
	}
	return text
}

// refuse notes a problem with the cell of a field. The same is said once.
func (r *record) refuse(f Field, key string, args map[string]any) {
	p := r.problem(f, key, args)
	if !slices.ContainsFunc(r.line.Problems, func(other Problem) bool { return other.Key == p.Key && other.Cell == p.Cell }) {
		r.line.Problems = append(r.line.Problems, p)
	}
}

func (r *record) warn(f Field, key string, args map[string]any) {
	r.line.Warnings = append(r.line.Warnings, r.problem(f, key, args))
}

func (r *record) note(f Field, key string, args map[string]any) {
	r.line.Notes = append(r.line.Notes, r.problem(f, key, args))
}

func (r *record) wrong() bool { return len(r.line.Problems) > 0 }

func (r *record) changed(f Field, of, before, after string) {
	r.line.Changes = append(r.line.Changes, Change{Field: f, Of: of, Old: before, New: after})
}

func (r *record) added(f Field, what string) {
	r.line.Changes = append(r.line.Changes, Change{Field: f, New: what, Added: true})
}

// parsed reads a cell that may be empty.
func parsed[T any](r *record, f Field, parse func(string) (T, trouble)) (value T) {
	text := r.text(f)
	if text == "" {
		return value
	}
	value, problem := parse(text)
	if problem.any() {
		r.refuse(f, problem.key, problem.args)
	}
	return value
}

// required notes an empty cell that may not be.
func (r *record) required(f Field) string {
	text := r.text(f)
	if text == "" {
		r.refuse(f, "imports.error.required", map[string]any{"Field": string(f)})
	}
	return text
}

func (r *record) name(f Field, most int) string {
	return parsed(r, f, func(text string) (string, trouble) { return text, checkName(text, most) })
}

func (r *record) label(f Field, most int) string {
	return parsed(r, f, func(text string) (string, trouble) { return text, checkLabel(text, most) })
}

// family is a name of several columns: "van den" and "Berg".
func (r *record) family(prefix, name Field) string {
	family := strings.TrimSpace(r.name(prefix, maxName) + " " + r.name(name, maxName))
	if problem := checkName(family, maxName); problem.any() && !r.wrong() {
		r.refuse(name, problem.key, problem.args)
	}
	return family
}

// period reads the first and last day, which may be empty.
func (r *record) period() (from, to tenants.Date) {
	from, to = parsed(r, startsOn, parseDate), parsed(r, endsOn, parseDate)
	if from != "" && to != "" && to < from {
		r.refuse(endsOn, "imports.error.ends_before_start", nil)
	}
	return from, to
}

// fold is a text as it is compared: Mila and MILA and Mila with two spaces are one name, é in one part or in two as well.
func fold(text string) string { return strings.ToLower(norm.NFKC.String(tidy(text))) }

func nameKey(given, family string) string { return fold(given + " " + family) }

// conclude says what becomes of a row, from what was found.
func (l *Line) conclude() {
	switch {
	case len(l.Problems) > 0:
		l.Outcome, l.Changes, l.Warnings, l.Notes = IsWrong, nil, nil, nil
	case slices.ContainsFunc(l.Changes, func(c Change) bool {
		return c.Added && (c.Field == aChild || c.Field == aPlacement || c.Field == aColleague || c.Field == aGroup)
	}):
		l.Outcome = IsNew
	case len(l.Changes) > 0:
		l.Outcome = IsChanged
	default:
		l.Outcome, l.Warnings = IsUnchanged, nil
	}
}

// upperFirst is for headers, which are written in ASCII.
func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
