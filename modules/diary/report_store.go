package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// insertReport tells whether it added the report: not when the same person has an open one about the photo.
func insertReport(ctx context.Context, tx tenants.Writer, r *PhotoReport) (bool, error) {
	done, err := tx.NewInsert().Model(r).On("CONFLICT (tenant_id, photo_id, reported_by) WHERE handled_at IS NULL DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("diary: insert report: %w", err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

func countReports(ctx context.Context, tx tenants.Reader, by ids.ID, since time.Time) (int64, error) {
	n, err := tx.NewSelect().Model((*PhotoReport)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("reported_by = ?", by).Where("reported_at > ?", since).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("diary: count reports: %w", err)
	}
	return int64(n), nil
}

func selectReports(ctx context.Context, tx tenants.Reader, entryID ids.ID) ([]PhotoReport, error) {
	var list []PhotoReport
	err := tx.NewSelect().Model(&list).ColumnExpr("photo_report.*").ColumnExpr("p.given_name || ' ' || p.family_name AS reporter").
		ColumnExpr("coalesce(h.given_name || ' ' || h.family_name, '') AS handler").
		Join("JOIN person p ON p.tenant_id = photo_report.tenant_id AND p.id = photo_report.reported_by").
		Join("LEFT JOIN person h ON h.tenant_id = photo_report.tenant_id AND h.id = photo_report.handled_by").
		Where("photo_report.tenant_id = ?", tx.Tenant().ID).Where("photo_report.entry_id = ?", entryID).Order("photo_report.reported_at", "photo_report.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("diary: select reports: %w", err)
	}
	return list, nil
}

func selectReportForUpdate(ctx context.Context, tx tenants.Writer, id ids.ID) (*PhotoReport, error) {
	r := new(PhotoReport)
	err := tx.NewSelect().Model(r).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("diary: select report: %w", err)
	}
	return r, nil
}

func markHandled(ctx context.Context, tx tenants.Writer, id ids.ID) error {
	_, err := tx.NewUpdate().Model((*PhotoReport)(nil)).Set("handled_at = ?", tx.Now()).Set("handled_by = ?", actor.From(ctx).PersonID).
		Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("diary: mark report as handled: %w", err)
	}
	return nil
}
