package care

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// OfChild gives what holds of the days of a child from one to another, by time. The caller has asked whether the actor may
// know of the child.
func OfChild(ctx context.Context, tx tenants.Reader, child ids.ID, from, to tenants.Date) ([]Record, error) {
	var list []Record
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id = ?", child).Where("care_on BETWEEN ? AND ?", string(from), string(to)).
		Where("withdrawn_at IS NULL").Order("care_on", "began_at", "id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("care: select days of child: %w", err)
	}
	return list, nil
}

// Standing counts those of the records that are about the child and were not withdrawn.
func Standing(ctx context.Context, tx tenants.Reader, child ids.ID, recordIDs []ids.ID) (int, error) {
	if len(recordIDs) == 0 {
		return 0, nil
	}
	n, err := tx.NewSelect().Model((*Record)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id = ?", child).Where("id IN (?)", bun.List(recordIDs)).
		Where("withdrawn_at IS NULL").Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("care: count records that stand: %w", err)
	}
	return int(n), nil
}

// MonthsOfChild gives the months, as 2006-01 and oldest first, in which anything of the child's days until a moment is known.
func MonthsOfChild(ctx context.Context, tx tenants.Reader, child ids.ID, until time.Time) ([]string, error) {
	var list []string
	err := tx.NewRaw(`SELECT DISTINCT to_char(care_on, 'YYYY-MM') FROM care_record WHERE tenant_id = ?0 AND child_id = ?1 AND care_on <= ?2::date AND withdrawn_at IS NULL ORDER BY 1`,
		tx.Tenant().ID, child, string(tx.Tenant().DateOf(until))).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("care: select months of child: %w", err)
	}
	return list, nil
}
