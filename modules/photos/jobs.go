package photos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/media"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// Images makes pictures fit to share; a media.Processor is one. A fault of code Invalid means that it never will. how may be nil.
type Images interface {
	Retouch(ctx context.Context, r io.Reader, size int64, how *media.Retouch) (*media.Result, error)
}

// errDiscarded says that the row of a photo is gone while its picture is worked on.
var errDiscarded = errors.New("photos: discarded")

// Subscriptions are the events that photos hear of.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("photos.process", outbox.Media, s.process),
		outbox.On("photos.process_retouched", outbox.Media, func(ctx context.Context, id ids.ID, e PhotoRetouched) error {
			return s.process(ctx, id, PhotoUploaded(e))
		}),
		outbox.On("photos.delete_objects", outbox.Bulk, s.deleteObjects),
	}
}

// process makes the versions of an uploaded photo. Run again it finds the photo ready, or writes the same files once more.
func (s *Service) process(ctx context.Context, _ ids.ID, e PhotoUploaded) error {
	p, err := s.find(ctx, e.PhotoID)
	if fault.CodeOf(err) == fault.Missing {
		err = errDiscarded
	}
	if err == nil && p.State == Uploaded {
		err = s.develop(ctx, p)
	}
	if errors.Is(err, errDiscarded) {
		return s.deleteFiles(ctx, e.StorageKey) // also what this run, or one before it, wrote after the others were deleted
	}
	if err != nil {
		return err
	}
	// Last of all: until here a crash must find the original again. It may hold the place where the photo was taken.
	return s.store.Delete(ctx, p.object(originalFile))
}

func (s *Service) develop(ctx context.Context, p *Photo) error {
	original, _, err := s.store.Get(ctx, p.object(originalFile), 0, blob.All)
	if err != nil {
		return fmt.Errorf("photos: open original: %w", unavailableIfMissing(err))
	}
	defer original.Close()
	result, err := s.images.Retouch(ctx, original, p.Bytes, p.Retouch)
	if f, ok := fault.As(err); ok && f.Code == fault.Invalid {
		return s.finish(ctx, p, func(p *Photo) { p.State, p.Refusal = Refused, f.Key })
	}
	if err != nil {
		return fmt.Errorf("photos: process: %w", err)
	}
	var fullBytes int64
	for _, file := range result.Files {
		err := s.store.Put(ctx, p.object(file.Name), bytes.NewReader(file.Bytes), int64(len(file.Bytes)), file.ContentType)
		if err != nil && !errors.Is(err, blob.ErrExists) { // an earlier run that died may have written it
			return fmt.Errorf("photos: store %s: %w", file.Name, err)
		}
		if file.Name == fullFile {
			fullBytes = int64(len(file.Bytes))
		}
	}
	tenant, _ := tenants.From(ctx)
	return s.finish(ctx, p, func(p *Photo) {
		if at := takenAt(result.Taken, tenant.Location(), p.CreatedAt); at != nil {
			p.TakenAt = at
		}
		p.State, p.Width, p.Height, p.Thumbhash, p.FullBytes = Ready, result.Width, result.Height, result.ThumbHash, fullBytes
	})
}

// unavailableIfMissing keeps a missing original from ending the job for good: storage that was restored has it again.
func unavailableIfMissing(err error) error {
	if fault.CodeOf(err) == fault.Missing {
		return errors.New("the original is not in storage")
	}
	return err
}

func (s *Service) finish(ctx context.Context, p *Photo, set func(*Photo)) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		set(p)
		entryID, err := updateFinished(ctx, tx, p)
		if err != nil {
			return err
		}
		if err := live.Signal(ctx, tx, live.Person(p.UploadedBy)); err != nil {
			return err
		}
		if entryID == ids.Nil {
			return nil
		}
		if err := diary.RewriteMedia(ctx, tx, []ids.ID{entryID}, mediaOfEntry); err != nil || p.State != Refused {
			return err
		}
		// After the entry was locked: of two photos that are refused beside each other the later one must see the other.
		left, err := anyLeft(ctx, tx, entryID)
		if err != nil || left {
			return err
		}
		return diary.WithdrawEmpty(ctx, tx, entryID)
	})
}

func (s *Service) find(ctx context.Context, id ids.ID) (*Photo, error) {
	var p *Photo
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		p, err = selectPhoto(ctx, tx, id)
		return err
	})
	return p, err
}

func (s *Service) deleteObjects(ctx context.Context, _ ids.ID, e PhotoRemoved) error {
	return s.deleteFiles(ctx, e.StorageKey)
}

func (s *Service) deleteFiles(ctx context.Context, key string) error {
	files := []string{originalFile, fullFile}
	for _, w := range Widths {
		files = append(files, fmt.Sprintf("%d.webp", w))
	}
	for _, file := range files {
		if err := s.store.Delete(ctx, blob.Variant(key, file)); err != nil {
			return fmt.Errorf("photos: delete %s: %w", file, err)
		}
	}
	return nil
}
