package house

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Start is how far an organisation has come with its portal.
type Start struct {
	Styled bool // somebody changed the style that it began with
	Over   bool // somebody said that the first steps need not be shown any more
}

// AskStart asks for that, together with whatever else a page asks.
func (s *Service) AskStart(ctx context.Context, into *Start) tenants.Question {
	tenant, _ := tenants.From(ctx)
	const query = `SELECT EXISTS (SELECT FROM house_style WHERE tenant_id = $1 AND version > 1), EXISTS (SELECT FROM house_start WHERE tenant_id = $1)`
	return tenants.Question{SQL: query, Args: []any{tenant.ID}, Scan: func(rows pgx.Rows) error {
		rows.Next()
		return rows.Scan(&into.Styled, &into.Over)
	}}
}

// EndStart has the first steps shown no more; once more does nothing.
func (s *Service) EndStart(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		ended, err := endStart(ctx, tx, actor.From(ctx).PersonID, tx.Now())
		if err != nil || !ended {
			return err
		}
		return audit.Record(ctx, tx, "house.end_start", ids.Nil, nil)
	})
}

func endStart(ctx context.Context, tx tenants.Writer, by ids.ID, at time.Time) (bool, error) {
	done, err := tx.NewRaw("INSERT INTO house_start (tenant_id, over_at, over_by) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", tx.Tenant().ID, at, by).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("house: end start: %w", err)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}
