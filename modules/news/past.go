package news

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/richtext"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// Past is an article that was published elsewhere, or long ago.
type Past struct {
	Article  Article // with its draft; what is read comes of it
	Audience Audience
	Files    []File // their objects are in storage
	Readers  map[ids.ID]time.Time
}

// Recall keeps articles within tx. Nobody is told of them now.
func Recall(ctx context.Context, tx tenants.Writer, list []Past) error {
	for i := range list {
		if err := recall(ctx, tx, &list[i]); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		return nil
	}
	return audit.Record(ctx, tx, "news.recall", ids.Nil, map[string]any{"articles": len(list)})
}

func recall(ctx context.Context, tx tenants.Writer, p *Past) error {
	a := &p.Article
	a.DraftBody = richtext.Clean(a.DraftBody, picturesOf(p.Files))
	a.ForGuardians, a.ForStaff, a.Everywhere, a.Revision = p.Audience.Guardians, p.Audience.Staff, p.Audience.Everywhere, 1
	if a.State == Published {
		a.Title, a.Body, a.Teaser, a.Version = a.DraftTitle, a.DraftBody, richtext.Excerpt(a.DraftBody, maxTeaser), 1
	}
	if err := insertArticle(ctx, tx, a); err != nil {
		return err
	}
	if err := replacePlaces(ctx, tx, a.ID, p.Audience); err != nil {
		return err
	}
	for i := range p.Files {
		if err := insertFile(ctx, tx, &p.Files[i]); err != nil {
			return err
		}
	}
	if a.State != Published {
		return nil
	}
	if err := insertVersion(ctx, tx, &Version{TenantID: a.TenantID, ArticleID: a.ID, Version: 1, Title: a.Title, Body: a.Body, PublishedBy: a.PublishedBy, PublishedAt: *a.PublishedAt}); err != nil {
		return err
	}
	for person, at := range p.Readers {
		if _, err := tx.NewRaw("INSERT INTO article_reading (tenant_id, person_id, article_id, read_at) VALUES (?, ?, ?, ?)", a.TenantID, person, a.ID, at).Exec(ctx); err != nil {
			return fmt.Errorf("news: insert past reading: %w", err)
		}
	}
	return nil
}

// KeepFile stores the objects of a past file, and notes in it what they are: a picture that was made fit to share, or else a document.
func KeepFile(ctx context.Context, store blob.Store, f *File, picture *media.Result, document []byte) error {
	f.State, f.StorageKey, f.Bytes = photos.Ready, blob.NewKeyIn(f.TenantID, area), int64(len(document))
	objects := []media.File{{Name: documentFile, ContentType: f.ContentType, Bytes: document}}
	if picture != nil {
		f.Width, f.Height, objects = picture.Width, picture.Height, picture.Files
		for _, o := range objects {
			f.Bytes = max(f.Bytes, int64(len(o.Bytes)))
		}
	}
	for _, o := range objects {
		if err := store.Put(ctx, f.object(o.Name), bytes.NewReader(o.Bytes), int64(len(o.Bytes)), o.ContentType); err != nil {
			return fmt.Errorf("news: store past file: %w", err)
		}
	}
	return nil
}
