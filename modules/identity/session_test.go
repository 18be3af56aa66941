package identity_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

func alive(s *identity.Service, at tenants.Tenant, token string) bool {
	_, err := s.Resolve(in(at), token)
	return err == nil
}

func TestSessionLimits(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	const day = 24 * time.Hour
	for _, c := range []struct {
		role           actor.Role
		idle, absolute time.Duration
	}{
		{actor.Parent, 14 * day, 30 * day}, {actor.Staff, time.Hour, 12 * time.Hour},
		{actor.Manager, time.Hour, 12 * time.Hour}, {actor.Admin, time.Hour, 12 * time.Hour},
	} {
		t.Run(string(c.role), func(t *testing.T) {
			who := identitytest.NewPerson(t, e, e.A, identitytest.Role(c.role), identitytest.WithPassword())
			signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
			require.NoError(t, err)
			unused, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
			require.NoError(t, err)
			require.Equal(t, c.absolute, signed.ExpiresAt.Sub(e.Clock.Now()))

			e.Clock.Advance(c.idle - time.Second)
			require.True(t, alive(s, e.A, signed.Token))
			e.Clock.Advance(time.Second)
			require.False(t, alive(s, e.A, unused.Token), "not used for %s", c.idle)
			step := c.idle - 5*time.Minute // use is noted that roughly, to the safe side
			for end := signed.ExpiresAt; e.Clock.Now().Add(step).Before(end); {
				e.Clock.Advance(step)
				require.True(t, alive(s, e.A, signed.Token), "%s before its end", end.Sub(e.Clock.Now()))
			}
			e.Clock.Set(signed.ExpiresAt)
			require.False(t, alive(s, e.A, signed.Token), "used all the time, but %s old", c.absolute)
		})
	}
}

func TestSessionRowHoldsNoToken(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	who := parent(t, e)
	signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	require.Len(t, signed.Token, 43, "256 bit in base64url")
	var found []byte
	require.NoError(t, e.Owner(t).QueryRow(context.Background(), "SELECT token_hash FROM session WHERE id = $1", signed.Actor.SessionID).Scan(&found))
	require.Equal(t, ids.HashToken(signed.Token), found)
}

// usedAt is when the row says that the session was used last.
func usedAt(t *testing.T, conn *pgx.Conn, id ids.ID) (at time.Time) {
	t.Helper()
	require.NoError(t, conn.QueryRow(context.Background(), "SELECT used_at FROM session WHERE id = $1", id).Scan(&at))
	return at.UTC()
}

func TestUseIsNotedEveryFiveMinutes(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	conn := e.Owner(t)
	who := parent(t, e)
	signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	begin := usedAt(t, conn, signed.Actor.SessionID)
	e.Clock.Advance(5*time.Minute - time.Second)
	require.True(t, alive(s, e.A, signed.Token))
	require.Equal(t, begin, usedAt(t, conn, signed.Actor.SessionID))
	e.Clock.Advance(time.Second)
	require.True(t, alive(s, e.A, signed.Token))
	require.Equal(t, begin.Add(5*time.Minute), usedAt(t, conn, signed.Actor.SessionID))
}

