package main

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// work runs the named handlers for everything that was recorded at the first organisation, as a worker does.
func (p *portal) work(handlers ...string) {
	p.t.Helper()
	p.workAt(p.e.A, handlers...)
}

func (p *portal) workAt(tenant tenants.Tenant, handlers ...string) {
	p.t.Helper()
	p.workOn(tenant, "true", handlers...)
}

// workOn runs the handlers for those of the events that a condition in SQL is true of.
func (p *portal) workOn(tenant tenants.Tenant, where string, handlers ...string) {
	p.t.Helper()
	ctx := actor.With(tenants.With(context.Background(), tenant), actor.ForSystem(tenant.ID))
	rows, err := p.e.Owner(p.t).Query(ctx, "SELECT id, tenant_id, name, payload, recorded_at AS at FROM event WHERE tenant_id = $1 AND "+where+" ORDER BY id", tenant.ID)
	require.NoError(p.t, err)
	events, err := pgx.CollectRows(rows, pgx.RowToStructByName[outbox.Recorded])
	require.NoError(p.t, err)
	for _, e := range events {
		for _, s := range p.app.Subscriptions() {
			for _, name := range handlers {
				if s.Event == e.Name && s.Handler == name {
					require.NoError(p.t, s.Run(ctx, e))
				}
			}
		}
	}
}

func TestTheBellOfWhoIsBlocked(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	noor, sem := p.a.AddChild("Noor", p.a.Group), p.a.AddChild("Sem", p.a.Group)
	eva, jan := p.a.AddParent("Eva"), p.a.AddParent("Jan", noor)
	tie := p.a.Tie(eva, noor, "gezag", "2026-01-01", "")
	publish(t, p, noor)
	p.work("diary.notify")
	count := func(who identitytest.Someone) int {
		n, err := p.app.modules.notifications.UnreadCount(who.Ctx())
		require.NoError(t, err)
		return n.Bell
	}
	require.Equal(t, []int{1, 1}, []int{count(eva), count(jan)})
	p.browser(eva, p.e.A).Get("/meldingen").Is(200).Has("Noor")

	require.NoError(t, p.app.modules.children.Block(p.a.Admin.Ctx(), tie, "uitspraak rechter"))
	p.work("notifications.settle_unseen")
	require.Equal(t, []int{0, 1}, []int{count(eva), count(jan)}, "nothing about Noor is counted any more")
	p.browser(eva, p.e.A).Get("/meldingen").Is(200).Lacks("Noor", "Het bos", "Sanne")

	p.a.Tie(eva, sem, "gezag", "2026-01-01", "")
	publish(t, p, sem)
	p.work("diary.notify", "notifications.settle_unseen")
	require.Equal(t, []int{1, 1}, []int{count(eva), count(jan)}, "what is about the other child is")
}
