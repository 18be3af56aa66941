package photos

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
	"ouderportaal/modules/consents"
	"ouderportaal/tenants"
)

type photoChild struct {
	bun.BaseModel `bun:"table:photo_child"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	PhotoID       ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:",pk,type:uuid"`
}

// mediaOfEntry selects, as diary.Medium, what may be shown of the photos of the entry with the alias e.
var mediaOfEntry = `SELECT jsonb_agg(jsonb_build_object('id', p.id, 'w', p.width, 'h', p.height,
		't', coalesce(encode(p.thumbhash, 'base64'), ''), 'a', p.alt,
		'c', (SELECT jsonb_agg(c.child_id) FROM photo_child c WHERE c.tenant_id = p.tenant_id AND c.photo_id = p.id)) ORDER BY p.position, p.id)
	FROM photo p WHERE p.tenant_id = e.tenant_id AND p.entry_id = e.id AND p.state <> 'refused' AND ` + consents.Shareable("p")

func insertPhoto(ctx context.Context, tx tenants.Writer, p *Photo) error {
	if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
		return fmt.Errorf("photos: insert: %w", err)
	}
	return nil
}

func selectPhoto(ctx context.Context, tx tenants.Reader, id ids.ID) (*Photo, error) {
	p := new(Photo)
	return p, missing(tx.NewSelect().Model(p).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Scan(ctx))
}

func selectUnclaimed(ctx context.Context, tx tenants.Reader, id, by ids.ID) (*Photo, error) {
	p := new(Photo)
	return p, missing(tx.NewSelect().Model(p).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).
		Where("uploaded_by = ?", by).Where("entry_id IS NULL").Scan(ctx))
}

// claimPhoto gives the photo to the entry, unless it is somebody else's, used already, or no picture.
func claimPhoto(ctx context.Context, tx tenants.Writer, id, by, entryID ids.ID, position int, alt string) (bool, error) {
	res, err := tx.NewUpdate().Model((*Photo)(nil)).Set("entry_id = ?", entryID).Set("position = ?", position).Set("alt = ?", alt).
		Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Where("uploaded_by = ?", by).
		Where("entry_id IS NULL").Where("state <> 'refused'").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("photos: claim: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func insertOnPhotos(ctx context.Context, tx tenants.Writer, entryID ids.ID, children []ids.ID) error {
	_, err := tx.NewRaw(`INSERT INTO photo_child (tenant_id, photo_id, child_id)
		SELECT p.tenant_id, p.id, c.id FROM photo p JOIN child c ON c.tenant_id = p.tenant_id
		WHERE p.tenant_id = ? AND p.entry_id = ? AND c.id IN (?)`, tx.Tenant().ID, entryID, bun.List(children)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("photos: insert children on photos: %w", err)
	}
	return nil
}

func selectOnPhoto(ctx context.Context, tx tenants.Reader, id ids.ID) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewSelect().Model((*photoChild)(nil)).Column("child_id").Where("tenant_id = ?", tx.Tenant().ID).Where("photo_id = ?", id).Order("child_id").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("photos: select children on photo: %w", err)
	}
	return list, nil
}

func selectEntriesWith(ctx context.Context, tx tenants.Reader, childID ids.ID) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewRaw(`SELECT DISTINCT p.entry_id FROM photo_child c JOIN photo p ON p.tenant_id = c.tenant_id AND p.id = c.photo_id
		WHERE c.tenant_id = ? AND c.child_id = ? AND p.entry_id IS NOT NULL`, tx.Tenant().ID, childID).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("photos: select entries of child: %w", err)
	}
	return list, nil
}

