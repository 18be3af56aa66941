package retention_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/keepsake"
	"ouderportaal/modules/retention"
	"ouderportaal/tenants"
)

const today tenants.Date = "2026-11-25"

// office is an organisation whose guardians are told by a list.
type office struct {
	*childrentest.House
	t     *testing.T
	e     *dbtest.Env
	s     *retention.Service
	mu    sync.Mutex
	told  map[ids.ID][]tenants.Date
	fails bool
	while func() // is done with each offer
	vain  map[ids.ID][]ids.ID
	whom  map[ids.ID][][]ids.ID // of each offer
}

func newOffice(t *testing.T) *office {
	t.Helper()
	e := dbtest.New(t)
	e.Clock.Set(time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC))
	o := &office{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, told: map[ids.ID][]tenants.Date{}, whom: map[ids.ID][][]ids.ID{}}
	o.s = retention.New(e.DB, o)
	return o
}

// Offer makes the office a retention.Offerer.
func (o *office) Offer(_ context.Context, _ tenants.Writer, child ids.ID, to []ids.ID, reason keepsake.Reason, about tenants.Date) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	require.Equal(o.t, keepsake.Retention, reason)
	if o.fails {
		return errors.New("killed")
	}
	o.told[child], o.whom[child] = append(o.told[child], about), append(o.whom[child], to)
	if o.while != nil {
		o.while()
	}
	return nil
}

// Missed tells who heard of no offer.
func (o *office) Missed(_ context.Context, _ tenants.Reader, since map[ids.ID]time.Time) (map[ids.ID][]ids.ID, error) {
	missed := map[ids.ID][]ids.ID{}
	for child := range since {
		if who := o.vain[child]; who != nil {
			missed[child] = who
		}
	}
	return missed, nil
}

// TakeBack has nothing to do: what Missed tells is not forgotten.
func (o *office) TakeBack(context.Context, tenants.Writer, map[ids.ID][]ids.ID) error { return nil }

func (o *office) left(name string, on tenants.Date) ids.ID {
	return o.AddNewcomer(name, o.Group, on.Add(-400), on)
}

func (o *office) sweep() {
	o.t.Helper()
	require.NoError(o.t, o.s.OfferBeforeEnd(actor.With(tenants.With(o.t.Context(), o.Tenant), actor.ForSystem(o.Tenant.ID))))
}

func (o *office) choose(change func(*retention.Terms)) {
	o.t.Helper()
	terms, err := o.s.Terms(o.Admin.Ctx())
	require.NoError(o.t, err)
	change(&terms)
	require.NoError(o.t, o.s.Choose(o.Admin.Ctx(), terms))
}

func (o *office) file(child ids.ID) retention.File {
	o.t.Helper()
	f, err := o.s.File(o.Admin.Ctx(), child)
	require.NoError(o.t, err)
	return f
}

// change does something to a person past row-level security.
func (o *office) change(what string, person ids.ID) {
	o.t.Helper()
	_, err := o.e.Owner(o.t).Exec(o.t.Context(), what, person)
	require.NoError(o.t, err)
}

// count counts rows of the organisation past row-level security.
func (o *office) count(rows string) (n int) {
	o.t.Helper()
	require.NoError(o.t, o.e.Owner(o.t).QueryRow(o.t.Context(), "SELECT count(*) FROM "+rows+" AND tenant_id = $1", o.Tenant.ID).Scan(&n))
	return n
}

