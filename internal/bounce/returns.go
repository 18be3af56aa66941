// Package bounce makes the addresses that mail comes back to when it cannot be delivered, and reads what a mail server says of it.
//
// Each mail goes out with a return address of its own (VERP): bounces+TOKEN@…. What comes back then names the mail by where it comes
// to, whatever the server writes into it. The token is sealed for the organisation and for the address that the mail went to, so a
// made-up one says nothing, and one that was overtaken by another address of that person neither.
package bounce

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"ouderportaal/internal/ids"
)

// Kind is what the id in a return address names.
type Kind byte

// A Delivery is a row of the ledger; a Letter has none, and names the person to whom it went.
const (
	Delivery Kind = 'd'
	Letter   Kind = 'b'
)

const (
	tailBytes = 6 // of the organisation's id: to find it by
	sealBytes = 8 // of the HMAC: who guesses has to send a mail for every try
)

// lower is base32 in lower case, because mail servers may not keep case: 30 bytes are 48 characters.
var lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// tokenLength is that of a kind and the bytes after it.
const tokenLength = 1 + (tailBytes+16+sealBytes)*8/5

// MostLocal is how long the part before the @ of Returns.Address may be, so that with a token it is not over 64.
const MostLocal = 64 - 1 - tokenLength

// Returns is where mail of this installation comes back to. Without an Address it does not.
type Returns struct {
	Address string
	// Keys seal: the first seals, the others are older.
	Keys [][]byte
}

// Path is the return address of a mail to an address; empty when there is none.
func (r Returns) Path(tenant ids.ID, kind Kind, id ids.ID, to string) string {
	local, host, ok := strings.Cut(r.Address, "@")
	if !ok || len(r.Keys) == 0 {
		return ""
	}
	raw := append(tail(tenant), id[:]...)
	raw = append(raw, seal(r.Keys[0], tenant, kind, id, to)...)
	return local + "+" + string(kind) + lower.EncodeToString(raw) + "@" + host
}

// Mail names a mail that came back. Nothing of it is proven before Proves.
type Mail struct {
	Tail string // the last twelve characters of the organisation's id
	Kind Kind
	ID   ids.ID
	seal []byte
}

// Read takes a return address apart.
func (r Returns) Read(address string) (Mail, bool) {
	own, ownHost, _ := strings.Cut(strings.ToLower(r.Address), "@")
	local, host, ok := strings.Cut(strings.ToLower(address), "@")
	name, token, plus := strings.Cut(local, "+")
	if !ok || !plus || name != own || host != ownHost || len(token) != tokenLength {
		return Mail{}, false
	}
	m := Mail{Kind: Kind(token[0])}
	raw, err := lower.DecodeString(token[1:])
	if err != nil || (m.Kind != Delivery && m.Kind != Letter) {
		return Mail{}, false
	}
	var organisation ids.ID
	copy(organisation[16-tailBytes:], raw)
	m.Tail = organisation.String()[24:]
	copy(m.ID[:], raw[tailBytes:])
	m.seal = raw[tailBytes+16:]
	return m, true
}

// Proves tells whether the address was made here, for a mail of the organisation to the address.
func (r Returns) Proves(m Mail, tenant ids.ID, to string) bool {
	for _, key := range r.Keys {
		if hmac.Equal(m.seal, seal(key, tenant, m.Kind, m.ID, to)) {
			return true
		}
	}
	return false
}

func tail(tenant ids.ID) []byte { return append([]byte(nil), tenant[16-tailBytes:]...) }

func seal(key []byte, tenant ids.ID, kind Kind, id ids.ID, to string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("mail return\x00"))
	mac.Write(tenant[:])
	mac.Write([]byte{byte(kind)})
	mac.Write(id[:])
	mac.Write([]byte(strings.ToLower(to)))
	return mac.Sum(nil)[:sealBytes]
}
