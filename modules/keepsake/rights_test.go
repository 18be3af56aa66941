package keepsake_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/keepsake"
)

// R37, R40: who has a right to know of the child takes everything home; for everybody else there is nothing.
func TestWhoMayTakeEverythingHome(t *testing.T) {
	a := newAttic(t)
	mila := a.child("Mila")
	a.share(a.e.Clock.Now().Add(-time.Hour), "Toen", [][]byte{snapshot(1)}, mila)
	today := a.Tenant.DateOf(a.e.Clock.Now())
	tied := func(kind children.Kind, from, to int) identitytest.Someone {
		who := a.AddParent("Iemand")
		last := today.Add(to)
		a.Tie(who, mila.ID, kind, today.Add(from), last)
		return who
	}
	blocked := a.AddParent("Geblokkeerd")
	require.NoError(t, a.Service.Block(a.Admin.Ctx(), a.Tie(blocked, mila.ID, children.Authority, "2026-01-01", ""), "uitspraak rechter"))
	foreign := childrentest.NewHouse(t, a.e, a.e.B)
	owner := a.AddParent("Eva", mila.ID)
	a.fetched(owner, mila)
	theirs := a.state(owner, mila).ID
	for name, c := range map[string]struct {
		who identitytest.Someone
		may bool
	}{
		"authority": {tied(children.Authority, -10, 10), true}, "right to information": {tied(children.Information, -10, 0), true},
		"collects": {tied(children.Collector, -10, 10), false}, "relative": {tied(children.Relative, -10, 10), false},
		"ended": {tied(children.Authority, -10, -1), false}, "still to come": {tied(children.Authority, 1, 10), false}, "blocked": {blocked, false},
		"stranger": {a.AddParent("Piet"), false}, "group": {a.Staff, false}, "admin": {a.Admin, false},
		"elsewhere": {foreign.AddParent("Bo"), false}, "admin elsewhere": {foreign.Admin, false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := a.in(c.who)
			err := a.keepsake.Ask(ctx, mila.ID, false)
			if c.may {
				require.NoError(t, err)
				a.work()
				a.fetch(c.who, mila)
			} else {
				require.Equal(t, fault.Missing, fault.CodeOf(err))
				_, err = a.keepsake.Of(ctx, mila.ID)
				require.Equal(t, fault.Missing, fault.CodeOf(err))
				_, err = a.keepsake.Fetch(ctx, mila.ID)
				require.Equal(t, fault.Missing, fault.CodeOf(err))
				require.Equal(t, fault.Missing, fault.CodeOf(a.keepsake.Cancel(ctx, mila.ID)))
			}
			for _, id := range []ids.ID{theirs, ids.New()} {
				f, _, err := a.keepsake.File(ctx, id, true)
				require.Nil(t, f)
				require.Equal(t, fault.Missing, fault.CodeOf(err), "what another guardian asked for is theirs")
			}
		})
	}
	t.Run("and not an open screen", func(t *testing.T) {
		late := a.in(owner)
		who := actor.From(late)
		who.ProvedAt = a.e.Clock.Now().Add(-identity.FreshTime - time.Second)
		late = actor.With(late, who)
		require.True(t, identity.NeedsProof(a.keepsake.Ask(late, mila.ID, true)))
		_, err := a.keepsake.Fetch(late, mila.ID)
		require.True(t, identity.NeedsProof(err))
		f, _, err := a.keepsake.File(late, theirs, true)
		require.NoError(t, err)
		require.NotNil(t, f, "a download that began goes on")
		a.e.Clock.Advance(6 * time.Minute)
		f, _, err = a.keepsake.File(late, theirs, false)
		require.NoError(t, err)
		require.Nil(t, f, "and does not begin once more")
		f, _, err = a.keepsake.File(late, theirs, true)
		require.NoError(t, err)
		require.NotNil(t, f, "but goes on")
		who.SessionID = ids.New()
		f, child, err := a.keepsake.File(actor.With(late, who), theirs, true)
		require.NoError(t, err)
		require.Nil(t, f, "another session proves itself first")
		require.Equal(t, mila.ID, child)
	})
}

