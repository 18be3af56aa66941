package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"ouderportaal/internal/fault"
)

// cost is what one argon2id hash takes; memory in KiB.
type cost struct {
	memory, passes uint32
	lanes          uint8
}

// current is the cost of new hashes: 19 MiB, about 35 ms of one core.
var current = cost{memory: 19456, passes: 2, lanes: 1}

const (
	saltBytes = 16
	keyBytes  = 32

	atOnce      = 2   // hashes in work at most: 40 MiB
	mostWaiting = 256 // the last of them waits about seven seconds on two cores
)

// slotsFor leaves a core to everybody else: a hash gives way to other work only every ten milliseconds.
func slotsFor(cores int) int { return max(1, min(atOnce, cores-1)) }

// weakerThan tells whether a hash of cost c should be made anew.
func (c cost) weakerThan(other cost) bool {
	return c.memory < other.memory || c.passes < other.passes || c.lanes < other.lanes
}

// Hasher turns passwords into PHC strings, a few at a time: every hash takes 19 MiB.
type Hasher struct {
	slots   chan struct{}
	waiting atomic.Int64
	most    int64
}

// NewHasher returns a hasher; a process needs one.
func NewHasher() *Hasher {
	return &Hasher{slots: make(chan struct{}, slotsFor(runtime.GOMAXPROCS(0))), most: mostWaiting}
}

// enter waits for a turn. When too many wait already, it answers Unavailable at once.
func (h *Hasher) enter(ctx context.Context) (leave func(), err error) {
	if h.waiting.Add(1) > h.most+int64(cap(h.slots)) {
		h.waiting.Add(-1)
		return nil, fault.New(fault.Unavailable, "identity.error.busy").After(5 * time.Second)
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; h.waiting.Add(-1) }, nil
	case <-ctx.Done():
		h.waiting.Add(-1)
		return nil, fault.New(fault.Unavailable, "identity.error.busy").After(5 * time.Second).Wrap(ctx.Err())
	}
}

// Hash makes the PHC string of a password. It does not judge the password.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails: crypto/rand ends the program instead
	return phc(current, salt, derive(current, salt, keyBytes, password)), nil
}

// Verify tells whether password made hash, and whether hash should be replaced by a stronger one. An empty hash costs
// the same and never matches: nobody learns from the time whether somebody has a password.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (ok, outdated bool, err error) {
	c, salt, key := current, make([]byte, saltBytes), make([]byte, keyBytes)
	if hash != "" {
		if c, salt, key, err = parsePHC(hash); err != nil {
			return false, false, err
		}
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	same := subtle.ConstantTimeCompare(derive(c, salt, uint32(len(key)), password), key) == 1
	return same && hash != "", c.weakerThan(current), nil
}

func derive(c cost, salt []byte, length uint32, password string) []byte {
	return argon2.IDKey(norm.NFKC.Bytes([]byte(password)), salt, c.passes, c.memory, c.lanes, length)
}

func phc(c cost, salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.lanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

var errPHC = errors.New("identity: stored password hash is not a PHC string of argon2id within bounds")

// parsePHC reads what phc wrote. The bounds keep a damaged row from taking all memory.
func parsePHC(s string) (c cost, salt, key []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil ||
		parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", c.memory, c.passes, c.lanes) {
		return c, nil, nil, errPHC
	}
	b64 := base64.RawStdEncoding.Strict()
	salt, errSalt := b64.DecodeString(parts[4])
	key, errKey := b64.DecodeString(parts[5])
	switch {
	case errSalt != nil, errKey != nil, len(salt) < 8, len(salt) > 64, len(key) < 16, len(key) > 64:
		return c, nil, nil, errPHC
	case c.memory < 8, c.memory > 256<<10, c.passes < 1, c.passes > 16, c.lanes < 1, c.lanes > 16:
		return c, nil, nil, errPHC
	}
	return c, salt, key, nil
}
