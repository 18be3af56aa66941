package blob

import (
	"context"
	"errors"
	"io"
	"sync"
)

// exactReader gives size bytes of a source and fails, before it gives the last of them, when the source has fewer or more.
// A store that never got the last byte has not stored the object.
type exactReader struct {
	mu   sync.Mutex // an HTTP transport may still read after it answered
	ctx  context.Context
	r    io.Reader
	left int64
	err  error
}

var errStopped = errors.New("blob: read after the answer")

func exactly(ctx context.Context, r io.Reader, size int64) *exactReader {
	return &exactReader{ctx: ctx, r: r, left: size}
}

func (e *exactReader) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = e.ctx.Err()
	}
	if e.err != nil {
		return 0, e.err
	}
	if int64(len(p)) > e.left {
		p = p[:e.left]
	}
	n := 0
	if len(p) > 0 {
		n, e.err = e.r.Read(p)
		e.left -= int64(n)
	}
	switch {
	case e.left > 0 && e.err == io.EOF:
		e.err = ErrSize
	case e.left == 0 && (e.err == nil || e.err == io.EOF):
		if e.err = atEnd(e.r); e.err != io.EOF {
			n = 0
		}
	}
	return n, e.err
}

// atEnd is io.EOF when the source has nothing more to give.
func atEnd(r io.Reader) error {
	n, err := io.ReadFull(r, make([]byte, 1))
	if n > 0 {
		return ErrSize
	}
	return err
}

// stop ends the reading and tells what was wrong with the source, if anything. After it the source belongs to the caller again.
func (e *exactReader) stop() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.err
	e.err = errStopped
	if err == io.EOF {
		return nil
	}
	return err
}
