package diary

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// OfChild gives the entries about a child from a moment until another, oldest first, as far as they are about that child:
// no other child is named on them, and of their photos only those with the child on them are there. The caller has asked whether the
// actor may know of the child.
func OfChild(ctx context.Context, tx tenants.Reader, child ids.ID, from, until time.Time) ([]Entry, error) {
	var list []Entry
	err := tx.NewSelect().Model(&list).Join("JOIN diary_entry_child c ON c.tenant_id = entry.tenant_id AND c.entry_id = entry.id").
		Where("c.tenant_id = ?", tx.Tenant().ID).Where("c.child_id = ?", child).Where("c.published_at >= ?", from).Where("c.published_at < ?", until).
		Where("entry.withdrawn_at IS NULL").Where("NOT entry.waits").Order("c.published_at", "entry.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("diary: select entries of child: %w", err)
	}
	narrow(list, map[ids.ID]bool{child: true})
	for i := range list {
		for m := range list[i].Media {
			list[i].Media[m].Children = []ids.ID{child}
		}
	}
	return list, nil
}

// MonthsOfChild gives the months in which there is an entry about the child that is older than a moment, with how many photos
// show the child; oldest first.
func MonthsOfChild(ctx context.Context, tx tenants.Reader, child ids.ID, until time.Time) ([]MonthCount, error) {
	var list []MonthCount
	err := tx.NewRaw(`SELECT to_char(published_at AT TIME ZONE ?3, 'YYYY-MM') AS month, sum(bit_count(photos::bit(64)))::int AS photos FROM diary_entry_child
		WHERE tenant_id = ?0 AND child_id = ?1 AND published_at < ?2 GROUP BY 1 ORDER BY 1`, tx.Tenant().ID, child, until, tx.Tenant().TimeZone).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("diary: count months of child: %w", err)
	}
	return list, nil
}

// Standing counts those of the entries that are about the child and were not withdrawn.
func Standing(ctx context.Context, tx tenants.Reader, child ids.ID, entryIDs []ids.ID) (int, error) {
	if len(entryIDs) == 0 {
		return 0, nil
	}
	n, err := tx.NewSelect().Model((*entryChild)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id = ?", child).Where("entry_id IN (?)", bun.List(entryIDs)).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("diary: count entries that stand: %w", err)
	}
	return int(n), nil
}

// End is the first moment after the month at the tenant.
func (m Month) End(tenant tenants.Tenant) time.Time { return m.end(tenant) }
