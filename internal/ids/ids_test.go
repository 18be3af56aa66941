package ids

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestOneRowHasOneAddress(t *testing.T) {
	id := New()
	if got, ok := Parse(id.String()); !ok || got != id {
		t.Fatalf("%s is refused", id)
	}
	for _, other := range []string{
		"", "x", strings.ToUpper(id.String()), "{" + id.String() + "}", "urn:uuid:" + id.String(), strings.ReplaceAll(id.String(), "-", ""),
		Nil.String(), id.String() + " ", strings.Repeat("z", 36),
	} {
		if _, ok := Parse(other); ok && other != id.String() {
			t.Errorf("%q is taken", other)
		}
	}
}

func TestTokensAreLongAndKeptAsHashes(t *testing.T) {
	plain, hash := NewToken()
	again, _ := NewToken()
	if len(plain) != 43 || plain == again || !bytes.Equal(hash, HashToken(plain)) || bytes.Contains(hash, []byte(plain)) {
		t.Fatalf("%q %x", plain, hash)
	}
}

func TestIdsOfThePastSortByTheirMoment(t *testing.T) {
	now := time.Now()
	before, after := At(now.Add(-time.Hour)), At(now.Add(-time.Minute))
	if !(before.String() < after.String() && after.String() < New().String()) {
		t.Errorf("%s and %s are in the wrong order", before, after)
	}
	if one, other := At(now), At(now); one == other {
		t.Error("two of one moment are one")
	}
	if seconds, _ := before.Time().UnixTime(); before.Version() != 7 || seconds != now.Add(-time.Hour).Unix() {
		t.Errorf("%s is not of an hour ago", before)
	}
}
