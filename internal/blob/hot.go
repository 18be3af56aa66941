package blob

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/maypok86/otter/v2"
)

const (
	// hotObject is the largest object that is kept, in bytes: nearly every picture of a page is smaller. What is larger is streamed.
	hotObject = 512 << 10
	// hotFor bounds how long what was erased in another process can lie in the memory of this one, unreachable: no row
	// leads to it any more.
	hotFor = 10 * time.Minute
	// hotLoads is how many objects are read into memory at the same time; beside them an object is streamed, and not kept.
	hotLoads = 8
)

// Hot keeps what was read lately from store in up to budget bytes of memory: twenty families open the same five photos in
// the minutes after they were posted. What is asked for by its length is streamed, and not kept. Objects never change, and who may
// see one has been asked before its key is known. What is deleted elsewhere, or here while it is being read, may be kept for hotFor.
func Hot(store Store, budget uint64) (Store, error) {
	kept, err := otter.New(&otter.Options[string, hotCopy]{
		MaximumWeight:    budget,
		Weigher:          func(key string, o hotCopy) uint32 { return uint32(len(key) + len(o.content)) },
		ExpiryCalculator: otter.ExpiryWriting[string, hotCopy](hotFor),
	})
	if err != nil {
		return nil, fmt.Errorf("blob: keep hot objects: %w", err)
	}
	return &hotStore{store, kept, make(chan struct{}, hotLoads)}, nil
}

type hotStore struct {
	Store
	kept  *otter.Cache[string, hotCopy]
	loads chan struct{}
}

type hotCopy struct {
	info    Info
	content []byte
}

func (s *hotStore) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, Info, error) {
	if err := checkRange(offset, length); err != nil {
		return nil, Info{}, err
	}
	if o, ok := s.kept.GetIfPresent(key); ok {
		return o.read(ctx, offset, length)
	}
	body, info, err := s.Store.Get(ctx, key, offset, length)
	if err != nil || offset != 0 || length != All || info.Size > hotObject {
		return body, info, err
	}
	select {
	case s.loads <- struct{}{}:
		defer func() { <-s.loads }()
	default:
		return body, info, nil
	}
	o := hotCopy{info, make([]byte, info.Size)}
	_, err = io.ReadFull(body, o.content)
	if closed := body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, Info{}, unavailable("get", key, err)
	}
	s.kept.Set(key, o)
	return o.read(ctx, 0, All)
}

func (s *hotStore) Delete(ctx context.Context, key string) error {
	err := s.Store.Delete(ctx, key)
	s.kept.Invalidate(key)
	return err
}

func (o hotCopy) read(ctx context.Context, offset, length int64) (io.ReadCloser, Info, error) {
	if offset > 0 && offset >= o.info.Size {
		return nil, o.info, fmt.Errorf("%w: from %d of %d", ErrRange, offset, o.info.Size)
	}
	part := o.content[offset:]
	if length != All && length < int64(len(part)) {
		part = part[:length]
	}
	return &hotReader{ctx, bytes.NewReader(part)}, o.info, nil
}

// hotReader stops when its context ends, like every reader of a Store.
type hotReader struct {
	ctx     context.Context
	content *bytes.Reader
}

func (r *hotReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.content.Read(p)
}

// WriteTo hands everything over at once, where Read would copy it piece by piece.
func (r *hotReader) WriteTo(w io.Writer) (int64, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.content.WriteTo(w)
}

func (r *hotReader) Close() error { return nil }