func TestOutAtTheNextRequest(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	sign := func(t *testing.T, who identitytest.Someone) string {
		signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		require.True(t, alive(s, e.A, signed.Token))
		return signed.Token
	}
	t.Run("when deactivated, also after activation", func(t *testing.T) {
		who := parent(t, e)
		token := sign(t, who)
		require.NoError(t, s.Deactivate(system(e.A), who.ID))
		require.False(t, alive(s, e.A, token))
		require.NoError(t, s.Activate(system(e.A), who.ID))
		require.False(t, alive(s, e.A, token))
		sign(t, who)
	})
	t.Run("when deactivated by whatever writes the row", func(t *testing.T) {
		who := parent(t, e)
		token := sign(t, who)
		_, err := e.Owner(t).Exec(context.Background(), "UPDATE person SET deactivated_at = now() WHERE id = $1", who.ID)
		require.NoError(t, err)
		require.False(t, alive(s, e.A, token))
	})
	t.Run("when the role ended", func(t *testing.T) {
		who := parent(t, e)
		token := sign(t, who)
		require.NoError(t, s.EndMembership(in(e.A), who.Membership, e.A.DateOf(e.Clock.Now())))
		require.True(t, alive(s, e.A, token), "today is the last day")
		require.NoError(t, s.EndMembership(in(e.A), who.Membership, e.A.DateOf(e.Clock.Now().AddDate(0, 0, -1))))
		require.False(t, alive(s, e.A, token))
	})
	t.Run("at midnight of the organisation, not of Greenwich", func(t *testing.T) {
		who := identitytest.NewPerson(t, e, e.A, identitytest.WithPassword(), identitytest.RoleBetween(actor.Parent, "2026-11-01", "2026-11-23"))
		token := sign(t, who)
		e.Clock.Set(time.Date(2026, 11, 23, 22, 59, 59, 0, time.UTC))
		require.True(t, alive(s, e.A, token))
		e.Clock.Set(time.Date(2026, 11, 23, 23, 0, 0, 0, time.UTC))
		require.False(t, alive(s, e.A, token))
	})
	t.Run("when the password was set", func(t *testing.T) {
		who := parent(t, e)
		token := sign(t, who)
		require.NoError(t, s.SetPassword(in(e.A), who.ID, "een heel andere zin van vijf woorden"))
		require.False(t, alive(s, e.A, token))
	})
	t.Run("but only at the organisation where it happened", func(t *testing.T) {
		who := parent(t, e)
		token := sign(t, who)
		require.Equal(t, fault.Missing, fault.CodeOf(s.Deactivate(system(e.B), who.ID)))
		require.Equal(t, fault.Missing, fault.CodeOf(s.EndMembership(in(e.B), who.Membership, "2026-12-01")))
		require.Equal(t, fault.Missing, fault.CodeOf(s.SetPassword(in(e.B), who.ID, "een heel andere zin van vijf woorden")))
		require.True(t, alive(s, e.A, token))
	})
}

func TestDevices(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	who, other := parent(t, e), parent(t, e)
	sign := func(who identitytest.Someone) identity.SignedIn {
		signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		e.Clock.Advance(time.Minute)
		return signed
	}
	phone, tablet, foreign := sign(who), sign(who), sign(other)
	ctx := actor.With(in(e.A), tablet.Actor)

	account, err := s.Account(ctx)
	require.NoError(t, err)
	require.Equal(t, who.ID, account.Person.ID)
	require.Len(t, account.Devices, 2)
	require.Equal(t, tablet.Actor.SessionID, account.Devices[0].SessionID)
	require.True(t, account.Devices[0].Current)
	require.False(t, account.Devices[1].Current)
	require.Equal(t, "Firefox · Linux", account.Devices[1].Name)

	require.Equal(t, fault.NotFound().Key, faultKey(s.EndSession(ctx, foreign.Actor.SessionID)), "another person's")
	require.Equal(t, fault.NotFound().Key, faultKey(s.EndSession(ctx, ids.New())), "nobody's")
	require.True(t, alive(s, e.A, foreign.Token))
	require.NoError(t, s.EndSession(ctx, phone.Actor.SessionID))
	require.False(t, alive(s, e.A, phone.Token))
	require.True(t, alive(s, e.A, tablet.Token))
}

func faultKey(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Key
	}
	return ""
}

func TestChangePassword(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	who := parent(t, e)
	sign := func() identity.SignedIn {
		signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		return signed
	}
	phone, tablet := sign(), sign()
	ctx := actor.With(in(e.A), tablet.Actor)
	const fresh = "vandaag regent het in Bathmen niet"

	_, err := s.ChangePassword(ctx, tablet.Token, "niet het oude", fresh)
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	_, err = s.ChangePassword(ctx, tablet.Token, identitytest.Password, "te kort")
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	require.True(t, alive(s, e.A, phone.Token))

	renewed, err := s.ChangePassword(ctx, tablet.Token, identitytest.Password, fresh)
	require.NoError(t, err)
	require.False(t, alive(s, e.A, phone.Token), "other sessions end")
	require.False(t, alive(s, e.A, tablet.Token), "this one has a new token")
	require.True(t, alive(s, e.A, renewed.Token))
	_, err = s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	_, err = s.SignIn(in(e.A), credentials(who.Email, fresh))
	require.NoError(t, err)
}

