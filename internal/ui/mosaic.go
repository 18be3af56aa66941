package ui

import (
	"context"

	"ouderportaal/internal/i18n"
)

// photoAlt names a photo that nobody described by its place in the series, because it is also a link.
func photoAlt(ctx context.Context, p Photo, i, n int) string {
	if p.Alt != "" {
		return p.Alt
	}
	return i18n.T(ctx, "ui.photo.nth", "Number", i+1, "Total", n)
}

func bellLabel(ctx context.Context, count int) string {
	if count == 0 {
		return i18n.T(ctx, "ui.bell")
	}
	return i18n.N(ctx, "ui.bell.count", count)
}
