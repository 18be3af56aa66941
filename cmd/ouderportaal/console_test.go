package main

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/children"
)

var number = regexp.MustCompile(`<b class="num">([^<]*)</b>`)

// numbersOf are the numbers of the overview: here, soon, gone.
func numbersOf(a *webtest.Answer) []string {
	var list []string
	for _, m := range number.FindAllStringSubmatch(a.Body, -1) {
		list = append(list, m[1])
	}
	return list
}

func TestTheConsoleIsForWhoRunsThePlace(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	today := p.e.A.DateOf(p.e.Clock.Now())
	mila := p.a.AddChild("Mila", p.a.Group)
	elsewhere := p.a.AddLocation("Elders")
	p.a.AddChild("Finn", elsewhere)
	p.a.AddNewcomer("Saar", elsewhere, today.Add(30), "")
	p.a.AddNewcomer("Liv", elsewhere, today.Add(-300), today.Add(-1))

	admin := p.browser(p.a.Admin, p.e.A)
	require.Equal(t, []string{"2", "1", "1"}, numbersOf(admin.Get("/beheer").Is(200).Has("Overzicht", "Groepsapp", `aria-current="page"`)))
	admin.Get("/groep").Has(`href="/beheer"`)
	manager := p.browser(p.a.AddManager("Mo"), p.e.A)
	require.Equal(t, []string{"1", "0", "0"}, numbersOf(manager.Get("/beheer").Is(200)), "a manager counts the children of the own locations")
	p.browser(p.a.Staff, p.e.A).Get("/beheer").Is(403)
	p.browser(p.a.Staff, p.e.A).Get("/groep/" + p.a.Group.String()).Is(200).Lacks(`href="/beheer"`)
	p.browser(p.a.AddParent("Eva", mila), p.e.A).Get("/beheer").Is(403)
	require.Len(t, children.Statuses, 3)
}
