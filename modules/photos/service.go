package photos

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/attach"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// Service is what can be done with photos.
type Service struct {
	db     *tenants.DB
	store  blob.Store
	images Images
}

// New keeps rows in db and pictures in store. images may be nil in a process that works off no media jobs.
func New(db *tenants.DB, store blob.Store, images Images) *Service {
	return &Service{db: db, store: store, images: images}
}

// Upload is a file that somebody sent.
type Upload struct {
	FileName string
	Content  []byte
	// Taken is when the photo was taken, as Exif writes it, for a file that no longer says so itself: one that a browser made
	// smaller. What the file says comes before it.
	Taken string
}

// Take stores an original of the actor, and has it processed. What is plainly no picture, or too large, is Invalid with
// the reason; what only shows on a closer look is refused later, and the photo says so.
func (s *Service) Take(ctx context.Context, u Upload) (*Photo, error) {
	contentType, err := media.Sniff(u.Content, int64(len(u.Content)))
	if err != nil {
		return nil, err
	}
	tenant, _ := tenants.From(ctx)
	now := s.db.Clock().Now()
	p := &Photo{TenantID: tenant.ID, ID: ids.New(), UploadedBy: actor.From(ctx).PersonID, State: Uploaded,
		StorageKey: blob.NewKey(tenant.ID, now), FileName: plainName(u.FileName), ContentType: string(contentType), Bytes: int64(len(u.Content)), TakenAt: takenAt(u.Taken, tenant.Location(), now), CreatedAt: now}
	err = attach.Upload{
		Room: func(ctx context.Context, tx tenants.Reader) error { return tenants.MustHaveRoom(ctx, tx, p.Bytes) },
		Put: func(ctx context.Context) error {
			if err := s.store.Put(ctx, p.object(originalFile), bytes.NewReader(u.Content), p.Bytes, p.ContentType); err != nil {
				return fmt.Errorf("photos: store original: %w", err)
			}
			return nil
		},
		Keep: func(ctx context.Context, tx tenants.Writer) error {
			if err := insertPhoto(ctx, tx, p); err != nil {
				return err
			}
			return outbox.Record(ctx, tx, PhotoUploaded{PhotoID: p.ID, StorageKey: p.StorageKey})
		},
		Clear: func(ctx context.Context) error { return s.deleteFiles(ctx, p.StorageKey) },
	}.Take(ctx, s.db)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// plainName keeps of a client's file name what is safe to show: no folders, no control characters, at most 200 characters.
func plainName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[:200])
	}
	return name
}

// Mine gives the actor's own photo that has not been put in an entry yet, to show how far it is.
func (s *Service) Mine(ctx context.Context, id ids.ID) (*Photo, error) {
	var p *Photo
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		p, err = selectUnclaimed(ctx, tx, id, actor.From(ctx).PersonID)
		return err
	})
	return p, err
}

// Discard removes the actor's own photo that has not been put in an entry.
func (s *Service) Discard(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p, err := selectUnclaimed(ctx, tx, id, actor.From(ctx).PersonID)
		if err != nil {
			return err
		}
		gone, err := s.remove(ctx, tx, p)
		if err == nil && !gone {
			return fault.NotFound()
		}
		return err
	})
}

// remove tells whether it removed the photo: an entry may have taken it since it was read, and then its objects stay.
func (s *Service) remove(ctx context.Context, tx tenants.Writer, p *Photo) (bool, error) {
	gone, err := deletePhoto(ctx, tx, p.ID)
	if err != nil || !gone {
		return false, err
	}
	return true, outbox.Record(ctx, tx, PhotoRemoved{StorageKey: p.StorageKey})
}

