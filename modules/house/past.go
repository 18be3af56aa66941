package house

import (
	"context"
	"time"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Recall gives an organisation words and, unless it is nil, a logo that it has had for a while, on top of the colour that it began
// with, and its first steps behind it. It is for rows of the past: it tells nobody.
func Recall(ctx context.Context, tx tenants.Writer, d Draft, file []byte, by ids.ID, at time.Time) error {
	first := beginning(tx.Tenant())
	d.Colour = first.Colour
	if err := d.Check(); err != nil {
		return err
	}
	first.Version, first.ChangedAt = 1, at
	if err := insertStyle(ctx, tx, first); err != nil {
		return err
	}
	next := d.of(first)
	next.Version, next.ChangedBy = 2, by
	if file != nil {
		picture, err := redraw(file)
		if err != nil {
			return err
		}
		next.LogoID = ids.New()
		if err := insertLogo(ctx, tx, next.LogoID, picture); err != nil {
			return err
		}
	}
	if err := insertStyle(ctx, tx, next); err != nil {
		return err
	}
	if _, err := endStart(ctx, tx, by, at); err != nil {
		return err
	}
	return tenants.Restyle(ctx, tx, next.look())
}
