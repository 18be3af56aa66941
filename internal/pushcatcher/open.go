package pushcatcher

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"

	"ouderportaal/internal/webpush"
)

// signer checks the signature of a message (RFC 8292) and tells whose key made it and whom to contact.
func (c *Catcher) signer(header string) (key []byte, contact string, err error) {
	token, k, ok := bearer(header)
	head, rest, _ := strings.Cut(token, ".")
	payload, sealed, more := strings.Cut(rest, ".")
	if !ok || !more {
		return nil, "", errors.New("pushcatcher: not signed")
	}
	var claims struct {
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		Contact  string `json:"sub"`
	}
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err == nil {
		err = json.Unmarshal(text, &claims)
	}
	if err != nil {
		return nil, "", fmt.Errorf("pushcatcher: claims: %w", err)
	}
	signature, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(signature) != 64 {
		return nil, "", errors.New("pushcatcher: no signature")
	}
	if key, err = base64.RawURLEncoding.DecodeString(k); err != nil {
		return nil, "", fmt.Errorf("pushcatcher: key: %w", err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key)
	if err != nil {
		return nil, "", fmt.Errorf("pushcatcher: key: %w", err)
	}
	hash := sha256.Sum256([]byte(head + "." + payload))
	left := time.Unix(claims.Expires, 0).Sub(c.clock.Now())
	switch {
	case !ecdsa.Verify(public, hash[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])):
		return nil, "", errors.New("pushcatcher: signed by another key")
	case claims.Audience != c.URL():
		return nil, "", errors.New("pushcatcher: signed for another service")
	case left > 24*time.Hour || left < 0:
		return nil, "", errors.New("pushcatcher: signed for another day")
	case !strings.HasPrefix(claims.Contact, "mailto:") && !strings.HasPrefix(claims.Contact, "https:"):
		return nil, "", errors.New("pushcatcher: nobody to contact")
	}
	return key, claims.Contact, nil
}

// open reads a message as the browser does (RFC 8188 and 8291).
func (b *Browser) open(header http.Header, body []byte) (json.RawMessage, error) {
	if header.Get("Content-Encoding") != "aes128gcm" || header.Get("TTL") == "" || len(header.Get("Topic")) > 32 {
		return nil, errors.New("pushcatcher: headers are missing or wrong")
	}
	if len(body) < 86 || body[20] != 65 {
		return nil, errors.New("pushcatcher: not encrypted")
	}
	salt, public, sealed := body[:16], body[21:86], body[86:]
	sender, err := ecdh.P256().NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("pushcatcher: key of the sender: %w", err)
	}
	shared, err := b.secret.ECDH(sender)
	if err != nil {
		return nil, fmt.Errorf("pushcatcher: agree on a key: %w", err)
	}
	opener, nonce, err := webpush.Derive(shared, b.Auth, salt, b.P256dh, public)
	if err != nil {
		return nil, err
	}
	plain, err := opener.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("pushcatcher: open: %w", err)
	}
	plain = bytes.TrimRight(plain, "\x00")
	if len(plain) == 0 || plain[len(plain)-1] != 2 || !json.Valid(plain[:len(plain)-1]) {
		return nil, errors.New("pushcatcher: no end, or no JSON")
	}
	return plain[:len(plain)-1], nil
}
