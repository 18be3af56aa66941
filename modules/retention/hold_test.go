package retention_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/retention"
	"ouderportaal/tenants"
)

func TestAHoldIsLongerThanThePeriod(t *testing.T) {
	o := newOffice(t)
	mats, pim := o.left("Mats", "2026-10-01"), o.left("Pim", "2024-12-25")
	for _, until := range []tenants.Date{"2027-01-31", "2028-10-01"} {
		problem, ok := fault.As(o.s.Hold(o.Admin.Ctx(), retention.HoldDraft{ChildID: mats, UntilOn: until, Reason: "x"}))
		require.True(t, ok, until)
		require.Equal(t, []string{"until_on", "retention.error.kept"}, []string{problem.Fields[0].Name, problem.Fields[0].Key})
	}
	require.Zero(t, o.count("retention_hold WHERE true"))
	require.NoError(t, o.s.Hold(o.Admin.Ctx(), retention.HoldDraft{ChildID: mats, UntilOn: "2028-10-02", Reason: "x"}))
	require.Equal(t, retention.Held, o.file(mats).Stage)

	t.Run("also when it would replace one that is", func(t *testing.T) {
		seen := o.file(mats).Hold.ID
		require.Equal(t, fault.Invalid, fault.CodeOf(o.s.Hold(o.Admin.Ctx(), retention.HoldDraft{ChildID: mats, UntilOn: "2028-10-01", Reason: "x", Seen: seen})))
		require.Equal(t, seen, o.file(mats).Hold.ID)
	})
	t.Run("and than what guardians were promised", func(t *testing.T) {
		o.AddParent("Ilse", pim)
		o.e.Clock.Set(time.Date(2026, 12, 20, 11, 0, 0, 0, time.UTC))
		o.choose(func(terms *retention.Terms) { terms.Offers = true })
		o.sweep()
		require.Equal(t, tenants.Date("2027-02-18"), o.file(pim).EndsOn)
		require.Equal(t, fault.Invalid, fault.CodeOf(o.s.Hold(o.Admin.Ctx(), retention.HoldDraft{ChildID: pim, UntilOn: "2027-02-18", Reason: "x"})))
	})
	t.Run("but the period may become longer than a hold", func(t *testing.T) {
		o.choose(func(terms *retention.Terms) { terms.FileMonths = 36 })
		require.Equal(t, []any{retention.Running, tenants.Date("2029-10-01")}, []any{o.file(mats).Stage, o.file(mats).EndsOn})
	})
}

func TestAFileIsHeld(t *testing.T) {
	o := newOffice(t)
	pim := o.left("Pim", "2024-12-25")
	o.AddParent("Ilse", pim)
	o.choose(func(terms *retention.Terms) { terms.Offers = true })
	draft := retention.HoldDraft{ChildID: pim, UntilOn: "2028-01-31", Reason: " Klacht loopt nog "}
	for field, wrong := range map[string]retention.HoldDraft{
		"until_on": {ChildID: pim, UntilOn: today, Reason: "x"},
		"reason":   {ChildID: pim, UntilOn: "2028-01-31", Reason: " \n"},
	} {
		problem, ok := fault.As(o.s.Hold(o.Admin.Ctx(), wrong))
		require.True(t, ok)
		require.Len(t, problem.Fields, 1)
		require.Equal(t, field, problem.Fields[0].Name)
	}
	for _, wrong := range []retention.HoldDraft{{ChildID: pim, UntilOn: "morgen", Reason: "x"}, {ChildID: pim, UntilOn: "2099-01-01", Reason: "x"}, {ChildID: pim, UntilOn: "2028-01-31", Reason: strings.Repeat("é", 301)}} {
		require.Equal(t, fault.Invalid, fault.CodeOf(o.s.Hold(o.Admin.Ctx(), wrong)))
	}
	require.Equal(t, fault.Missing, fault.CodeOf(o.s.Hold(o.Admin.Ctx(), retention.HoldDraft{ChildID: o.AddChild("Mila", o.Group), UntilOn: "2028-01-31", Reason: "x"})))
	require.NoError(t, o.s.Hold(o.Admin.Ctx(), draft))
	f := o.file(pim)
	require.Equal(t, []any{retention.Held, tenants.Date("2028-01-31"), "Klacht loopt nog", o.Admin.Name()}, []any{f.Stage, f.EndsOn, f.Hold.Reason, f.Hold.By})
	o.sweep()
	require.Empty(t, o.told, "its end is far away now")

	t.Run("and a second admin overwrites nothing", func(t *testing.T) {
		draft.UntilOn = "2027-06-01"
		require.Equal(t, fault.Conflict, fault.CodeOf(o.s.Hold(o.Admin.Ctx(), draft)))
		draft.Seen = f.Hold.ID
		require.NoError(t, o.s.Hold(o.Admin.Ctx(), draft))
		require.Equal(t, fault.Conflict, fault.CodeOf(o.s.Release(o.Admin.Ctx(), pim, f.Hold.ID)))
		require.Equal(t, tenants.Date("2027-06-01"), o.file(pim).EndsOn)
	})
	t.Run("before a hold ends guardians are told", func(t *testing.T) {
		o.e.Clock.Set(time.Date(2027, 5, 1, 11, 0, 0, 0, time.UTC))
		o.sweep()
		require.Equal(t, []tenants.Date{"2027-06-30"}, o.told[pim])
	})
	t.Run("and released", func(t *testing.T) {
		require.NoError(t, o.s.Release(o.Admin.Ctx(), pim, o.file(pim).Hold.ID))
		require.Nil(t, o.file(pim).Hold)
		require.NoError(t, o.s.Release(o.Admin.Ctx(), pim, ids.Nil), "there is none")
	})
	require.Equal(t, []int{2, 1}, []int{o.count("audit_entry WHERE action = 'retention.hold'"), o.count("audit_entry WHERE action = 'retention.release'")})
	require.Zero(t, o.count("audit_entry WHERE detail::text LIKE '%Klacht%'"), "the log holds no reasons about people")
	require.Equal(t, 2, o.count("retention_hold WHERE ended_at IS NOT NULL"))
}
