package web

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/sheet"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/imports"
)

// warned stands for rows with a warning, whatever their outcome.
const warned imports.Outcome = "warned"

// onPage is how many rows a page shows.
const onPage = 50

// view is an import as the page shows it: the rows of one outcome, a part of them.
type view struct {
	*imports.Import
	Preview     *imports.Preview // nil when the file is gone
	Outcome     imports.Outcome  // empty: all
	Lines       []imports.Line
	Page, Pages int
	FormKey     ids.ID
	Problem     error
}

func viewOf(i *imports.Import, p *imports.Preview, outcome, page string, problem error) view {
	v := view{Import: i, Preview: p, Pages: 1, Page: 1, FormKey: ids.New(), Problem: problem}
	if o := imports.Outcome(outcome); slices.Contains(imports.Outcomes, o) || o == warned {
		v.Outcome = o
	}
	if p == nil {
		return v
	}
	lines := p.Lines
	if v.Outcome != "" {
		lines = nil
		for _, l := range p.Lines {
			if l.Outcome == v.Outcome || v.Outcome == warned && len(l.Warnings) > 0 {
				lines = append(lines, l)
			}
		}
	}
	v.Pages = max(1, (len(lines)+onPage-1)/onPage)
	if n, err := strconv.Atoi(page); err == nil {
		v.Page = min(max(1, n), v.Pages)
	}
	from := min((v.Page-1)*onPage, len(lines))
	v.Lines = lines[from:min(from+onPage, len(lines))]
	return v
}

func (v view) path(rest string) string { return home + "/" + v.ID.String() + rest }

func (v view) at(outcome imports.Outcome, page int) string {
	var query []string
	if outcome != "" {
		query = append(query, "soort="+string(outcome))
	}
	if page > 1 {
		query = append(query, "pagina="+strconv.Itoa(page))
	}
	if len(query) == 0 {
		return v.path("")
	}
	return v.path("?" + strings.Join(query, "&"))
}

// mustAccept tells whether something has to be looked at before the import goes on.
func (v view) mustAccept() bool { return v.Counts.Wrong+v.Counts.Warned > 0 }

// open tells whether the file can still be applied.
func (v view) open() bool {
	return v.Preview != nil && (v.State == imports.Draft || v.State == imports.Refused)
}

func pageTitle(ctx context.Context, title string, mistakes ui.Mistakes) string {
	if mistakes.Any() {
		return ui.ErrorTitle(ctx, title)
	}
	return title
}

// i18n:keys imports.outcome.*
func tabs(ctx context.Context, v view) []ui.ListTab {
	list := []ui.ListTab{{Href: v.at("", 1), Text: i18n.T(ctx, "imports.outcome.all"), Count: v.Counts.Rows(), Current: v.Outcome == ""}}
	for _, o := range imports.Outcomes {
		list = append(list, ui.ListTab{Href: v.at(o, 1), Text: i18n.T(ctx, "imports.outcome."+string(o)), Count: v.Counts.Of(o), Current: v.Outcome == o})
	}
	return list
}

func tone(o imports.Outcome) ui.Tone {
	return map[imports.Outcome]ui.Tone{imports.IsNew: ui.Ok, imports.IsChanged: ui.Sky, imports.IsWrong: ui.Coral}[o]
}

func stateTone(s imports.State) ui.Tone {
	return map[imports.State]ui.Tone{imports.Done: ui.Ok, imports.Queued: ui.Sky, imports.Running: ui.Sky, imports.Refused: ui.Coral, imports.Draft: ui.Sun}[s]
}

// fieldName is a column in the reader's language; those of guardians say which.
// i18n:keys imports.field.*
func fieldName(ctx context.Context, f imports.Field) string {
	for n := range imports.Most {
		if rest, ok := strings.CutPrefix(string(f), "guardian_"+strconv.Itoa(n+1)+"_"); ok {
			return i18n.T(ctx, "imports.field.guardian", "Number", n+1, "Field", i18n.T(ctx, "imports.field."+rest))
		}
	}
	return i18n.T(ctx, "imports.field."+string(f))
}

func missingNames(ctx context.Context, p *imports.Preview) string {
	names := make([]string, len(p.Missing))
	for i, f := range p.Missing {
		names[i] = fieldName(ctx, f)
	}
	return i18n.List(ctx, names)
}