func TestPreferences(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	who := parent(t, e)
	cookie := identitytest.SignedIn(t, e, who)
	require.NoError(t, s.SetLanguage(who.Ctx(), "en"))
	require.NoError(t, s.SetAppearance(who.Ctx(), identity.Dark))
	visit, err := s.Resolve(in(e.A), cookie.Value)
	require.NoError(t, err)
	require.Equal(t, "en", visit.Actor.Language)
	require.Equal(t, identity.Dark, visit.Appearance)
	require.Equal(t, fault.Invalid, fault.CodeOf(s.SetLanguage(who.Ctx(), "fr")))
	require.Equal(t, fault.Invalid, fault.CodeOf(s.SetAppearance(who.Ctx(), "pink")))
}

// A thousand times a sign-out races with what keeps a session alive: a request, a change of role. Nothing may be left alive.
func TestSignOutWinsEveryRace(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	who := identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Staff), identitytest.Role(actor.Parent))
	const pairs = 1000
	tokens := make(chan string, pairs)
	for range pairs {
		tokens <- identitytest.SignedIn(t, e, who).Value
	}
	close(tokens)
	e.Clock.Advance(10 * time.Minute) // so that a request writes
	var mu sync.Mutex
	var living, switched int
	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() {
			for token := range tokens {
				var pair sync.WaitGroup
				candidates := []string{token}
				pair.Go(func() {
					_, _ = s.Resolve(in(e.A), token)
					if signed, err := s.SwitchRole(in(e.A), token, actor.Staff); err == nil {
						candidates = append(candidates, signed.Token)
					}
				})
				pair.Go(func() {
					if err := s.SignOut(in(e.A), token); err != nil {
						t.Error(err)
					}
				})
				pair.Wait()
				mu.Lock()
				switched += len(candidates) - 1
				for _, c := range candidates {
					if alive(s, e.A, c) {
						living++
					}
				}
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	require.Zero(t, living)
	t.Logf("%d of %d changed role before the sign-out came", switched, pairs)
	require.NotZero(t, switched, "the race was never close")
}

// Somebody who knows the old password signs in while its owner changes it: no session opened with the old one survives.
func TestOldPasswordOpensNothingBehindAChange(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	for range 5 {
		who := parent(t, e)
		var thief identity.SignedIn
		var wg sync.WaitGroup
		wg.Go(func() { thief, _ = s.SignIn(in(e.A), credentials(who.Email, identitytest.Password)) })
		wg.Go(func() {
			if err := s.SetPassword(in(e.A), who.ID, "een heel andere zin van vijf woorden"); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		require.False(t, thief.Token != "" && alive(s, e.A, thief.Token))
	}
}

// What every request pays: one round trip.
func BenchmarkResolve(b *testing.B) {
	e := dbtest.New(b)
	s := identity.New(e.DB, identity.Config{})
	token := identitytest.SignedIn(b, e, identitytest.NewPerson(b, e, e.A, identitytest.Role(actor.Parent))).Value
	ctx := in(e.A)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Resolve(ctx, token); err != nil {
			b.Fatal(err)
		}
	}
}

func TestWhatOutlivesARequestAsksForItsSession(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	sign := func(t *testing.T, who identitytest.Someone) (string, context.Context) {
		signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
		require.NoError(t, err)
		ctx := actor.With(in(e.A), signed.Actor)
		require.NoError(t, s.StillIn(ctx))
		return signed.Token, ctx
	}
	gone := func(t *testing.T, ctx context.Context) {
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(s.StillIn(ctx)))
	}
	t.Run("signed out", func(t *testing.T) {
		token, ctx := sign(t, parent(t, e))
		require.NoError(t, s.SignOut(in(e.A), token))
		gone(t, ctx)
	})
	t.Run("in another role", func(t *testing.T) {
		token, ctx := sign(t, identitytest.NewPerson(t, e, e.A, identitytest.WithPassword(), identitytest.Role(actor.Staff), identitytest.Role(actor.Parent)))
		other, err := s.SwitchRole(in(e.A), token, actor.Parent)
		require.NoError(t, err)
		gone(t, ctx)
		require.NoError(t, s.StillIn(actor.With(in(e.A), other.Actor)))
	})
	t.Run("deactivated", func(t *testing.T) {
		who := parent(t, e)
		_, ctx := sign(t, who)
		require.NoError(t, s.Deactivate(system(e.A), who.ID))
		gone(t, ctx)
	})
	t.Run("at another organisation, or nobody", func(t *testing.T) {
		_, ctx := sign(t, parent(t, e))
		gone(t, tenants.With(ctx, e.B))
		gone(t, in(e.A))
	})
	t.Run("unused for too long", func(t *testing.T) {
		_, ctx := sign(t, parent(t, e))
		e.Clock.Advance(14*24*time.Hour + time.Second)
		gone(t, ctx)
	})
}

func TestQuestionsAheadAreAboutTheVisitor(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	who, other := parent(t, e), parent(t, e)
	signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	var mu sync.Mutex
	connections := map[int]bool{}
	ask := func(at tenants.Tenant, token string, person any) (found ids.ID, err error) {
		visit, err := s.Resolve(in(at), token, tenants.Question{
			SQL:  tenants.ForVisitor("SELECT coalesce($2, '00000000-0000-0000-0000-000000000000'), pg_backend_pid(), pg_sleep(0.02)::text WHERE $1::uuid IS NOT NULL"),
			Args: []any{at.ID, person},
			Scan: func(rows pgx.Rows) error {
				for rows.Next() {
					var connection int
					if err := rows.Scan(&found, &connection, nil); err != nil {
						return err
					}
					mu.Lock()
					connections[connection] = true
					mu.Unlock()
				}
				return nil
			},
		})
		if err == nil {
			require.True(t, visit.Ahead)
		}
		return found, err
	}
	about := func(person any) ids.ID {
		found, err := ask(e.A, signed.Token, person)
		require.NoError(t, err)
		return found
	}
	nobody := func(at tenants.Tenant, token string) {
		found, err := ask(at, token, nil)
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
		require.Equal(t, ids.Nil, found)
	}
	require.Equal(t, who.ID, about(nil))
	require.Equal(t, other.ID, about(other.ID), "who is named is not the visitor")
	nobody(e.B, signed.Token)
	nobody(e.A, "x")
	var all sync.WaitGroup
	for range 4 { // at once, so on several connections
		all.Go(func() { require.Equal(t, who.ID, about(nil)) })
	}
	all.Wait()
	require.NoError(t, s.SignOut(in(e.A), signed.Token))
	for range 4 { // none of which knows who was asked about before
		all.Go(func() { nobody(e.A, signed.Token) })
	}
	all.Wait()
	require.Greater(t, len(connections), 1)
}

func TestAQuestionAheadThatFailsLeavesTheSession(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	who := parent(t, e)
	signed, err := s.SignIn(in(e.A), credentials(who.Email, identitytest.Password))
	require.NoError(t, err)
	broken := tenants.Question{SQL: "SELECT 1 / 0", Scan: func(rows pgx.Rows) error {
		for rows.Next() {
		}
		return rows.Err()
	}}
	visit, err := s.Resolve(in(e.A), signed.Token, broken)
	require.NoError(t, err)
	require.False(t, visit.Ahead)
	require.Equal(t, who.ID, visit.Actor.PersonID)
	_, err = s.Resolve(in(e.A), "x", broken)
	require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
}
