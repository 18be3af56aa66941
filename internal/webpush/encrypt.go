package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	// recordSize is what every push service takes (RFC 8291, section 4), headers of the encryption included.
	recordSize = 4096
	// MostPayload is how many bytes a message may have before it is encrypted.
	MostPayload = recordSize - headerSize - 1 - tagSize
	headerSize  = 16 + 4 + 1 + publicSize
	publicSize  = 65
	authSize    = 16
	tagSize     = 16
	// padded is what lengths are rounded up to, so that they tell nobody what a message is about.
	padded = 512
)

// encrypt makes the body that only the browser with these keys can read.
func encrypt(payload, p256dh, auth []byte) ([]byte, error) {
	once, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("webpush: make key: %w", err)
	}
	salt := make([]byte, 16)
	rand.Read(salt) // never fails: crypto/rand ends the program instead
	padding := (padded - (len(payload)+1)%padded) % padded
	return encryptWith(payload, p256dh, auth, once, salt, min(padding, MostPayload-len(payload)))
}

// encryptWith is encrypt with what is random given: one record of the coding aes128gcm (RFC 8188) under keys that both sides
// derive from each other's public key and the secret of the browser (RFC 8291).
func encryptWith(payload, p256dh, auth []byte, once *ecdh.PrivateKey, salt []byte, padding int) ([]byte, error) {
	if padding < 0 {
		return nil, errors.New("webpush: the payload is longer than push services take")
	}
	browser, err := ecdh.P256().NewPublicKey(p256dh)
	if err != nil || len(auth) != authSize {
		return nil, errors.New("webpush: not the keys of a browser")
	}
	shared, err := once.ECDH(browser)
	if err != nil {
		return nil, fmt.Errorf("webpush: agree on a key: %w", err)
	}
	sealer, nonce, err := Derive(shared, auth, salt, p256dh, once.PublicKey().Bytes())
	if err != nil {
		return nil, err
	}
	body := make([]byte, 0, headerSize+len(payload)+1+padding+tagSize)
	body = append(body, salt...)
	body = binary.BigEndian.AppendUint32(body, recordSize)
	body = append(body, publicSize)
	body = append(body, once.PublicKey().Bytes()...)
	plain := make([]byte, len(payload)+1+padding)
	copy(plain, payload)
	plain[len(payload)] = 2 // the last record
	return sealer.Seal(body, nonce, plain, nil), nil
}

// Derive gives what a body is sealed and opened with, out of the secret that both sides share. Sender and browser are their public
// keys.
func Derive(shared, auth, salt, browser, sender []byte) (cipher.AEAD, []byte, error) {
	info := append(append([]byte("WebPush: info\x00"), browser...), sender...)
	both, err := hkdf.Key(sha256.New, shared, auth, string(info), 32)
	if err != nil {
		return nil, nil, fmt.Errorf("webpush: derive: %w", err)
	}
	key, err := hkdf.Key(sha256.New, both, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, nil, fmt.Errorf("webpush: derive key: %w", err)
	}
	nonce, err := hkdf.Key(sha256.New, both, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, nil, fmt.Errorf("webpush: derive nonce: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, fmt.Errorf("webpush: cipher: %w", err)
	}
	sealer, err := cipher.NewGCM(block)
	if err != nil {
		return nil, nil, fmt.Errorf("webpush: cipher: %w", err)
	}
	return sealer, nonce, nil
}
