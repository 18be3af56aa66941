package demo

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"ouderportaal/internal/media"
	"ouderportaal/modules/locations"
	articles "ouderportaal/modules/news"
	"ouderportaal/modules/photos"
)

// sources are the pictures of which every photo is made, by the names that a book knows them by.
func sources() []string {
	var names []string
	for _, s := range scenes {
		names = append(names, s.file)
	}
	return slices.Concat(names, slices.Sorted(maps.Values(portraits)))
}

// process makes the versions of a source.
func process(ctx context.Context, images photos.Images, source string) (*media.Result, error) {
	original, err := pictures.ReadFile(fileOf(source))
	if err != nil {
		return nil, err
	}
	made, err := images.Retouch(ctx, bytes.NewReader(original), int64(len(original)), nil)
	if err != nil {
		return nil, fmt.Errorf("process %s: %w", source, err)
	}
	return made, nil
}

func fileOf(source string) string {
	if strings.Contains(source, "/") {
		return source
	}
	return "scenes/" + source
}

// shows tells whether anything in the book is made of a source.
func (b *book) shows(source string) bool {
	return slices.Contains(b.scenes, source) || slices.Contains(b.portraits, source) || slices.ContainsFunc(b.pictures, func(p picture) bool { return p.scene == source })
}

// hung is everything of a book that shows one source, with where its files are.
type hung struct {
	Photos    []photos.Photo
	Files     []articles.File
	Portraits []locations.Photo
}

// store writes the files of everything that shows a source, each under a key of its own. It comes before the rows, as everywhere: rows
// without files are lost photos.
func (s *seeder) store(ctx context.Context, b *book, source string, made *media.Result) (h hung, err error) {
	if h.Photos, err = s.storePhotos(ctx, b, source, made); err != nil {
		return h, err
	}
	for i := range b.articles {
		for _, f := range b.articles[i].Files {
			if f.Kind != articles.Photo || b.scenes[i] != source {
				continue
			}
			if err := articles.KeepFile(ctx, s.Store, &f, made, nil); err != nil {
				return h, err
			}
			h.Files = append(h.Files, f)
		}
	}
	for i, p := range b.shown.Photos {
		if b.portraits[i] != source {
			continue
		}
		original, err := pictures.ReadFile(fileOf(source))
		if err != nil {
			return h, err
		}
		p.Bytes = int64(len(original))
		if err := locations.StorePast(ctx, s.Store, &p, made); err != nil {
			return h, err
		}
		h.Portraits = append(h.Portraits, p)
	}
	return h, nil
}

func (s *seeder) storePhotos(ctx context.Context, b *book, source string, made *media.Result) ([]photos.Photo, error) {
	var list []photos.Past
	for _, p := range b.pictures {
		if p.scene == source {
			p.past.Picture, p.past.Bytes = made, sizeOf(made)
			list = append(list, p.past)
		}
	}
	rows := make([]photos.Photo, len(list))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, past := range list {
		group.Go(func() (err error) {
			rows[i], err = past.Store(ctx, s.Store, b.tenant.ID)
			return err
		})
	}
	return rows, group.Wait()
}

func sizeOf(made *media.Result) int64 {
	i := slices.IndexFunc(made.Files, func(f media.File) bool { return f.Name == media.Full })
	return int64(len(made.Files[i].Bytes))
}

// hang puts what was stored in its place.
func (b *book) hang(h hung) {
	b.photos = append(b.photos, h.Photos...)
	for _, stored := range h.Files {
		for i := range b.articles {
			files := b.articles[i].Files
			if at := slices.IndexFunc(files, func(f articles.File) bool { return f.ID == stored.ID }); at >= 0 {
				files[at] = stored
			}
		}
	}
	for _, stored := range h.Portraits {
		at := slices.IndexFunc(b.shown.Photos, func(p locations.Photo) bool { return p.ID == stored.ID })
		b.shown.Photos[at] = stored
	}
}
