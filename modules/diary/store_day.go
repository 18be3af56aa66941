package diary

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// selectDayReports gives the reports of a day, drafts too, by child.
func selectDayReports(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, on tenants.Date) (map[ids.ID]DayReport, error) {
	reports := map[ids.ID]DayReport{}
	if len(childIDs) == 0 {
		return reports, nil
	}
	var list []DayReport
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id IN (?)", bun.List(childIDs)).Where("day_on = ?", string(on)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("diary: select day reports: %w", err)
	}
	for _, r := range list {
		reports[r.ChildID] = r
	}
	return reports, nil
}

// keepDayReport writes a report, which the caller holds the day of.
func keepDayReport(ctx context.Context, tx tenants.Writer, r *DayReport) error {
	_, err := tx.NewInsert().Model(r).On("CONFLICT (tenant_id, id) DO UPDATE").Set("body = EXCLUDED.body").Set("version = EXCLUDED.version").
		Set("written_by = EXCLUDED.written_by").Set("written_at = EXCLUDED.written_at").Set("entry_id = EXCLUDED.entry_id").Exec(ctx)
	if err != nil {
		return fmt.Errorf("diary: keep day report: %w", err)
	}
	return nil
}

// reopenDay makes a draft again of the report whose entry is taken back; for another entry it does nothing.
func reopenDay(ctx context.Context, tx tenants.Writer, entry ids.ID) error {
	_, err := tx.NewUpdate().Model((*DayReport)(nil)).Set("entry_id = NULL").Set("version = version + 1").Where("tenant_id = ?", tx.Tenant().ID).Where("entry_id = ?", entry).Exec(ctx)
	if err != nil {
		return fmt.Errorf("diary: reopen day report: %w", err)
	}
	return nil
}

func rewriteFacts(ctx context.Context, tx tenants.Writer, entry ids.ID, facts Facts) error {
	if facts == nil {
		facts = Facts{}
	}
	e := &Entry{TenantID: tx.Tenant().ID, ID: entry, Facts: facts}
	if _, err := tx.NewUpdate().Model(e).Column("facts").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("diary: rewrite facts: %w", err)
	}
	return nil
}
