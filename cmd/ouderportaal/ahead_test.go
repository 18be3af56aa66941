package main

import (
	"context"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/modules/children"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

func TestAPageReadAheadIsOnlyOfWhoeverTheSessionIsOf(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila, finn := p.a.AddChild("Mila", p.a.Group), p.a.AddChild("Finn", p.a.Group)
	eva, jan := p.a.AddParent("Eva", mila), p.a.AddParent("Jan", finn)
	publish(t, p, mila)
	service := p.app.modules.diary
	read := func(ctx context.Context, as actor.Actor) *diary.Timeline {
		page, err := service.Read(actor.With(ctx, as), diary.Filter{})
		require.NoError(t, err)
		return page
	}

	ctx, questions := service.Ahead(tenants.With(context.Background(), p.e.A), diary.Filter{})
	require.Len(t, read(ctx, eva.Actor()).Entries, 1, "nobody has asked the questions")
	visit, err := p.app.modules.identity.Resolve(ctx, identitytest.SignedIn(t, p.e, eva).Value, questions...)
	require.NoError(t, err)
	require.True(t, visit.Ahead)
	page := read(ctx, jan.Actor())
	require.Empty(t, page.Entries, "the page of Eva")
	require.Equal(t, "Finn", page.Children[0].GivenName)
	require.Len(t, read(ctx, visit.Actor).Entries, 1)
	require.Len(t, read(ctx, visit.Actor).Entries, 1, "again, and asked anew")

	b := p.browser(eva, p.e.A)
	b.Get("/").Is(200).Has("Het bos")
	b.Get("/?kind=" + mila.String()).Is(200).Has("Het bos")
	b.Get("/?kind=" + finn.String()).Is(404)
	b.Do("HEAD", "/", nil, "", nil).Is(200)
	p.browser(jan, p.e.A).Get("/").Is(200).Has("Finn").Lacks("Het bos", "Mila")
	p.browser(p.a.Staff, p.e.A).Get("/").GoesTo("/groep")
	p.browser(p.a.Admin, p.e.A).Get("/").GoesTo("/beheer")
	p.browser(p.a.Staff, p.e.A).Get("/tijdlijn").GoesTo("/groep")
}

func TestAPageThatFailsAheadFailsWhereItIsMade(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	eva := p.browser(p.a.AddParent("Eva", mila), p.e.A)
	p.a.Tie(p.a.Staff, mila, children.Authority, "2024-01-01", "")
	staff := p.browser(p.a.Staff, p.e.A)
	_, err := p.e.Owner(t).Exec(context.Background(), "UPDATE diary_entry SET media = '{}' WHERE tenant_id = $1 AND id = $2", p.e.A.ID, publish(t, p, mila))
	require.NoError(t, err)
	eva.Get("/").Is(500).Has("Er ging iets mis")
	eva.Get("/overig").Is(200)
	staff.Get("/").GoesTo("/groep")
}

var nextPage = regexp.MustCompile(`href="(/tijdlijn\?[^"]+)"`)

func TestEveryPageOfATimelineBeginsWithADay(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	for range diary.PageSize + 2 {
		publish(t, p, mila)
	}
	b := p.browser(p.a.AddParent("Eva", mila), p.e.A)
	next := nextPage.FindStringSubmatch(b.Get("/").Is(200).Has(`<div class="day">`).Body)
	require.NotNil(t, next)
	b.Get(next[1]).Is(200).Has("Het bos", `<div class="day">`)
	b.Do("GET", next[1], nil, "", map[string]string{"Turbo-Frame": "ouder"}).Is(200).Has("Het bos").Lacks(`<div class="day">`) // it stands above
}
