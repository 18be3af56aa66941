package blob_test

import (
	"bytes"
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/ids"
)

func TestHot(t *testing.T) {
	dir, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	hot, err := blob.Hot(dir, 4<<20)
	require.NoError(t, err)
	ctx := context.Background()
	put := func(size int) (string, []byte) {
		key, content := blob.Variant(blob.NewKey(ids.New(), time.Now()), "640.webp"), bytes.Repeat([]byte{7}, size)
		require.NoError(t, hot.Put(ctx, key, bytes.NewReader(content), int64(size), "image/webp"))
		return key, content
	}
	read := func(key string, offset, length int64) []byte {
		body, _, err := hot.Get(ctx, key, offset, length)
		require.NoError(t, err)
		defer body.Close()
		content, err := io.ReadAll(body)
		require.NoError(t, err)
		return content
	}

	t.Run("reads an object again without its store, in whole and in part", func(t *testing.T) {
		key, content := put(100_000)
		require.Equal(t, content, read(key, 0, blob.All))
		require.NoError(t, dir.Delete(ctx, key))
		require.Equal(t, content, read(key, 0, blob.All))
		require.Equal(t, content[:10], read(key, 99_990, blob.All))
		require.Equal(t, content[:5], read(key, 10, 5))
	})
	t.Run("keeps nothing of what is deleted through it", func(t *testing.T) {
		key, _ := put(1000)
		read(key, 0, blob.All)
		require.NoError(t, hot.Delete(ctx, key))
		_, _, err := hot.Get(ctx, key, 0, blob.All)
		require.ErrorIs(t, err, blob.ErrNotFound)
	})
	t.Run("keeps neither large objects nor parts", func(t *testing.T) {
		large, _ := put(600_000)
		read(large, 0, blob.All)
		part, _ := put(1000)
		read(part, 10, 5)
		for _, key := range []string{large, part} {
			require.NoError(t, dir.Delete(ctx, key))
			_, _, err := hot.Get(ctx, key, 0, blob.All)
			require.ErrorIs(t, err, blob.ErrNotFound)
		}
	})
	t.Run("stays within its budget", func(t *testing.T) {
		var keys []string
		for range 40 {
			key, _ := put(400_000)
			read(key, 0, blob.All)
			keys = append(keys, key)
		}
		kept := 0
		require.Eventually(t, func() bool {
			kept = 0
			for _, key := range keys {
				require.NoError(t, dir.Delete(ctx, key))
				if body, _, err := hot.Get(ctx, key, 0, blob.All); err == nil {
					kept++
					require.NoError(t, body.Close())
				}
			}
			return kept <= 10
		}, 5*time.Second, 10*time.Millisecond, "of 16 MB in 4 MB")
		require.NotZero(t, kept)
	})
}

// slow is a store whose objects come only when somebody lets them.
type slow struct {
	blob.Store
	let  chan struct{}
	open atomic.Int64
}

func (s *slow) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, blob.Info, error) {
	body, info, err := s.Store.Get(ctx, key, offset, length)
	s.open.Add(1)
	return struct {
		io.Reader
		io.Closer
	}{readerFunc(func(p []byte) (int, error) { <-s.let; return body.Read(p) }), body}, info, err
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestHotReadsABoundedNumberIntoMemory(t *testing.T) {
	dir, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	store := &slow{Store: dir, let: make(chan struct{})}
	hot, err := blob.Hot(store, 4<<20)
	require.NoError(t, err)
	const readers, bound = 12, 8
	answered := make(chan io.ReadCloser, readers)
	for range readers {
		key := blob.Variant(blob.NewKey(ids.New(), time.Now()), "640.webp")
		require.NoError(t, hot.Put(t.Context(), key, bytes.NewReader(make([]byte, 1000)), 1000, "image/webp"))
		go func() {
			body, _, err := hot.Get(t.Context(), key, 0, blob.All)
			if err == nil {
				answered <- body
			}
		}()
	}
	var bodies []io.ReadCloser
	for range readers - bound { // those beyond the bound are streamed: they are answered before their content came
		bodies = append(bodies, <-answered)
	}
	require.Eventually(t, func() bool { return store.open.Load() == readers }, 5*time.Second, time.Millisecond)
	select {
	case <-answered:
		t.Fatal("one more than the bound was not read into memory")
	case <-time.After(50 * time.Millisecond):
	}
	close(store.let)
	for range bound {
		bodies = append(bodies, <-answered)
	}
	for _, body := range bodies {
		content, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Len(t, content, 1000)
		require.NoError(t, body.Close())
	}
}