func TestAnOrganisationChoosesItsPeriods(t *testing.T) {
	o := newOffice(t)
	terms, err := o.s.Terms(o.Admin.Ctx())
	require.NoError(t, err)
	require.Equal(t, []any{24, 7, 60, false, 0}, []any{terms.FileMonths, terms.OfficeYears, terms.NoticeDays, terms.Offers, terms.Version}, "what is usual, and nobody gets a mail")

	t.Run("within bounds", func(t *testing.T) {
		wrong := retention.Terms{FileMonths: 0, OfficeYears: 16, NoticeDays: 13}
		problem, ok := fault.As(o.s.Choose(o.Admin.Ctx(), wrong))
		require.True(t, ok)
		var fields []string
		for _, f := range problem.Fields {
			fields = append(fields, f.Name)
		}
		require.Equal(t, []string{"file_months", "office_years", "notice_days"}, fields)
	})
	t.Run("and never tells of more time than a file is kept, whichever of the two is changed", func(t *testing.T) {
		refused := func(change retention.Terms) []fault.Field {
			change.OfficeYears = 7
			problem, ok := fault.As(o.s.Choose(o.Admin.Ctx(), change))
			require.True(t, ok)
			return problem.Fields
		}
		require.Equal(t, []fault.Field{{Name: "file_months", Key: "retention.error.file_short", Args: map[string]any{"Min": 3, "Days": 60}}}, refused(retention.Terms{FileMonths: 1, NoticeDays: 60}))
		require.Equal(t, "file_months", refused(retention.Terms{FileMonths: 2, NoticeDays: 60})[0].Name, "a February is in it")
		require.Equal(t, []fault.Field{{Name: "notice_days", Key: "retention.error.notice_long", Args: map[string]any{"Max": 59}}}, refused(retention.Terms{FileMonths: 2, NoticeDays: 90}))
		require.Zero(t, o.count("retention_setting WHERE true"))
	})
	o.choose(func(terms *retention.Terms) { terms.FileMonths = 36 })
	t.Run("and overwrites nobody", func(t *testing.T) {
		terms.FileMonths = 12
		require.Equal(t, fault.Conflict, fault.CodeOf(o.s.Choose(o.Admin.Ctx(), terms)))
	})
	o.choose(func(*retention.Terms) {}) // as it was
	require.Equal(t, 1, o.count("audit_entry WHERE action = 'retention.choose'"))
	elsewhere := childrentest.NewHouse(t, o.e, o.e.B)
	other, err := o.s.Terms(elsewhere.Admin.Ctx())
	require.NoError(t, err)
	require.Equal(t, 24, other.FileMonths)
}

func TestUntilWhenAFileIsKept(t *testing.T) {
	o := newOffice(t)
	over, ending, running, here := o.left("Oud", "2024-11-24"), o.left("Pim", "2024-12-25"), o.left("Mats", "2026-10-01"), o.AddChild("Mila", o.Group)
	back := o.left("Bo", "2023-01-01")
	o.Place(back, o.Group, today.Add(30), "")
	require.Equal(t, []any{retention.Over, tenants.Date("2026-11-24")}, []any{o.file(over).Stage, o.file(over).EndsOn})
	require.Equal(t, []any{retention.Ending, tenants.Date("2026-12-25")}, []any{o.file(ending).Stage, o.file(ending).EndsOn})
	require.Equal(t, []any{retention.Running, tenants.Date("2028-10-01")}, []any{o.file(running).Stage, o.file(running).EndsOn})
	for what, child := range map[string]ids.ID{"who comes": here, "who comes back": back, "nobody": ids.New()} {
		_, err := o.s.File(o.Admin.Ctx(), child)
		require.Equal(t, fault.Missing, fault.CodeOf(err), what)
	}
	list, err := o.s.Files(o.Admin.Ctx(), paging.Cursor{})
	require.NoError(t, err)
	require.Equal(t, []string{"Oud", "Pim", "Mats"}, names(list))
	require.Len(t, list.Unheard, 3, "none of them has a guardian")
	n, err := o.s.Count(o.Admin.Ctx())
	require.NoError(t, err)
	require.Equal(t, retention.Count{Over: 1, Ending: 1}, n)

	t.Run("guardians read it of their own", func(t *testing.T) {
		eva := o.AddParent("Eva", ending, here)
		kept, err := o.s.Own(eva.Ctx())
		require.NoError(t, err)
		require.Len(t, kept.Children, 2)
		require.Len(t, kept.Files, 1)
		require.Equal(t, tenants.Date("2026-12-25"), kept.Files[ending].EndsOn)
		list, err := o.s.Files(o.Admin.Ctx(), paging.Cursor{})
		require.NoError(t, err)
		require.Empty(t, list.Unheard[ending])
	})
}

