package particulars_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/particulars"
	"ouderportaal/tenants"
)

const today tenants.Date = "2026-11-25"

type home struct {
	*childrentest.House
	t *testing.T
	e *dbtest.Env
	s *particulars.Service
	n *notifications.Service
}

func newHome(t *testing.T) *home {
	t.Helper()
	e := dbtest.New(t)
	e.Clock.Set(time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC))
	words, err := i18n.Load(particulars.Locales, notifications.Locales)
	require.NoError(t, err)
	n, err := notifications.New(e.DB, notifications.Config{Words: words, Keys: [][]byte{make([]byte, 32)}})
	require.NoError(t, err)
	return &home{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, n: n, s: particulars.New(e.DB, n)}
}

func (h *home) ctx() context.Context {
	return actor.With(tenants.With(h.t.Context(), h.Tenant), actor.ForSystem(h.Tenant.ID))
}

// deliver runs the handlers of everything that happened here, twice: the second time changes nothing.
func (h *home) deliver() {
	h.t.Helper()
	rows, err := h.e.Owner(h.t).Query(h.t.Context(), "SELECT id, name, payload FROM event WHERE tenant_id = $1 AND name LIKE 'particulars.%' ORDER BY id", h.Tenant.ID)
	require.NoError(h.t, err)
	var events []outbox.Recorded
	for rows.Next() {
		e := outbox.Recorded{TenantID: h.Tenant.ID}
		require.NoError(h.t, rows.Scan(&e.ID, &e.Name, &e.Payload))
		events = append(events, e)
	}
	for range 2 {
		for _, e := range events {
			for _, s := range h.s.Subscriptions() {
				if s.Event == e.Name {
					require.NoError(h.t, s.Run(h.ctx(), e))
				}
			}
		}
	}
}

func (h *home) told(who identitytest.Someone) (n int) {
	h.t.Helper()
	require.NoError(h.t, h.e.Owner(h.t).QueryRow(h.t.Context(), "SELECT count(*) FROM notification WHERE person_id = $1", who.ID).Scan(&n))
	return n
}

func (h *home) page(who identitytest.Someone, child ids.ID) *particulars.Child {
	h.t.Helper()
	c, err := h.s.Of(who.Ctx(), child)
	require.NoError(h.t, err)
	return c
}

// pending is the id of the only request that waits.
func (h *home) pending() ids.ID {
	h.t.Helper()
	list, err := h.s.Requests(h.Admin.Ctx(), true)
	require.NoError(h.t, err)
	require.Len(h.t, list, 1)
	return list[0].ID
}

func allergies(child ids.ID, words string, from tenants.Date) particulars.Draft {
	return particulars.Draft{ChildID: child, Values: particulars.Values{particulars.Allergies: words}, HoldsFrom: from}
}

func oma() particulars.ContactDraft {
	return particulars.ContactDraft{FormKey: ids.New(), Name: "Riet", Relation: "oma", Phone: "06 12345678", Emergency: true, Collects: true}
}

func TestAChangeOfAChildHoldsOnceItIsApproved(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva, sam := h.AddParent("Eva", mila), h.AddParent("Sam", mila)
	require.NoError(t, h.s.Ask(eva.Ctx(), allergies(mila, "Noten", today)))
	require.Empty(t, h.page(eva, mila).Values[particulars.Allergies])
	require.Equal(t, "Eva", h.page(sam, mila).Pending().By)
	require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Ask(sam.Ctx(), allergies(mila, "Melk", today))), "one at a time")
	id := h.pending()
	require.NoError(t, h.s.Approve(h.Admin.Ctx(), id))
	require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Approve(h.Admin.Ctx(), id)))
	require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Withdraw(eva.Ctx(), id)))
	require.Equal(t, "Noten", h.page(eva, mila).Values[particulars.Allergies])
	h.deliver()
	require.Equal(t, []int{1, 0}, []int{h.told(eva), h.told(sam)})
	asks, err := h.s.Asks(eva.Ctx())
	require.NoError(t, err)
	require.Equal(t, []any{particulars.Applied, []particulars.Change{{Field: particulars.Allergies, Becomes: "Noten"}}}, []any{asks[0].State, asks[0].Changes})
}

