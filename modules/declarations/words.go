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

// FilledWords is what stands in a field of an answer, as people read it; "" for nothing.
func (a *Answer) FilledWords(ctx context.Context, f Field) string {
	values := a.Filled[f.Key]
	if len(values) == 0 {
		return ""
	}
	switch {
	case f.Kind == Date:
		return i18n.CivilLongDate(ctx, values[0])
	case f.Kind == File:
		if e := a.File(f); e != nil {
			return e.FileName
		}
		return ""
	case f.Kind == Signature && a.OnPaper():
		return i18n.T(ctx, "declarations.signed_on_paper")
	}
	return strings.Join(values, ", ")
}

// Words tell who answered and when; of an answer on paper also who typed it over.
func (a *Said) Words(ctx context.Context) string {
	day, at := i18n.LongDate(ctx, a.AnsweredAt), i18n.Time(ctx, a.AnsweredAt)
	if a.OnPaper() {
		return i18n.T(ctx, "declarations.said.paper", "Name", a.By, "Paper", i18n.CivilLongDate(ctx, string(a.PaperOn)), "Enterer", a.Enterer, "Day", day, "Time", at)
	}
	return i18n.T(ctx, "declarations.said", "Name", a.By, "Day", day, "Time", at)
}
