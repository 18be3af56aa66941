package particulars

import (
	"context"

	"ouderportaal/internal/i18n"
)

// i18n:keys particulars.field.* particulars.state.*

// Words name a field: "Telefoon", "Huisarts".
func (f Field) Words(ctx context.Context) string { return i18n.T(ctx, "particulars.field."+string(f)) }

// Words say how far a request is, with the day that it holds from where that is still to come.
func (r *Request) Words(ctx context.Context) string {
	return i18n.T(ctx, "particulars.state."+r.outcome(), "Day", i18n.CivilLongDate(ctx, string(r.HoldsFrom)))
}

// outcome is the end of the key of how far a request is: its state, and of one that was applied whether something was skipped.
func (r *Request) outcome() string {
	switch n := len(r.skipped()); {
	case n == 0:
		return string(r.State)
	case n < len(r.Changes):
		return "partly"
	}
	return "overtaken"
}