func TestAChangeOfOneselfWaitsForItsDay(t *testing.T) {
	h := newHome(t)
	eva := h.AddParent("Eva", h.AddChild("Mila", h.Group))
	draft := particulars.Draft{Values: particulars.Values{particulars.Phone: "0687654321", particulars.Street: "Dijk 1", particulars.Postcode: "7437aa", particulars.City: "Bathmen"}, HoldsFrom: "2026-12-01"}
	require.NoError(t, h.s.Ask(eva.Ctx(), draft))
	require.NoError(t, h.s.Approve(h.AddManager("Mo").Ctx(), h.pending()))
	me := func() particulars.Values {
		p, err := h.s.Me(eva.Ctx())
		require.NoError(t, err)
		return p.Values
	}
	require.NoError(t, h.s.Sweep(h.ctx()))
	require.Empty(t, me()[particulars.Street])
	// What the office changed meanwhile, and nobody asked about, stays.
	_, err := h.e.Owner(t).Exec(t.Context(), "UPDATE person SET family_name = 'Bakker', version = version + 1 WHERE id = $1", eva.ID)
	require.NoError(t, err)
	h.e.Clock.Set(time.Date(2026, 12, 1, 6, 0, 0, 0, time.UTC))
	for range 2 {
		require.NoError(t, h.s.Sweep(h.ctx()))
	}
	require.Equal(t, particulars.Values{particulars.Phone: "0687654321", particulars.Street: "Dijk 1", particulars.Postcode: "7437 AA", particulars.City: "Bathmen"}, me())
	h.deliver()
	require.Equal(t, 2, h.told(eva), "that it was approved, and that it holds")
	var name string
	require.NoError(t, h.e.Owner(t).QueryRow(t.Context(), "SELECT family_name FROM person WHERE id = $1", eva.ID).Scan(&name))
	require.Equal(t, "Bakker", name)
}

func TestAChangeIsRefusedForAReasonOrWithdrawn(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva, sam := h.AddParent("Eva", mila), h.AddParent("Sam", mila)
	require.NoError(t, h.s.Ask(eva.Ctx(), allergies(mila, "Noten", today)))
	id := h.pending()
	require.Equal(t, fault.Missing, fault.CodeOf(h.s.Withdraw(sam.Ctx(), id)), "who did not ask")
	for range 2 {
		require.NoError(t, h.s.Withdraw(eva.Ctx(), id))
	}
	require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Approve(h.Admin.Ctx(), id)))
	require.NoError(t, h.s.Ask(eva.Ctx(), allergies(mila, "Noten", today)))
	id = h.pending()
	require.Equal(t, fault.Invalid, fault.CodeOf(h.s.Refuse(h.Admin.Ctx(), id, " ")))
	require.NoError(t, h.s.Refuse(h.Admin.Ctx(), id, "Bel ons even."))
	asks, err := h.s.Asks(eva.Ctx())
	require.NoError(t, err)
	require.Equal(t, "Bel ons even.", asks[0].Reason)
	require.Empty(t, h.page(eva, mila).Values[particulars.Allergies])
	for _, wrong := range []particulars.Draft{allergies(mila, "", today), allergies(mila, "Noten", "2026-11-24"), allergies(mila, "Noten", "2028-01-01"), allergies(mila, "Noten", "morgen"),
		{ChildID: mila, HoldsFrom: today, Values: particulars.Values{particulars.DoctorPhone: "bel maar"}}, {HoldsFrom: today, Values: particulars.Values{particulars.Postcode: "??"}}} {
		require.Equal(t, fault.Invalid, fault.CodeOf(h.s.Ask(eva.Ctx(), wrong)), "%v", wrong)
	}
}

