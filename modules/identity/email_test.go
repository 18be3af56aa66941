package identity_test

import (
	"context"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
)

var emailToken = regexp.MustCompile(`/email/(?:bevestigen|terug)/([A-Za-z0-9_-]{43})`)

// linkTo is the token in the newest mail to an address.
func (p *post) linkTo(t *testing.T, address string) string {
	t.Helper()
	mails := p.catcher.To(address)
	require.NotEmpty(t, mails, "no mail to %s", address)
	found := emailToken.FindStringSubmatch(mails[len(mails)-1].Parsed().Text)
	require.NotNil(t, found)
	return found[1]
}

// entered is a parent with a session, as a request has them.
func entered(t *testing.T, e *dbtest.Env, s *identity.Service, options ...identitytest.Option) (identitytest.Someone, context.Context, identity.SignedIn) {
	t.Helper()
	who := parent(t, e, options...)
	signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	return who, visit(t, e, s, signed.Token), signed
}

func TestChangingTheAddress(t *testing.T) {
	e := dbtest.New(t)
	p := newPost(t, e)
	old := "oud@example.test"
	who, ctx, here := entered(t, e, p.Service, identitytest.Email(old))
	elsewhere, err := p.SignIn(in(e.A), credentials(old, identitytest.Password))
	require.NoError(t, err)

	t.Run("needs a fresh proof and an address that is another", func(t *testing.T) {
		require.Equal(t, fault.Invalid, fault.CodeOf(p.RequestEmail(ctx, "geen adres")))
		require.Equal(t, fault.Invalid, fault.CodeOf(p.RequestEmail(ctx, old)))
		e.Clock.Advance(identity.FreshTime + time.Second)
		require.True(t, identity.NeedsProof(p.RequestEmail(ctx, "nieuw@example.test")))
		e.Clock.Advance(-identity.FreshTime - time.Second)
	})
	t.Run("sends nothing to an address that somebody has", func(t *testing.T) {
		parent(t, e, identitytest.Email("bezet@example.test"))
		require.NoError(t, p.RequestEmail(ctx, "bezet@example.test"))
		p.deliver(t, e.A)
		require.Empty(t, p.catcher.To("bezet@example.test"))
	})
	require.NoError(t, p.RequestEmail(ctx, " Nieuw@Example.test "))
	require.NoError(t, p.RequestReset(in(e.A), old, home))
	p.deliver(t, e.A)
	link := p.linkTo(t, "nieuw@example.test")
	email, err := p.PeekEmail(in(e.A), identity.ConfirmLink, link)
	require.NoError(t, err)
	require.Equal(t, "nieuw@example.test", email)
	for _, wrong := range []struct {
		link identity.EmailLink
		ctx  context.Context
	}{{identity.UndoLink, in(e.A)}, {identity.ConfirmLink, in(e.B)}} {
		require.Equal(t, fault.Gone, fault.CodeOf(p.UseEmail(wrong.ctx, wrong.link, link, home)))
	}
	_, err = p.SignIn(in(e.A), credentials("nieuw@example.test", identitytest.Password))
	require.Error(t, err, "changed before it was confirmed")

	t.Run("happens once, however many click", func(t *testing.T) {
		var done atomic.Int64
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if p.UseEmail(in(e.A), identity.ConfirmLink, link, home) == nil {
					done.Add(1)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 1, done.Load())
	})
	t.Run("keeps the session that asked and ends the others", func(t *testing.T) {
		_, err := p.Resolve(in(e.A), here.Token)
		require.NoError(t, err)
		_, err = p.Resolve(in(e.A), elsewhere.Token)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
	})
	t.Run("voids what went to the old address", func(t *testing.T) {
		var reset []string
		for _, m := range p.catcher.To(old) {
			reset = append(reset, regexp.MustCompile(`/wachtwoord/nieuw/([A-Za-z0-9_-]{43})`).FindStringSubmatch(m.Parsed().Text)...)
		}
		require.NotEmpty(t, reset)
		require.Equal(t, fault.Gone, fault.CodeOf(p.PeekReset(in(e.A), reset[1])))
	})
	t.Run("is told to the old address, which takes it back whatever happened since", func(t *testing.T) {
		p.deliver(t, e.A)
		undo := p.linkTo(t, old)
		_, err := p.ChangePassword(ctx, here.Token, identitytest.Password, fresh)
		require.NoError(t, err)
		thief, err := p.SignIn(in(e.A), credentials("nieuw@example.test", fresh))
		require.NoError(t, err)
		require.NoError(t, p.RequestEmail(visit(t, e, p.Service, thief.Token), "verder@example.test"))
		p.deliver(t, e.A)
		require.NoError(t, p.UseEmail(in(e.A), identity.ConfirmLink, p.linkTo(t, "verder@example.test"), home))
		p.deliver(t, e.A)
		counter := p.linkTo(t, "nieuw@example.test")
		require.NoError(t, p.UseEmail(in(e.A), identity.UndoLink, undo, home))
		require.Equal(t, fault.Gone, fault.CodeOf(p.UseEmail(in(e.A), identity.UndoLink, counter, home)), "the thief cannot take it back in turn")
		require.Equal(t, fault.Gone, fault.CodeOf(p.UseEmail(in(e.A), identity.UndoLink, undo, home)))
		_, err = p.Resolve(in(e.A), thief.Token)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
		for _, password := range []string{fresh, identitytest.Password} {
			_, err = p.SignIn(in(e.A), credentials(old, password))
			require.Equal(t, fault.Invalid, fault.CodeOf(err), "the password of whoever changed the address works on")
		}
		contact, err := p.Account(actor.With(in(e.A), who.Actor()))
		require.NoError(t, err)
		require.Equal(t, old, contact.Person.Email)
	})
	t.Run("is dropped when its owner shuts out whoever asked for it", func(t *testing.T) {
		who, _, _ := entered(t, e, p.Service)
		thief, err := p.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		require.NoError(t, p.RequestEmail(visit(t, e, p.Service, thief.Token), "gekaapt@example.test"))
		p.deliver(t, e.A)
		confirm := p.linkTo(t, "gekaapt@example.test")
		require.NoError(t, p.SetPassword(in(e.A), who.ID, fresh))
		require.Equal(t, fault.Gone, fault.CodeOf(p.UseEmail(in(e.A), identity.ConfirmLink, confirm, home)))
	})
	t.Run("does not wait longer than a day", func(t *testing.T) {
		_, ctx, _ := entered(t, e, p.Service)
		require.NoError(t, p.RequestEmail(ctx, "later@example.test"))
		p.deliver(t, e.A)
		e.Clock.Advance(identity.EmailTime)
		require.Equal(t, fault.Gone, fault.CodeOf(p.UseEmail(in(e.A), identity.ConfirmLink, p.linkTo(t, "later@example.test"), home)))
	})
}

