// Package ids makes the identifiers and one-time secrets of the whole program.
package ids

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// ID identifies a row. It is a UUIDv7, so ids sort by the moment they were made.
type ID = uuid.UUID

// Nil is no row at all.
var Nil = uuid.Nil

// New returns a fresh UUIDv7.
func New() ID { return uuid.Must(uuid.NewV7()) }

// At returns a UUIDv7 of a moment in the past, for what happened before it is kept here.
func At(then time.Time) ID {
	id := New()
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(then.UnixMilli())<<16)
	copy(id[:6], ms[:])
	return id
}

// Parse accepts the canonical 36-character form only, so that one row has one address.
func Parse(s string) (ID, bool) {
	if len(s) != 36 {
		return Nil, false
	}
	id, err := uuid.Parse(s)
	return id, err == nil && id != Nil && id.String() == s // upper case would be a second address
}

// Once leaves each id in the list one time, where it stands first.
func Once(list []ID) []ID {
	seen := make(map[ID]bool, len(list))
	kept := make([]ID, 0, len(list))
	for _, id := range list {
		if !seen[id] {
			seen[id] = true
			kept = append(kept, id)
		}
	}
	return kept
}

// Texts gives ids as text, for an array parameter of a query.
func Texts(list []ID) []string {
	out := make([]string, len(list))
	for i, id := range list {
		out[i] = id.String()
	}
	return out
}

// NewToken returns a 256-bit secret for a cookie or a link, and the hash that is kept instead of it.
func NewToken() (plain string, hash []byte) {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails: crypto/rand ends the program instead
	plain = base64.RawURLEncoding.EncodeToString(raw)
	return plain, HashToken(plain)
}

// HashToken is the sha-256 under which a token is stored. Tokens are random, so no salt or stretching is needed.
func HashToken(plain string) []byte {
	sum := sha256.Sum256([]byte(plain))
	return sum[:]
}
