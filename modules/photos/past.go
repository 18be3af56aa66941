package photos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// Past is a photo that was shared before: processed already, in an entry, with the children on it.
type Past struct {
	ID         ids.ID
	UploadedBy ids.ID
	EntryID    ids.ID
	Position   int
	FileName   string
	Alt        string
	At         time.Time
	Bytes      int64 // of the original, which is not kept
	Picture    *media.Result
	OnIt       []ids.ID
}

// Store writes the files of a past photo and gives its row, for Recall. The object comes first, the row second.
func (p Past) Store(ctx context.Context, store blob.Store, tenant ids.ID) (Photo, error) {
	ready := p.At
	row := Photo{TenantID: tenant, ID: p.ID, UploadedBy: p.UploadedBy, EntryID: p.EntryID, Position: p.Position, State: Ready,
		StorageKey: blob.NewKey(tenant, p.At), FileName: plainName(p.FileName), ContentType: "image/jpeg", Bytes: p.Bytes,
		Width: p.Picture.Width, Height: p.Picture.Height, Thumbhash: p.Picture.ThumbHash, Alt: p.Alt, CreatedAt: p.At, ReadyAt: &ready}
	for _, file := range p.Picture.Files {
		if file.Name == fullFile {
			row.FullBytes = int64(len(file.Bytes))
		}
		err := store.Put(ctx, row.object(file.Name), bytes.NewReader(file.Bytes), int64(len(file.Bytes)), file.ContentType)
		if err != nil && !errors.Is(err, blob.ErrExists) {
			return Photo{}, fmt.Errorf("photos: store past %s: %w", file.Name, err)
		}
	}
	return row, nil
}

// Recall keeps the rows of stored past photos within tx, and shows them in their entries as the consents of now allow.
func Recall(ctx context.Context, tx tenants.Writer, rows []Photo, onThem map[ids.ID][]ids.ID) error {
	if len(rows) == 0 {
		return nil
	}
	var on []photoChild
	entries := map[ids.ID]bool{}
	for _, row := range rows {
		entries[row.EntryID] = true
		for _, child := range onThem[row.ID] {
			on = append(on, photoChild{TenantID: row.TenantID, PhotoID: row.ID, ChildID: child})
		}
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("photos: insert past photos: %w", err)
	}
	if _, err := tx.NewInsert().Model(&on).Exec(ctx); err != nil {
		return fmt.Errorf("photos: insert children on past photos: %w", err)
	}
	list := make([]ids.ID, 0, len(entries))
	for id := range entries {
		list = append(list, id)
	}
	return diary.RewriteMedia(ctx, tx, list, mediaOfEntry)
}
