// Package blob keeps the bytes of photos and files: in a folder on one machine, or on any server that speaks S3.
//
// Objects are written once and never changed, so whoever holds a key may cache what it read for ever. A key comes from a
// row in the database and never from a request; which rows somebody may see is decided there, not here.
package blob

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
)

// Locales holds the sentences of the faults of this package.
//
//go:embed locales
var Locales embed.FS

// What can go wrong. ErrNotFound and ErrUnavailable are faults, so they reach people as a 404 and a 503; the others are
// mistakes of the caller.
var (
	// ErrNotFound says that there is no object under the key.
	ErrNotFound error = fault.New(fault.Missing, "error.not_found")
	// ErrUnavailable says that the storage does not answer, is full or refuses us. Trying again later makes sense.
	ErrUnavailable error = fault.New(fault.Unavailable, "blob.error.unavailable").After(retryAfter)
	// ErrExists says that the key is taken; what is stored under it has not changed.
	ErrExists = errors.New("blob: key is taken")
	// ErrKey says that the key is not one that any store accepts; see NewKey.
	ErrKey = errors.New("blob: malformed key")
	// ErrSize says that the reader gave fewer or more bytes than the size promised. Nothing has been stored.
	ErrSize = errors.New("blob: content does not have the promised size")
	// ErrRange says that the asked range starts outside the object.
	ErrRange = errors.New("blob: range outside the object")
)

const retryAfter = 10 * time.Second

// All as a length reads to the end of the object.
const All int64 = -1

// Info describes an object. Size is in bytes and always that of the whole object, also after a partial read; ETag is without quotes.
type Info struct {
	Key         string
	Size        int64
	ETag        string
	ContentType string // empty when listed: S3 does not tell
	Modified    time.Time
}

// Store keeps objects. All implementations pass the contract in contract_test.go and are safe for concurrent use.
//
// No key may continue another one: with "a/b" stored, "a/b/c" is not a key.
type Store interface {
	// Put stores exactly size bytes of r under a free key, whole or not at all. A taken key gives ErrExists and leaves
	// the object as it was; of several writers at once exactly one wins.
	Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error
	// Get streams length bytes from offset; All reads to the end and a length past the end is cut there. The caller
	// closes the reader. Reading stops with an error when ctx ends.
	Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, Info, error)
	// Stat tells about an object without reading it.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes an object; a key without object is fine.
	Delete(ctx context.Context, key string) error
	// List calls visit for every object whose key starts with prefix, in no particular order, until visit fails. The
	// prefix is empty or ends with "/".
	List(ctx context.Context, prefix string, visit func(Info) error) error
	// Ping tells whether the store can be used now.
	Ping(ctx context.Context) error
}

// NewKey makes a fresh key for a photo or file: t/<tenant>/<yyyy>/<mm>/<128 random bits>. Nobody can guess it and it tells
// nothing about its content. Store variants of one photo under Variant(key, name), never an object under the key itself.
func NewKey(tenant ids.ID, at time.Time) string {
	var random [16]byte
	rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	return TenantPrefix(tenant) + at.UTC().Format("2006/01/") + hex.EncodeToString(random[:])
}

// NewKeyIn makes a fresh key for what another module than photos looks after: t/<tenant>/<area>/<128 random bits>. An area is
// a word of lower case letters.
func NewKeyIn(tenant ids.ID, area string) string {
	var random [16]byte
	rand.Read(random[:])
	return AreaPrefix(tenant, area) + hex.EncodeToString(random[:])
}

// AreaPrefix is where all keys of an area of a tenant start.
func AreaPrefix(tenant ids.ID, area string) string { return TenantPrefix(tenant) + area + "/" }

// InArea tells whether the key was made by NewKeyIn.
func InArea(key string) bool {
	_, rest, _ := strings.Cut(strings.TrimPrefix(key, "t/"), "/")
	return rest != "" && rest[0] >= 'a' && rest[0] <= 'z'
}

// TenantPrefix is where all keys of a tenant start, for export, erasure and reconciliation.
func TenantPrefix(tenant ids.ID) string { return "t/" + tenant.String() + "/" }

// Variant is the key of one version of a photo, such as "640.webp".
func Variant(key, name string) string { return key + "/" + name }

const maxKey = 512

// checkKey accepts what means the same in a folder and on every S3 server: parts of lower case letters, digits, "-", "_" and
// ".", none of them starting with a dot, so that no key can leave the store.
func checkKey(key string) error {
	if len(key) == 0 || len(key) > maxKey {
		return fmt.Errorf("%w: %d bytes", ErrKey, len(key))
	}
	for part := range strings.SplitSeq(key, "/") {
		if part == "" || part[0] == '.' || len(part) > 200 {
			return fmt.Errorf("%w: %q", ErrKey, key)
		}
		for _, c := range []byte(part) {
			switch {
			case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
			default:
				return fmt.Errorf("%w: %q", ErrKey, key)
			}
		}
	}
	return nil
}

func checkPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	folder, ok := strings.CutSuffix(prefix, "/")
	if !ok {
		return fmt.Errorf("%w: prefix %q", ErrKey, prefix)
	}
	return checkKey(folder)
}

func checkPut(key string, size int64) error {
	if size < 0 {
		return fmt.Errorf("%w: %d", ErrSize, size)
	}
	return checkKey(key)
}

func checkRange(offset, length int64) error {
	if offset < 0 || length < All || length == 0 {
		return fmt.Errorf("%w: %d+%d", ErrRange, offset, length)
	}
	return nil
}

// unavailable marks a failure of the storage itself. The end of the caller's patience is not one.
func unavailable(verb, key string, cause error) error {
	if errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) {
		return fmt.Errorf("blob: %s %s: %w", verb, key, cause)
	}
	return fmt.Errorf("blob: %s %s: %w: %w", verb, key, ErrUnavailable, cause)
}
