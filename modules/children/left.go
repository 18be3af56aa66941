package children

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/tenants"
)

// Left is a child that has had its last day of care: no placement holds, and none is to come.
type Left struct {
	ChildID    ids.ID
	GivenName  string
	FamilyName string
	Face       int
	LastOn     tenants.Date
}

// Name is the child's whole name, for the screen.
func (l *Left) Name() string { return strings.TrimSpace(l.GivenName + " " + l.FamilyName) }

// Cursor is its place in the list.
func (l *Left) Cursor() paging.Cursor {
	return paging.Cursor{At: i18n.Civil(string(l.LastOn)), ID: l.ChildID}
}

// LeftFilter narrows the children who left. The zero value is all of them.
type LeftFilter struct {
	ChildID ids.ID
	Until   tenants.Date // the latest last day
	After   paging.Cursor
	Limit   int
}

// WhoLeft gives the children who left and of whom the actor may know, longest ago first.
func WhoLeft(ctx context.Context, tx tenants.Reader, f LeftFilter) ([]Left, error) {
	// IS TRUE and OFFSET 0: see guardianAround.
	last := tx.NewSelect().TableExpr("placement AS p").ColumnExpr("p.child_id, max(p.ends_on) AS last_on").
		Where("p.tenant_id = ?", tx.Tenant().ID).Where("p.cancelled_at IS NULL").Where("(p.child_id IN (?)) IS TRUE", VisibleTo(tx, actor.From(ctx))).
		GroupExpr("p.child_id").Having("bool_and(p.ends_on IS NOT NULL)").Having("max(p.ends_on) < ?::date", string(tx.Today()))
	if f.ChildID != ids.Nil {
		last = last.Where("p.child_id = ?", f.ChildID)
	}
	q := tx.NewSelect().TableExpr("(?) AS l", last).Join("CROSS JOIN LATERAL (SELECT * FROM child WHERE tenant_id = ? AND id = l.child_id OFFSET 0) AS c", tx.Tenant().ID).
		ColumnExpr("l.child_id, c.given_name, c.family_name, c.face, l.last_on").OrderExpr("l.last_on, l.child_id")
	if f.Until != "" {
		q = q.Where("l.last_on <= ?::date", string(f.Until))
	}
	if f.After.ID != ids.Nil {
		q = q.Where("(l.last_on, l.child_id) > (?::date, ?)", f.After.At.Format(time.DateOnly), f.After.ID)
	}
	if f.Limit > 0 {
		q = q.Limit(int64(f.Limit))
	}
	var list []Left
	if err := q.Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("children: select who left: %w", err)
	}
	return list, nil
}