func names(l *retention.List) (list []string) {
	for _, f := range l.Files {
		list = append(list, f.GivenName)
	}
	return list
}

func TestALongListGoesOn(t *testing.T) {
	o := newOffice(t)
	for n := range 53 {
		o.left("Kind", today.Add(-100-n/2))
	}
	seen := map[ids.ID]bool{}
	after, pages := paging.Cursor{}, 0
	for {
		l, err := o.s.Files(o.Admin.Ctx(), after)
		require.NoError(t, err)
		for _, f := range l.Files {
			require.False(t, seen[f.ChildID])
			seen[f.ChildID] = true
		}
		if pages++; l.Next == (paging.Cursor{}) {
			break
		}
		after = l.Next
	}
	require.Len(t, seen, 53)
	require.Equal(t, 2, pages)
}

func TestGuardiansAreToldInTime(t *testing.T) {
	o := newOffice(t)
	over, ending, running := o.left("Oud", "2020-01-31"), o.left("Pim", "2024-12-25"), o.left("Mats", "2026-10-01")
	last := o.left("Sef", "2025-01-24") // ends in 60 days
	o.AddChild("Mila", o.Group)
	o.AddParent("Ilse", over, ending, running, last)
	o.sweep()
	require.Empty(t, o.told, "nobody chose so")
	o.choose(func(terms *retention.Terms) { terms.Offers = true })

	t.Run("a run that is killed tells nobody and keeps nothing", func(t *testing.T) {
		o.fails = true
		require.Error(t, o.s.OfferBeforeEnd(actor.With(tenants.With(t.Context(), o.Tenant), actor.ForSystem(o.Tenant.ID))))
		o.fails = false
		require.Zero(t, o.count("retention_notice WHERE true"))
	})
	o.sweep()
	promised := today.Add(60)
	want := map[ids.ID][]tenants.Date{over: {promised}, ending: {promised}, last: {promised}}
	require.Equal(t, want, o.told)
	require.NotContains(t, o.told, running)
	require.Equal(t, promised, o.file(over).EndsOn, "what was promised is kept, also of what was over")
	require.Equal(t, retention.Ending, o.file(over).Stage)

	t.Run("once, however often and by however many it is run", func(t *testing.T) {
		for range 3 {
			o.e.Clock.Advance(26 * time.Hour)
			o.sweep()
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(o.sweep)
		}
		all.Wait()
		require.Equal(t, want, o.told)
		require.Equal(t, 3, o.count("audit_entry WHERE action = 'retention.offer'"))
	})
	t.Run("a shorter period breaks no promise, a longer one is told of in its time", func(t *testing.T) {
		o.choose(func(terms *retention.Terms) { terms.FileMonths = 3 })
		require.Equal(t, promised, o.file(over).EndsOn)
		o.choose(func(terms *retention.Terms) { terms.FileMonths = 26 })
		require.Equal(t, tenants.Date("2027-02-25"), o.file(ending).EndsOn)
		o.sweep()
		require.Len(t, o.told[ending], 1)
		o.e.Clock.Set(time.Date(2027, 1, 10, 11, 0, 0, 0, time.UTC))
		o.sweep()
		require.Equal(t, []tenants.Date{promised, tenants.Date("2027-03-11")}, o.told[ending])
	})
}

