package declarations

import (
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/tenants"
)

// Filled is what stands in the fields, by their keys: one text each, or of Choices any number.
type Filled map[string][]string

// First is what stands in a field that takes one thing.
func (f Filled) First(key string) string {
	if len(f[key]) == 0 {
		return ""
	}
	return f[key][0]
}

// Answer is what a guardian filled in at a moment, to the words of then. Answers are never changed: the newest of each guardian
// counts, the rest is history.
type Answer struct {
	bun.BaseModel `bun:"table:declaration_answer"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	DeclarationID ids.ID `bun:"type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	TextVersion   int
	Filled        Filled `bun:"type:jsonb"`
	AnsweredBy    ids.ID `bun:"type:uuid"`
	AnsweredAt    time.Time
}

// The longest texts that guardians fill in, in characters.
const (
	MaxLine = 200
	MaxText = 4000
)

// ControlName names the control of a field in the form of a guardian.
func ControlName(key string) string { return "veld_" + key }

// check cleans what was filled in, and tells what is wrong with it. name is that of who fills in: what they sign with.
func (f Filled) check(fields []Field, name string) (Filled, error) {
	var problems fault.Fields
	clean := Filled{}
	for _, field := range fields {
		at := ControlName(field.Key)
		var values []string
		for _, typed := range f[field.Key] {
			value := oneLine(typed)
			if field.Kind == Text {
				value = strings.TrimSpace(plaintext.Of(typed))
			}
			if value != "" && !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
		if len(values) > 1 && field.Kind != Choices {
			values = values[:1]
		}
		if len(values) == 0 {
			if field.Required {
				problems.Add(at, missing(field.Kind), map[string]any{"Label": field.Label})
			}
			continue
		}
		switch field.Kind {
		case Choice, Choices:
			for _, v := range values {
				if !slices.Contains(field.Options, v) {
					problems.Add(at, "declarations.error.choose", map[string]any{"Label": field.Label})
					break
				}
			}
		case Line:
			long(&problems, at, values[0], MaxLine)
		case Text:
			long(&problems, at, values[0], MaxText)
		case Date:
			if !tenants.Date(values[0]).Valid() {
				problems.Add(at, "declarations.error.date", map[string]any{"Label": field.Label})
			}
		case Signature:
			if !strings.EqualFold(values[0], name) {
				problems.Add(at, "declarations.error.signature", map[string]any{"Name": name})
			}
		}
		clean[field.Key] = values
	}
	return clean, problems.Err()
}

// missing is the key of what is said at a field that must be filled in.
func missing(k Kind) string {
	if k.Offers() {
		return "declarations.error.choose"
	}
	return "declarations.error.fill"
}

// bounded leaves of what was typed what can be kept until it is right: only known fields, and no more text than they take. Signing is
// done anew each time.
func (f Filled) bounded(fields []Field) Filled {
	kept := Filled{}
	for _, field := range fields {
		if field.Kind == Signature {
			continue
		}
		values := f[field.Key]
		values = values[:min(len(values), MaxOptions)]
		for _, v := range values {
			v = plaintext.Of(v)
			if r := []rune(v); len(r) > 2*MaxText {
				v = string(r[:2*MaxText])
			}
			kept[field.Key] = append(kept[field.Key], v)
		}
	}
	return kept
}

// sameAs tells whether the same stands in both.
func (f Filled) sameAs(g Filled) bool {
	if len(f) != len(g) {
		return false
	}
	for key, values := range f {
		if !slices.Equal(values, g[key]) {
			return false
		}
	}
	return true
}

// waiting gives those of the guardians who still have to answer, by answers about one child.
func (d *Declaration) waiting(guardians []ids.ID, answers []Answer) []ids.ID {
	answered := map[ids.ID]bool{}
	for _, a := range answers {
		if a.TextVersion >= d.AskedVersion {
			answered[a.AnsweredBy] = true
		}
	}
	if d.Answerers == One && len(answered) > 0 {
		return nil
	}
	var list []ids.ID
	for _, g := range guardians {
		if !answered[g] {
			list = append(list, g)
		}
	}
	return list
}
