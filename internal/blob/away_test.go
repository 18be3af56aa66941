package blob_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/blob/blobserver"
	"ouderportaal/internal/fault"
)

// TestAway: a storage that is gone is a 503 within seconds, never a missing object and never a hanging page.
func TestAway(t *testing.T) {
	away := func(t *testing.T, s blob.Store, key string) {
		begin := time.Now()
		_, _, err := s.Get(t.Context(), key, 0, blob.All)
		require.ErrorIs(t, err, blob.ErrUnavailable)
		require.NotErrorIs(t, err, blob.ErrNotFound)
		require.Equal(t, fault.Unavailable, fault.CodeOf(err))
		_, err = s.Stat(t.Context(), key)
		require.ErrorIs(t, err, blob.ErrUnavailable)
		require.ErrorIs(t, s.Put(t.Context(), newKey(), bytes.NewReader(random(100)), 100, "image/jpeg"), blob.ErrUnavailable)
		require.ErrorIs(t, s.Ping(t.Context()), blob.ErrUnavailable)
		require.Less(t, time.Since(begin), 5*time.Second)
	}
	t.Run("directory", func(t *testing.T) {
		root := filepath.Join(t.TempDir(), "media")
		s, err := blob.OpenDir(root)
		require.NoError(t, err)
		key := newKey()
		put(t, s, key, random(10))
		require.NoError(t, os.Rename(root, root+".unmounted"))
		require.NoError(t, os.RemoveAll(root+".unmounted"))
		away(t, s, key)
	})
	for _, kind := range []blobserver.Kind{blobserver.Versity, blobserver.MinIO} {
		t.Run(string(kind), func(t *testing.T) {
			server := start(t, kind)
			if server == nil {
				t.SkipNow()
			}
			s := openS3(t, server.URL+"/away")
			key := newKey()
			put(t, s, key, random(10))
			server.Stop()
			away(t, s, key)
		})
	}
}

// TestOpen: a store opens without its server and refuses an address that cannot be one, without telling the secret.
func TestOpen(t *testing.T) {
	openS3(t, "https://key:secret@127.0.0.1:1/bucket?region=eu-west-1")
	for _, bad := range []string{"", "s3://k:geheim@h/b", "http://k:geheim@h/", "http://h/b", "http://k@h/b", "http://k:geheim@h:x y/b", "http://:geheim@h/b"} {
		_, err := blob.ParseS3URL(bad)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "geheim")
	}
}

// TestSweep: what a killed process left half written goes at a later start, and was never an object.
func TestSweep(t *testing.T) {
	root := t.TempDir()
	_, err := blob.OpenDir(root)
	require.NoError(t, err)
	left := filepath.Join(root, ".incoming", "HALF")
	fresh := filepath.Join(root, ".incoming", "BUSY")
	require.NoError(t, os.WriteFile(left, random(100), 0o600))
	require.NoError(t, os.WriteFile(fresh, random(100), 0o600))
	long := time.Now().Add(-48 * time.Hour)
	require.NoError(t, os.Chtimes(left, long, long))
	s, err := blob.OpenDir(root)
	require.NoError(t, err)
	require.NoFileExists(t, left)
	require.FileExists(t, fresh, "another process may be writing it")
	require.NoError(t, s.List(t.Context(), "", func(i blob.Info) error { t.Errorf("lists %s", i.Key); return nil }))
}

// TestSlowReaders: 64 people on slow phones hold 64 open photos of 8 MiB and less than 32 MB of memory.
func TestSlowReaders(t *testing.T) {
	const readers, most = 64, 32 << 20
	for _, s := range stores(t) {
		t.Run(s.name, func(t *testing.T) {
			key := newKey()
			put(t, s, key, random(8<<20))
			before := inUse()
			var open, finish sync.WaitGroup
			release := make(chan struct{})
			open.Add(readers)
			for range readers {
				finish.Go(func() {
					r, _, err := s.Get(t.Context(), key, 0, blob.All)
					if err == nil {
						_, err = io.CopyN(io.Discard, r, 512<<10)
					}
					open.Done()
					<-release
					if err == nil {
						err = r.Close()
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			open.Wait()
			extra := inUse() - before
			close(release)
			finish.Wait()
			t.Logf("%d kB for %d readers", extra>>10, readers)
			require.Less(t, extra, int64(most))
		})
	}
}

func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
