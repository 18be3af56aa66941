package absences

import (
	"context"

	"ouderportaal/internal/i18n"
)

// i18n:keys absences.reason.* absences.mail.*

// ReasonWords name a reason: "ziek", "vakantie".
func ReasonWords(ctx context.Context, r Reason) string {
	return i18n.T(ctx, "absences.reason."+string(r))
}

// periodsWords are days in words: "maandag 30 november", "maandag 30 november tot en met woensdag 2 december".
func periodsWords(say *i18n.Localizer, runs []run) string {
	list := make([]string, len(runs))
	for i, r := range runs {
		list[i] = periodWords(say, r)
	}
	return say.List(list)
}

// periodsIn are the same for the reader of ctx; empty where nobody reads.
func periodsIn(ctx context.Context, runs []run) string {
	if say := i18n.From(ctx); say != nil {
		return periodsWords(say, runs)
	}
	return ""
}

func periodWords(say *i18n.Localizer, r run) string {
	first := say.Date(i18n.Civil(string(r.first)))
	if r.first == r.last {
		return first
	}
	return say.T("absences.period", "First", first, "Last", say.Date(i18n.Civil(string(r.last))))
}

// When is an absence in days: "maandag 30 november tot en met woensdag 2 december".
func (a *Absence) When(ctx context.Context) string {
	return periodsIn(ctx, []run{{a.FirstDay, a.LastDay}})
}
