package messages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/media"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// Widths are the long edges, in pixels, of the versions of a photo that pages show.
var Widths = photos.Widths

// File is a file of an attachment that the actor may have now.
type File struct {
	Name        string // to save it under
	ContentType string
	key         string
	kind        Kind
	bytes       int64 // of what was uploaded
	file        string
}

// Version gives a version of a photo for a page, such as "640.webp". One that does not exist and one that the actor does not see are
// the same NotFound.
func (s *Service) Version(ctx context.Context, id ids.ID, version string) (*File, error) {
	if !slices.ContainsFunc(Widths, func(w int) bool { return media.WebPName(w) == version }) {
		return nil, fault.NotFound()
	}
	f, err := s.file(ctx, id)
	if err != nil {
		return nil, err
	}
	if f.kind != Photo {
		return nil, fault.NotFound()
	}
	f.file, f.ContentType = version, "image/webp"
	return f, nil
}

// Download gives the file to save: of a photo the whole picture, without what the telephone wrote beside it.
func (s *Service) Download(ctx context.Context, id ids.ID) (*File, error) {
	f, err := s.file(ctx, id)
	if err != nil {
		return nil, err
	}
	if f.file, f.ContentType = media.Full, "image/jpeg"; f.kind == PDF {
		f.file, f.ContentType = pdfFile, "application/pdf"
	}
	return f, nil
}

func (s *Service) file(ctx context.Context, id ids.ID) (*File, error) {
	who := actor.From(ctx)
	tenant, _ := tenants.From(ctx)
	query, known := had[who.Role]
	if !known || who.TenantID != tenant.ID {
		return nil, fault.NotFound()
	}
	var f *File
	err := s.db.Query(ctx, query, []any{tenant.ID, who.PersonID, string(tenant.DateOf(s.db.Clock().Now())), id}, scanFile(&f))
	if err != nil {
		return nil, fmt.Errorf("messages: find file: %w", err)
	}
	if f == nil {
		return nil, fault.NotFound()
	}
	return f, nil
}

// Size is that of f in bytes. Storage is asked only where the row does not know it.
func (s *Service) Size(ctx context.Context, f *File) (int64, error) {
	if f.kind == PDF {
		return f.bytes, nil
	}
	info, err := s.store.Stat(ctx, blob.Variant(f.key, f.file))
	return info.Size, err
}

// Stream gives length bytes of f from offset (blob.All: to the end). The caller closes it.
func (s *Service) Stream(ctx context.Context, f *File, offset, length int64) (io.ReadCloser, blob.Info, error) {
	return s.store.Get(ctx, blob.Variant(f.key, f.file), offset, length)
}

// develop makes the versions of an uploaded photo. Run again it finds the photo done, or writes the same files once more.
func (s *Service) develop(ctx context.Context, _ ids.ID, e Uploaded) error {
	var a *Attachment
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		a, err = selectAttachment(ctx, tx, e.AttachmentID)
		return err
	})
	if fault.CodeOf(err) == fault.Missing {
		return s.files().Delete(ctx, e.StorageKey) // also what a run before this one wrote after the others were deleted
	}
	if err == nil && a.State == photos.Uploaded {
		err = s.makeVersions(ctx, a)
	}
	if err != nil {
		return err
	}
	return s.files().DropOriginal(ctx, a.StorageKey)
}

func (s *Service) makeVersions(ctx context.Context, a *Attachment) error {
	made, err := s.files().Develop(ctx, a.StorageKey, a.Bytes)
	if err != nil {
		return err
	}
	a.Refusal, a.Width, a.Height, a.Thumbhash = made.Refusal, made.Width, made.Height, made.Thumbhash
	if a.State = photos.Ready; a.Refusal != "" {
		a.State = photos.Refused
	}
	return s.finish(ctx, a)
}

func (s *Service) finish(ctx context.Context, a *Attachment) error {
	gone := false
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		done, err := updateDeveloped(ctx, tx, a)
		if err != nil || !done {
			gone = !done
			return err
		}
		topics, err := followers(ctx, tx, a)
		if err != nil {
			return err
		}
		return live.Signal(ctx, tx, topics...)
	})
	if err != nil || !gone {
		return err
	}
	return errors.New("messages: the photo went while it was made") // the next run cleans up, or finds it done
}

func (s *Service) deleteObjects(ctx context.Context, _ ids.ID, e Removed) error {
	return s.files().Delete(ctx, e.StorageKey)
}

// Reconcile removes objects of no attachment, which an upload or a run that was broken off left behind, a day later. It is run on a
// schedule.
func (s *Service) Reconcile(ctx context.Context) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	before := s.db.Clock().Now().Add(-keepBack)
	var used map[string]bool
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		used, err = selectKeys(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return s.files().Reconcile(ctx, tenant.ID, used, before)
}