func TestWhoMayNotAskOrDecide(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	reads := h.AddParent("Rik")
	tie := h.Tie(reads, mila, children.Information, "2026-01-01", "")
	require.NoError(t, h.s.AddContact(eva.Ctx(), mila, oma()))
	require.NoError(t, h.s.Ask(eva.Ctx(), allergies(mila, "Noten", today)))
	id := h.pending()
	other := childrentest.NewHouse(t, h.e, h.e.B)
	elsewhere := h.AddLocation("Elders")
	stranger := h.AddParent("Jan", h.AddChild("Finn", elsewhere))
	for name, who := range map[string]identitytest.Someone{"a right to information": reads, "another's parent": stranger, "staff": h.Staff, "an admin": h.Admin, "elsewhere": other.AddParent("Bo")} {
		require.Equal(t, fault.Missing, fault.CodeOf(h.s.Ask(who.Ctx(), allergies(mila, "Melk", today))), name)
		require.Equal(t, fault.Missing, fault.CodeOf(h.s.AddContact(who.Ctx(), mila, oma())), name)
	}
	for name, who := range map[string]identitytest.Someone{"a guardian": eva, "staff": h.Staff, "another organisation": other.Admin} {
		require.Equal(t, fault.Missing, fault.CodeOf(h.s.Approve(who.Ctx(), id)), name)
		_, err := h.s.CardOf(who.Ctx(), mila)
		require.Equal(t, fault.Missing, fault.CodeOf(err), name)
	}
	c := h.page(reads, mila)
	require.False(t, c.Authority)
	require.Empty(t, c.Contacts)
	require.Empty(t, c.Values)
	require.NoError(t, h.Service.Block(h.Admin.Ctx(), tie, "Uitspraak"))
	_, err := h.s.Of(reads.Ctx(), mila)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "a blocked tie")
	_, _, err = h.s.Cards(other.Staff.Ctx(), h.Group)
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	_, _, err = h.s.Cards(h.AddStaff("Lot", elsewhere).Ctx(), h.Group)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "another group")
}

func TestTheGroupSeesWhomToCallAtOnce(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	draft := oma()
	for range 2 {
		require.NoError(t, h.s.AddContact(eva.Ctx(), mila, draft))
	}
	_, cards, err := h.s.Cards(h.Staff.Ctx(), h.Group)
	require.NoError(t, err)
	require.Len(t, cards[0].Contacts, 1)
	k := cards[0].Contacts[0]
	require.Equal(t, []any{"Riet", "oma", true, true}, []any{k.Name, k.Relation, k.Emergency, k.Collects})
	var noted int
	require.NoError(t, h.e.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM child_access WHERE child_id = $1 AND what = 'card'", mila).Scan(&noted))
	require.Equal(t, 1, noted, "its guardians see that it was looked at")

	changed := oma()
	changed.Name, changed.Version = "Riet de Boer", k.Version
	require.NoError(t, h.s.ChangeContact(eva.Ctx(), mila, k.ID, changed))
	require.Equal(t, fault.Conflict, fault.CodeOf(h.s.ChangeContact(eva.Ctx(), mila, k.ID, changed)))
	require.NoError(t, h.s.RemoveContact(eva.Ctx(), mila, k.ID))
	require.Equal(t, fault.Missing, fault.CodeOf(h.s.RemoveContact(eva.Ctx(), mila, k.ID)))
	require.Empty(t, h.page(eva, mila).Contacts)
	var kept int
	require.NoError(t, h.e.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM child_contact WHERE removed_by = $1", eva.ID).Scan(&kept))
	require.Equal(t, 1, kept, "who was let in can be asked later")
	for i := range particulars.MaxContacts {
		more := oma()
		more.Name += strconv.Itoa(i)
		require.NoError(t, h.s.AddContact(eva.Ctx(), mila, more))
	}
	require.Equal(t, fault.Conflict, fault.CodeOf(h.s.AddContact(eva.Ctx(), mila, oma())))
	for _, wrong := range []func(*particulars.ContactDraft){func(d *particulars.ContactDraft) { d.Name = "" }, func(d *particulars.ContactDraft) { d.Phone = "nul zes" }, func(d *particulars.ContactDraft) { d.Emergency, d.Collects = false, false }} {
		d := oma()
		wrong(&d)
		require.Equal(t, fault.Invalid, fault.CodeOf(h.s.AddContact(eva.Ctx(), mila, d)))
	}
}

func TestAChangeThatWaitsForItsDayCanBeStopped(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva, sam := h.AddParent("Eva", mila), h.AddParent("Sam", mila)
	ask := func() ids.ID {
		require.NoError(t, h.s.Ask(eva.Ctx(), allergies(mila, "Noten", "2026-12-01")))
		id := h.pending()
		require.NoError(t, h.s.Approve(h.Admin.Ctx(), id))
		return id
	}
	id := ask()
	require.Equal(t, fault.Missing, fault.CodeOf(h.s.Withdraw(sam.Ctx(), id)), "who did not ask")
	for range 2 {
		require.NoError(t, h.s.Withdraw(eva.Ctx(), id))
	}
	require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Refuse(h.Admin.Ctx(), id, "Toch niet.")))
	list, err := h.s.Requests(h.Admin.Ctx(), false)
	require.NoError(t, err)
	require.Equal(t, particulars.Withdrawn, list[0].State, "the office, which approved it, sees that it was withdrawn")
	h.deliver()

	id = ask()
	require.Equal(t, fault.Missing, fault.CodeOf(h.s.Refuse(h.Staff.Ctx(), id, "Toch niet.")))
	require.NoError(t, h.s.Refuse(h.Admin.Ctx(), id, "Toch niet."))
	require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Withdraw(eva.Ctx(), id)))
	h.e.Clock.Set(time.Date(2026, 12, 1, 6, 0, 0, 0, time.UTC))
	require.NoError(t, h.s.Sweep(h.ctx()))
	require.Empty(t, h.page(eva, mila).Values[particulars.Allergies])
	require.Equal(t, "Toch niet.", h.page(eva, mila).Requests[0].Reason)
}

