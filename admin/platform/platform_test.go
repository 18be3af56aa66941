package platform_test

import (
	"context"
	"encoding/base32"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

const password = "een zin die niemand raadt"

var (
	key    = []byte(strings.Repeat("k", 32))
	secret = []byte("twintig tekens lang!")
	here   = netip.MustParseAddr("192.0.2.1")
	hasher = identity.NewHasher()
)

// desk is the platform with one operator.
type desk struct {
	*dbtest.Env
	*platform.Service
}

func newDesk(t *testing.T) *desk {
	e := dbtest.NewAlone(t)
	s := platform.New(e.Platform, hasher, [][]byte{key})
	require.NoError(t, s.Recall(t.Context(), "ruud@platform.example", "Ruud Hofstede", password, secret))
	return &desk{e, s}
}

func (d *desk) code(t *testing.T) string {
	t.Helper()
	code, err := identity.CodeAt(secret, d.Clock.Now())
	require.NoError(t, err)
	return code
}

func (d *desk) signIn(t *testing.T) string {
	t.Helper()
	wait, err := d.SignIn(t.Context(), platform.Credentials{Email: "Ruud@platform.example", Password: password, IP: here})
	require.NoError(t, err)
	token, err := d.Prove(t.Context(), wait, d.code(t))
	require.NoError(t, err)
	return token
}

// ctx acts as the operator.
func (d *desk) ctx(t *testing.T) context.Context {
	t.Helper()
	who, err := d.Resolve(t.Context(), d.signIn(t))
	require.NoError(t, err)
	return actor.With(t.Context(), who)
}

func TestSigningInTakesBothSteps(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	for _, c := range []platform.Credentials{{Email: "ruud@platform.example", Password: "iets anders dan dat"}, {Email: "niemand@platform.example", Password: password}} {
		c.IP = here
		_, err := d.SignIn(ctx, c)
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
		require.ErrorContains(t, err, "identity.error.sign_in")
	}
	wait, err := d.SignIn(ctx, platform.Credentials{Email: "ruud@platform.example", Password: password, IP: here})
	require.NoError(t, err)
	_, err = d.Resolve(ctx, wait)
	require.Equal(t, fault.Unauthenticated, fault.CodeOf(err), "a password opens nothing")
	_, err = d.Prove(ctx, wait, "000000")
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	code := d.code(t)
	token, err := d.Prove(ctx, wait, code)
	require.NoError(t, err)
	require.NotEqual(t, wait, token)
	who, err := d.Resolve(ctx, token)
	require.NoError(t, err)
	require.Equal(t, actor.Operator, who.Role)
	require.Equal(t, "Ruud Hofstede", who.Name)

	t.Run("and a code works once", func(t *testing.T) {
		wait, err := d.SignIn(ctx, platform.Credentials{Email: "ruud@platform.example", Password: password, IP: here})
		require.NoError(t, err)
		_, err = d.Prove(ctx, wait, code)
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
		d.Clock.Advance(31 * time.Second)
		_, err = d.Prove(ctx, wait, d.code(t))
		require.NoError(t, err)
		_, err = d.Prove(ctx, wait, d.code(t))
		require.Equal(t, fault.Gone, fault.CodeOf(err), "the password was for one session")
	})
	t.Run("and five wrong codes ask for the password again", func(t *testing.T) {
		d.Clock.Advance(31 * time.Second)
		wait, err := d.SignIn(ctx, platform.Credentials{Email: "ruud@platform.example", Password: password, IP: here})
		require.NoError(t, err)
		for range 5 {
			_, err = d.Prove(ctx, wait, "000000")
			require.Equal(t, fault.Invalid, fault.CodeOf(err))
		}
		_, err = d.Prove(ctx, wait, d.code(t))
		require.Equal(t, fault.Gone, fault.CodeOf(err))
	})
	t.Run("and a session ends unused, by signing out and with its owner", func(t *testing.T) {
		require.NoError(t, d.SignOut(ctx, token))
		_, err := d.Resolve(ctx, token)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
		d.Clock.Advance(31 * time.Second)
		token = d.signIn(t)
		d.Clock.Advance(61 * time.Minute)
		_, err = d.Resolve(ctx, token)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
		token = d.signIn(t)
		require.NoError(t, d.Deactivate(ctx, "ruud@platform.example"))
		_, err = d.Resolve(ctx, token)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
		_, err = d.SignIn(ctx, platform.Credentials{Email: "ruud@platform.example", Password: password, IP: here})
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})
}

func TestGuessingIsLimited(t *testing.T) {
	d := newDesk(t)
	var err error
	for range 11 {
		_, err = d.SignIn(t.Context(), platform.Credentials{Email: "ruud@platform.example", Password: "geraden wachtwoord", IP: here})
	}
	require.Equal(t, fault.TooMany, fault.CodeOf(err))
	_, err = d.SignIn(t.Context(), platform.Credentials{Email: "ruud@platform.example", Password: password, IP: netip.MustParseAddr("198.51.100.7")})
	require.NoError(t, err, "its owner elsewhere is not locked out")
}

func TestOnePlaceLocksNobodyElseOut(t *testing.T) {
	d := newDesk(t)
	owner := d.Owner(t)
	rows := func() (n int) {
		t.Helper()
		require.NoError(t, owner.QueryRow(t.Context(), "SELECT count(*) FROM operator_attempt").Scan(&n))
		return n
	}
	for i := range 130 {
		_, err := d.SignIn(t.Context(), platform.Credentials{Email: "geraden" + strconv.Itoa(i) + "@platform.example", Password: "geraden wachtwoord", IP: here})
		if i >= 30 {
			require.Equal(t, fault.TooMany, fault.CodeOf(err), i)
		}
	}
	require.Equal(t, 32, rows(), "of each address that was let through, the place and everybody")
	_, err := d.SignIn(t.Context(), platform.Credentials{Email: "ruud@platform.example", Password: password, IP: netip.MustParseAddr("198.51.100.7")})
	require.NoError(t, err)
	require.NoError(t, d.Forget(t.Context()))
	_, err = d.SignIn(t.Context(), platform.Credentials{Email: "ruud@platform.example", Password: password, IP: here})
	require.Equal(t, fault.TooMany, fault.CodeOf(err), "what counts is kept")
	d.Clock.Advance(76 * time.Minute)
	require.NoError(t, d.Forget(t.Context()))
	require.Zero(t, rows())
}

func TestALinkWorksOnce(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	_, link, err := d.Create(ctx, "Fenna@platform.example", "Fenna de Wit")
	require.NoError(t, err)
	_, _, err = d.Create(ctx, "fenna@platform.example", "Nog een")
	require.ErrorContains(t, err, "platform.error.email_taken")
	_, err = d.SignIn(ctx, platform.Credentials{Email: "fenna@platform.example", Password: "", IP: here})
	require.Equal(t, fault.Invalid, fault.CodeOf(err), "without a password nobody gets in")

	start, err := d.PeekLink(ctx, link, "")
	require.NoError(t, err)
	require.Equal(t, "Fenna de Wit", start.Name)
	accept := platform.Acceptance{Token: link, Sealed: start.Offer.Sealed, Password: password, IP: here}
	for wrong, change := range map[string]func(*platform.Acceptance){
		"identity.password.too_short": func(a *platform.Acceptance) { a.Password = "kort" },
		"identity.error.code":         func(a *platform.Acceptance) { a.Code = "000000" },
		"platform.error.link_gone":    func(a *platform.Acceptance) { a.Token = "bestaat niet" },
	} {
		a := accept
		change(&a)
		_, err := d.Accept(ctx, a)
		require.ErrorContains(t, err, wrong)
	}
	raw, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(start.Offer.Secret, " ", ""))
	require.NoError(t, err)
	if accept.Code, err = identity.CodeAt(raw, d.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var tokens []string
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if token, err := d.Accept(ctx, accept); err == nil {
				mu.Lock()
				tokens = append(tokens, token)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	require.Len(t, tokens, 1)
	who, err := d.Resolve(ctx, tokens[0])
	require.NoError(t, err)
	require.Equal(t, "Fenna de Wit", who.Name)

	t.Run("and a new one takes the place of the app and ends sessions", func(t *testing.T) {
		again, err := d.Invite(ctx, "fenna@platform.example")
		require.NoError(t, err)
		d.Clock.Advance(platform.LinkTime + time.Second)
		_, err = d.PeekLink(ctx, again, "")
		require.Equal(t, fault.Gone, fault.CodeOf(err), "after a day it is over")
	})
}

func TestSuspendingIsToldToTheOrganisation(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	require.ErrorContains(t, d.Suspend(ctx, d.A.Slug, " "), "platform.error.reason")
	require.Equal(t, fault.Missing, fault.CodeOf(d.Suspend(ctx, "bestaat-niet", "x")))
	require.NoError(t, d.Suspend(ctx, d.A.Slug, "Rekening niet betaald"))
	now, err := d.Platform.Find(ctx, d.A.Slug)
	require.NoError(t, err)
	require.Equal(t, tenants.Suspended, now.Status)
	require.NoError(t, d.Resume(ctx, d.A.Slug))
	require.NoError(t, d.Resume(ctx, d.A.Slug), "twice does nothing")

	var log, elsewhere []audit.Entry
	read := func(at tenants.Tenant) (list []audit.Entry) {
		require.NoError(t, d.DB.Read(tenants.With(ctx, at), func(ctx context.Context, tx tenants.Reader) (err error) {
			list, err = audit.List(ctx, tx, audit.Filter{Limit: 10})
			return err
		}))
		return list
	}
	log, elsewhere = read(d.A), read(d.B)
	require.Len(t, log, 2)
	require.Empty(t, elsewhere)
	require.Equal(t, "platform.resume", log[0].Action)
	require.Equal(t, "platform.suspend", log[1].Action)
	require.Equal(t, map[string]any{"reason": "Rekening niet betaald", "operator": "Ruud Hofstede"}, log[1].Detail)
	require.Equal(t, string(actor.Operator), log[1].ActorRole)
	deeds, err := d.Deeds(ctx, d.A.ID)
	require.NoError(t, err)
	require.Len(t, deeds, 2)
	require.Equal(t, "Ruud Hofstede", deeds[0].Operator)
}

func TestTheListShowsWhatWasCounted(t *testing.T) {
	d := newDesk(t)
	ctx := d.ctx(t)
	active := d.Clock.Now().Add(-time.Hour)
	numbers := func(children int, storage int64) platform.Counters {
		return platform.Counters{
			Children: func(context.Context, tenants.Reader) (int, error) { return children, nil },
			Storage: []func(context.Context, tenants.Reader) (int64, error){
				func(context.Context, tenants.Reader) (int64, error) { return storage, nil },
				func(context.Context, tenants.Reader) (int64, error) { return 1, nil },
			},
			Mails:  func(context.Context, tenants.Reader, time.Time) (int, error) { return 7, nil },
			Active: func(context.Context, tenants.Reader) (*time.Time, error) { return &active, nil },
		}
	}
	for range 2 { // twice gives the same
		require.NoError(t, platform.Count(tenants.With(ctx, d.A), d.DB, numbers(3, 1000)))
	}
	require.NoError(t, platform.Count(tenants.With(ctx, d.B), d.DB, numbers(9, 10)))
	for i := range 120 {
		d.NewTenant(t, "Kinderopvang C "+string(rune('a'+i%26)))
	}
	o, err := d.Organisation(ctx, d.A.ID)
	require.NoError(t, err)
	require.Equal(t, 3, o.Children)
	require.EqualValues(t, 1001, o.StorageBytes)
	require.Equal(t, 7, o.Mails)
	require.WithinDuration(t, active, *o.ActiveAt, time.Millisecond)
	_, err = d.Organisation(ctx, ids.New())
	require.Equal(t, fault.Missing, fault.CodeOf(err))

	for _, sort := range []platform.Sort{"", "-naam", platform.ByChildren, "-kinderen", platform.ByStorage, "-opslag", platform.ByMails, "-mail", platform.ByActive, "-actief", "onzin"} {
		seen := map[ids.ID]bool{}
		f := platform.Filter{Sort: sort}
		var first platform.Organisation
		for pages := 0; ; pages++ {
			require.Less(t, pages, 4)
			page, err := d.Organisations(ctx, f)
			require.NoError(t, err, sort)
			if pages == 0 {
				first = page.List[0]
			}
			for _, o := range page.List {
				require.False(t, seen[o.ID], "%s: %s twice", sort, o.Name)
				seen[o.ID] = true
			}
			if f.After = page.Next; f.After == "" {
				break
			}
		}
		require.Len(t, seen, 122, sort)
		switch sort {
		case "-kinderen":
			require.Equal(t, "Kinderopvang B", first.Name)
		case "-opslag", "":
			require.Equal(t, "Kinderopvang A", first.Name)
		}
	}
	found, err := d.Organisations(ctx, platform.Filter{Search: "opvang b"})
	require.NoError(t, err)
	require.Len(t, found.List, 1)
	none, err := d.Organisations(ctx, platform.Filter{Search: "%"})
	require.NoError(t, err)
	require.Empty(t, none.List)
}
