package main

import (
	"archive/zip"
	"bytes"
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// workOff runs what keepsakes have to do, as the ledger would.
func workOff(t *testing.T, p *portal) {
	t.Helper()
	ctx := actor.With(tenants.With(context.Background(), p.e.A), actor.ForSystem(p.e.A.ID))
	handled := map[ids.ID]bool{}
	for more := true; more; {
		rows, err := p.e.Owner(t).Query(ctx, "SELECT id, name, payload FROM event WHERE tenant_id = $1 AND name LIKE 'keepsake.%' ORDER BY recorded_at, id", p.e.A.ID)
		require.NoError(t, err)
		var list []outbox.Recorded
		for rows.Next() {
			r := outbox.Recorded{TenantID: p.e.A.ID}
			require.NoError(t, rows.Scan(&r.ID, &r.Name, &r.Payload))
			list = append(list, r)
		}
		require.NoError(t, rows.Err())
		more = false
		for _, r := range list {
			for _, sub := range p.app.Subscriptions() {
				if sub.Event == r.Name && !handled[r.ID] {
					require.NoError(t, sub.Run(ctx, r))
					more = true
				}
			}
			handled[r.ID] = true
		}
	}
}

// K8 and R52: from asking to a download that is broken off and goes on.
func TestEverythingIsTakenHome(t *testing.T) {
	e := dbtest.New(t)
	p := newPortal(t, e)
	mila := p.a.AddChild("Mila", p.a.Group)
	publish(t, p, mila)
	eva := p.a.AddParent("Eva")
	tie := p.a.Tie(eva, mila, children.Authority, "2026-01-01", "")
	e.Clock.Advance(time.Minute)
	b, other, foreign := p.browser(eva, e.A), p.browser(p.a.AddParent("Jan", mila), e.A), p.browser(p.b.AddParent("Bo"), e.B)
	page := "/meenemen/" + mila.String()

	b.Get("/overig").Has(`href="/meenemen"`)
	p.browser(p.a.Staff, e.A).Get("/overig").Lacks(`href="/meenemen"`)
	b.Get("/").Has(`href="/meenemen"`)
	b.Get("/meenemen").GoesTo(page)
	b.Get(page).Is(200).Has("Alles van Mila in één bestand", `data-state="none"`)
	b.Post(page + "/download").Is(http.StatusNotFound)
	b.Post(page).GoesTo(page)
	b.Post(page).GoesTo(page)
	b.Get(page).Has(`data-state="building"`, "Het staat in de rij")
	workOff(t, p)
	b.Get(page).Has(`data-state="ready"`, "tot dinsdag 24 november, 14:21 uur")
	file := b.Post(page + "/download").Is(303).Header.Get("Location")
	require.Regexp(t, `^/meenemen/bestanden/`, file)

	whole := b.Get(file).Is(200).HasHeader("Cache-Control", "private, no-store").HasHeader("Content-Type", "application/zip").HasHeader("Accept-Ranges", "bytes")
	require.Equal(t, `attachment; filename="Mila 2026-11-23.zip"`, whole.Header.Get("Content-Disposition"))
	size := len(whole.Body)
	require.Equal(t, strconv.Itoa(size), whole.Header.Get("Content-Length"))
	z, err := zip.NewReader(bytes.NewReader([]byte(whole.Body)), int64(size))
	require.NoError(t, err)
	require.NotEmpty(t, z.File)
	etag := whole.Header.Get("Etag")
	ask := func(asked, since string) (int, string, string) {
		answer := b.Do(http.MethodGet, file, nil, "", map[string]string{"Range": asked, "If-Range": since})
		return answer.Status, answer.Header.Get("Content-Range"), answer.Body
	}
	for _, c := range []struct {
		asked    string
		from, to int
	}{{"bytes=0-9", 0, 10}, {"bytes=100-", 100, size}, {"bytes=-22", size - 22, size}, {"bytes=5-999999999", 5, size}} {
		status, part, body := ask(c.asked, etag)
		require.Equal(t, http.StatusPartialContent, status)
		require.Equal(t, "bytes "+strconv.Itoa(c.from)+"-"+strconv.Itoa(c.to-1)+"/"+strconv.Itoa(size), part)
		require.Equal(t, whole.Body[c.from:c.to], body)
	}
	status, part, _ := ask("bytes="+strconv.Itoa(size)+"-", "")
	require.Equal(t, http.StatusRequestedRangeNotSatisfiable, status)
	require.Equal(t, "bytes */"+strconv.Itoa(size), part)
	status, _, body := ask("bytes=0-9", `"another"`)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, whole.Body, body)
	head := b.Do(http.MethodHead, file, nil, "", nil).Is(200)
	require.Equal(t, strconv.Itoa(size), head.Header.Get("Content-Length"))
	require.Empty(t, head.Body)

	other.Get(file).Is(http.StatusNotFound)
	foreign.Get(file).Is(http.StatusNotFound)
	foreign.Get(page).Is(http.StatusNotFound)
	foreign.Post(page).Is(http.StatusNotFound)
	p.browser(p.a.Staff, e.A).Get(file).Is(http.StatusForbidden)
	p.browser(eva, e.A).Get(file).GoesTo(page) // another session proves who it is first
	e.Clock.Advance(identity.FreshTime + time.Second)
	require.Regexp(t, "^/bevestigen", b.Post(page+"/download").Is(303).Header.Get("Location"))
	b.Get(file).GoesTo(page) // a download does not begin once more
	status, _, _ = ask("bytes=0-9", "")
	require.Equal(t, http.StatusConflict, status, "nor in parts")
	status, _, body = ask("bytes=100-", "")
	require.Equal(t, http.StatusPartialContent, status, "but it goes on")
	require.Equal(t, whole.Body[100:], body)

	require.NoError(t, p.a.Service.Block(p.a.Admin.Ctx(), tie, "uitspraak rechter"))
	b.Get(file).Is(http.StatusNotFound)
	b.Get(page).Is(http.StatusNotFound)
}
