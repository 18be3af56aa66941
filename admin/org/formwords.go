package org

import (
	"context"
	"strconv"
	"strings"

	"ouderportaal/modules/children"
)

func itoa(n int) string { return strconv.Itoa(n) }

// fieldName is the name of a field of a form: "Achternaam".
func fieldName(ctx context.Context, field string) string {
	name := fieldList(ctx, []string{field})
	if name == "" {
		return field
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// fieldList is fields in a sentence: "achternaam en geboortedatum".
func fieldList(ctx context.Context, fields []string) string {
	all := make([]any, len(fields))
	for i, f := range fields {
		all[i] = f
	}
	return fieldWords(ctx, map[string]any{"fields": all})
}

// defaultFrom and defaultTo are what an empty line of the week begins with.
const (
	defaultFrom = "07:30"
	defaultTo   = "18:30"
)

// careDay is the line of a weekday, and whether it is a care day.
func careDay(days []children.CareDay, n int) (children.CareDay, bool) {
	for _, d := range days {
		if d.Weekday == n {
			return d, true
		}
	}
	return children.CareDay{Weekday: n, From: defaultFrom, To: defaultTo}, false
}