func TestWhatIsNewerIsNotUndoneByAChangeThatWaited(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	later := allergies(mila, "Noten", "2026-12-01")
	later.Values[particulars.Doctor], later.Values[particulars.Diet] = "Huisarts Berk", "Geen vlees"
	require.NoError(t, h.s.Ask(eva.Ctx(), later))
	require.NoError(t, h.s.Approve(h.Admin.Ctx(), h.pending()))
	newer := allergies(mila, "Noten en melk", today)
	newer.Values[particulars.Diet] = "Geen vlees"
	require.NoError(t, h.s.Ask(eva.Ctx(), newer))
	require.NoError(t, h.s.Approve(h.Admin.Ctx(), h.pending()))
	onlyOld := particulars.Draft{Values: particulars.Values{particulars.Phone: "0687654321"}, HoldsFrom: "2026-12-01"}
	require.NoError(t, h.s.Ask(eva.Ctx(), onlyOld))
	require.NoError(t, h.s.Approve(h.Admin.Ctx(), h.pending()))
	_, err := h.e.Owner(t).Exec(t.Context(), "UPDATE person SET phone = '0611111111', version = version + 1 WHERE id = $1", eva.ID)
	require.NoError(t, err)

	h.e.Clock.Set(time.Date(2026, 12, 1, 6, 0, 0, 0, time.UTC))
	for range 2 {
		require.NoError(t, h.s.Sweep(h.ctx()))
	}
	now := h.page(eva, mila).Values
	require.Equal(t, []string{"Noten en melk", "Huisarts Berk", "Geen vlees"}, []string{now[particulars.Allergies], now[particulars.Doctor], now[particulars.Diet]})
	me, err := h.s.Me(eva.Ctx())
	require.NoError(t, err)
	require.Equal(t, "0611111111", me.Values[particulars.Phone])
	require.True(t, me.Requests[0].Overtaken())
	words, err := i18n.Load(particulars.Locales)
	require.NoError(t, err)
	say := i18n.With(t.Context(), words.For("nl"))
	var said []string
	asks, err := h.s.Asks(eva.Ctx())
	require.NoError(t, err)
	for _, a := range asks {
		said = append(said, a.Words(say))
		for _, c := range a.Changes {
			require.Equal(t, a.HoldsFrom != today && (c.Field == particulars.Allergies || c.Field == particulars.Phone), c.Skipped, c.Field)
		}
	}
	require.ElementsMatch(t, []string{"Deels doorgevoerd", "Doorgevoerd", "Niet doorgevoerd"}, said)
	var fields []string
	require.NoError(t, h.e.Owner(t).QueryRow(t.Context(), "SELECT array_agg(detail->'fields'->>0 ORDER BY detail->'fields'->>0) FROM audit_entry WHERE action = 'particulars.skip'").Scan(&fields))
	require.Equal(t, []string{"allergies", "phone"}, fields, "the log names what was skipped")
}

