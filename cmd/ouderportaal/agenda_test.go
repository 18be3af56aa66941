package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
)

// What is put in the agenda in the console is in that of the parents of the place, and of nobody else.
func TestAnEntryFromTheConsoleToTheParent(t *testing.T) {
	e := dbtest.New(t)
	e.Clock.Set(time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC))
	p := newPortal(t, e)
	mila := p.a.AddChild("Mila", p.a.Group)
	_, err := e.Owner(t).Exec(t.Context(), "INSERT INTO placement_day SELECT tenant_id, id, 3, '08:00', '17:30' FROM placement WHERE child_id = $1", mila)
	require.NoError(t, err)
	far := p.a.AddChild("Finn", p.a.AddLocation("Kerkstraat"))
	parent, other, manager := p.browser(p.a.AddParent("Eva", mila), e.A), p.browser(p.a.AddParent("Kim", far), e.A), p.browser(p.a.AddManager("Corine"), e.A)
	parent.Get("/").Has(`href="/agenda"`)
	parent.Get("/agenda").Is(200).Has("November 2026", "woensdag 11 november", "8:00–17:30 · Kikkers", `href="/agenda?maand=2026-12"`)
	parent.Get("/agenda?maand=nee").Is(http.StatusNotFound)

	manager.Get("/beheer/agenda").Is(200).Has("Er staat niets in de agenda")
	manager.Get("/beheer/agenda/nieuw").Is(200).Has("Dorpsstraat · Kikkers").Lacks("Hele organisatie", "Kerkstraat")
	where := p.a.Location.String()
	manager.Post("/beheer/agenda", "form_key", ids.New().String(), "kind", "closed", "where", where, "first_day", "2026-11-11", "title", "").Is(422).Has("Fout:", "Vul een naam in.", `value="2026-11-11"`)
	manager.Post("/beheer/agenda", "form_key", ids.New().String(), "kind", "closed", "where", "x", "first_day", "2026-11-11", "title", "Studiedag").Is(http.StatusBadRequest)
	manager.Post("/beheer/agenda", "form_key", ids.New().String(), "kind", "closed", "where", "", "first_day", "2026-11-11", "title", "Studiedag").Is(http.StatusNotFound)
	manager.Post("/beheer/agenda", "form_key", ids.New().String(), "kind", "closed", "where", where, "first_day", "2026-11-11", "title", "Studie<dag>").Is(303)
	manager.Post("/beheer/agenda", "form_key", ids.New().String(), "kind", "activity", "where", where+"/"+p.a.Group.String(), "first_day", "2026-11-14", "from_time", "10:00", "to_time", "12:00", "title", "Pompoenen", "place", "Tuin").Is(303)
	manager.Get("/beheer/agenda").Has("Studie&lt;dag&gt;", "Pompoenen", "10:00–12:00")
	parent.Get("/agenda").Has("Studie&lt;dag&gt;", "gesloten", "Pompoenen", "10:00–12:00 · Tuin")
	other.Get("/agenda").Lacks("Studie", "Pompoenen", "Mila")
	parent.Get("/afwezig").Lacks(`value="2026-11-11"`).Has(`value="2026-11-18"`)
	t.Run("and in a calendar program, at an address that is shown once", func(t *testing.T) {
		found := regexp.MustCompile(`value="https?://[^"/]+(/agenda/feed/[\w-]{43}\.ics)"`).FindStringSubmatch(parent.Post("/agenda/feed").Is(200).Has("Geheim adres").Body)
		require.Len(t, found, 2)
		program := p.site.Browser(e.A.Slug + "." + testDomain)
		answer := program.Get(found[1]).Is(200).Has("BEGIN:VCALENDAR", "SUMMARY:Pompoenen", "SUMMARY:Mila: opvang")
		require.Equal(t, "text/calendar; charset=utf-8", answer.Header.Get("Content-Type"))
		require.Contains(t, answer.Header.Get("Cache-Control"), "no-store")
		unknown := program.Get("/agenda/feed/" + strings.Repeat("x", 43) + ".ics").Is(404)
		program.Get(strings.TrimSuffix(found[1], ".ics")).Is(404)
		p.site.Browser(e.B.Slug + "." + testDomain).Get(found[1]).Is(404)
		parent.Get("/agenda").Has("Adres uitzetten").Lacks(found[1])
		parent.Post("/agenda/feed/einde").Is(303)
		require.Equal(t, requestID.ReplaceAllString(unknown.Body, ""), requestID.ReplaceAllString(program.Get(found[1]).Is(404).Body, ""), "the same as unknown")
		last := 0
		for range 61 {
			last = program.Get(found[1]).Status
		}
		require.Equal(t, http.StatusTooManyRequests, last)
	})
	p.browser(p.b.Admin, e.B).Get("/beheer/agenda").Lacks("Pompoenen")
}
