package main

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity/identitytest"
)

func TestSearchInTheConsole(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	today := p.e.A.DateOf(p.e.Clock.Now())
	find := func(list, words string) *webtest.Answer {
		return admin.Get("/beheer/" + list + "?q=" + url.QueryEscape(words)).Is(200)
	}
	mila := p.a.AddChild("Mila", p.a.Group) // born 14 September 2024
	p.a.AddNewcomer("Saar", p.a.Group, today.Add(-400), today.Add(-30))
	p.a.AddNewcomer("Saartje", p.a.Group, today.Add(-400), today.Add(-30))
	for _, name := range []string{"Işık", "Łukasz", "Søren", "Strauß", "Zoë", "D’Angelo"} {
		p.a.AddChild(name, p.a.Group)
	}

	t.Run("finds letters that are no letter with an accent", func(t *testing.T) {
		for words, name := range map[string]string{"isik": "Işık", "IŞIK": "Işık", "lukasz": "Łukasz", "soren": "Søren", "strauss": "Strauß", "STRAUẞ": "Strauß", "zoe": "Zoë", "d'angelo": "D’Angelo"} {
			find("kinderen", words).Has(">" + name + " ")
		}
	})
	t.Run("finds a birthday as it is written and printed", func(t *testing.T) {
		for _, words := range []string{"14-9-2024", "14/09/2024", "14.9.2024", "2024-09-14", "14 september 2024", "14 sep 2024", "14 sep. 2024", "zaterdag 14 september 2024", "14 Sept 2024", "september 2024", "sep 2024"} {
			find("kinderen", words).Has("Mila")
		}
		for _, words := range []string{"15 september 2024", "augustus 2024", "14 september 2023", "31 september 2024"} {
			find("kinderen", words).Lacks(`data-qa="child"`)
		}
	})
	t.Run("says which other tab has what this one has not", func(t *testing.T) {
		page := find("kinderen", "saar").Has("Niets gevonden bij Actief", "2 gevonden bij Uitgestroomd", `href="/beheer/kinderen?q=saar&amp;status=gone"`).Lacks("gevonden bij Start binnenkort")
		require.Empty(t, namesIn(page))
		require.Len(t, namesIn(admin.Get("/beheer/kinderen?q=saar&status=gone").Is(200)), 2)
		find("kinderen", "niemand").Has("Niets gevonden").Lacks("gevonden bij")
		admin.Get("/beheer/kinderen?status=soon").Is(200).Lacks("gevonden bij")
		admin.Get("/beheer/kinderen?status=gone&q=mila").Has("1 gevonden bij Actief")
		p.browser(p.a.AddManager("Mo"), p.e.A).Get("/beheer/kinderen?q=saar").Is(200).Has("2 gevonden bij Uitgestroomd")
	})
	t.Run("finds guardians by a part of their address, and who was one before", func(t *testing.T) {
		eva := identitytest.NewPerson(t, p.e, p.e.A, identitytest.Named("Eva", "Bos"), identitytest.Email("thuis.in.gorssel@voorbeeld.nl"), identitytest.Role(actor.Parent))
		p.a.Tie(eva, mila, children.Authority, "2026-01-01", "")
		for _, words := range []string{"gorssel", "GORSSEL", "in.gors", "gorssel@", "eva bos"} {
			find("ouders", words).Has("Eva Bos")
		}
		find("ouders", "gorssel eva").Lacks("Eva Bos")
		require.Equal(t, []string{"Mila Jansen"}, namesIn(find("kinderen", "in.gorssel")))
		require.Empty(t, namesIn(find("kinderen", "gorssel")), "a word of a name is no piece of an address")
		jan := identitytest.NewPerson(t, p.e, p.e.A, identitytest.Named("Jan", "Vroeger"), identitytest.Role(actor.Parent))
		p.a.Tie(jan, mila, children.Authority, "2026-01-01", today.Add(-3))
		find("ouders", "vroeger").Has("Niets gevonden bij Huidige ouders", "1 gevonden bij Vroegere ouders", "status=gone")
		admin.Get("/beheer/ouders?q=gorssel&status=gone").Has("1 gevonden bij Huidige ouders", `href="/beheer/ouders?q=gorssel"`)
		find("medewerkers", "niemand").Lacks("gevonden bij")
	})
}
