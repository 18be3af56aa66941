package news

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// Widths are the long edges, in pixels, of the versions of a picture.
var Widths = photos.Widths

// Object is a file in storage that the actor may have now.
type Object struct {
	Name        string // to save it under
	ContentType string
	key         string
	bytes       int64 // 0: storage knows
}

// Picture gives a version of a picture, such as "640.webp". One that does not exist and one that the actor may not see are the same NotFound.
func (s *Service) Picture(ctx context.Context, id ids.ID, version string) (*Object, error) {
	f, err := s.had(ctx, id)
	if err != nil {
		return nil, err
	}
	if f.Kind != Photo || !slices.ContainsFunc(Widths, func(w int) bool { return media.WebPName(w) == version }) {
		return nil, fault.NotFound()
	}
	return &Object{Name: f.FileName, ContentType: "image/webp", key: f.object(version)}, nil
}

// Download gives the file to save: of a picture the whole of it, without what the telephone wrote beside it.
func (s *Service) Download(ctx context.Context, id ids.ID) (*Object, error) {
	f, err := s.had(ctx, id)
	if err != nil {
		return nil, err
	}
	if f.Kind == Photo {
		return &Object{Name: f.FileName, ContentType: "image/jpeg", key: f.object(media.Full)}, nil
	}
	return &Object{Name: f.FileName, ContentType: f.ContentType, key: f.object(documentFile), bytes: f.Bytes}, nil
}

// had gives a file of an article that the actor looks after, or may read: of the pictures then only one that stands in what is read.
func (s *Service) had(ctx context.Context, id ids.ID) (*File, error) {
	f := new(File)
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		who := actor.From(ctx)
		err := tx.NewSelect().Model(f).Where("f.tenant_id = ?", tx.Tenant().ID).Where("f.id = ?", id).Where("f.state = 'ready'").
			Where("EXISTS (SELECT FROM article a WHERE a.tenant_id = f.tenant_id AND a.id = f.article_id AND ("+numbered(ruleOf(reads, tx, who))+" AND (NOT f.inline OR "+stands("a.body")+") OR "+numbered(ruleOf(keeps, tx, who))+"))", asks(tx, who)...).Scan(ctx)
		return one(err, "find file")
	})
	return f, err
}

// Size is that of o in bytes. Storage is asked only where the row does not know it.
func (s *Service) Size(ctx context.Context, o *Object) (int64, error) {
	if o.bytes > 0 {
		return o.bytes, nil
	}
	info, err := s.store.Stat(ctx, o.key)
	return info.Size, err
}

// Stream gives length bytes of o from offset (blob.All: to the end). The caller closes it.
func (s *Service) Stream(ctx context.Context, o *Object, offset, length int64) (io.ReadCloser, blob.Info, error) {
	return s.store.Get(ctx, o.key, offset, length)
}

// develop makes the versions of an uploaded picture. Run again it finds it done, or writes the same files once more.
func (s *Service) develop(ctx context.Context, _ ids.ID, e Uploaded) error {
	f := new(File)
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		return one(tx.NewSelect().Model(f).Where("f.tenant_id = ?", tx.Tenant().ID).Where("f.id = ?", e.FileID).Scan(ctx), "find upload")
	})
	if fault.CodeOf(err) == fault.Missing {
		return s.files().Delete(ctx, e.StorageKey) // also what a run before this one wrote after the others were deleted
	}
	if err == nil && f.State == photos.Uploaded {
		err = s.makeVersions(ctx, f)
	}
	if err != nil {
		return err
	}
	return s.files().DropOriginal(ctx, f.StorageKey)
}

func (s *Service) makeVersions(ctx context.Context, f *File) error {
	made, err := s.files().Develop(ctx, f.StorageKey, f.Bytes)
	if err != nil {
		return err
	}
	f.Refusal, f.Width, f.Height = made.Refusal, made.Width, made.Height
	if f.State = photos.Ready; f.Refusal != "" {
		f.State = photos.Refused
	}
	return s.finish(ctx, f)
}

func (s *Service) finish(ctx context.Context, f *File) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		done, err := tx.NewUpdate().Model(f).Column("state", "refusal", "width", "height").WherePK().Where("f.state = ?", photos.Uploaded).Exec(ctx)
		if err != nil {
			return fmt.Errorf("news: finish picture: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return errors.New("news: the picture went while it was made") // the next run cleans up, or finds it done
	})
}

