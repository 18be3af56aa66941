package identity_test

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/mailcatcher"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

const fresh = "vandaag regent het in Bathmen niet"

// post is a mail server, and a service that sends to it.
type post struct {
	*identity.Service
	e       *dbtest.Env
	catcher *mailcatcher.Catcher
	ran     map[ids.ID]bool
}

func newPost(t testing.TB, e *dbtest.Env) *post {
	t.Helper()
	catcher, err := mailcatcher.Start(mailcatcher.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { catcher.Close() })
	sender, err := mail.NewSMTP(mail.Config{URL: catcher.URL(), From: mail.Address{Name: "Ouderportaal", Addr: "post@ouderportaal.test"}})
	require.NoError(t, err)
	t.Cleanup(sender.Close)
	words, err := i18n.Load(identity.Locales)
	require.NoError(t, err)
	hosts, err := tenants.NewHosts("ouderportaal.test", "https", 0)
	require.NoError(t, err)
	return &post{identity.New(e.DB, identity.Config{Hosts: hosts, Mail: sender, Words: words, Keys: identitytest.Keys}), e, catcher, map[ids.ID]bool{}}
}

// deliver runs the handlers of what was recorded since the last time, as a worker would.
func (p *post) deliver(t testing.TB, at tenants.Tenant) (events []outbox.Recorded) {
	t.Helper()
	rows, err := p.e.Owner(t).Query(context.Background(), "SELECT id, tenant_id, name, payload, recorded_at FROM event WHERE tenant_id = $1 ORDER BY id", at.ID)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var e outbox.Recorded
		require.NoError(t, rows.Scan(&e.ID, &e.TenantID, &e.Name, &e.Payload, &e.At))
		if !p.ran[e.ID] {
			events = append(events, e)
		}
	}
	for _, e := range events {
		p.ran[e.ID] = true
		p.run(t, at, e)
	}
	return events
}

func (p *post) run(t testing.TB, at tenants.Tenant, e outbox.Recorded) {
	t.Helper()
	ctx := actor.With(in(at), actor.ForSystem(at.ID))
	for _, s := range p.Subscriptions() {
		if s.Event == e.Name {
			require.Equal(t, outbox.Urgent, s.Queue)
			require.NoError(t, s.Run(ctx, e))
		}
	}
}

var linkForm = regexp.MustCompile(`https://[^\s"]*/wachtwoord/nieuw/([A-Za-z0-9_-]{43})`)

// token finds the link in the last mail to an address.
func (p *post) token(t testing.TB, email string) string {
	t.Helper()
	list := p.catcher.To(email)
	require.NotEmpty(t, list)
	found := linkForm.FindStringSubmatch(list[len(list)-1].Parsed().Text)
	require.NotNil(t, found, list[len(list)-1].Parsed().Text)
	return found[1]
}

func (p *post) link(t testing.TB, who identitytest.Someone) string {
	t.Helper()
	require.NoError(t, p.RequestReset(in(who.Tenant), who.Email, home))
	p.deliver(t, who.Tenant)
	return p.token(t, who.Email)
}

