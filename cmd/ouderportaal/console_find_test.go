package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/identity/identitytest"
)

// The search of the console finds what its reader keeps, and a manager nothing of another location.
func TestAnythingIsFoundByItsName(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	today := p.e.A.DateOf(p.e.Clock.Now())
	elsewhere := p.a.AddLocation("Zonnestraal")
	mila, far := p.a.AddChild("Mila", p.a.Group), p.a.AddChild("Milan", elsewhere)
	p.a.AddNewcomer("Milou", p.a.Group, today.Add(-300), today.Add(-10))
	roos := p.a.AddParent("Roos", mila)
	ver := p.a.AddParent("Roosmarijn", far)
	p.a.AddStaff("Roosje", elsewhere)
	identitytest.NewPerson(t, p.e, p.e.A, identitytest.Named("Roosanne", "Kantoor"), identitytest.Role(actor.Manager))
	other := p.b.AddChild("Mila", p.b.Group)
	admin, manager := p.browser(p.a.Admin, p.e.A), p.browser(p.a.AddManager("Mo"), p.e.A)
	find := func(b *webtest.Browser, q string) *webtest.Answer { return b.Get("/beheer/zoeken?q=" + q).Is(200) }

	find(admin, "mil").Has("Mila Jansen", "Milan Jansen", "Milou Jansen", "niet meer hier", "/beheer/kinderen/"+mila.String()).Lacks(other.String())
	find(manager, "mil").Has("Mila Jansen").Lacks("Milan Jansen")
	find(admin, "roos").Has("Roos Jansen", "Roosmarijn Jansen", "/beheer/medewerkers/", "Roosje de Groot", "Roosanne Kantoor", "4 gevonden")
	find(manager, "roos").Has("Roos Jansen", "/beheer/ouders/"+roos.ID.String(), "1 gevonden").Lacks("Roosmarijn", "Roosje", "Roosanne", ver.ID.String())
	find(admin, roos.Email[:9]).Has("Roos Jansen")
	find(manager, ver.Email).Has("Niets gevonden").Lacks("Roosmarijn")
	find(admin, "zonne").Has("Zonnestraal", "/beheer/locaties/", "/beheer/groepen/")
	find(manager, "zonne").Has("Niets gevonden")
	find(manager, "kikk").Has("Kikkers", "Dorpsstraat")
	find(admin, "logb").Has("/beheer/logboek", "Logboek")
	require.NotContains(t, find(manager, "logb").Body, `<b>Logboek</b>`, "a manager has no page of that name")
	find(admin, "").Has("Typ twee letters").Lacks("Mila Jansen")
	find(admin, "m").Has("Typ twee letters").Lacks("Mila Jansen")
	find(admin, "%25").Lacks("Mila Jansen")
	find(admin, "%25%25").Has("Niets gevonden").Lacks("Mila Jansen")
	find(admin, "%3Cscript%3Ealert(1)").Has("Niets gevonden").Lacks("<script>alert")

	part := admin.Do("GET", "/beheer/zoeken?q=mila", nil, "", map[string]string{"Turbo-Frame": "vondsten"}).Is(200)
	part.Has(`role="option"`, `role="listbox"`, `data-says="2 gevonden"`, "Mila Jansen").Lacks("<html")
	admin.Get("/beheer").Has(`role="combobox"`, `href="/beheer/zoeken"`)
	p.browser(p.a.Staff, p.e.A).Get("/beheer/zoeken?q=mila").Is(403)
	p.browser(roos, p.e.A).Get("/beheer/zoeken?q=mila").Is(403)
}
