package ui

import (
	"context"
	"strconv"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
)

func itoa(n int) string { return strconv.Itoa(n) }

// ErrorTitle is the title of a page whose form came back: it starts with "Fout:", so that the tab and a screen reader say so first.
func ErrorTitle(ctx context.Context, title string) string {
	return i18n.T(ctx, "ui.errors.page", "Title", title)
}

// Mistakes are the words of a form that was refused, by field. The zero value has none.
type Mistakes struct {
	list []FieldMistake
}

// MistakesOf takes the fields of a fault.Error in the reader's language. An error without fields becomes one line that
// belongs to the form as a whole; nil gives no mistakes.
func MistakesOf(ctx context.Context, err error) Mistakes {
	if err == nil {
		return Mistakes{}
	}
	e, ok := fault.As(err)
	if !ok {
		return Mistakes{list: []FieldMistake{{Message: i18n.T(ctx, "error.internal")}}}
	}
	var m Mistakes
	for _, f := range e.Fields {
		m.list = append(m.list, FieldMistake{Field: f.Name, Message: i18n.Say(ctx, f.Key, f.Args)})
	}
	if len(m.list) == 0 {
		m.list = append(m.list, FieldMistake{Message: i18n.Say(ctx, e.Key, e.Args)})
	}
	return m
}

// Any tells whether there is a mistake.
func (m Mistakes) Any() bool { return len(m.list) > 0 }

// All are the lines for ErrorSummary.
func (m Mistakes) All() []FieldMistake { return m.list }

// At is the sentence for the field with this name, or "".
func (m Mistakes) At(field string) string {
	for _, line := range m.list {
		if line.Field == field {
			return line.Message
		}
	}
	return ""
}
