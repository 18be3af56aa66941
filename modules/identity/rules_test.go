package identity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
)

func TestWhatIsATelephoneNumber(t *testing.T) {
	for _, typed := range []string{"06-12345678", "+31 6 1234 5678", "(0570) 12 34 56", "0570/123456"} {
		number, key := identity.ParsePhone(" " + typed)
		require.Empty(t, key, typed)
		require.Equal(t, typed, number)
	}
	for _, typed := range []string{"", "geen", "12", "06 12 34 56 78 (werk)", strings.Repeat("1", 41), "٠٦١٢٣٤٥٦٧٨"} {
		_, key := identity.ParsePhone(typed)
		require.Equal(t, "identity.error.phone", key, typed)
	}
}

func TestWhatIsAPostcode(t *testing.T) {
	for typed, want := range map[string]string{
		"7437aa": "7437 AA", "7437  AA": "7437 AA", "1000": "1000", "48149": "48149", "SW1A 1AA": "SW1A 1AA", "d02 af30": "D02 AF30", "B-1000": "B-1000", "2500-123": "2500-123",
	} {
		postcode, key := identity.ParsePostcode(typed)
		require.Empty(t, key, typed)
		require.Equal(t, want, postcode)
	}
	for _, typed := range []string{"", "7437 A", "743 AA", "7437 AAA", "0437 AA", "Bathmen", "?", "12345678901", "<b>1</b>", "12"} {
		_, key := identity.ParsePostcode(typed)
		require.Equal(t, "identity.error.postcode", key, typed)
	}
}

func TestADraftOfAPersonIsHeldToTheRules(t *testing.T) {
	draft := identity.Draft{GivenName: "Jan2", FamilyName: "--", Phone: "geen", Postcode: "7437", Street: strings.Repeat("a", 121), City: "Bathmen"}
	problem, ok := fault.As(draft.Check())
	require.True(t, ok)
	keys := map[string]string{}
	for _, f := range problem.Fields {
		keys[f.Name] = strings.TrimPrefix(f.Key, "identity.error.")
	}
	require.Equal(t, map[string]string{"given_name": "name_sign", "family_name": "no_name", "phone": "phone", "street": "too_long"}, keys)
	draft = identity.Draft{GivenName: " Zoë ", FamilyName: "van ’t Hof", Phone: "06  12345678", Postcode: "7437aa"}
	require.NoError(t, draft.Check())
	require.Equal(t, identity.Draft{GivenName: "Zoë", FamilyName: "van ’t Hof", Phone: "06 12345678", Postcode: "7437 AA"}, draft)
}
