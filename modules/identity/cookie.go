package identity

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"ouderportaal/internal/fault"
	"ouderportaal/tenants"
)

// Cookie carries the token of a session. The prefix makes browsers insist on Secure, Path=/ and no Domain, so that no
// organisation can plant a cookie for another.
const Cookie = "__Host-sessie"

// CookieValue is a token of a session as its cookie carries it: with the mark of its organisation.
func CookieValue(token string, at tenants.Tenant) string { return token + "." + mark(at) }

// TokenIn is the token that a cookie carries. One that was carried here from another organisation, which browsers never do, is
// NotFound: it opens nothing in any case, and this way it is not answered as somebody who has yet to sign in. Without a mark
// the cookie is looked up as it is.
func TokenIn(cookie string, here tenants.Tenant) (string, error) {
	token, of, marked := strings.Cut(cookie, ".")
	if marked && of != mark(here) {
		return "", fault.NotFound()
	}
	return token, nil
}

// mark is no secret, and tells nothing of the organisation but which it is: 48 bit.
func mark(of tenants.Tenant) string {
	sum := sha256.Sum256(of.ID[:])
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}
