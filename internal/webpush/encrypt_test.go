package webpush

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func raw(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	require.NoError(t, err)
	return b
}

// The example of RFC 8291, section 5 and appendix A.
func TestExampleOfTheStandard(t *testing.T) {
	once, err := ecdh.P256().NewPrivateKey(raw(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	require.NoError(t, err)
	body, err := encryptWith([]byte("When I grow up, I want to be a watermelon"),
		raw(t, "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"), raw(t, "BTBZMqHH6r4Tts7J_aSIgg"), once, raw(t, "DGv6ra1nlYgDCS1FRnbzlw"), 0)
	require.NoError(t, err)
	require.Equal(t, "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
		base64.RawURLEncoding.EncodeToString(body))
}

func TestLengthsTellNothing(t *testing.T) {
	browser, err := ecdh.P256().NewPrivateKey(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	public, auth := browser.PublicKey().Bytes(), make([]byte, authSize)
	lengths := map[int]bool{}
	for _, n := range []int{0, 10, 200, padded - 1} {
		body, err := encrypt(make([]byte, n), public, auth)
		require.NoError(t, err)
		lengths[len(body)] = true
	}
	require.Len(t, lengths, 1)
	body, err := encrypt(make([]byte, MostPayload), public, auth)
	require.NoError(t, err)
	require.Len(t, body, recordSize)
	_, err = encrypt(make([]byte, MostPayload+1), public, auth)
	require.ErrorContains(t, err, "longer")
	again, err := encrypt(make([]byte, MostPayload), public, auth)
	require.NoError(t, err)
	require.NotEqual(t, body, again, "keys and salt are made for one message")

	for name, keys := range map[string][2][]byte{"off the curve": {append([]byte{4}, make([]byte, 64)...), auth}, "short": {public[:64], auth}, "no secret": {public, nil}, "compressed": {append([]byte{2}, public[1:33]...), auth}} {
		_, err := encrypt(nil, keys[0], keys[1])
		require.Error(t, err, name)
	}
}

func TestOnlyTheInternetIsCalled(t *testing.T) {
	for _, inside := range []string{"127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "fe80::1", "fd00::1", "0.0.0.0", "::", "100.64.0.1", "224.0.0.1", "ff02::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001::1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1"} {
		require.False(t, isPublic(netip.MustParseAddr(inside)), inside)
		require.ErrorIs(t, publicOnly("tcp", netip.AddrPortFrom(netip.MustParseAddr(inside), 443).String(), nil), errPrivate, inside)
	}
	for _, outside := range []string{"142.250.179.138", "2a00:1450:400e:80d::200a", "17.188.143.1"} {
		require.NoError(t, publicOnly("tcp", netip.AddrPortFrom(netip.MustParseAddr(outside), 443).String(), nil), outside)
	}
	require.ErrorIs(t, publicOnly("tcp", "142.250.179.138:22", nil), errPrivate)
}
