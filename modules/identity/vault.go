package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"

	"ouderportaal/internal/ids"
)

// vault keeps secrets that a copy of the database must not give away. Its keys come from the configuration: the first seals,
// the others are older and only open. What is sealed for one purpose or person opens for no other.
type vault struct{ keys [][]byte }

var (
	errNoKeys = errors.New("identity: Config.Keys is empty: secrets cannot be sealed")
	errSealed = errors.New("identity: a sealed secret opens with none of the keys")
)

// derive makes a key for one purpose, so that no two uses of the configured key touch.
func (v vault) derive(key []byte, purpose string) []byte {
	derived, err := hkdf.Key(sha256.New, key, nil, "ouderportaal identity "+purpose, 32)
	if err != nil {
		panic(err) // only for more bytes than sha-256 can give
	}
	return derived
}

func (v vault) aead(key []byte, purpose string) (cipher.AEAD, error) {
	block, err := aes.NewCipher(v.derive(key, purpose))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal encrypts plain for one purpose and one owner, with a nonce by chance in front.
func (v vault) seal(purpose string, of owner, plain []byte) ([]byte, error) {
	if len(v.keys) == 0 {
		return nil, errNoKeys
	}
	aead, err := v.aead(v.keys[0], purpose)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce) // never fails: crypto/rand ends the program instead
	return aead.Seal(nonce, nonce, plain, of.bytes()), nil
}

func (v vault) open(purpose string, of owner, sealed []byte) ([]byte, error) {
	for _, key := range v.keys {
		aead, err := v.aead(key, purpose)
		if err != nil {
			return nil, err
		}
		if len(sealed) < aead.NonceSize() {
			return nil, errSealed
		}
		if plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], of.bytes()); err == nil {
			return plain, nil
		}
	}
	return nil, errSealed
}

// hashes are the keyed hashes of a short secret, the newest key's first: without a key nobody can try them all.
func (v vault) hashes(purpose string, of owner, secret string) [][]byte {
	list := make([][]byte, len(v.keys))
	for i, key := range v.keys {
		mac := hmac.New(sha256.New, v.derive(key, purpose))
		mac.Write(of.bytes())
		mac.Write([]byte(secret))
		list[i] = mac.Sum(nil)
	}
	return list
}

// owner is whose secret it is: a person, or one session of theirs.
type owner struct{ tenant, id ids.ID }

func (o owner) bytes() []byte { return append(o.tenant[:], o.id[:]...) }