// Whoever takes an account over sets up a way back in: before they change the address, or after.
func TestTakingTheAddressBackRemovesWhatWasSetUp(t *testing.T) {
	e := dbtest.New(t)
	p := newPost(t, e)
	who, _, own := entered(t, e, p.Service)
	mine, own, _ := register(t, e, p.Service, own.Token)
	e.Clock.Advance(2 * 24 * time.Hour)
	thief, err := p.Confirm(visit(t, e, p.Service, own.Token), own.Token, identity.Confirmation{Passkey: mine.sign(t, challenge(t, e, p.Service)), IP: home})
	require.NoError(t, err)
	before, thief, _ := register(t, e, p.Service, thief.Token)
	e.Clock.Advance(time.Minute)
	require.NoError(t, p.RequestEmail(visit(t, e, p.Service, thief.Token), "gekaapt@example.test"))
	p.deliver(t, e.A)
	require.NoError(t, p.UseEmail(in(e.A), identity.ConfirmLink, p.linkTo(t, "gekaapt@example.test"), home))
	p.deliver(t, e.A)
	undo := p.linkTo(t, who.Email)
	after, thief, _ := register(t, e, p.Service, thief.Token)
	thief, _, codes := enrol(t, e, p.Service, thief.Token)
	require.NoError(t, p.UseEmail(in(e.A), identity.UndoLink, undo, home))

	require.False(t, alive(p.Service, e.A, thief.Token))
	for _, d := range []*device{before, after} {
		_, err = p.SignInByPasskey(in(e.A), identity.PasskeyVisit{Answer: d.sign(t, challenge(t, e, p.Service)), IP: home})
		require.Equal(t, fault.Invalid, fault.CodeOf(err), "a passkey of whoever changed the address opens the account")
	}
	entered, err := p.SignInByPasskey(in(e.A), identity.PasskeyVisit{Answer: mine.sign(t, challenge(t, e, p.Service)), IP: home})
	require.NoError(t, err, "the owner's own was removed")
	list, err := p.Security(visit(t, e, p.Service, entered.Token))
	require.NoError(t, err)
	require.False(t, list.App)
	require.Len(t, list.Passkeys, 1)
	p.deliver(t, e.A)
	mails := p.catcher.To(who.Email)
	require.Contains(t, mails[len(mails)-1].Parsed().Text, "je e-mailadres is teruggezet")
	signed, err := p.Reset(in(e.A), identity.Reset{Token: p.link(t, who), Password: fresh, IP: home})
	require.NoError(t, err)
	_, err = prove(e, p.Service, signed.Wait, codes[0])
	require.Equal(t, fault.Invalid, fault.CodeOf(err), "a recovery code of theirs opens the account")
}

// Somebody who must have a factor keeps the one they have: an old mailbox must not be enough to be staff.
func TestTakingTheAddressBackLeavesStaffTheirFactor(t *testing.T) {
	e := dbtest.New(t)
	p := newPost(t, e)
	who, _, own := entered(t, e, p.Service, identitytest.Role(actor.Staff))
	own, _, codes := enrol(t, e, p.Service, own.Token)
	require.NoError(t, p.RequestEmail(visit(t, e, p.Service, own.Token), "nieuw@example.test"))
	p.deliver(t, e.A)
	require.NoError(t, p.UseEmail(in(e.A), identity.ConfirmLink, p.linkTo(t, "nieuw@example.test"), home))
	p.deliver(t, e.A)
	require.NoError(t, p.UseEmail(in(e.A), identity.UndoLink, p.linkTo(t, who.Email), home))
	signed, err := p.Reset(in(e.A), identity.Reset{Token: p.link(t, who), Password: fresh, IP: home})
	require.NoError(t, err)
	require.Empty(t, signed.Token, "the mailbox alone opens the account of staff")
	_, err = prove(e, p.Service, signed.Wait, codes[0])
	require.NoError(t, err)
}

func challenge(t *testing.T, e *dbtest.Env, s *identity.Service) identity.Challenge {
	t.Helper()
	c, err := s.AskToProve(in(e.A), home, "")
	require.NoError(t, err)
	return c
}
