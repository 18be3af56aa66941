package locations

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/attach"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/media"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// Uploaded is the state of a photo that is being made fit to show; Ready and Refused are what becomes of it.
const (
	Uploaded = photos.Uploaded
	Ready    = photos.Ready
	Refused  = photos.Refused
)

// Widths are the long edges, in pixels, of the versions of a photo.
var Widths = []int{320, 640}

// Photo is a picture of somebody who works here. Nobody sees it but they, and who runs their location, before they have agreed.
type Photo struct {
	bun.BaseModel `bun:"table:staff_photo,alias:s"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	UploadedBy    ids.ID `bun:"type:uuid"`
	State         photos.State
	Refusal       string // locale key of the reason
	StorageKey    string
	Bytes         int64 // of what was uploaded
	Width         int
	Height        int
	ApprovedAt    *time.Time
	CreatedAt     time.Time
}

// Shown tells whether guardians may see it.
func (p *Photo) Shown() bool { return p.State == Ready && p.ApprovedAt != nil }

// RefusalArgs are the words that the sentence of a refusal needs.
func (p *Photo) RefusalArgs() map[string]any { return media.ArgsOf(p.Refusal) }

const originalFile = "original"

// area is where photos of colleagues are in storage: those of the diary are looked after by their own module.
const area = "team"

func (p *Photo) object(file string) string { return blob.Variant(p.StorageKey, file) }

// PhotoUploaded happens when an original is stored and must be made fit to show.
type PhotoUploaded struct {
	PhotoID    ids.ID `json:"photo_id"`
	StorageKey string `json:"storage_key"` // to clean up after one whose row is gone
}

// EventName makes it an outbox.Event.
func (PhotoUploaded) EventName() string { return "locations.photo_uploaded" }

// PhotoRemoved happens when the row of a photo is gone and its objects can go too.
type PhotoRemoved struct {
	StorageKey string `json:"storage_key"`
}

// EventName makes it an outbox.Event.
func (PhotoRemoved) EventName() string { return "locations.photo_removed" }

// Upload stores a photo of a colleague. One of the actor takes the place of the one before as soon as it is ready; one of another waits
// until they agree, and they are told. What is no picture, too large, or more than there is storage for, is Invalid.
func (s *Service) Upload(ctx context.Context, person ids.ID, content []byte) error {
	if _, err := media.Sniff(content, int64(len(content))); err != nil {
		return inField(err)
	}
	tenant, _ := tenants.From(ctx)
	who, now := actor.From(ctx), s.db.Clock().Now()
	p := &Photo{TenantID: tenant.ID, ID: ids.New(), PersonID: person, UploadedBy: who.PersonID, State: Uploaded, StorageKey: blob.NewKeyIn(tenant.ID, area), Bytes: int64(len(content)), CreatedAt: now}
	if person == who.PersonID {
		p.ApprovedAt = &now
	}
	return attach.Upload{
		Room: func(ctx context.Context, tx tenants.Reader) error {
			if err := mayIntroduce(ctx, tx, person); err != nil {
				return err // nothing is stored for who may not
			}
			return inField(tenants.MustHaveRoom(ctx, tx, p.Bytes))
		},
		Put: func(ctx context.Context) error {
			if err := s.store.Put(ctx, p.object(originalFile), bytes.NewReader(content), p.Bytes, "application/octet-stream"); err != nil {
				return fmt.Errorf("locations: store photo: %w", err)
			}
			return nil
		},
		Keep:  func(ctx context.Context, tx tenants.Writer) error { return add(ctx, tx, p) },
		Clear: func(ctx context.Context) error { return s.deleteFiles(ctx, p.StorageKey) },
	}.Take(ctx, s.db)
}

// inField puts the reason why a photo is refused at the field in which it was chosen.
func inField(err error) error {
	f, ok := fault.As(err)
	if !ok || f.Code != fault.Invalid {
		return err
	}
	var problems fault.Fields
	problems.Add("photo", f.Key, f.Args)
	return problems.Err()
}

// add keeps the row of a photo, in the place of those that it makes superfluous.
func add(ctx context.Context, tx tenants.Writer, p *Photo) error {
	if err := remove(ctx, tx, p.PersonID, beside(p)); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
		return fmt.Errorf("locations: insert photo: %w", err)
	}
	if err := outbox.Record(ctx, tx, PhotoUploaded{PhotoID: p.ID, StorageKey: p.StorageKey}); err != nil {
		return err
	}
	if p.ApprovedAt != nil {
		return audit.Record(ctx, tx, "locations.upload_photo", p.PersonID, nil)
	}
	if err := outbox.Record(ctx, tx, Proposed{PersonID: p.PersonID}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, "locations.propose_photo", p.PersonID, nil)
}

// Agree lets guardians see a photo of the actor that another uploaded.
func (s *Service) Agree(ctx context.Context, photo ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p, err := lockPhoto(ctx, tx, photo)
		if err != nil {
			return err
		}
		if p.PersonID != actor.From(ctx).PersonID || p.State == Refused {
			return fault.NotFound()
		}
		if p.ApprovedAt != nil {
			return nil
		}
		now := tx.Now()
		p.ApprovedAt = &now
		if err := updatePhoto(ctx, tx, p); err != nil {
			return err
		}
		if err := settle(ctx, tx, p); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "locations.agree_photo", p.PersonID, nil)
	})
}

// Remove takes a photo away for good: the actor's own, or that of a colleague at a location that they run.
func (s *Service) Remove(ctx context.Context, photo ids.ID) (person ids.ID, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p, err := lockPhoto(ctx, tx, photo)
		if err != nil {
			return err
		}
		if err := mayIntroduce(ctx, tx, p.PersonID); err != nil {
			return err
		}
		person = p.PersonID
		if err := remove(ctx, tx, person, func(other *Photo) bool { return other.ID == photo }); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "locations.remove_photo", person, nil)
	})
	return person, err
}

// beside are the photos that a new one takes the place of while it is not ready: what was offered before it, or was not ready either.
func beside(p *Photo) func(*Photo) bool {
	return func(other *Photo) bool {
		return other.State == Refused || (other.ApprovedAt == nil) == (p.ApprovedAt == nil) && !other.Shown()
	}
}

// settle removes what a photo takes the place of, once guardians may see it.
func settle(ctx context.Context, tx tenants.Writer, p *Photo) error {
	if !p.Shown() {
		return nil
	}
	return remove(ctx, tx, p.PersonID, func(other *Photo) bool {
		return other.ID != p.ID && other.ApprovedAt != nil && other.ApprovedAt.Before(*p.ApprovedAt)
	})
}

// remove deletes those photos of a person that which names, and has their objects deleted.
func remove(ctx context.Context, tx tenants.Writer, person ids.ID, which func(*Photo) bool) error {
	list, err := selectPhotos(ctx, tx, person)
	if err != nil {
		return err
	}
	for i := range list {
		if p := &list[i]; which(p) {
			if _, err := tx.NewDelete().Model(p).WherePK().Exec(ctx); err != nil {
				return fmt.Errorf("locations: delete photo: %w", err)
			}
			if err := outbox.Record(ctx, tx, PhotoRemoved{StorageKey: p.StorageKey}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Picture gives a version of a photo, such as "320.webp", that the actor may see now. One that does not exist and one that they may not
// see are the same NotFound.
func (s *Service) Picture(ctx context.Context, photo ids.ID, version string) (key string, err error) {
	if !slices.ContainsFunc(Widths, func(w int) bool { return media.WebPName(w) == version }) {
		return "", fault.NotFound()
	}
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		p, err := selectSeenPhoto(ctx, tx, photo)
		if err == nil {
			key = p.object(version)
		}
		return err
	})
	return key, err
}

// Size is that of the object under a key of Picture, in bytes.
func (s *Service) Size(ctx context.Context, key string) (int64, error) {
	info, err := s.store.Stat(ctx, key)
	return info.Size, err
}

// Stream gives length bytes of the object under a key of Picture, from offset (blob.All: to the end). The caller closes it.
func (s *Service) Stream(ctx context.Context, key string, offset, length int64) (io.ReadCloser, blob.Info, error) {
	return s.store.Get(ctx, key, offset, length)
}

// develop makes the versions of an uploaded photo. Run again it finds the photo done, or writes the same files once more.
func (s *Service) develop(ctx context.Context, _ ids.ID, e PhotoUploaded) error {
	var p *Photo
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		p, err = selectPhoto(ctx, tx, e.PhotoID)
		return err
	})
	if fault.CodeOf(err) == fault.Missing {
		return s.deleteFiles(ctx, e.StorageKey) // also what a run before this one wrote after the others were deleted
	}
	if err == nil && p.State == Uploaded {
		err = s.makeVersions(ctx, p)
	}
	if err != nil {
		return err
	}
	// Last of all: until here a crash must find the original again. It may hold the place where the photo was taken.
	return s.store.Delete(ctx, p.object(originalFile))
}

func (s *Service) makeVersions(ctx context.Context, p *Photo) error {
	original, _, err := s.store.Get(ctx, p.object(originalFile), 0, blob.All)
	if fault.CodeOf(err) == fault.Missing {
		return errors.New("locations: the original is not in storage") // storage that was restored has it again
	}
	if err != nil {
		return fmt.Errorf("locations: open original: %w", err)
	}
	defer original.Close()
	result, err := s.images.Retouch(ctx, original, p.Bytes, nil)
	if f, ok := fault.As(err); ok && f.Code == fault.Invalid {
		p.State, p.Refusal = Refused, f.Key
		return s.finish(ctx, p)
	}
	if err != nil {
		return fmt.Errorf("locations: make versions: %w", err)
	}
	if err := storeVersions(ctx, s.store, p, result); err != nil {
		return err
	}
	return s.finish(ctx, p)
}

// storeVersions writes the versions that pages show, and makes the row ready.
func storeVersions(ctx context.Context, store blob.Store, p *Photo, result *media.Result) error {
	for _, file := range result.Files {
		if !slices.ContainsFunc(Widths, func(w int) bool { return media.WebPName(w) == file.Name }) {
			continue // a face on a page needs no more
		}
		err := store.Put(ctx, p.object(file.Name), bytes.NewReader(file.Bytes), int64(len(file.Bytes)), file.ContentType)
		if err != nil && !errors.Is(err, blob.ErrExists) { // an earlier run that died may have written it
			return fmt.Errorf("locations: store %s: %w", file.Name, err)
		}
	}
	p.State, p.Width, p.Height = Ready, result.Width, result.Height
	return nil
}

// finish keeps what became of a photo, unless it went meanwhile or was finished by another run. Whether it was agreed to is asked anew.
func (s *Service) finish(ctx context.Context, done *Photo) error {
	gone := false
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p, err := lockPhoto(ctx, tx, done.ID)
		if fault.CodeOf(err) == fault.Missing {
			gone = true
			return nil
		}
		if err != nil || p.State != Uploaded {
			return err
		}
		p.State, p.Refusal, p.Width, p.Height = done.State, done.Refusal, done.Width, done.Height
		if err := updatePhoto(ctx, tx, p); err != nil {
			return err
		}
		if err := settle(ctx, tx, p); err != nil {
			return err
		}
		return live.Signal(ctx, tx, live.Person(p.PersonID), live.Person(p.UploadedBy))
	})
	if err != nil || !gone {
		return err
	}
	return errors.New("locations: the photo went while it was made") // the next run cleans up
}

func (s *Service) deleteObjects(ctx context.Context, _ ids.ID, e PhotoRemoved) error {
	return s.deleteFiles(ctx, e.StorageKey)
}

func (s *Service) deleteFiles(ctx context.Context, key string) error {
	files := []string{originalFile}
	for _, w := range Widths {
		files = append(files, media.WebPName(w))
	}
	for _, file := range files {
		if err := s.store.Delete(ctx, blob.Variant(key, file)); err != nil {
			return fmt.Errorf("locations: delete %s: %w", file, err)
		}
	}
	return nil
}

// keepBack is how long an object without a row stays: its upload may be on its way.
const keepBack = 24 * time.Hour

// Reconcile removes photos of who has not worked here for a month, and objects of no photo, which an upload or a run that was broken off
// left behind, a day later. It is run on a schedule.
func (s *Service) Reconcile(ctx context.Context) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	var used map[string]bool
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		left, err := selectLeft(ctx, tx)
		if err != nil {
			return err
		}
		for _, person := range left {
			if err := remove(ctx, tx, person, func(*Photo) bool { return true }); err != nil {
				return err
			}
			if err := audit.Record(ctx, tx, "locations.remove_photo", person, nil); err != nil {
				return err
			}
		}
		used, err = selectKeys(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	before := s.db.Clock().Now().Add(-keepBack)
	return s.store.List(ctx, blob.AreaPrefix(tenant.ID, area), func(i blob.Info) error {
		if used[path.Dir(i.Key)] || i.Modified.After(before) {
			return nil
		}
		if err := s.store.Delete(ctx, i.Key); err != nil {
			return fmt.Errorf("locations: remove orphan: %w", err)
		}
		return nil
	})
}
