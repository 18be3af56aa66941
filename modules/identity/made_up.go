package identity

import (
	"slices"
	"strings"

	"ouderportaal/tenants"
)

// nowhere ends the addresses of example data, which are nobody's (RFC 2606): what goes there comes back to the address that all organisations send from.
const nowhere = ".example"

// MadeUp tells whether an address belongs to nobody, because it came with the example data of an organisation: no mail goes there, and
// who has it can never sign in. Anywhere else an address is an address.
func MadeUp(t tenants.Tenant, email string) bool {
	return t.Example && strings.HasSuffix(email, nowhere)
}

// anyReal tells whether any of the addresses belongs to somebody.
func anyReal(t tenants.Tenant, addresses []string) bool {
	return slices.ContainsFunc(addresses, func(email string) bool { return !MadeUp(t, email) })
}
