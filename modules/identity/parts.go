package identity

import (
	"encoding/base64"
	"net/netip"
	"time"

	"ouderportaal/internal/ids"
)

// The operators of the platform are no organisation's people, but they sign in with the same parts: what is below lends them out.

// Vault seals secrets for a purpose and an owner; what is sealed for one opens for no other.
type Vault struct{ vault vault }

// NewVault takes keys as those of Config.
func NewVault(keys [][]byte) Vault { return Vault{vault{keys}} }

// Seal encrypts plain.
func (v Vault) Seal(purpose string, of ids.ID, plain []byte) ([]byte, error) {
	return v.vault.seal(purpose, owner{id: of}, plain)
}

// Open is the reverse of Seal.
func (v Vault) Open(purpose string, of ids.ID, sealed []byte) ([]byte, error) {
	return v.vault.open(purpose, owner{id: of}, sealed)
}

// SecretBytes is how long the secret of an authenticator app is.
const SecretBytes = totpBytes

// OfferOf describes a secret for an app: whose it is, by organisation and account, and the secret sealed by whoever made it.
func OfferOf(organisation, account string, secret, sealed []byte) Offer {
	return offerOf(organisation, account, secret, base64.RawURLEncoding.EncodeToString(sealed))
}

// MatchCode finds the step of time whose code this is, after the last one that was used; see WrongCode.
func MatchCode(secret []byte, typed string, now time.Time, last int64) (step int64, ok bool) {
	return matchingStep(secret, digitsOf(typed), now, last)
}

// WrongCode is the answer to a code that is not right, at the field code.
func WrongCode() error { return wrongCode() }

// PlaceOf is what limits count as one place: an IPv4 address, or the /64 that a household has of IPv6.
func PlaceOf(ip netip.Addr) string { return prefix(ip) }