// What is refused after the file was made, or while it is made, or while it goes over the line, is had by nobody from then on.
func TestWhatIsRefusedIsNotHadAnyMore(t *testing.T) {
	for name, c := range map[string]struct {
		refuse func(a *attic, entry, text, child, tie ids.ID)
		left   int // photos that are left to have; nothing at all when 0
	}{
		"a consent": {func(a *attic, _, _, child, _ ids.ID) { a.allow(child, false) }, 12},
		"an entry": {func(a *attic, entry, _, _, _ ids.ID) {
			require.NoError(a.t, a.diary.Withdraw(a.Staff.Ctx(), entry, "verkeerde foto"))
		}, 12},
		"a text": {func(a *attic, _, text, _, _ ids.ID) {
			require.NoError(a.t, a.diary.Withdraw(a.Staff.Ctx(), text, "verkeerd kind"))
		}, 14},
		"a tie": {func(a *attic, _, _, _, tie ids.ID) {
			require.NoError(a.t, a.Service.Block(a.Admin.Ctx(), tie, "uitspraak rechter"))
		}, 0},
	} {
		begin := func(t *testing.T) (*attic, identitytest.Someone, children.Named, func()) {
			a := newAttic(t)
			mila, finn := a.child("Mila"), a.child("Finn")
			eva := a.AddParent("Eva")
			tie := a.Tie(eva, mila.ID, children.Authority, "2026-01-01", "")
			at := a.e.Clock.Now().Add(-48 * time.Hour)
			entry, _ := a.share(at, "Samen", [][]byte{snapshot(1), snapshot(2)}, mila, finn)
			text, _ := a.share(at.Add(time.Minute), "Verhaal", nil, mila)
			for n := range 6 {
				a.share(at.Add(time.Duration(n+1)*time.Hour), "Alleen", [][]byte{snapshot(n), snapshot(n + 1)}, mila)
			}
			return a, eva, mila, func() { c.refuse(a, entry, text, finn.ID, tie) }
		}
		t.Run(name+" after it was made", func(t *testing.T) {
			a, eva, mila, refuse := begin(t)
			a.fetched(eva, mila)
			before := a.state(eva, mila)
			require.Equal(t, keepsake.Ready, before.State)
			refuse()
			f, _, err := a.keepsake.File(a.in(eva), before.ID, true)
			require.Nil(t, f)
			require.Error(t, err)
			_, err = a.keepsake.Fetch(a.in(eva), mila.ID)
			require.Error(t, err)
			a.work()
			require.Zero(t, a.objects())
			require.Equal(t, 1, a.count("SELECT count(*) FROM keepsake WHERE id = $1 AND state = 'revoked'", before.ID))
			require.Zero(t, a.count("SELECT count(*) FROM keepsake_item WHERE keepsake_id = $1", before.ID))
			err = a.keepsake.Ask(a.in(eva), mila.ID, false)
			require.Equal(t, c.left > 0, err == nil)
			if c.left > 0 {
				a.work()
				_, content := unpack(t, a.fetch(eva, mila))
				require.Len(t, content, c.left+5)
			}
		})
		t.Run(name+" while it is made", func(t *testing.T) {
			a, eva, mila, refuse := begin(t)
			a.keepsake.SetPartSize(1)
			require.NoError(t, a.keepsake.Ask(a.in(eva), mila.ID, false))
			for _, r := range a.next() {
				require.NoError(t, a.handle(r))
				a.handled[r.ID] = true
			}
			require.Equal(t, keepsake.PartsAtOnce, a.state(eva, mila).Parts)
			refuse()
			a.work()
			if c.left == 0 {
				require.Zero(t, a.objects())
				require.Equal(t, 1, a.count("SELECT count(*) FROM keepsake WHERE tenant_id = $1 AND state = 'revoked'", a.Tenant.ID))
				require.Zero(t, a.count("SELECT count(*) FROM delivery WHERE tenant_id = $1 AND item = 'keepsake'", a.Tenant.ID))
				return
			}
			if name != "a text" { // which is packed with the page of its month, last of all
				require.Equal(t, 2, a.state(eva, mila).Round, "it was begun anew")
			}
			_, content := unpack(t, a.fetch(eva, mila))
			require.Len(t, content, c.left+5)
			require.Equal(t, a.state(eva, mila).Parts, a.objects(), "nothing is left of the first round")
		})
		t.Run(name+" while it goes over the line", func(t *testing.T) {
			a, eva, mila, refuse := begin(t)
			a.keepsake.SetPartSize(1)
			a.fetched(eva, mila)
			f, _, err := a.keepsake.File(a.in(eva), a.state(eva, mila).ID, true)
			require.NoError(t, err)
			body := f.Open(a.in(eva), 0, f.Size)
			_, err = io.ReadFull(body, make([]byte, 100))
			require.NoError(t, err)
			refuse()
			a.e.Clock.Advance(time.Minute)
			rest, err := io.ReadAll(body)
			require.Error(t, err)
			require.Less(t, int64(len(rest)), f.Size/4, "the part that was under way at most")
		})
	}
}

// A consent that is withdrawn without a photo of that child in the file changes nothing about it.
func TestAnotherChildsConsentIsNoReason(t *testing.T) {
	a := newAttic(t)
	mila, finn := a.child("Mila"), a.child("Finn")
	eva := a.AddParent("Eva", mila.ID)
	a.share(a.e.Clock.Now().Add(-time.Hour), "Toen", [][]byte{snapshot(1)}, mila)
	a.fetched(eva, mila)
	a.allow(finn.ID, false)
	a.allow(mila.ID, true)
	a.work()
	a.fetch(eva, mila)
}