// EntriesOf tells in which entries photos are; one that is in none is missing. It helps Service to be a diary.Album.
func (s *Service) EntriesOf(ctx context.Context, tx tenants.Reader, photoIDs []ids.ID) (map[ids.ID]ids.ID, error) {
	var list []Photo
	err := tx.NewSelect().Model(&list).Column("id", "entry_id").Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", bun.List(photoIDs)).
		Where("entry_id IS NOT NULL").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("photos: select entries of photos: %w", err)
	}
	in := make(map[ids.ID]ids.ID, len(list))
	for _, p := range list {
		in[p.ID] = p.EntryID
	}
	return in, nil
}

// TakenAt tells when photos were taken; those of which nothing is known are missing.
func TakenAt(ctx context.Context, tx tenants.Reader, photoIDs []ids.ID) (map[ids.ID]time.Time, error) {
	taken := make(map[ids.ID]time.Time, len(photoIDs))
	for part := range slices.Chunk(photoIDs, 1000) {
		var list []Photo
		err := tx.NewSelect().Model(&list).Column("id", "taken_at").Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", bun.List(part)).
			Where("taken_at IS NOT NULL").Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("photos: select when photos were taken: %w", err)
		}
		for _, p := range list {
			taken[p.ID] = *p.TakenAt
		}
	}
	return taken, nil
}

// updateFinished writes the outcome and tells which entry the photo belongs to by now; errDiscarded when there is none.
func updateFinished(ctx context.Context, tx tenants.Writer, p *Photo) (ids.ID, error) {
	if p.State == Ready {
		now := tx.Now()
		p.ReadyAt = &now
	}
	var entryID ids.ID
	err := tx.NewUpdate().Model(p).Column("state", "refusal", "width", "height", "thumbhash", "full_bytes", "taken_at", "ready_at").
		WherePK().Returning("coalesce(entry_id, '00000000-0000-0000-0000-000000000000')").Scan(ctx, &entryID)
	if errors.Is(err, sql.ErrNoRows) {
		return ids.Nil, errDiscarded
	}
	if err != nil {
		return ids.Nil, fmt.Errorf("photos: finish: %w", err)
	}
	return entryID, nil
}

// anyLeft tells whether an entry has a photo that was not refused.
func anyLeft(ctx context.Context, tx tenants.Reader, entryID ids.ID) (bool, error) {
	some, err := tx.NewSelect().Model((*Photo)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("entry_id = ?", entryID).Where("state <> 'refused'").Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("photos: look for photos of entry: %w", err)
	}
	return some, nil
}

func selectForgotten(ctx context.Context, tx tenants.Reader, before time.Time, limit int) ([]Photo, error) {
	var list []Photo
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("entry_id IS NULL").Where("created_at < ?", before).
		Order("created_at").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("photos: select forgotten: %w", err)
	}
	return list, nil
}

// deletePhoto tells whether it deleted the row: not when an entry has it by now.
func deletePhoto(ctx context.Context, tx tenants.Writer, id ids.ID) (bool, error) {
	done, err := tx.NewDelete().Model((*Photo)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Where("entry_id IS NULL").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("photos: delete: %w", err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// deleteWithdrawn deletes photos of entries that were withdrawn before then, so many at most, and gives their storage keys and
// entries.
func deleteWithdrawn(ctx context.Context, tx tenants.Writer, before time.Time, most int) ([]Photo, error) {
	var gone []Photo
	err := tx.NewRaw(`DELETE FROM photo WHERE tenant_id = ?0 AND id IN (
			SELECT p.id FROM diary_entry e JOIN photo p ON p.tenant_id = e.tenant_id AND p.entry_id = e.id
			WHERE e.tenant_id = ?0 AND e.withdrawn_at < ?1 ORDER BY e.withdrawn_at, p.id LIMIT ?2)
		RETURNING storage_key, entry_id`, tx.Tenant().ID, before, most).Scan(ctx, &gone)
	if err != nil {
		return nil, fmt.Errorf("photos: delete withdrawn: %w", err)
	}
	return gone, nil
}

func missing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound()
	}
	if err != nil {
		return fmt.Errorf("photos: select: %w", err)
	}
	return nil
}