// Whoever asks sees the same page for somebody who exists, somebody who does not, and somebody who is made up.
func TestNobodyWhoIsMadeUpGetsALetter(t *testing.T) {
	e := dbtest.New(t)
	p := newPost(t, e)
	example := e.A
	example.Example = true
	real, madeUp := parent(t, e), parent(t, e, identitytest.Email("bea@kinderopvang-a.example"))
	for _, address := range []string{real.Email, madeUp.Email, "niemand@kinderopvang-a.example"} {
		require.NoError(t, p.RequestReset(in(example), address, home))
	}
	require.NoError(t, e.DB.Write(in(example), func(ctx context.Context, tx tenants.Writer) error {
		for _, event := range []outbox.Event{identity.PasswordChanged{PersonID: madeUp.ID}, identity.FactorChanged{PersonID: madeUp.ID, What: "app_added"}} {
			if err := outbox.Record(ctx, tx, event); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, event := range p.deliver(t, example) {
		p.run(t, example, event) // twice
	}
	require.NotEmpty(t, p.catcher.To(real.Email))
	require.Empty(t, p.catcher.To(madeUp.Email))
	problems, err := p.AddressProblemOf(in(example), madeUp.ID)
	require.NoError(t, err)
	require.Nil(t, problems, "no mail server refused anything")
	require.NoError(t, p.RequestReset(in(e.A), madeUp.Email, home))
	p.deliver(t, e.A)
	require.Len(t, p.catcher.To(madeUp.Email), 1, "anywhere else an address is an address")
}

func TestForgottenPassword(t *testing.T) {
	e := dbtest.New(t)
	p := newPost(t, e)

	t.Run("sends a link to the organisation's own address, in the person's language", func(t *testing.T) {
		who := parent(t, e, identitytest.Speaks("en"))
		token := p.link(t, who)
		m := p.catcher.To(who.Email)[0].Parsed()
		require.Equal(t, "Choose a new password", m.Subject)
		require.Contains(t, m.Text, "https://"+e.A.Slug+".ouderportaal.test/wachtwoord/nieuw/"+token)
		require.Contains(t, m.HTML, "https://"+e.A.Slug+".ouderportaal.test/wachtwoord/nieuw/"+token)
		require.Contains(t, m.HTML, e.A.Name)
	})
	t.Run("keeps the token out of every row", func(t *testing.T) {
		who := parent(t, e)
		token := p.link(t, who)
		var leaks int
		require.NoError(t, e.Owner(t).QueryRow(context.Background(), `SELECT (SELECT count(*) FROM event WHERE payload::text LIKE '%' || $1 || '%')
			+ (SELECT count(*) FROM audit_entry WHERE detail::text LIKE '%' || $1 || '%') + (SELECT count(*) FROM one_time_link WHERE token_hash = $1::bytea)`, token).Scan(&leaks))
		require.Zero(t, leaks)
	})
	t.Run("says nothing about who is known, in answer or in ledger", func(t *testing.T) {
		who := parent(t, e)
		gone := parent(t, e)
		require.NoError(t, p.Deactivate(system(e.A), gone.ID))
		none := identitytest.NewPerson(t, e, e.A)
		p.deliver(t, e.A)
		for _, email := range []string{who.Email, gone.Email, none.Email, "nobody@example.test"} {
			require.NoError(t, p.RequestReset(in(e.A), email, home))
			require.Len(t, p.deliver(t, e.A), 1, "one event each")
		}
		require.Len(t, p.catcher.To(who.Email), 1)
		for _, email := range []string{gone.Email, none.Email, "nobody@example.test"} {
			require.Empty(t, p.catcher.To(email))
		}
		require.NoError(t, p.RequestReset(in(e.B), who.Email, home))
		p.deliver(t, e.B)
		require.Len(t, p.catcher.To(who.Email), 1, "another organisation knows nobody of A")
	})
	t.Run("answers too many in the same way and sends no more", func(t *testing.T) {
		who := parent(t, e)
		for range 9 {
			require.NoError(t, p.RequestReset(in(e.A), who.Email, netip.MustParseAddr("203.0.113.9")))
		}
		p.deliver(t, e.A)
		require.Len(t, p.catcher.To(who.Email), 5)
		var err error
		for i := range 40 {
			err = p.RequestReset(in(e.A), fmt.Sprintf("p%d@example.test", i), netip.MustParseAddr("203.0.113.9"))
		}
		require.Equal(t, fault.TooMany, fault.CodeOf(err), "one place that asks for everybody")
	})
	t.Run("sends the same Message-ID when a handler runs again, and both links work until one is used", func(t *testing.T) {
		who := parent(t, e)
		require.NoError(t, p.RequestReset(in(e.A), who.Email, netip.MustParseAddr("203.0.113.10")))
		events := p.deliver(t, e.A)
		event := events[len(events)-1]
		first := p.token(t, who.Email)
		p.run(t, e.A, event)
		second := p.token(t, who.Email)
		mails := p.catcher.To(who.Email)
		require.Len(t, mails, 2)
		require.Equal(t, mails[0].Parsed().MessageID, mails[1].Parsed().MessageID)
		require.Contains(t, mails[0].Parsed().MessageID, event.ID.String())
		require.NoError(t, p.PeekReset(in(e.A), first))
		_, err := p.Reset(in(e.A), identity.Reset{Token: second, Password: fresh, IP: home})
		require.NoError(t, err)
		require.Equal(t, fault.Gone, fault.CodeOf(p.PeekReset(in(e.A), first)))
	})
	t.Run("tells the owner after the change", func(t *testing.T) {
		who := parent(t, e)
		token := p.link(t, who)
		_, err := p.Reset(in(e.A), identity.Reset{Token: token, Password: fresh, IP: home})
		require.NoError(t, err)
		events := p.deliver(t, e.A)
		require.Len(t, events, 1)
		require.Equal(t, "identity.password_changed", events[0].Name)
		last := p.catcher.To(who.Email)[1]
		require.Equal(t, "Je wachtwoord is veranderd", last.Parsed().Subject)
		require.NotContains(t, last.Parsed().Text, token)
		require.True(t, strings.Contains(last.Parsed().Text, "/wachtwoord"))
	})
}

func TestResetLink(t *testing.T) {
	e := dbtest.New(t)
	p := newPost(t, e)
	reset := func(at tenants.Tenant, token, password string) (identity.SignedIn, error) {
		return p.Reset(in(at), identity.Reset{Token: token, Password: password, IP: home, Device: "Safari · iOS"})
	}

	t.Run("sets the password, signs in here and out everywhere else", func(t *testing.T) {
		who := parent(t, e)
		other := identitytest.SignedIn(t, e, who).Value
		signed, err := reset(e.A, p.link(t, who), fresh)
		require.NoError(t, err)
		require.True(t, alive(p.Service, e.A, signed.Token))
		require.False(t, alive(p.Service, e.A, other))
		_, err = p.SignIn(in(e.A), credentials(who.Email, fresh))
		require.NoError(t, err)
		_, err = p.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})
	t.Run("works once of fifty tries at the same time", func(t *testing.T) {
		who := parent(t, e)
		token := p.link(t, who)
		var mu sync.Mutex
		var won []identity.SignedIn
		codes := map[fault.Code]int{}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				signed, err := reset(e.A, token, fresh)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won = append(won, signed)
					return
				}
				codes[fault.CodeOf(err)]++
			})
		}
		wg.Wait()
		require.Len(t, won, 1)
		require.Equal(t, map[fault.Code]int{fault.Gone: 49}, codes)
		require.True(t, alive(p.Service, e.A, won[0].Token))
		e.Clock.Advance(15 * time.Minute)
	})
	t.Run("stays when the new password is refused", func(t *testing.T) {
		who := parent(t, e)
		token := p.link(t, who)
		for _, bad := range []string{"kort", "welkomwelkomwelkom", who.Email} {
			_, err := reset(e.A, token, bad)
			require.Equal(t, fault.Invalid, fault.CodeOf(err), bad)
		}
		_, err := reset(e.A, token, fresh)
		require.NoError(t, err)
	})
	t.Run("is of one organisation", func(t *testing.T) {
		token := p.link(t, parent(t, e))
		_, err := reset(e.B, token, fresh)
		require.Equal(t, fault.Gone, fault.CodeOf(err))
		require.Equal(t, fault.Gone, fault.CodeOf(p.PeekReset(in(e.B), token)))
		require.NoError(t, p.PeekReset(in(e.A), token))
	})
	t.Run("is gone after an hour, when unknown, when the password changed, when its owner is out", func(t *testing.T) {
		who := parent(t, e)
		token := p.link(t, who)
		e.Clock.Advance(time.Hour - time.Second)
		require.NoError(t, p.PeekReset(in(e.A), token))
		e.Clock.Advance(time.Second)
		require.Equal(t, fault.Gone, fault.CodeOf(p.PeekReset(in(e.A), token)))
		_, err := reset(e.A, token, fresh)
		require.Equal(t, fault.Gone, fault.CodeOf(err))
		for _, unknown := range []string{"", "x", token + "A"} {
			require.Equal(t, fault.Gone, fault.CodeOf(p.PeekReset(in(e.A), unknown)))
		}
		token = p.link(t, who)
		require.NoError(t, p.SetPassword(in(e.A), who.ID, "een heel andere zin van vijf woorden"))
		require.Equal(t, fault.Gone, fault.CodeOf(p.PeekReset(in(e.A), token)))
		token = p.link(t, who)
		require.NoError(t, p.Deactivate(system(e.A), who.ID))
		_, err = reset(e.A, token, fresh)
		require.Equal(t, fault.Gone, fault.CodeOf(err))
	})
}