// Attach hands the actor's uploaded photos to an entry; it makes Service a diary.Album.
func (s *Service) Attach(ctx context.Context, tx tenants.Writer, entryID ids.ID, photos []diary.PhotoDraft, onPhotos []ids.ID) error {
	var problems fault.Fields
	for i, draft := range photos {
		alt := strings.TrimSpace(draft.Alt)
		if utf8.RuneCountInString(alt) > MaxAlt {
			problems.Add("photos", "photos.error.alt_too_long", map[string]any{"Max": MaxAlt})
			continue
		}
		claimed, err := claimPhoto(ctx, tx, draft.ID, actor.From(ctx).PersonID, entryID, i, alt)
		if err != nil {
			return err
		}
		if !claimed {
			problems.Add("photos", "photos.error.not_yours")
		}
	}
	if err := problems.Err(); err != nil {
		return err
	}
	if err := insertOnPhotos(ctx, tx, entryID, onPhotos); err != nil {
		return err
	}
	return diary.RewriteMedia(ctx, tx, []ids.ID{entryID}, mediaOfEntry)
}

// ConsentChanged brings every entry with a photo of the child in line with the consent of now; it makes Service a
// consents.Follower.
func (s *Service) ConsentChanged(ctx context.Context, tx tenants.Writer, childID ids.ID) error {
	entries, err := selectEntriesWith(ctx, tx, childID)
	if err != nil {
		return err
	}
	return diary.RewriteMedia(ctx, tx, entries, mediaOfEntry)
}

// RemoveUnclaimed removes what was uploaded and never used, a hundred at a time; it is run on a schedule.
func (s *Service) RemoveUnclaimed(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		list, err := selectForgotten(ctx, tx, tx.Now().Add(-Unclaimed), 100)
		if err != nil {
			return err
		}
		removed := 0
		for i := range list {
			gone, err := s.remove(ctx, tx, &list[i])
			if err != nil {
				return err
			}
			if gone {
				removed++
			}
		}
		if removed == 0 {
			return nil
		}
		return audit.Record(ctx, tx, "photos.remove_unclaimed", ids.Nil, map[string]any{"photos": removed})
	})
}

// settleAtOnce is how many entries SettleWaiting looks after in one run.
const settleAtOnce = 200

// SettleWaiting looks after entries that wait for a photo longer than photos take. One that has something to show by now is
// shared, in case the program that made its photo ready knew nothing of waiting; one of which after a day nothing has come,
// because its photo cannot be made or may not be shown, is taken back, and its author told. It is run on a schedule.
func (s *Service) SettleWaiting(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		waiting, err := diary.Waiting(ctx, tx, tx.Now().Add(-SettleAfter), settleAtOnce)
		if err != nil {
			return err
		}
		if err := diary.RewriteMedia(ctx, tx, waiting, mediaOfEntry); err != nil {
			return err
		}
		hopeless, err := diary.Waiting(ctx, tx, tx.Now().Add(-GiveUpAfter), settleAtOnce)
		if err != nil {
			return err
		}
		for _, id := range hopeless {
			if err := diary.WithdrawEmpty(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// removeAtOnce is how many photos RemoveWithdrawn removes in one transaction.
const removeAtOnce = 100

// RemoveWithdrawn removes the photos of entries that were withdrawn a month ago; what was written stays. It is run on a schedule.
func (s *Service) RemoveWithdrawn(ctx context.Context) error {
	for {
		var gone []Photo
		err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) (err error) {
			if gone, err = deleteWithdrawn(ctx, tx, tx.Now().Add(-WithdrawnKept), removeAtOnce); err != nil || len(gone) == 0 {
				return err
			}
			entries := make([]ids.ID, len(gone))
			for i, p := range gone {
				entries[i] = p.EntryID
				if err := outbox.Record(ctx, tx, PhotoRemoved{StorageKey: p.StorageKey}); err != nil {
					return err
				}
			}
			// An entry carries a likeness of each of its photos, and what is on it.
			if err := diary.RewriteMedia(ctx, tx, entries, mediaOfEntry); err != nil {
				return err
			}
			return audit.Record(ctx, tx, "photos.remove_withdrawn", ids.Nil, map[string]any{"photos": len(gone)})
		})
		if err != nil || len(gone) < removeAtOnce {
			return err
		}
	}
}
