package declarations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/attach"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

func insertEnclosures(ctx context.Context, tx tenants.Writer, list ...Enclosure) error {
	if len(list) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&list).Exec(ctx); err != nil {
		return fmt.Errorf("declarations: insert file: %w", err)
	}
	return nil
}

func selectEnclosure(ctx context.Context, tx tenants.Reader, id ids.ID) (*Enclosure, error) {
	e := new(Enclosure)
	err := tx.NewSelect().Model(e).Where("f.tenant_id = ?", tx.Tenant().ID).Where("f.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("declarations: select file: %w", err)
	}
	return e, nil
}

// selectEnclosures reads files by their ids, as those stand in fields.
func selectEnclosures(ctx context.Context, tx tenants.Reader, list []ids.ID) (map[string]*Enclosure, error) {
	found := map[string]*Enclosure{}
	if len(list) == 0 {
		return found, nil
	}
	var rows []Enclosure
	if err := tx.NewSelect().Model(&rows).Where("f.tenant_id = ?", tx.Tenant().ID).Where("f.id IN (?)", bun.List(list)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("declarations: select files: %w", err)
	}
	for i := range rows {
		found[rows[i].ID.String()] = &rows[i]
	}
	return found, nil
}

// selectUnsentFiles reads what somebody uploaded for a declaration about a child and no answer holds.
func selectUnsentFiles(ctx context.Context, tx tenants.Reader, about subject, by ids.ID) ([]Enclosure, error) {
	var list []Enclosure
	err := tx.NewSelect().Model(&list).Where("f.tenant_id = ?", tx.Tenant().ID).Where("f.declaration_id = ?", about.DeclarationID).Where("f.child_id = ?", about.ChildID).
		Where("f.uploaded_by = ?", by).Where("f.kept_at IS NULL").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("declarations: select unsent files: %w", err)
	}
	return list, nil
}

func countUnsent(ctx context.Context, tx tenants.Reader, by ids.ID) (int64, error) {
	n, err := tx.NewSelect().Model((*Enclosure)(nil)).Where("f.tenant_id = ?", tx.Tenant().ID).Where("f.uploaded_by = ?", by).Where("f.kept_at IS NULL").Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("declarations: count unsent files: %w", err)
	}
	return n, nil
}

// keep notes that an answer holds files. One that has gone meanwhile is a Conflict.
func keep(ctx context.Context, tx tenants.Writer, list []ids.ID) error {
	if len(list) == 0 {
		return nil
	}
	done, err := tx.NewUpdate().Model((*Enclosure)(nil)).Set("kept_at = coalesce(f.kept_at, ?)", tx.Now()).Where("f.tenant_id = ?", tx.Tenant().ID).Where("f.id IN (?)", bun.List(list)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("declarations: keep files: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == int64(len(list)) {
		return err
	}
	return fault.New(fault.Conflict, "declarations.error.file_gone")
}

// updateDeveloped writes what became of a photo, and tells whether there was one to write it to: it may have been removed, or be done.
func updateDeveloped(ctx context.Context, tx tenants.Writer, e *Enclosure) (bool, error) {
	done, err := tx.NewUpdate().Model(e).Column("state", "refusal").WherePK().Where("f.state = ?", attach.Uploaded).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("declarations: finish photo: %w", err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// deleteUnsentFiles deletes files of before a moment that neither an answer nor somebody's unsent one holds, and gives their storage keys.
func deleteUnsentFiles(ctx context.Context, tx tenants.Writer, before time.Time) (keys []string, err error) {
	err = tx.NewRaw(`DELETE FROM declaration_file f WHERE f.tenant_id = ?0 AND f.kept_at IS NULL AND f.created_at < ?1
		AND NOT EXISTS (SELECT FROM declaration_draft d WHERE d.tenant_id = f.tenant_id AND d.declaration_id = f.declaration_id AND d.child_id = f.child_id
			AND d.person_id = f.uploaded_by AND strpos(d.filled::text, f.id::text) > 0) RETURNING f.storage_key`, tx.Tenant().ID, before).Scan(ctx, &keys)
	if err != nil {
		return nil, fmt.Errorf("declarations: forget unsent files: %w", err)
	}
	return keys, nil
}

// selectKeys gives the storage keys of all files that are not refused.
func selectKeys(ctx context.Context, tx tenants.Reader) (map[string]bool, error) {
	var list []string
	err := tx.NewSelect().Model((*Enclosure)(nil)).Column("storage_key").Where("f.tenant_id = ?", tx.Tenant().ID).Where("f.state <> 'refused'").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("declarations: select storage keys: %w", err)
	}
	used := make(map[string]bool, len(list))
	for _, key := range list {
		used[key] = true
	}
	return used, nil
}

// StorageUsed tells how many bytes the files of the organisation's answers take. Of those that were refused nothing is kept.
func StorageUsed(ctx context.Context, tx tenants.Reader) (bytes int64, err error) {
	err = tx.NewRaw("SELECT coalesce(sum(bytes), 0)::bigint FROM declaration_file WHERE tenant_id = ? AND state <> 'refused'", tx.Tenant().ID).Scan(ctx, &bytes)
	if err != nil {
		return 0, fmt.Errorf("declarations: sum storage: %w", err)
	}
	return bytes, nil
}