func columnLabel(ctx context.Context, v view, column int) string {
	if text := v.Preview.Columns[column].Text; text != "" {
		return text
	}
	letter := strings.TrimSuffix(sheet.Name(column, 0), "0")
	return i18n.T(ctx, "imports.columns.unnamed", "Letter", letter)
}

func columnHint(ctx context.Context, v view, column int) string {
	if sample := v.Preview.Columns[column].Sample; sample != "" {
		return i18n.T(ctx, "imports.columns.sample", "Text", sample)
	}
	return ""
}

func columnOptions(ctx context.Context, v view, column int) []ui.Option {
	options := []ui.Option{{Value: "", Label: i18n.T(ctx, "imports.columns.ignored")}}
	for _, f := range imports.FieldsOf(v.Kind) {
		options = append(options, ui.Option{Value: string(f), Label: fieldName(ctx, f), Selected: v.Mapping[column] == f})
	}
	return options
}

// i18n:keys imports.kind.*
func kindOptions(ctx context.Context, chosen imports.Kind) []ui.Option {
	var options []ui.Option
	for _, k := range imports.Kinds {
		options = append(options, ui.Option{Value: string(k), Label: i18n.T(ctx, "imports.kind."+string(k)), Selected: k == chosen})
	}
	return options
}

// change is a change in words: what, and from what to what.
type change struct{ What, Old, New string }

// i18n:keys imports.added.*
func changeText(ctx context.Context, c imports.Change) change {
	if c.Added {
		return change{What: i18n.T(ctx, "imports.added."+string(c.Field), "Name", c.New, "Date", valueText(ctx, c.Of))}
	}
	what := fieldName(ctx, c.Field)
	if c.Of != "" {
		what = i18n.T(ctx, "imports.change.of", "Field", what, "Name", c.Of)
	}
	old := valueText(ctx, c.Old)
	if old == "" {
		old = i18n.T(ctx, "imports.change.empty")
	}
	return change{What: what, Old: old, New: valueText(ctx, c.New)}
}

// values are those that have a word of their own.
// i18n:keys imports.value.* imports.day.*
var values = []string{"gezag", "informatierecht", "ophaler", "familie", "kdv", "bso", "psz", "gastouder", "staff"}

// valueText is a value as it is read: dates, days and kinds in words, anything else as it is.
func valueText(ctx context.Context, value string) string {
	if slices.Contains(values, value) {
		return i18n.T(ctx, "imports.value."+value)
	}
	if l, at := i18n.From(ctx), i18n.Civil(value); l != nil && !at.IsZero() {
		return l.ShortDate(at)
	}
	days := strings.Split(value, ", ")
	for i, day := range days {
		if len(day) != len("1 07:30-18:00") || day[1] != ' ' || day[0] < '1' || day[0] > '7' || day[7] != '-' {
			return value
		}
		days[i] = i18n.T(ctx, "imports.day."+day[:1]) + " " + strings.Replace(day[2:], "-", "–", 1)
	}
	return strings.Join(days, ", ")
}

// problem is what is the matter, in words, with the cell where it is.
type problem struct{ Where, Value, Text string }

func (p problem) whole() string {
	if p.Where == "" {
		return p.Text
	}
	return p.Where + ": " + p.Text
}

// i18n:keys imports.error.* imports.warning.* imports.note.*
func problemText(ctx context.Context, p imports.Problem) problem {
	args := maps.Clone(p.Args)
	for name, value := range args {
		text, ok := value.(string)
		switch {
		case !ok:
			args[name] = int(value.(float64)) // as JSON has it
		case name == "Field":
			args[name] = fieldName(ctx, imports.Field(text))
		case name == "Date" || name == "Care":
			args[name] = valueText(ctx, text)
		}
	}
	out := problem{Value: p.Value, Text: i18n.Say(ctx, p.Key, args)}
	if p.Cell != "" {
		out.Where = i18n.T(ctx, "imports.problem.cell", "Cell", p.Cell)
	}
	return out
}

func formatName(format string) string {
	return map[string]string{"xlsx": "Excel", "csv": "CSV"}[format]
}

func expiredText(ctx context.Context, v view) string {
	if v.Refusal != "" {
		return i18n.T(ctx, v.Refusal)
	}
	return i18n.T(ctx, "imports.expired")
}