func (s *Service) deleteObjects(ctx context.Context, _ ids.ID, e Removed) error {
	return s.files().Delete(ctx, e.StorageKey)
}

// Reconcile removes objects of no file, which an upload or a run that was broken off left behind, a day later. It is run on a schedule.
func (s *Service) Reconcile(ctx context.Context) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	before := s.db.Clock().Now().Add(-keepBack)
	var keys []string
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		return tx.NewSelect().Model((*File)(nil)).Column("storage_key").Where("f.tenant_id = ?", tx.Tenant().ID).Where("f.state <> 'refused'").Scan(ctx, &keys)
	})
	if err != nil {
		return fmt.Errorf("news: select storage keys: %w", err)
	}
	used := make(map[string]bool, len(keys))
	for _, key := range keys {
		used[key] = true
	}
	return s.files().Reconcile(ctx, tenant.ID, used, before)
}

func insertFile(ctx context.Context, tx tenants.Writer, f *File) error {
	if _, err := tx.NewInsert().Model(f).Exec(ctx); err != nil {
		return fmt.Errorf("news: insert file: %w", err)
	}
	return nil
}

// selectFiles gives all files of an article, in the order in which they were uploaded.
func selectFiles(ctx context.Context, tx tenants.Reader, article ids.ID) ([]File, error) {
	var list []File
	err := tx.NewSelect().Model(&list).Where("f.tenant_id = ?", tx.Tenant().ID).Where("f.article_id = ?", article).Order("f.created_at", "f.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("news: select files: %w", err)
	}
	return list, nil
}

// attachmentsOf gives the files that go along with an article.
func attachmentsOf(ctx context.Context, tx tenants.Reader, article ids.ID) ([]File, error) {
	list, err := selectFiles(ctx, tx, article)
	return attachments(list), err
}

// nameAttached tells of articles what goes along with them.
func nameAttached(ctx context.Context, tx tenants.Reader, articles map[ids.ID]*Article) error {
	if len(articles) == 0 {
		return nil
	}
	var files []File
	err := tx.NewSelect().Model(&files).Column("article_id", "file_name", "state").Where("f.tenant_id = ?", tx.Tenant().ID).
		Where("f.article_id IN (?)", bun.List(slices.Collect(maps.Keys(articles)))).Where("NOT f.inline").Order("f.created_at", "f.id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("news: select names of files: %w", err)
	}
	for i := range files {
		a := articles[files[i].ArticleID]
		a.Attached = append(a.Attached, namesOf(files[i:i+1])...)
	}
	return nil
}

// namesOf are the names of those files that can be had.
func namesOf(files []File) (names []string) {
	for i := range files {
		if files[i].Ready() {
			names = append(names, files[i].FileName)
		}
	}
	return names
}

// attachments are those of files that are not in the text.
func attachments(files []File) []File {
	return slices.DeleteFunc(slices.Clone(files), func(f File) bool { return f.Inline })
}

// deleteFile deletes a file that goes along with an article, and gives its storage key.
func deleteFile(ctx context.Context, tx tenants.Writer, article, id ids.ID) (key string, err error) {
	err = tx.NewRaw("DELETE FROM article_file WHERE tenant_id = ? AND id = ? AND article_id = ? AND NOT inline RETURNING storage_key", tx.Tenant().ID, id, article).Scan(ctx, &key)
	return key, one(err, "delete file")
}

// stands is whether a picture f stands in a text.
func stands(text string) string { return "strpos(" + text + ", f.id::text) > 0" }

// deleteUnused deletes pictures of before a moment that stand in no text any more, also not in one of before, and gives their storage keys.
func deleteUnused(ctx context.Context, tx tenants.Writer, before time.Time) (keys []string, err error) {
	err = tx.NewRaw("DELETE FROM article_file f WHERE f.tenant_id = ?0 AND f.inline AND f.created_at < ?1"+
		" AND NOT EXISTS (SELECT FROM article a WHERE a.tenant_id = ?0 AND a.id = f.article_id AND ("+stands("a.draft_body")+" OR "+stands("a.body")+"))"+
		" AND NOT EXISTS (SELECT FROM article_version v WHERE v.tenant_id = ?0 AND v.article_id = f.article_id AND "+stands("v.body")+") RETURNING f.storage_key",
		tx.Tenant().ID, before).Scan(ctx, &keys)
	if err != nil {
		return nil, fmt.Errorf("news: delete unused pictures: %w", err)
	}
	return keys, nil
}
