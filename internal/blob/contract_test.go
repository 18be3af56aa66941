package blob_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
)

// TestContract is what every store promises, whatever it is made of.
func TestContract(t *testing.T) {
	for _, s := range stores(t) {
		t.Run(s.name, func(t *testing.T) {
			require.NoError(t, s.Ping(t.Context()))
			for name, check := range map[string]func(*testing.T, blob.Store){
				"gives back what was put":                           givesBack,
				"keeps an empty object":                             keepsEmpty,
				"writes a key once":                                 writesOnce,
				"lets one of many writers win":                      oneWriterWins,
				"stores nothing when the size is wrong":             wrongSize,
				"stores nothing when the source fails":              failingSource,
				"stores nothing when the caller gives up":           givenUp,
				"reads a range":                                     readsRange,
				"refuses a range outside the object":                refusesRange,
				"does not find what is not there":                   notFound,
				"deletes, and a second time too":                    deletes,
				"lists what starts with a prefix, more than a page": lists,
				"accepts no key that could leave the store":         badKeys,
				"stops reading when the caller gives up":            stopsReading,
			} {
				t.Run(name, func(t *testing.T) { check(t, s.Store) })
			}
		})
	}
}

func newKey() string {
	return blob.Variant(blob.NewKey(ids.New(), time.Now()), "full.jpg")
}

func random(n int) []byte {
	raw := make([]byte, n)
	rand.Read(raw)
	return raw
}

func put(t *testing.T, s blob.Store, key string, content []byte) {
	t.Helper()
	require.NoError(t, s.Put(t.Context(), key, bytes.NewReader(content), int64(len(content)), "image/jpeg"))
}

func get(t *testing.T, s blob.Store, key string, offset, length int64) []byte {
	t.Helper()
	r, _, err := s.Get(t.Context(), key, offset, length)
	require.NoError(t, err)
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return content
}

func absent(t *testing.T, s blob.Store, key string) {
	t.Helper()
	_, err := s.Stat(t.Context(), key)
	require.ErrorIs(t, err, blob.ErrNotFound)
}

func givesBack(t *testing.T, s blob.Store) {
	key, content := newKey(), random(3<<20)
	before := time.Now().Add(-5 * time.Second)
	// A reader without Seek or Len, as an upload is.
	require.NoError(t, s.Put(t.Context(), key, io.MultiReader(bytes.NewReader(content)), int64(len(content)), "image/jpeg"))
	r, info, err := s.Get(t.Context(), key, 0, blob.All)
	require.NoError(t, err)
	read, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.True(t, bytes.Equal(content, read))

	stat, err := s.Stat(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, info, stat)
	require.Equal(t, key, stat.Key)
	require.EqualValues(t, len(content), stat.Size)
	require.Equal(t, "image/jpeg", stat.ContentType)
	require.NotEmpty(t, stat.ETag)
	require.NotContains(t, stat.ETag, `"`)
	require.WithinRange(t, stat.Modified, before, time.Now().Add(5*time.Second))

	other := newKey()
	put(t, s, other, random(100))
	otherStat, err := s.Stat(t.Context(), other)
	require.NoError(t, err)
	require.NotEqual(t, stat.ETag, otherStat.ETag)
}

func keepsEmpty(t *testing.T, s blob.Store) {
	key := newKey()
	put(t, s, key, nil)
	require.Empty(t, get(t, s, key, 0, blob.All))
	require.Empty(t, get(t, s, key, 0, 10))
	err := s.Put(t.Context(), newKey(), strings.NewReader("x"), 0, "text/plain")
	require.ErrorIs(t, err, blob.ErrSize)
}

func writesOnce(t *testing.T, s blob.Store) {
	key, first := newKey(), random(1000)
	put(t, s, key, first)
	err := s.Put(t.Context(), key, bytes.NewReader(random(2000)), 2000, "image/png")
	require.ErrorIs(t, err, blob.ErrExists)
	require.Equal(t, first, get(t, s, key, 0, blob.All))
	info, err := s.Stat(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, "image/jpeg", info.ContentType)
}

func oneWriterWins(t *testing.T, s blob.Store) {
	key := newKey()
	var won atomic.Int32
	var winner atomic.Value
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			content := random(200_000)
			err := s.Put(t.Context(), key, bytes.NewReader(content), int64(len(content)), "image/jpeg")
			if err == nil {
				won.Add(1)
				winner.Store(content)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, won.Load())
	require.Equal(t, winner.Load(), get(t, s, key, 0, blob.All))
}

func wrongSize(t *testing.T, s blob.Store) {
	for _, promised := range []int64{99_999, 100_001, -1} {
		key := newKey()
		err := s.Put(t.Context(), key, bytes.NewReader(random(100_000)), promised, "image/jpeg")
		require.ErrorIs(t, err, blob.ErrSize, "promised %d", promised)
		absent(t, s, key)
		put(t, s, key, random(10)) // the key is still free
	}
}

var errSource = errors.New("the phone went through a tunnel")

type failing struct{ after io.Reader }

func (f failing) Read(p []byte) (int, error) {
	n, err := f.after.Read(p)
	if err == io.EOF {
		err = errSource
	}
	return n, err
}

func failingSource(t *testing.T, s blob.Store) {
	key := newKey()
	err := s.Put(t.Context(), key, failing{bytes.NewReader(random(150_000))}, 300_000, "image/jpeg")
	require.ErrorIs(t, err, errSource)
	require.NotErrorIs(t, err, blob.ErrUnavailable, "the storage is not to blame")
	absent(t, s, key)
}

