package declarations

import (
	"context"
	"strings"

	"ouderportaal/internal/i18n"
)

// i18n:keys declarations.kind.*

// KindWords name a kind of field: "Eén keuze", "Datum".
func KindWords(ctx context.Context, k Kind) string {
	return i18n.T(ctx, "declarations.kind."+string(k))
}

// FilledWords is what stands in a field, as people read it; "" for nothing.
func FilledWords(ctx context.Context, f Field, filled Filled) string {
	values := filled[f.Key]
	if len(values) == 0 {
		return ""
	}
	if f.Kind == Date {
		return i18n.CivilLongDate(ctx, values[0])
	}
	return strings.Join(values, ", ")
}

// Words tell who answered and when.
func (a *Said) Words(ctx context.Context) string {
	return i18n.T(ctx, "declarations.said", "Name", a.By, "Day", i18n.LongDate(ctx, a.AnsweredAt), "Time", i18n.Time(ctx, a.AnsweredAt))
}
