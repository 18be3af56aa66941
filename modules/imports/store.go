package imports

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// meaning is what columns meant the last time.
type meaning struct {
	bun.BaseModel `bun:"table:import_mapping"`
	TenantID      ids.ID           `bun:",pk,type:uuid"`
	Headers       []byte           `bun:",pk"`
	Meaning       map[string]Field `bun:"type:jsonb"`
	UpdatedAt     time.Time
}

type childNumber struct {
	bun.BaseModel `bun:"table:child_number"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:",pk,type:uuid"`
	Number        string
}

func insertImport(ctx context.Context, tx tenants.Writer, i *Import) error {
	if _, err := tx.NewInsert().Model(i).Exec(ctx); err != nil {
		return fmt.Errorf("imports: insert: %w", err)
	}
	return nil
}

// selectImport gives an import with all that is in it.
func selectImport(ctx context.Context, tx tenants.Reader, id ids.ID) (*Import, error) {
	return oneImport(ctx, tx.NewSelect().Model((*Import)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id))
}

func lockImport(ctx context.Context, tx tenants.Writer, id ids.ID) (*Import, error) {
	return oneImport(ctx, tx.NewSelect().Model((*Import)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).For("NO KEY UPDATE"))
}

func oneImport(ctx context.Context, q *bun.SelectQuery) (*Import, error) {
	i := new(Import)
	err := q.Scan(ctx, i)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("imports: select: %w", err)
	}
	return i, nil
}

// selectRecent lists imports, newest first, without what is in them.
func selectRecent(ctx context.Context, tx tenants.Reader, most int64) ([]Import, error) {
	var list []Import
	err := tx.NewSelect().Model(&list).ExcludeColumn("content", "preview", "mapping", "fingerprint").Where("tenant_id = ?", tx.Tenant().ID).
		Order("created_at DESC", "id DESC").Limit(most).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("imports: list: %w", err)
	}
	return list, nil
}

func updateImport(ctx context.Context, tx tenants.Writer, i *Import, columns ...string) error {
	if _, err := tx.NewUpdate().Model(i).Column(columns...).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("imports: update: %w", err)
	}
	return nil
}

// updateProgress says how far an import is, unless it has come to an end.
func updateProgress(ctx context.Context, tx tenants.Writer, id ids.ID, written, toWrite int) error {
	_, err := tx.NewUpdate().Model((*Import)(nil)).Set("state = ?", Running).Set("written = ?", written).Set("to_write = ?", toWrite).
		Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Where("state IN ('queued', 'running')").Exec(ctx)
	if err != nil {
		return fmt.Errorf("imports: update progress: %w", err)
	}
	return nil
}

// takeTurn lets one import of the organisation run at a time; the others wait until its transaction ends.
func takeTurn(ctx context.Context, tx tenants.Writer) error {
	return tx.Lock(ctx, "import", tx.Tenant().ID.String())
}

// expire forgets the files of drafts that nobody applied, and then that there was an import at all.
func expire(ctx context.Context, tx tenants.Writer) error {
	_, err := tx.NewUpdate().Model((*Import)(nil)).Set("state = ?", Expired).Set("content = NULL").Set("preview = NULL").
		Where("tenant_id = ?", tx.Tenant().ID).Where("state IN ('draft', 'refused')").Where("created_at < ?", tx.Now().Add(-Kept)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("imports: expire: %w", err)
	}
	// A worker that gave up has left no word.
	_, err = tx.NewUpdate().Model((*Import)(nil)).Set("state = ?", Expired).Set("refusal = ?", "imports.refusal.given_up").Set("content = NULL").Set("preview = NULL").
		Where("tenant_id = ?", tx.Tenant().ID).Where("state IN ('queued', 'running')").Where("created_at < ?", tx.Now().Add(-2*Kept)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("imports: expire: %w", err)
	}
	_, err = tx.NewDelete().Model((*Import)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("state IN ('done', 'expired')").
		Where("created_at < ?", tx.Now().Add(-Remembered)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("imports: forget: %w", err)
	}
	return nil
}

func deleteImport(ctx context.Context, tx tenants.Writer, id ids.ID) error {
	if _, err := tx.NewDelete().Model((*Import)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("imports: delete: %w", err)
	}
	return nil
}

func selectMeaning(ctx context.Context, tx tenants.Reader, headers []byte) (map[string]Field, error) {
	m := new(meaning)
	err := tx.NewSelect().Model(m).Where("tenant_id = ?", tx.Tenant().ID).Where("headers = ?", headers).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("imports: recall columns: %w", err)
	}
	return m.Meaning, nil
}

func upsertMeaning(ctx context.Context, tx tenants.Writer, headers []byte, known map[string]Field) error {
	m := &meaning{TenantID: tx.Tenant().ID, Headers: headers, Meaning: known, UpdatedAt: tx.Now()}
	_, err := tx.NewInsert().Model(m).On("CONFLICT (tenant_id, headers) DO UPDATE").Set("meaning = EXCLUDED.meaning").Set("updated_at = EXCLUDED.updated_at").Exec(ctx)
	if err != nil {
		return fmt.Errorf("imports: remember columns: %w", err)
	}
	return nil
}

func selectNumbers(ctx context.Context, tx tenants.Reader) ([]reference, error) {
	var rows []childNumber
	if err := tx.NewSelect().Model(&rows).Where("tenant_id = ?", tx.Tenant().ID).Scan(ctx); err != nil {
		return nil, fmt.Errorf("imports: select numbers: %w", err)
	}
	list := make([]reference, len(rows))
	for i, row := range rows {
		list[i] = reference{ChildID: row.ChildID, Number: row.Number}
	}
	return list, nil
}

func insertNumbers(ctx context.Context, tx tenants.Writer, list []reference, wrote func(int)) error {
	for part := range slices.Chunk(list, 500) {
		rows := make([]childNumber, len(part))
		for i, r := range part {
			rows[i] = childNumber{TenantID: tx.Tenant().ID, ChildID: r.ChildID, Number: r.Number}
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return fmt.Errorf("imports: insert numbers: %w", err)
		}
		wrote(len(part))
	}
	return nil
}
