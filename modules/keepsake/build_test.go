package keepsake_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/keepsake"
	"ouderportaal/tenants"
)

var errKilled = errors.New("the worker was killed")

// dying is a store under which the worker dies at one of its calls: before it is carried out, or right after.
type dying struct {
	blob.Store
	calls, at int
	after     bool
}

func (s *dying) step(do func() error) error {
	s.calls++
	if s.calls == s.at && !s.after {
		return errKilled
	}
	err := do()
	if s.calls == s.at && s.after {
		return errKilled
	}
	return err
}

func (s *dying) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	return s.step(func() error { return s.Store.Put(ctx, key, r, size, contentType) })
}

func (s *dying) Get(ctx context.Context, key string, offset, length int64) (body io.ReadCloser, info blob.Info, err error) {
	err = s.step(func() (err error) { body, info, err = s.Store.Get(ctx, key, offset, length); return err })
	if err != nil && body != nil {
		body.Close()
	}
	return body, info, err
}

func (s *dying) Delete(ctx context.Context, key string) error {
	return s.step(func() error { return s.Store.Delete(ctx, key) })
}

// TestAWorkerThatIsKilledAnywhere: whichever step it dies at, one archive and one mail come of it, and nothing is left behind.
func TestAWorkerThatIsKilledAnywhere(t *testing.T) {
	a := newAttic(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	for n := range 5 {
		a.share(time.Date(2026, 10, 20+5*n, 9, 0, 0, 0, time.UTC), "Toen", [][]byte{snapshot(n)}, mila)
	}
	runs := 0
	for _, after := range []bool{false, true} {
		for kill := 1; ; kill++ {
			runs++
			a.e.Clock.Advance(keepsake.Kept)
			store := &dying{Store: a.store, at: kill, after: after}
			a.open(store)
			a.keepsake.SetPartSize(1)
			require.NoError(t, a.keepsake.Ask(a.in(eva), mila.ID, false))
			for list := a.next(); len(list) > 0; list = a.next() {
				for _, r := range list {
					if err := a.handle(r); err != nil {
						require.ErrorIs(t, err, errKilled)
						require.NoError(t, a.handle(r), "the ledger gives it to another worker")
					}
					a.handled[r.ID] = true
				}
			}
			a.open(a.store)
			names, _ := unpack(t, a.fetch(eva, mila))
			require.Len(t, names, 5+2+4)
			require.Equal(t, runs, a.count("SELECT count(*) FROM delivery WHERE tenant_id = $1 AND person_id = $2", a.Tenant.ID, eva.ID))
			require.Equal(t, 1, a.count("SELECT count(*) FROM event WHERE tenant_id = $1 AND name = 'keepsake.became_ready' AND payload->>'keepsake_id' = $2", a.Tenant.ID, a.state(eva, mila).ID.String()))
			// What a killed worker stored without its row goes with the rest.
			a.e.Clock.Advance(keepsake.Kept)
			require.NoError(t, a.keepsake.Sweep(a.system()))
			a.work()
			require.Zero(t, a.objects())
			if store.calls < kill {
				require.Greater(t, kill, 10)
				break
			}
		}
	}
}

// TestTwoWorkersAtOnce build the same keepsake from the same event: it is whole, and only its own parts are in storage.
func TestTwoWorkersAtOnce(t *testing.T) {
	a := newAttic(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	for n := range 12 {
		a.share(a.e.Clock.Now().Add(-time.Duration(n+1)*time.Hour), "Toen", [][]byte{snapshot(n)}, mila)
	}
	a.keepsake.SetPartSize(1)
	require.NoError(t, a.keepsake.Ask(a.in(eva), mila.ID, false))
	for list := a.next(); len(list) > 0; list = a.next() {
		for _, r := range list {
			var workers sync.WaitGroup
			for range 4 {
				workers.Go(func() {
					if err := a.handle(r); err != nil {
						t.Error(err)
					}
				})
			}
			workers.Wait()
			a.handled[r.ID] = true
		}
	}
	names, _ := unpack(t, a.fetch(eva, mila))
	require.Len(t, names, 12+1+4)
	require.Equal(t, a.state(eva, mila).Parts, a.objects())
	require.Equal(t, 1, a.count("SELECT count(*) FROM delivery WHERE tenant_id = $1 AND person_id = $2", a.Tenant.ID, eva.ID))
}

func TestAskingAgain(t *testing.T) {
	a := newAttic(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	ask := func(anew bool) error { return a.keepsake.Ask(a.in(eva), mila.ID, anew) }
	var both sync.WaitGroup
	for range 8 {
		both.Go(func() {
			if err := ask(true); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	require.Equal(t, 1, a.count("SELECT count(*) FROM keepsake WHERE tenant_id = $1", a.Tenant.ID), "a second request finds the one that runs")
	first := a.state(eva, mila)
	require.True(t, first.Waiting())
	a.work()
	require.NoError(t, ask(false))
	require.Equal(t, first.ID, a.state(eva, mila).ID, "what lies ready stays")
	require.NoError(t, ask(true))
	require.NotEqual(t, first.ID, a.state(eva, mila).ID, "unless a new one is wanted")
	a.work()
	require.Equal(t, a.state(eva, mila).Parts, a.objects())

	t.Run("while it is built it can be stopped", func(t *testing.T) {
		require.NoError(t, ask(true))
		require.NoError(t, a.keepsake.Cancel(a.in(eva), mila.ID))
		require.NoError(t, a.keepsake.Cancel(a.in(eva), mila.ID))
		a.work()
		require.Equal(t, keepsake.Cancelled, a.state(eva, mila).State)
		require.Zero(t, a.objects())
		_, err := a.keepsake.Fetch(a.in(eva), mila.ID)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	})
	t.Run("a few times a day", func(t *testing.T) {
		require.NoError(t, ask(false))
		require.NoError(t, ask(false))
		a.work()
		require.NoError(t, ask(true))
		a.work()
		require.Equal(t, fault.TooMany, fault.CodeOf(ask(true)))
		require.Equal(t, keepsake.Ready, a.state(eva, mila).State, "what lay ready still does")
		a.e.Clock.Advance(keepsake.Kept + time.Minute)
		require.NoError(t, ask(true))
	})
}

func TestADayLater(t *testing.T) {
	a := newAttic(t)
	mila, finn := a.child("Mila"), a.child("Finn")
	eva := a.AddParent("Eva", mila.ID, finn.ID)
	a.fetched(eva, mila)
	require.NoError(t, a.keepsake.Ask(a.in(eva), finn.ID, false)) // and no worker ever comes
	a.e.Clock.Advance(keepsake.Kept - time.Second)
	a.fetch(eva, mila)
	a.e.Clock.Advance(time.Second)
	_, err := a.keepsake.Fetch(a.in(eva), mila.ID)
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	require.Equal(t, keepsake.Expired, a.state(eva, mila).State, "also before the sweep")
	require.NotZero(t, a.objects())
	a.handled = map[ids.ID]bool{}
	for range 2 {
		require.NoError(t, a.keepsake.Sweep(a.system()))
	}
	for _, r := range a.next() {
		a.handled[r.ID] = r.Name == "keepsake.build_due"
	}
	a.work()
	require.Zero(t, a.objects())
	a.e.Clock.Advance(3 * time.Hour)
	require.NoError(t, a.keepsake.Sweep(a.system()))
	require.Equal(t, keepsake.Failed, a.state(eva, finn).State)
	a.e.Clock.Advance(31 * 24 * time.Hour)
	require.NoError(t, a.keepsake.Sweep(a.system()))
	require.Zero(t, a.count("SELECT count(*) FROM keepsake WHERE tenant_id = $1", a.Tenant.ID))

	t.Run("and a tie that ended in the meantime ends it too", func(t *testing.T) {
		jan := a.AddParent("Jan")
		a.Tie(jan, mila.ID, children.Authority, "2026-01-01", a.Tenant.DateOf(a.e.Clock.Now()))
		a.fetched(jan, mila)
		a.e.Clock.Advance(12 * time.Hour) // it is another day
		require.NoError(t, a.keepsake.Sweep(a.system()))
		a.work()
		require.Zero(t, a.objects())
	})
}

// TestWhatTheLedgerGivesUp: who waits is told soon, and only when the part that is next will not come.
func TestWhatTheLedgerGivesUp(t *testing.T) {
	a := newAttic(t)
	mila, finn := a.child("Mila"), a.child("Finn")
	eva := a.AddParent("Eva", mila.ID, finn.ID)
	for n := range 2 * keepsake.PartsAtOnce {
		a.share(a.e.Clock.Now().Add(-time.Duration(n+1)*time.Hour), "Toen", [][]byte{snapshot(n)}, mila, finn)
	}
	a.keepsake.SetPartSize(1)
	a.work()
	require.NoError(t, a.keepsake.Ask(a.in(eva), mila.ID, false))
	first := a.next()
	require.Len(t, first, 1)
	giveUp := func(event ids.ID, state string) {
		_, err := a.owner.Exec(t.Context(), `INSERT INTO job (tenant_id, id, event_id, handler, queue, state, due_at, attempts, finished_at)
			VALUES ($1, $2, $3, 'keepsake.build', 'bulk', $4, $5, 20, $5)`, a.Tenant.ID, ids.New(), event, state, a.e.Clock.Now())
		require.NoError(t, err)
	}
	require.NoError(t, a.handle(first[0]))
	a.handled[first[0].ID] = true
	giveUp(first[0].ID, "dead") // its worker was lost after the last of its parts: others go on
	require.NoError(t, a.keepsake.Ask(a.in(eva), finn.ID, false))
	require.NoError(t, a.keepsake.Sweep(a.system()))
	require.Equal(t, keepsake.Building, a.state(eva, mila).State)

	second := a.next()
	require.Len(t, second, 2)
	a.e.Clock.Advance(10 * time.Minute)
	giveUp(second[0].ID, "dead")
	giveUp(second[1].ID, "done")
	require.NoError(t, a.keepsake.Sweep(a.system()))
	require.Equal(t, keepsake.Failed, a.state(eva, mila).State)
	require.Equal(t, keepsake.Building, a.state(eva, finn).State, "that of another child goes on")

	t.Run("and it can be asked for again", func(t *testing.T) {
		require.NoError(t, a.handle(second[0]), "tried again by an operator, it does nothing")
		require.NoError(t, a.keepsake.Ask(a.in(eva), mila.ID, false))
		require.NoError(t, a.keepsake.Sweep(a.system()))
		a.work()
		require.Equal(t, keepsake.Ready, a.state(eva, mila).State)
		require.NoError(t, a.keepsake.Sweep(a.system()))
		a.fetch(eva, mila)
	})
}

// What belongs to no keepsake goes; what does, and photos, stay; and the sweeper of photos leaves keepsakes alone.
func TestOrphans(t *testing.T) {
	a := newAttic(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	a.share(a.e.Clock.Now().Add(-time.Hour), "Toen", [][]byte{snapshot(1)}, mila)
	a.fetched(eva, mila)
	require.NoError(t, a.store.Put(t.Context(), blob.Variant(blob.NewKeyIn(a.Tenant.ID, "keepsake"), "part-x"), io.LimitReader(zeros{}, 10), 10, "application/octet-stream"))
	a.e.Clock.Set(time.Now().Add(-10 * time.Minute)) // the store has a clock of its own
	require.NoError(t, a.keepsake.Reconcile(a.system()))
	require.Equal(t, 2, a.objects(), "it may be about to get its row")
	a.e.Clock.Set(time.Now().Add(48 * time.Hour))
	require.NoError(t, a.photos.Reconcile(a.system()))
	require.Equal(t, 2, a.objects(), "the sweeper of photos does not touch it")
	require.NoError(t, a.keepsake.Reconcile(a.system()))
	require.Equal(t, 1, a.objects())
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestOffers(t *testing.T) {
	a := newAttic(t)
	today := a.Tenant.DateOf(a.e.Clock.Now())
	gone, moved, stays := a.AddNewcomer("Mats", a.Group, today.Add(-400), today.Add(-1)), a.AddNewcomer("Bo", a.Group, today.Add(-400), today.Add(-1)), a.AddChild("Mila", a.Group)
	a.Place(moved, a.AddGroup("Egels"), today, "")
	long := a.AddNewcomer("Oud", a.Group, today.Add(-400), today.Add(-100))
	eva, jan := a.AddParent("Eva", gone, moved, stays, long), a.AddParent("Jan", gone)
	oma := a.AddParent("Oma")
	a.Tie(oma, gone, children.Collector, today.Add(-10), "")
	for range 3 {
		require.NoError(t, a.keepsake.OfferLeavers(a.system()))
		a.work()
		a.e.Clock.Advance(6 * time.Hour)
	}
	told := func(who ids.ID) int {
		return a.count("SELECT count(*) FROM delivery WHERE tenant_id = $1 AND person_id = $2 AND item = 'keepsake_offer'", a.Tenant.ID, who)
	}
	require.Equal(t, []int{1, 1, 0}, []int{told(eva.ID), told(jan.ID), told(oma.ID)}, "each guardian once, and only of who has left")

	t.Run("and before files are erased", func(t *testing.T) {
		for range 2 {
			require.NoError(t, a.e.DB.Write(a.system(), func(ctx context.Context, tx tenants.Writer) error {
				return a.keepsake.Offer(ctx, tx, gone, nil, keepsake.Retention, today.Add(30))
			}))
		}
		a.work()
		require.Equal(t, []int{2, 2, 0}, []int{told(eva.ID), told(jan.ID), told(oma.ID)})
	})
	t.Run("and it is known who did not hear of it", func(t *testing.T) {
		since := a.e.Clock.Now()
		missed := func(since time.Time) []ids.ID {
			var found map[ids.ID][]ids.ID
			require.NoError(t, a.e.DB.Read(a.system(), func(ctx context.Context, tx tenants.Reader) (err error) {
				found, err = a.keepsake.Missed(ctx, tx, map[ids.ID]time.Time{gone: since})
				return err
			}))
			return found[gone]
		}
		change := func(what string, who ids.ID) {
			_, err := a.owner.Exec(t.Context(), what+" WHERE tenant_id = $1 AND person_id = $2 AND item = 'keepsake_offer'", a.Tenant.ID, who)
			require.NoError(t, err)
		}
		require.Empty(t, missed(since), "it is on its way")
		change("UPDATE delivery SET state = 'dead'", eva.ID)
		require.Equal(t, []ids.ID{eva.ID}, missed(since))
		change("UPDATE delivery SET state = 'dropped', last_error = 'no address'", jan.ID)
		require.ElementsMatch(t, []ids.ID{eva.ID, jan.ID}, missed(since))
		change("UPDATE delivery SET state = 'dropped', last_error = 'switched off'", jan.ID)
		require.Equal(t, []ids.ID{eva.ID}, missed(since), "who wants no mail about it was told in the portal")
		change("UPDATE delivery SET state = 'sent'", eva.ID)
		require.Empty(t, missed(since))
		require.ElementsMatch(t, []ids.ID{eva.ID, jan.ID}, missed(since.Add(time.Second)), "that was before")
		change("UPDATE delivery SET state = 'dead'", jan.ID)
		change("UPDATE notification SET read_at = now()", jan.ID)
		require.Empty(t, missed(since), "and who opened it heard")
		late := a.AddParent("Bo", gone)
		require.Equal(t, []ids.ID{late.ID}, missed(since), "who became a guardian later")

		t.Run("for longer than the ledger knows what could go nowhere, and until it is offered anew", func(t *testing.T) {
			change("UPDATE delivery SET state = 'dropped', last_error = 'no address'", eva.ID)
			for range 2 {
				require.NoError(t, a.e.DB.Write(a.system(), func(ctx context.Context, tx tenants.Writer) error {
					return a.keepsake.TakeBack(ctx, tx, map[ids.ID][]ids.ID{gone: missed(since)})
				}))
				a.work() // what was told of it before
			}
			change("DELETE FROM delivery", eva.ID)
			require.ElementsMatch(t, []ids.ID{eva.ID, late.ID}, missed(since))
			before, heard, to := told(late.ID), told(jan.ID), missed(since)
			a.e.Clock.Advance(time.Minute)
			for range 2 {
				require.NoError(t, a.e.DB.Write(a.system(), func(ctx context.Context, tx tenants.Writer) error {
					return a.keepsake.Offer(ctx, tx, gone, to, keepsake.Retention, today.Add(40))
				}))
				require.Empty(t, missed(since), "it is on its way")
				a.work()
			}
			require.Equal(t, []int{1, before + 1, heard}, []int{told(eva.ID), told(late.ID), told(jan.ID)})
		})
	})
}

// TestThousandsOfPhotos: 1,500 photos, 190 MB, pass through little memory when they are packed and when they are fetched.
func TestThousandsOfPhotos(t *testing.T) {
	const entries, each, size, most = 75, 20, 128 << 10, 32 << 20
	a := newAttic(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	pictures := make([][]byte, each)
	for i := range pictures {
		pictures[i] = append(snapshot(i), make([]byte, size)...)
	}
	for n := range entries {
		a.share(a.e.Clock.Now().Add(-time.Duration(n+1)*9*time.Hour), "Toen", pictures, mila)
	}
	before, peak := inUse(), uint64(0)
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond):
				peak = max(peak, inUse())
			}
		}
	})
	began := time.Now()
	require.NoError(t, a.keepsake.Ask(a.in(eva), mila.ID, false))
	for list := a.next(); len(list) > 0; list = a.next() {
		for _, r := range list {
			require.NoError(t, a.handle(r))
			a.handled[r.ID] = true
		}
	}
	built := time.Since(began)
	k := a.state(eva, mila)
	require.Equal(t, keepsake.Ready, k.State)
	require.Equal(t, entries*each, k.Photos)
	id, err := a.keepsake.Fetch(a.in(eva), mila.ID)
	require.NoError(t, err)
	f, _, err := a.keepsake.File(a.in(eva), id, true)
	require.NoError(t, err)
	n, err := io.Copy(io.Discard, f.Open(a.in(eva), 0, f.Size))
	require.NoError(t, err)
	close(done)
	watching.Wait()
	require.Equal(t, k.Bytes, n)
	t.Logf("%d photos, %d MB in %d parts: built in %v, %d kB of memory at most", k.Photos, n>>20, k.Parts, built.Round(time.Millisecond), (peak-min(peak, before))>>10)
	require.Less(t, peak, before+most)
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