func givenUp(t *testing.T, s blob.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	key := newKey()
	source, feed := io.Pipe()
	go func() {
		_, _ = feed.Write(random(100_000))
		cancel()
		_ = feed.CloseWithError(errSource)
	}()
	err := s.Put(ctx, key, source, 200_000, "image/jpeg")
	require.Error(t, err)
	require.NotErrorIs(t, err, blob.ErrUnavailable)
	absent(t, s, key)
}

func readsRange(t *testing.T, s blob.Store) {
	key, content := newKey(), random(100_000)
	put(t, s, key, content)
	require.Equal(t, content[:1], get(t, s, key, 0, 1))
	require.Equal(t, content[500:1500], get(t, s, key, 500, 1000))
	require.Equal(t, content[99_000:], get(t, s, key, 99_000, blob.All))
	require.Equal(t, content[99_000:], get(t, s, key, 99_000, 5000))
	r, info, err := s.Get(t.Context(), key, 10, 20)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.EqualValues(t, 100_000, info.Size, "the size is that of the whole object")
	require.Equal(t, "image/jpeg", info.ContentType)
}

func refusesRange(t *testing.T, s blob.Store) {
	key := newKey()
	put(t, s, key, random(100))
	for _, r := range [][2]int64{{100, blob.All}, {200, 10}, {-1, blob.All}, {0, 0}, {0, -2}} {
		_, _, err := s.Get(t.Context(), key, r[0], r[1])
		require.ErrorIs(t, err, blob.ErrRange, "%v", r)
	}
}

func notFound(t *testing.T, s blob.Store) {
	key := newKey()
	put(t, s, key, random(10))
	folder := strings.TrimSuffix(key, "/full.jpg")
	for _, missing := range []string{newKey(), folder, folder + "/320.webp"} {
		_, err := s.Stat(t.Context(), missing)
		require.ErrorIs(t, err, blob.ErrNotFound, missing)
		_, _, err = s.Get(t.Context(), missing, 0, blob.All)
		require.ErrorIs(t, err, blob.ErrNotFound, missing)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	}
}

func deletes(t *testing.T, s blob.Store) {
	base := blob.NewKey(ids.New(), time.Now())
	one, two := blob.Variant(base, "320.webp"), blob.Variant(base, "full.jpg")
	put(t, s, one, random(10))
	put(t, s, two, random(10))
	require.NoError(t, s.Delete(t.Context(), one))
	absent(t, s, one)
	require.Len(t, get(t, s, two, 0, blob.All), 10)
	require.NoError(t, s.Delete(t.Context(), one))
	require.NoError(t, s.Delete(t.Context(), two))
	require.NoError(t, s.Delete(t.Context(), newKey()))
	put(t, s, two, random(20))
	require.Len(t, get(t, s, two, 0, blob.All), 20)
}

func lists(t *testing.T, s blob.Store) {
	mine, other := ids.New(), ids.New()
	var want []string
	for i := range 1100 { // S3 gives a thousand at a time
		key := blob.Variant(blob.NewKey(mine, time.Date(2026, time.Month(1+i%3), 1, 0, 0, 0, 0, time.UTC)), "full.jpg")
		put(t, s, key, []byte(fmt.Sprint(i)))
		want = append(want, key)
	}
	put(t, s, blob.Variant(blob.NewKey(other, time.Now()), "full.jpg"), random(10))
	var got []string
	err := s.List(t.Context(), blob.TenantPrefix(mine), func(info blob.Info) error {
		got = append(got, info.Key)
		require.Positive(t, info.Size)
		require.NotEmpty(t, info.ETag)
		require.False(t, info.Modified.IsZero())
		return nil
	})
	require.NoError(t, err)
	slices.Sort(want)
	slices.Sort(got)
	require.Equal(t, want, got)

	enough := errors.New("enough")
	seen := 0
	require.ErrorIs(t, s.List(t.Context(), "", func(blob.Info) error { seen++; return enough }), enough)
	require.Equal(t, 1, seen)
	require.NoError(t, s.List(t.Context(), "t/nobody/", func(blob.Info) error { return enough }))
	require.ErrorIs(t, s.List(t.Context(), "t/half", func(blob.Info) error { return nil }), blob.ErrKey)
}

func badKeys(t *testing.T, s blob.Store) {
	long := strings.Repeat("a/", 300) + "a"
	for _, key := range []string{"", "/", "/etc/passwd", "../x", "t/../../x", "t/./x", "t//x", "t/x/", "t/X", "t/x y", "t/x\x00", `t\x`, "t/é", ".incoming/x", "t/.hidden", long} {
		require.ErrorIs(t, s.Put(t.Context(), key, http.NoBody, 0, "text/plain"), blob.ErrKey, "%q", key)
		_, _, err := s.Get(t.Context(), key, 0, blob.All)
		require.ErrorIs(t, err, blob.ErrKey, "%q", key)
		_, err = s.Stat(t.Context(), key)
		require.ErrorIs(t, err, blob.ErrKey, "%q", key)
		require.ErrorIs(t, s.Delete(t.Context(), key), blob.ErrKey, "%q", key)
	}
}

func stopsReading(t *testing.T, s blob.Store) {
	key := newKey()
	put(t, s, key, random(8<<20))
	ctx, cancel := context.WithCancel(t.Context())
	r, _, err := s.Get(ctx, key, 0, blob.All)
	require.NoError(t, err)
	_, err = io.ReadFull(r, make([]byte, 1000))
	require.NoError(t, err)
	cancel()
	_, err = io.Copy(io.Discard, r)
	require.Error(t, err)
	require.NoError(t, r.Close())
}