// Who cannot be told is promised nothing, and is told as soon as somebody can be.
func TestWhoCannotBeToldIsToldLater(t *testing.T) {
	o := newOffice(t)
	over, ending, here := o.left("Oud", "2020-01-31"), o.left("Pim", "2024-12-25"), o.left("Sef", "2024-12-26")
	ilse, jan, eva := o.AddParent("Ilse", ending), o.AddParent("Jan", ending), o.AddParent("Eva", here)
	o.change("UPDATE person SET deactivated_at = now() WHERE id = $1", ilse.ID)
	o.change("INSERT INTO address_problem (tenant_id, person_id, address, reason, noted_at) SELECT tenant_id, id, email, 'unknown', now() FROM person WHERE id = $1", jan.ID)
	o.change("UPDATE person SET email = NULL WHERE id = $1", eva.ID)
	o.choose(func(terms *retention.Terms) { terms.Offers = true })
	for range 3 {
		o.sweep()
		o.e.Clock.Advance(24 * time.Hour)
	}
	require.Empty(t, o.told)
	require.Zero(t, o.count("retention_notice WHERE true"))
	require.Zero(t, o.count("audit_entry WHERE action = 'retention.offer'"))
	require.Equal(t, []retention.Stage{retention.Over, retention.Ending}, []retention.Stage{o.file(over).Stage, o.file(ending).Stage}, "nothing was promised")
	list, err := o.s.Files(o.Admin.Ctx(), paging.Cursor{})
	require.NoError(t, err)
	require.Equal(t, map[ids.ID]retention.Unheard{over: retention.NoGuardian, ending: retention.NoMail, here: retention.NoAccount}, list.Unheard)
	for _, f := range list.Files {
		require.True(t, f.Due, f.GivenName)
	}

	o.AddParent("Oma", over)
	o.change("DELETE FROM address_problem WHERE person_id = $1", jan.ID)
	o.change("UPDATE person SET email = 'eva@voorbeeld.example' WHERE id = $1", eva.ID)
	for range 2 {
		o.sweep()
	}
	promised := []tenants.Date{"2027-01-27"} // 60 days from the day on which they could be told
	require.Equal(t, map[ids.ID][]tenants.Date{over: promised, ending: promised, here: promised}, o.told)
	require.Equal(t, 3, o.count("audit_entry WHERE action = 'retention.offer'"))
}

// What failed on its way is told again, once a day at most, until it arrives.
func TestWhatFailedIsToldAgain(t *testing.T) {
	o := newOffice(t)
	pim, sef := o.left("Pim", "2024-12-25"), o.left("Sef", "2024-12-26")
	ilse := o.AddParent("Ilse", pim, sef)
	o.choose(func(terms *retention.Terms) { terms.Offers = true })
	o.sweep()
	o.vain = map[ids.ID][]ids.ID{pim: {ilse.ID}}
	missed := func() bool {
		list, err := o.s.Files(o.Admin.Ctx(), paging.Cursor{})
		require.NoError(t, err)
		require.False(t, list.Files[1].Missed)
		return list.Files[0].Missed
	}
	require.True(t, missed())
	o.sweep()
	require.Len(t, o.told[pim], 1, "today it was tried")
	for range 2 {
		o.e.Clock.Advance(24 * time.Hour)
		o.sweep()
		o.sweep()
	}
	o.vain = nil
	for range 2 {
		o.e.Clock.Advance(24 * time.Hour)
		o.sweep()
	}
	require.False(t, missed())
	require.Equal(t, map[ids.ID][]tenants.Date{pim: {today.Add(60), today.Add(61), today.Add(62)}, sef: {today.Add(60)}}, o.told)
	require.Equal(t, today.Add(62), o.file(pim).EndsOn, "whoever is told late has the time that is promised")
}

