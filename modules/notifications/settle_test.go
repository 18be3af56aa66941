package notifications_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// What is there no more is counted by no bell, of nobody; what else there is, is.
func TestSettle(t *testing.T) {
	e := setUp(t)
	eva, jan, other := e.parent(t, e.A), e.parent(t, e.A), e.parent(t, e.B)
	bell := func(who identitytest.Someone) int {
		t.Helper()
		n, err := e.s.UnreadCount(who.Ctx())
		require.NoError(t, err)
		return n.Bell
	}
	gone, stays := e.event(t, e.A), e.event(t, e.A)
	e.tell(t, e.A, gone, eva.ID, jan.ID)
	e.tell(t, e.A, stays, eva.ID)
	e.tell(t, e.B, e.event(t, e.B), other.ID)
	settle := func(tenant tenants.Tenant, subject ids.ID) {
		ctx := actor.With(tenants.With(context.Background(), tenant), actor.ForSystem(tenant.ID))
		require.NoError(t, e.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return notifications.Settle(ctx, tx, subject) }))
	}
	settle(e.B, gone)
	require.Equal(t, []int{2, 1, 1}, []int{bell(eva), bell(jan), bell(other)}, "nothing of another organisation")
	settle(e.A, gone)
	settle(e.A, gone)
	require.Equal(t, []int{1, 0, 1}, []int{bell(eva), bell(jan), bell(other)})
	list, err := e.s.List(eva.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.Len(t, list.Lines, 1)
	require.Len(t, list.Waiting, 1)
	require.True(t, list.Unread)
	list, err = e.s.List(jan.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.False(t, list.Unread, "there is nothing to mark as read")
}
