package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

func TestAVisitorIsKnownByTheHeader(t *testing.T) {
	e := dbtest.New(t)
	p := newPortal(t, e)
	ctx := context.Background()
	token := identitytest.SignedIn(t, e, p.a.Staff).Value
	visitor := func(host, token string) actor.Actor {
		var h fasthttp.RequestHeader
		h.SetHost(host)
		h.SetCookie(identity.Cookie, token)
		who, err := p.app.visitor(ctx, &h)
		require.NoError(t, err)
		return who
	}
	own := e.A.Slug + "." + testDomain
	who := visitor(own, token)
	require.Equal(t, p.a.Staff.ID, who.PersonID)
	for _, host := range []string{e.B.Slug + "." + testDomain, "nobody." + testDomain, testDomain, "", "x@" + own, own + ":1"} {
		require.True(t, visitor(host, token).Anonymous(), host)
	}
	for _, other := range []string{"", "x", token[1:], token + "A"} {
		require.True(t, visitor(own, other).Anonymous(), other)
	}

	inside := actor.With(tenants.With(ctx, e.A), who)
	require.NoError(t, p.app.stillIn(inside))
	require.NoError(t, e.Platform.Suspend(ctx, e.A.Slug, "test"))
	e.Clock.Advance(time.Minute) // no longer than this an organisation is remembered as it was
	require.Equal(t, fault.Unavailable, fault.CodeOf(p.app.stillIn(inside)), "suspended")
	require.True(t, visitor(own, token).Anonymous(), "suspended")
	require.NoError(t, e.Platform.Resume(ctx, e.A.Slug))
	e.Clock.Advance(time.Minute)
	require.NoError(t, p.app.stillIn(inside))
	require.NoError(t, p.app.modules.identity.SignOut(tenants.With(ctx, e.A), token))
	require.Equal(t, fault.Unauthenticated, fault.CodeOf(p.app.stillIn(inside)))
	require.True(t, visitor(own, token).Anonymous(), "signed out")
}