// Who did not hear is told once that can be, also when another guardian did; who heard is not told again, and the day that was promised to
// any of them holds.
func TestAGuardianWhoDidNotHearIsToldLater(t *testing.T) {
	o := newOffice(t)
	pim := o.left("Pim", "2024-12-25")
	ilse, jan := o.AddParent("Ilse", pim), o.AddParent("Jan", pim)
	o.change("UPDATE person SET email = NULL WHERE id = $1", jan.ID)
	o.choose(func(terms *retention.Terms) { terms.Offers = true })
	o.sweep()
	o.vain = map[ids.ID][]ids.ID{pim: {jan.ID}}
	offered := func() *retention.Notice { return o.file(pim).Notice }
	first := offered()
	for range 40 {
		o.e.Clock.Advance(24 * time.Hour)
		o.sweep()
	}
	require.Equal(t, map[ids.ID][]tenants.Date{pim: {today.Add(60)}}, o.told, "he cannot be told")
	list, err := o.s.Files(o.Admin.Ctx(), paging.Cursor{})
	require.NoError(t, err)
	require.Equal(t, []any{false, false, 0}, []any{list.Files[0].Missed, list.Files[0].Due, len(list.Unheard)}, "somebody heard")

	o.change("UPDATE person SET email = 'jan@voorbeeld.example' WHERE id = $1", jan.ID)
	for range 3 {
		o.sweep()
	}
	require.Equal(t, map[ids.ID][]tenants.Date{pim: {today.Add(60), today.Add(100)}}, o.told)
	require.Equal(t, [][]ids.ID{nil, {jan.ID}}, o.whom[pim])
	require.Equal(t, []any{today.Add(100), first.OfferedAt}, []any{offered().UntilOn, offered().OfferedAt}, "what she heard still counts")
	o.vain = nil
	o.e.Clock.Advance(24 * time.Hour)
	o.sweep()
	require.Len(t, o.told[pim], 2)

	t.Run("and when it fails to reach all, all are told", func(t *testing.T) {
		o.vain = map[ids.ID][]ids.ID{pim: {ilse.ID, jan.ID}}
		o.sweep()
		require.ElementsMatch(t, []ids.ID{ilse.ID, jan.ID}, o.whom[pim][2])
		require.True(t, offered().OfferedAt.After(first.OfferedAt))
	})
}

func TestManyWhoLeftLongAgo(t *testing.T) {
	o := newOffice(t)
	var all []ids.ID
	for n := range 230 {
		all = append(all, o.left("Kind", today.Add(-1500-n)))
	}
	o.AddParent("Ilse", all...)
	o.choose(func(terms *retention.Terms) { terms.Offers = true })
	o.sweep()
	require.Len(t, o.told, 230)
	require.Equal(t, 230, o.count("retention_notice WHERE true"))

	t.Run("and none is looked at twice in a round", func(t *testing.T) {
		owner := o.e.Owner(t)
		again := func() {
			_, err := owner.Exec(t.Context(), "DELETE FROM retention_notice WHERE tenant_id = $1", o.Tenant.ID)
			require.NoError(t, err)
		}
		again()
		clear(o.told)
		offers := 0
		o.while = func() {
			if offers++; offers == 150 {
				again() // those of the first hundred, which would be due once more
			}
		}
		o.sweep()
		require.Equal(t, []int{230, 230}, []int{len(o.told), offers})
	})
}

func TestAFileOfAnotherOrganisationIsNobodys(t *testing.T) {
	o := newOffice(t)
	pim := o.left("Pim", "2024-12-25")
	other := childrentest.NewHouse(t, o.e, o.e.B)
	for _, who := range []identitytest.Someone{other.Admin, other.Staff} {
		_, err := o.s.File(who.Ctx(), pim)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
		require.Equal(t, fault.Missing, fault.CodeOf(o.s.Hold(who.Ctx(), retention.HoldDraft{ChildID: pim, UntilOn: "2028-01-31", Reason: "x"})))
	}
	jan := o.AddParent("Jan", o.AddChild("Mila", o.Group))
	kept, err := o.s.Own(jan.Ctx())
	require.NoError(t, err)
	require.Empty(t, kept.Files)
	o.Tie(jan, pim, children.Collector, "2024-01-01", "")
	kept, err = o.s.Own(jan.Ctx())
	require.NoError(t, err)
	require.Empty(t, kept.Files, "who may collect reads no file")
}
