package photos

import (
	"context"
	"fmt"
	"log/slog"
	"path"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/blob"
	"ouderportaal/tenants"
)

// orphanAge keeps the reconciler away from uploads whose row is about to be written.
const orphanAge = 24 * time.Hour

// reconcileAtOnce is how many photos are compared in one read.
const reconcileAtOnce = 500

// Reconcile compares storage with the rows of the organisation in ctx. Objects of no row, which a failed upload or a run that
// was broken off left behind, are removed a day later; so is what a refused photo left. A photo without its pictures cannot
// be mended here: it is an error in the log. It is run on a schedule.
func (s *Service) Reconcile(ctx context.Context) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	before := s.db.Clock().Now().Add(-orphanAge)
	there := map[string]bool{}   // storage keys with anything behind them
	old := map[string][]string{} // storage key → files that no upload is about to claim
	err := s.store.List(ctx, blob.TenantPrefix(tenant.ID), func(i blob.Info) error {
		if blob.InArea(i.Key) {
			return nil // another module's
		}
		key, file := path.Split(i.Key)
		key = strings.TrimSuffix(key, "/")
		there[key] = true
		if i.Modified.Before(before) {
			old[key] = append(old[key], file)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("photos: list storage: %w", err)
	}
	removed, err := s.removeOrphans(ctx, old)
	if err != nil {
		return err
	}
	missing, err := s.countWithoutPicture(ctx, there, before)
	if err != nil {
		return err
	}
	if removed+missing > 0 {
		level := slog.LevelInfo
		if missing > 0 {
			level = slog.LevelError
		}
		slog.Log(ctx, level, "photos: reconciled", "tenant", tenant.ID.String(), "orphans_removed", removed, "photos_without_picture", missing)
	}
	return nil
}

func (s *Service) removeOrphans(ctx context.Context, old map[string][]string) (removed int, err error) {
	keys := make([]string, 0, reconcileAtOnce)
	check := func() error {
		kept, err := s.keysInUse(ctx, keys)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if kept[key] {
				continue
			}
			for _, file := range old[key] {
				if err := s.store.Delete(ctx, blob.Variant(key, file)); err != nil {
					return fmt.Errorf("photos: remove orphan: %w", err)
				}
				removed++
			}
		}
		keys = keys[:0]
		return nil
	}
	for key := range old {
		if keys = append(keys, key); len(keys) == reconcileAtOnce {
			if err := check(); err != nil {
				return removed, err
			}
		}
	}
	return removed, check()
}

// keysInUse tells which storage keys belong to a photo that is shown or still processed.
func (s *Service) keysInUse(ctx context.Context, keys []string) (map[string]bool, error) {
	used := make(map[string]bool, len(keys))
	if len(keys) == 0 {
		return used, nil
	}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		var list []string
		err := tx.NewSelect().Model((*Photo)(nil)).Column("storage_key").Where("tenant_id = ?", tx.Tenant().ID).
			Where("storage_key IN (?)", bun.List(keys)).Where("state <> 'refused'").Scan(ctx, &list)
		if err != nil {
			return fmt.Errorf("photos: select storage keys: %w", err)
		}
		for _, key := range list {
			used[key] = true
		}
		return nil
	})
	return used, err
}

// countWithoutPicture counts the photos that were ready before then and of which storage has nothing. How old an object is
// does not matter: one that was copied back from a backup is younger than its row.
func (s *Service) countWithoutPicture(ctx context.Context, there map[string]bool, before time.Time) (missing int, err error) {
	after := ""
	for {
		var keys []string
		err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
			return tx.NewSelect().Model((*Photo)(nil)).Column("storage_key").Where("tenant_id = ?", tx.Tenant().ID).Where("state = 'ready'").
				Where("ready_at < ?", before).Where("storage_key > ?", after).Order("storage_key").Limit(reconcileAtOnce).Scan(ctx, &keys)
		})
		if err != nil {
			return missing, fmt.Errorf("photos: select ready photos: %w", err)
		}
		for _, key := range keys {
			if !there[key] {
				missing++
			}
		}
		if len(keys) < reconcileAtOnce {
			return missing, nil
		}
		after = keys[len(keys)-1]
	}
}
