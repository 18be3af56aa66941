// Package webpush sends messages to the push services of browsers (RFC 8030): encrypted for one browser (RFC 8291), signed as
// coming from this installation (RFC 8292), and to nowhere else than those services.
package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// KeyBytes is the length of the secret half of a key.
const KeyBytes = 32

// Key signs what an installation sends. A browser that was told its public half takes messages of no other.
type Key struct {
	secret *ecdsa.PrivateKey
	public []byte

	mu     sync.Mutex
	signed map[string]signature // by origin of a push service
}

type signature struct {
	header string
	until  time.Time
}

// NewKey makes a key of its secret half: 32 random bytes. One in four billion of those is no key.
func NewKey(secret []byte) (*Key, error) {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret)
	if err != nil {
		return nil, fmt.Errorf("webpush: not the secret of a P-256 key: %w", err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("webpush: public half of a key: %w", err)
	}
	return &Key{secret: key, public: public, signed: map[string]signature{}}, nil
}

// Public is the half that browsers are told: 65 bytes.
func (k *Key) Public() []byte { return k.public }

const (
	signedFor = 12 * time.Hour // push services take 24 h at most
	signAgain = time.Hour      // before the end
)

// authorization is the header that tells the push service at origin who sends, and whom to ask when something is wrong. It is
// the same for some hours, so that most messages cost no signature.
func (k *Key) authorization(origin, contact string, now time.Time) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known, ok := k.signed[origin]; ok && now.Before(known.until.Add(-signAgain)) {
		return known.header, nil
	}
	until := now.Add(signedFor)
	claims, err := json.Marshal(map[string]any{"aud": origin, "exp": until.Unix(), "sub": contact})
	if err != nil {
		return "", fmt.Errorf("webpush: sign: %w", err)
	}
	text := encode([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + encode(claims)
	hash := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, k.secret, hash[:])
	if err != nil {
		return "", fmt.Errorf("webpush: sign: %w", err)
	}
	both := make([]byte, 64)
	r.FillBytes(both[:32])
	s.FillBytes(both[32:])
	header := "vapid t=" + text + "." + encode(both) + ", k=" + encode(k.public)
	if len(k.signed) >= 100 { // a wildcard among the hosts has many names
		clear(k.signed)
	}
	k.signed[origin] = signature{header, until}
	return header, nil
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
