package children_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

func seenBy(t *testing.T, e *dbtest.Env, who identitytest.Someone) []ids.ID {
	t.Helper()
	return seenAs(t, e, who.Ctx(), who.Actor())
}

func seenAs(t *testing.T, e *dbtest.Env, ctx context.Context, who actor.Actor) []ids.ID {
	t.Helper()
	seen := []ids.ID{}
	require.NoError(t, e.DB.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		return tx.NewSelect().Model((*children.Child)(nil)).Column("id").Where("id IN (?)", children.VisibleTo(tx, who)).Order("id").Scan(ctx, &seen)
	}))
	return seen
}

func TestParentsSeeTheirOwnChildren(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	other := childrentest.NewHouse(t, e, e.B)
	other.AddChild("Bram", other.Group)
	mother := h.AddParent("Eva", mila)
	require.Equal(t, []ids.ID{mila}, seenBy(t, e, mother))

	today := e.A.DateOf(e.Clock.Now())
	for _, c := range []struct {
		name     string
		kind     children.Kind
		from, to tenants.Date
		sees     bool
	}{
		{"with a right to information", children.Information, today.Add(-1), "", true},
		{"from today on", children.Authority, today, "", true},
		{"on the last day", children.Authority, today.Add(-9), today, true},
		{"not before the tie begins", children.Authority, today.Add(1), "", false},
		{"not after it ended", children.Authority, today.Add(-9), today.Add(-1), false},
		{"not who may only collect", children.Collector, today.Add(-1), "", false},
		{"not a relative", children.Relative, today.Add(-1), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			who := h.AddParent("Jan")
			h.Tie(who, finn, c.kind, c.from, c.to)
			if c.sees {
				require.Equal(t, []ids.ID{finn}, seenBy(t, e, who))
			} else {
				require.Empty(t, seenBy(t, e, who))
			}
		})
	}
	t.Run("not who is blocked, at once", func(t *testing.T) {
		father := h.AddParent("Tom")
		tie := h.Tie(father, mila, children.Authority, today.Add(-9), "")
		require.Equal(t, []ids.ID{mila}, seenBy(t, e, father))
		require.NoError(t, h.Service.Block(h.Admin.Ctx(), tie, "uitspraak rechter"))
		require.Empty(t, seenBy(t, e, father))
	})
	t.Run("not somebody of another organisation who claims to be here", func(t *testing.T) {
		foreign := mother.Actor()
		foreign.TenantID = e.B.ID
		require.Empty(t, seenAs(t, e, mother.Ctx(), foreign))
	})
}

func TestStaffSeeTheirGroups(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	mila := h.AddChild("Mila", h.Group)
	egels := h.AddGroup("Egels")
	h.AddChild("Finn", egels)
	require.Equal(t, []ids.ID{mila}, seenBy(t, e, h.Staff))

	today := e.A.DateOf(e.Clock.Now())
	t.Run("also who starts within two weeks, and nobody later", func(t *testing.T) {
		soon, later := h.AddChild("Saar", egels), h.AddChild("Teun", egels)
		h.Place(soon, h.Group, today.Add(14), "")
		h.Place(later, h.Group, today.Add(15), "")
		require.ElementsMatch(t, []ids.ID{mila, soon}, seenBy(t, e, h.Staff))
	})
	t.Run("until the last day of care", func(t *testing.T) {
		leaver := h.AddChild("Liv", egels)
		h.Place(leaver, h.Group, today.Add(-50), today)
		require.Contains(t, seenBy(t, e, h.Staff), leaver)
		left := h.AddChild("Daan", egels)
		h.Place(left, h.Group, today.Add(-50), today.Add(-1))
		require.NotContains(t, seenBy(t, e, h.Staff), left)
	})
}

func TestUnknownRolesSeeNobody(t *testing.T) {
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	h.AddChild("Mila", h.Group)
	for _, role := range []actor.Role{"", "role:boss", "admin", "role:parent ", "' OR true"} {
		who := h.Admin.Actor()
		who.Role = role
		require.Empty(t, seenAs(t, e, h.Admin.Ctx(), who), role)
	}
	require.Len(t, seenBy(t, e, h.Admin), 1, "and an admin sees everybody")
}
