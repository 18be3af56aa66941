package attach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
)

// Images makes photos fit to share.
type Images interface {
	Retouch(ctx context.Context, r io.Reader, size int64, how *media.Retouch) (*media.Result, error)
}

// Area is the part of storage in which a module keeps its files, each under a key of its own.
type Area struct {
	Name     string // in the keys; of this module alone
	Store    blob.Store
	Images   Images // nil in a process that works off no media jobs
	Document string // the name of the object of what is no photo
	Widths   []int  // long edges, in pixels, of the versions of a photo that pages show; none of what is only saved
}

// original is the name of a photo as it was sent.
const original = "original"

// Put stores a file as it was sent. The object comes first and the row second: an object without a row is swept up, a row without an
// object is a lost file.
func (a Area) Put(ctx context.Context, key string, photo bool, content []byte, contentType string) error {
	name := a.Document
	if photo {
		name, contentType = original, "application/octet-stream"
	}
	if err := a.Store.Put(ctx, blob.Variant(key, name), bytes.NewReader(content), int64(len(content)), contentType); err != nil {
		return fmt.Errorf("attach: store in %s: %w", a.Name, err)
	}
	return nil
}

// Developed is what became of a photo: its size in pixels, or the locale key of why it cannot be shown.
type Developed struct {
	Refusal       string
	Width, Height int
	Thumbhash     []byte
}

// Develop makes the versions of a photo. Run again it writes the same files once more.
func (a Area) Develop(ctx context.Context, key string, size int64) (*Developed, error) {
	content, _, err := a.Store.Get(ctx, blob.Variant(key, original), 0, blob.All)
	if fault.CodeOf(err) == fault.Missing {
		return nil, fmt.Errorf("attach: the original is not in %s", a.Name) // storage that was restored has it again
	}
	if err != nil {
		return nil, fmt.Errorf("attach: open original in %s: %w", a.Name, err)
	}
	defer content.Close()
	result, err := a.Images.Retouch(ctx, content, size, nil)
	if f, ok := fault.As(err); ok && f.Code == fault.Invalid {
		return &Developed{Refusal: f.Key}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("attach: make versions in %s: %w", a.Name, err)
	}
	kept := a.versions()
	for _, file := range result.Files {
		if !slices.Contains(kept, file.Name) {
			continue
		}
		err := a.Store.Put(ctx, blob.Variant(key, file.Name), bytes.NewReader(file.Bytes), int64(len(file.Bytes)), file.ContentType)
		if err != nil && !errors.Is(err, blob.ErrExists) { // an earlier run that died may have written it
			return nil, fmt.Errorf("attach: store %s in %s: %w", file.Name, a.Name, err)
		}
	}
	return &Developed{Width: result.Width, Height: result.Height, Thumbhash: result.ThumbHash}, nil
}

// DropOriginal removes a photo as it was sent, which may hold the place where it was taken. It is done last of all: until its row says
// what became of it, a run after a crash must find it again.
func (a Area) DropOriginal(ctx context.Context, key string) error {
	return a.Store.Delete(ctx, blob.Variant(key, original))
}

// Delete removes all that is kept under a key.
func (a Area) Delete(ctx context.Context, key string) error {
	for _, name := range append([]string{original, a.Document}, a.versions()...) {
		if err := a.Store.Delete(ctx, blob.Variant(key, name)); err != nil {
			return fmt.Errorf("attach: delete %s in %s: %w", name, a.Name, err)
		}
	}
	return nil
}

// versions are the names of what is made of a photo.
func (a Area) versions() []string {
	names := []string{media.Full}
	for _, w := range a.Widths {
		names = append(names, media.WebPName(w))
	}
	return names
}

// Reconcile removes objects of before a moment under keys that no row has, which an upload or a run that was broken off left behind.
func (a Area) Reconcile(ctx context.Context, tenant ids.ID, used map[string]bool, before time.Time) error {
	return a.Store.List(ctx, blob.AreaPrefix(tenant, a.Name), func(i blob.Info) error {
		if used[path.Dir(i.Key)] || i.Modified.After(before) {
			return nil
		}
		if err := a.Store.Delete(ctx, i.Key); err != nil {
			return fmt.Errorf("attach: remove orphan in %s: %w", a.Name, err)
		}
		return nil
	})
}

// Saved is the object that somebody saves of a file: of a photo the whole picture, without what the telephone wrote beside it.
func (a Area) Saved(key string, photo bool) (object string) {
	if photo {
		return blob.Variant(key, media.Full)
	}
	return blob.Variant(key, a.Document)
}