func TestWhoDecidesHearsThatAChangeWasAskedFor(t *testing.T) {
	h := newHome(t)
	mila, later := h.AddChild("Mila", h.Group), h.AddNewcomer("Noor", h.Group, "2027-06-01", "")
	eva := h.AddParent("Eva", mila)
	noa := h.AddParent("Noa", later)
	counts := func(who ...identitytest.Someone) (list []int) {
		for _, w := range who {
			pending, err := h.s.CountPending(w.Ctx())
			require.NoError(t, err)
			count, err := h.n.UnreadCount(w.Ctx())
			require.NoError(t, err)
			list = append(list, pending, count.Bell)
		}
		return list
	}
	other := childrentest.NewHouse(t, h.e, h.e.B)
	require.NoError(t, h.s.Ask(eva.Ctx(), particulars.Draft{ChildID: mila, Values: particulars.Values{particulars.Allergies: "Noten"}, HoldsFrom: today}))
	h.deliver()
	require.Equal(t, []int{1, 1}, counts(h.Admin), "without a manager the admins hear of it")
	_, err := h.e.Owner(t).Exec(t.Context(), "DELETE FROM event WHERE tenant_id = $1", h.Tenant.ID)
	require.NoError(t, err)
	mo := h.AddManager("Mo")
	require.NoError(t, h.s.Ask(eva.Ctx(), particulars.Draft{Values: particulars.Values{particulars.Phone: "0612345678"}, HoldsFrom: today}))
	require.NoError(t, h.s.Ask(noa.Ctx(), particulars.Draft{ChildID: later, Values: particulars.Values{particulars.Diet: "Halal"}, HoldsFrom: today}))
	h.deliver()
	require.Equal(t, []int{3, 2, 3, 1, 0, 0, 0, 0}, counts(h.Admin, mo, other.Admin, h.Staff), "of a child that comes later the admins")
	list, err := h.n.List(mo.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.Equal(t, "particulars.asked.waits", list.Waiting[0].Text, "its words, without a language")

	asked, err := h.s.Requests(mo.Ctx(), true)
	require.NoError(t, err)
	for _, a := range asked {
		require.NoError(t, h.s.Approve(mo.Ctx(), a.ID))
	}
	h.deliver()
	require.Equal(t, []int{0, 0, 0, 0}, counts(h.Admin, mo), "it waits for nobody any more")
	list, err = h.n.List(h.Admin.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.Empty(t, list.Waiting)
	require.Contains(t, list.Lines[1].Text, "particulars.asked.decided")

	_, err = h.e.Owner(t).Exec(t.Context(), "UPDATE person SET deactivated_at = now() WHERE tenant_id = $1 AND id = $2", h.Tenant.ID, mo.ID)
	require.NoError(t, err)
	require.NoError(t, h.s.Ask(eva.Ctx(), particulars.Draft{Values: particulars.Values{particulars.Phone: "0687654321"}, HoldsFrom: today}))
	h.deliver()
	require.Equal(t, []int{1, 1}, counts(h.Admin), "where no manager comes in, the admins hear of it")
	list, err = h.n.List(h.Admin.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.Len(t, list.Waiting, 1)
	before := len(list.Lines)
	mine, err := h.s.Requests(h.Admin.Ctx(), true)
	require.NoError(t, err)
	require.NoError(t, h.s.Withdraw(eva.Ctx(), mine[0].ID))
	require.Equal(t, []int{0, 0}, counts(h.Admin))
	list, err = h.n.List(h.Admin.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.Len(t, list.Lines, before, "nobody decided about what was withdrawn")
}
