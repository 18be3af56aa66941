package retention

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

func selectTerms(ctx context.Context, tx tenants.Reader) (Terms, error) {
	t := defaults()
	err := tx.NewSelect().Model(&t).Where("tenant_id = ?", tx.Tenant().ID).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t, fmt.Errorf("retention: select terms: %w", err)
	}
	t.TenantID = tx.Tenant().ID
	return t, nil
}

// lockTerms lets one change of an organisation's terms, and one round of telling guardians, follow the other.
func lockTerms(ctx context.Context, tx tenants.Writer) (Terms, error) {
	if err := tx.Lock(ctx, "retention", tx.Tenant().ID.String()); err != nil {
		return Terms{}, err
	}
	return selectTerms(ctx, tx)
}

func saveTerms(ctx context.Context, tx tenants.Writer, t *Terms) error {
	_, err := tx.NewInsert().Model(t).On("CONFLICT (tenant_id) DO UPDATE").Set("file_months = EXCLUDED.file_months").Set("office_years = EXCLUDED.office_years").
		Set("notice_days = EXCLUDED.notice_days").Set("offers = EXCLUDED.offers").Set("version = EXCLUDED.version").Exec(ctx)
	if err != nil {
		return fmt.Errorf("retention: save terms: %w", err)
	}
	return nil
}

// openHolds gives the holds that nobody ended, by child; of all children for nil.
func openHolds(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) (map[ids.ID]*Hold, error) {
	var list []Hold
	q := tx.NewSelect().Model(&list).Where("h.tenant_id = ?", tx.Tenant().ID).Where("h.ended_at IS NULL")
	if childIDs != nil {
		q = q.Where("h.child_id IN (?)", bun.List(childIDs))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("retention: select holds: %w", err)
	}
	holds := make(map[ids.ID]*Hold, len(list))
	for i := range list {
		holds[list[i].ChildID] = &list[i]
	}
	return holds, nil
}

func insertHold(ctx context.Context, tx tenants.Writer, h *Hold) error {
	if _, err := tx.NewInsert().Model(h).Exec(ctx); err != nil {
		return fmt.Errorf("retention: insert hold: %w", err)
	}
	return nil
}

func endHold(ctx context.Context, tx tenants.Writer, hold, by ids.ID) error {
	_, err := tx.NewUpdate().Model((*Hold)(nil)).Set("ended_at = ?", tx.Now()).Set("ended_by = ?", by).Where("h.tenant_id = ?", tx.Tenant().ID).Where("h.id = ?", hold).Exec(ctx)
	if err != nil {
		return fmt.Errorf("retention: end hold: %w", err)
	}
	return nil
}

// newestNotices gives the notice of each child that promised most; of all children for nil.
func newestNotices(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) (map[ids.ID]*Notice, error) {
	var list []Notice
	q := tx.NewSelect().Model(&list).DistinctOn("child_id").Where("tenant_id = ?", tx.Tenant().ID).Order("child_id", "until_on DESC")
	if childIDs != nil {
		q = q.Where("child_id IN (?)", bun.List(childIDs))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("retention: select notices: %w", err)
	}
	notices := make(map[ids.ID]*Notice, len(list))
	for i := range list {
		notices[list[i].ChildID] = &list[i]
	}
	return notices, nil
}

func insertNotices(ctx context.Context, tx tenants.Writer, list []Notice) error {
	if len(list) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&list).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("retention: insert notices: %w", err)
	}
	return nil
}
