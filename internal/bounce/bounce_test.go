package bounce_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/bounce"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
)

var returns = bounce.Returns{Address: "bounces@ouderportaal.example", Keys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")}}

func TestWhatMailServersSay(t *testing.T) {
	for name, want := range map[string]struct {
		report string
		reason bounce.Reason
	}{
		"postfix":          {"bounce: 550 5.1.1", bounce.Unknown},
		"postfix_verlopen": {"bounce: 4.4.1", bounce.Expired},
		"exim":             {"bounce: 552 5.2.2", bounce.Full},
		"exim_tekst":       {"bounce: 550", bounce.Unknown},
		"exchange":         {"bounce: 550 5.1.10", bounce.Unknown},
		"gmail":            {"bounce: 550 5.7.26", bounce.Refused},
		"domein":           {"bounce: 5.4.4", bounce.Unreachable},
		"base64":           {"bounce: 5.2.1", bounce.Unknown},
		"qmail":            {"bounce: 5.1.1", bounce.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			back := read(t, name)
			require.Contains(t, back.To, "bounces+TOKEN@ouderportaal.example")
			require.NotNil(t, back.Report)
			require.Equal(t, want.report, back.Report.String())
			require.Equal(t, want.reason, back.Report.Reason())
			require.Equal(t, want.reason, bounce.ReasonIn(back.Report.String()), "as it is read from a row")
		})
	}
	for _, name := range []string{"vertraagd", "bezorgd", "afwezig"} {
		t.Run(name+" is no failure", func(t *testing.T) { require.Nil(t, read(t, name).Report) })
	}
	t.Run("no mail", func(t *testing.T) {
		_, err := bounce.Read(strings.NewReader("\x00\x01"))
		require.Error(t, err)
	})
}

func read(t *testing.T, name string) bounce.Returned {
	t.Helper()
	file, err := os.Open("testdata/" + name + ".eml")
	require.NoError(t, err)
	defer file.Close()
	back, err := bounce.Read(file)
	require.NoError(t, err)
	return back
}

func TestReasonsOfRefusalsAtTheDoor(t *testing.T) {
	for line, want := range map[string]bounce.Reason{
		"mail: permanent failure at recipient: 550 5.1.1": bounce.Unknown,
		"mail: permanent failure at recipient: 550":       bounce.Unknown,
		"mail: permanent failure at content: 554 5.7.1":   bounce.Refused,
		"mail: transient failure at recipient: 452 4.2.2": bounce.Full,
		"mail: transient failure at recipient: 451 4.7.1": bounce.Refused,
		"mail: transient failure at sender: 421":          bounce.Expired,
		"mail: transient failure at connect":              bounce.Other,
		"jobs.error.worker_lost":                          bounce.Other,
		"":                                                bounce.Other,
	} {
		require.Equal(t, want, bounce.ReasonIn(line), line)
	}
}

func TestAReturnAddress(t *testing.T) {
	tenant, other, delivery := ids.New(), ids.New(), ids.New()
	path := returns.Path(tenant, bounce.Delivery, delivery, "Roos@post.example")
	normal, ok := mail.Normalize(path)
	require.True(t, ok, path)
	require.Equal(t, path, normal)
	require.LessOrEqual(t, len("bounces"), bounce.MostLocal)

	m, ok := returns.Read(strings.ToUpper(path))
	require.True(t, ok, "a server may not keep case")
	require.Equal(t, delivery, m.ID)
	require.True(t, strings.HasSuffix(tenant.String(), m.Tail))
	require.True(t, returns.Proves(m, tenant, "roos@post.example"))
	require.False(t, returns.Proves(m, other, "roos@post.example"), "of another organisation")
	require.False(t, returns.Proves(m, tenant, "roos@elders.example"), "of an address that was corrected since")

	rotated := bounce.Returns{Address: returns.Address, Keys: [][]byte{[]byte("ffffffffffffffffffffffffffffffff"), returns.Keys[0]}}
	require.True(t, rotated.Proves(m, tenant, "roos@post.example"))
	require.False(t, bounce.Returns{Address: returns.Address, Keys: rotated.Keys[:1]}.Proves(m, tenant, "roos@post.example"))

	letter := returns.Path(tenant, bounce.Letter, delivery, "roos@post.example")
	swapped := "bounces+d" + strings.TrimPrefix(letter, "bounces+b")
	m, ok = returns.Read(swapped)
	require.True(t, ok)
	require.False(t, returns.Proves(m, tenant, "roos@post.example"), "the kind is sealed too")

	for _, not := range []string{"", "@", "bounces@ouderportaal.example", "bounces+d@ouderportaal.example", "other" + strings.TrimPrefix(path, "bounces"),
		strings.Replace(path, "ouderportaal", "elders", 1), "bounces+x" + strings.TrimPrefix(path, "bounces+d"), strings.Replace(path, "+d", "+d1", 1)} {
		_, ok := returns.Read(not)
		require.False(t, ok, not)
	}
	require.Empty(t, bounce.Returns{}.Path(tenant, bounce.Delivery, delivery, "roos@post.example"))
}
