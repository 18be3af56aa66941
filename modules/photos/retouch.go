package photos

import (
	"context"
	"errors"
	"fmt"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// minCrop is the least that a cut may leave of the width and of the height.
const minCrop = 0.05

// checkRetouch tells whether there is anything to do, and whether it can be done.
func checkRetouch(how media.Retouch) error {
	wrong := fault.New(fault.BadRequest, "error.bad_request")
	if how.Crop == nil && len(how.Hide) == 0 || len(how.Hide) > media.MaxHidden {
		return wrong
	}
	if c := how.Crop; c != nil && (!c.Valid() || c.W < minCrop || c.H < minCrop) {
		return wrong
	}
	for _, box := range how.Hide {
		if !box.Valid() {
			return wrong
		}
	}
	return nil
}

// Retouch makes another photo of an own one that is in no entry yet, with a part cut off or made unrecognisable, and removes
// the one it was: nobody gets what is hidden, now or later. It is processed like an upload.
func (s *Service) Retouch(ctx context.Context, id ids.ID, how media.Retouch) (*Photo, error) {
	if err := checkRetouch(how); err != nil {
		return nil, err
	}
	was, err := s.Mine(ctx, id)
	if err != nil {
		return nil, err
	}
	if was.State != Ready {
		return nil, fault.New(fault.Conflict, "photos.error.not_ready")
	}
	whole, info, err := s.store.Get(ctx, was.object(fullFile), 0, blob.All)
	if err != nil {
		return nil, fmt.Errorf("photos: open full picture: %w", err)
	}
	defer whole.Close()
	if info.Size > MaxUpload {
		return nil, fault.New(fault.TooLarge, "media.error.too_large").With(map[string]any{"Max": MaxUpload >> 20})
	}
	tenant, _ := tenants.From(ctx)
	now := s.db.Clock().Now()
	p := &Photo{TenantID: tenant.ID, ID: ids.New(), UploadedBy: actor.From(ctx).PersonID, State: Uploaded, StorageKey: blob.NewKey(tenant.ID, now),
		FileName: was.FileName, ContentType: string(media.JPEG), Bytes: info.Size, Retouch: &how, TakenAt: was.TakenAt, CreatedAt: now}
	if err := s.store.Put(ctx, p.object(originalFile), whole, p.Bytes, p.ContentType); err != nil {
		return nil, fmt.Errorf("photos: store what is retouched: %w", err)
	}
	err = s.replace(ctx, was, p)
	if fault.CodeOf(err) == fault.Missing { // there is no row, so nothing would ever remove the copy soon
		err = errors.Join(err, s.store.Delete(ctx, p.object(originalFile)))
	}
	return p, err
}

// replace puts a photo in the place of the one that it is made from.
func (s *Service) replace(ctx context.Context, was, p *Photo) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		gone, err := s.remove(ctx, tx, was)
		if err == nil && !gone { // an entry took it meanwhile
			err = fault.NotFound()
		}
		if err != nil {
			return err
		}
		if err := insertPhoto(ctx, tx, p); err != nil {
			return err
		}
		return outbox.Record(ctx, tx, PhotoRetouched{PhotoID: p.ID, StorageKey: p.StorageKey})
	})
}
