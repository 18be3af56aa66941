// Package blobtest has stores for tests.
package blobtest

import (
	"context"
	"io"

	"ouderportaal/internal/blob"
)

// Watched is a store during whose writing something else happens.
type Watched struct {
	blob.Store
	Meanwhile func() // before each thing is put in; nil for nothing
}

// Put does what happens meanwhile first.
func (w *Watched) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if w.Meanwhile != nil {
		w.Meanwhile()
	}
	return w.Store.Put(ctx, key, r, size, contentType)
}
