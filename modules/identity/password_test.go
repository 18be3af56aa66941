package identity

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
)

func TestHash(t *testing.T) {
	h, ctx := NewHasher(), context.Background()
	hash, err := h.Hash(ctx, "Ångström’s fijne dag")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$"), hash)

	t.Run("is known again, however the letters were typed", func(t *testing.T) {
		ok, outdated, err := h.Verify(ctx, hash, "A\u030angstro\u0308m’s fijne dag")
		require.NoError(t, err)
		require.True(t, ok)
		require.False(t, outdated)
	})
	t.Run("is not another's", func(t *testing.T) {
		for _, other := range []string{"", "ångström’s fijne dag", "Ångström’s fijne dag "} {
			ok, _, err := h.Verify(ctx, hash, other)
			require.NoError(t, err)
			require.False(t, ok, other)
		}
	})
	t.Run("differs each time", func(t *testing.T) {
		again, err := h.Hash(ctx, "Ångström’s fijne dag")
		require.NoError(t, err)
		require.NotEqual(t, hash, again)
	})
	t.Run("of nobody never matches, not even nothing", func(t *testing.T) {
		ok, _, err := h.Verify(ctx, "", "")
		require.NoError(t, err)
		require.False(t, ok)
	})
	t.Run("with less work is outdated", func(t *testing.T) {
		old := cost{memory: 8192, passes: 1, lanes: 1}
		weak := phc(old, []byte("0123456789abcdef"), derive(old, []byte("0123456789abcdef"), keyBytes, "oud wachtwoord"))
		ok, outdated, err := h.Verify(ctx, weak, "oud wachtwoord")
		require.NoError(t, err)
		require.True(t, ok)
		require.True(t, outdated)
	})
	t.Run("that is damaged or greedy is refused", func(t *testing.T) {
		good := strings.Split(hash, "$")
		for _, bad := range []string{
			"x", "$argon2id$", strings.Replace(hash, "argon2id", "argon2i", 1), strings.Replace(hash, "v=19", "v=16", 1),
			strings.Replace(hash, "m=19456", "m=99999999", 1), strings.Replace(hash, "m=19456", "m=-1", 1), strings.Replace(hash, "t=2", "t=0", 1),
			strings.Replace(hash, "t=2", "t=2000", 1), strings.Replace(hash, "p=1", "p=0", 1), strings.Replace(hash, "p=1", "p=1x", 1),
			strings.Join(append(append([]string{}, good[:4]...), "", good[5]), "$"), hash + "$x", hash + "=",
		} {
			_, _, err := h.Verify(ctx, bad, "x")
			require.ErrorIs(t, err, errPHC, bad)
		}
	})
}

func TestHasherBoundsItsWork(t *testing.T) {
	h := NewHasher()
	h.most = 3
	var leaves []func()
	for range cap(h.slots) {
		leave, err := h.enter(context.Background())
		require.NoError(t, err)
		leaves = append(leaves, leave)
	}
	var refused, entered atomic.Int64
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			leave, err := h.enter(context.Background())
			if err != nil {
				if fault.CodeOf(err) != fault.Unavailable {
					t.Error(err)
				}
				refused.Add(1)
				return
			}
			entered.Add(1)
			leave()
		})
	}
	require.Eventually(t, func() bool { return refused.Load() == 7 }, 5*time.Second, time.Millisecond, "all but three go away at once")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := h.enter(ctx)
	require.Equal(t, fault.Unavailable, fault.CodeOf(err))
	for _, leave := range leaves {
		leave()
	}
	wg.Wait()
	require.EqualValues(t, 3, entered.Load())
	require.Zero(t, h.waiting.Load())
}

func TestCheckPassword(t *testing.T) {
	own := []string{"Sanne", "de Boer", "sanne.deboer@example.test", "Kinderopvang Bathmen"}
	for password, key := range map[string]string{
		"paarse olifant fietst naar huis":                         "",
		"correcthorsebatterystaple":                               "",
		"Ééntweedrievier vijf":                                    "",
		strings.Repeat("lang", 15) + "er dan vierenzestig tekens": "",
		"kort":                       "identity.password.too_short",
		"veertien teken":             "identity.password.too_short",
		strings.Repeat("ﬃ", 5):       "identity.password.common", // 15 letters after NFKC, one thing repeated
		strings.Repeat("x", 1025):    "identity.password.too_long",
		"geen geldige tekst \xff":    "identity.password.too_long",
		"1234567890987654321":        "identity.password.common",
		"QWERTYUIOP12345":            "identity.password.common",
		"aaaaaaaaaaaaaaaaaaaa":       "identity.password.common",
		"abcdefghijklmnopqrstuvwxyz": "identity.password.common",
		"welkomwelkomwelkom":         "identity.password.common",
		"mijnhondmijnhond":           "identity.password.common",
		"wachtwoordgeheim":           "identity.password.common",
		"footballbaseball":           "identity.password.common",
		"sanne.deboer.example":       "identity.password.personal",
		"KinderopvangBathmen1":       "identity.password.personal",
		"Kinderopvang Bathmen is leuk voor iedere peuter": "",
	} {
		err := CheckPassword("password", password, MinPassword, own...)
		if key == "" {
			require.NoError(t, err, password)
			continue
		}
		e, ok := fault.As(err)
		require.True(t, ok, password)
		require.Equal(t, fault.Invalid, e.Code)
		require.Equal(t, []string{"password", key}, []string{e.Fields[0].Name, e.Fields[0].Key}, password)
	}
	require.NoError(t, CheckPassword("password", "zwaluw8!", MinPasswordWithFactor, own...))
	require.Error(t, CheckPassword("password", "password", MinPasswordWithFactor, own...))
}

func TestCommonListIsSearchable(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(commonList, "\n"), "\n")
	require.Greater(t, len(lines), 30000)
	for i, line := range lines {
		if i > 0 {
			require.Less(t, lines[i-1], line)
		}
		require.True(t, common(line), line)
	}
	for _, rare := range []string{"", "zzzzzzzzzzzzzzzzzz", "!", "kievit in de wei", "\n"} {
		require.False(t, common(rare), rare)
	}
}

func BenchmarkVerify(b *testing.B) {
	h := NewHasher()
	hash, err := h.Hash(context.Background(), "paarse olifant fietst naar huis")
	require.NoError(b, err)
	for b.Loop() {
		if _, _, err := h.Verify(context.Background(), hash, "x"); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzCheckPassword(f *testing.F) {
	f.Add("paarse olifant", "Sanne")
	f.Add(strings.Repeat("ﷺ", 300), "ﷺ")
	f.Fuzz(func(t *testing.T, password, own string) {
		err := CheckPassword("password", password, MinPassword, own)
		if err == nil && len([]rune(fold(password))) < MinPassword {
			t.Fatalf("%q is short and passed", password)
		}
	})
}
