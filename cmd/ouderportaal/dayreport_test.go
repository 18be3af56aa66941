package main

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
)

func TestADayReportFromTheGroupToTheParent(t *testing.T) {
	e := dbtest.New(t)
	e.Clock.Set(time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC))
	p := newPortal(t, e)
	mila, finn := p.a.AddChild("Mila", p.a.Group), p.a.AddChild("Finn", p.a.Group)
	staff, parent, other := p.browser(p.a.Staff, e.A), p.browser(p.a.AddParent("Eva", mila), e.A), p.browser(p.a.AddParent("Jan", finn), e.A)
	group := "/groep/" + p.a.Group.String()
	days := group + "/dagverslagen"

	staff.Get(group).Is(200).Has(`href="` + days + `"`)
	for _, pairs := range [][]string{{"soort", "sleep", "from", "12:30", "to", "14:05"}, {"soort", "bottle", "from", "10:00", "bottle", "180"}, {"soort", "nappy", "from", "11:00", "nappy", "wet"}} {
		staff.Post(group+"/zorg", append(pairs, "form_key", ids.New().String(), "children", mila.String())...).Is(303)
	}
	staff.Get(days).Is(200).Has("1 u 35", "180 ml", "1×", "Nog 1 kind van de groep", "Wat wil je vertellen over Mila?")
	text := "tekst-" + mila.String()
	send := func(pairs ...string) []string {
		return append([]string{"form_key", ids.New().String(), "dag", "2026-11-25", "kind", mila.String()}, pairs...)
	}
	staff.Post(days, send("doe", "bewaren", text, "Ze <b>zong</b>.")...).Is(303)
	staff.Get(days).Is(200).Has("De concepten zijn bewaard.", "Ze &lt;b&gt;zong&lt;/b&gt;.", "Concept").Lacks("<b>zong")
	parent.Get("/").Is(200).Lacks("zong", "Dagverslag")
	staff.Post(days, send("doe", "plaatsen", text, "Ze zong luid.", "versie-"+mila.String(), "1")...).Is(422).Has("Kies welke verslagen je wilt plaatsen.", "Ze zong luid.", "Fout:")
	staff.Post(days, send("doe", "plaatsen", text, "Ze zong luid.", "children", mila.String())...).Is(422).Has("Iemand anders heeft dit net veranderd.", "Ze zong luid.", "Intussen geschreven", "Ze &lt;b&gt;zong&lt;/b&gt;.")
	staff.Post(days, send("doe", "plaatsen", text, "Ze zong luid.", "children", mila.String(), "versie-"+mila.String(), "1")...).Is(303)
	staff.Get(days).Is(200).Has("Het dagverslag is geplaatst.", "Geplaatst", "Verslag bekijken")
	staff.Get(group).Is(200).Has("Ze zong luid.")

	parent.Get("/").Is(200).Has("Dagverslag", "Ze zong luid.", "1 u 35", "180 ml").Lacks("Finn")
	other.Get("/").Is(200).Lacks("Ze zong luid.", "180 ml")
	entry := regexp.MustCompile(`href="(/dagboek/[0-9a-f-]{36})"`).FindStringSubmatch(parent.Get("/").Body)[1]
	parent.Get(entry).Is(200).Has("Dagverslag van Mila", "woensdag 25 november", "12:30–14:05", "Fles van 180 ml", "Ze zong luid.")
	other.Get(entry).Is(http.StatusNotFound)
	staff.Get(entry).Is(200).Has("Dagverslag van Mila", "Terughalen")

	t.Run("corrected the next day, it says so", func(t *testing.T) {
		e.Clock.Advance(18 * time.Hour)
		staff, parent := p.browser(p.a.Staff, e.A), p.browser(p.a.AddParent("Piet", mila), e.A)
		page := staff.Get(group+"/zorg?dag=2026-11-25").Is(200).Has("Genoteerd op woensdag 25 november", "Fles van 180 ml")
		links := recordLink.FindAllStringSubmatch(page.Body, -1)
		require.Len(t, links, 3)
		staff.Post(links[2][1], "form_key", ids.New().String(), "version", "1", "from", "10:00", "bottle", "120").Is(303).GoesTo(group + "/zorg?dag=2026-11-25")
		staff.Get(links[2][1]).Is(200).Has("26 nov", "Fles van 120 ml")
		parent.Get(entry).Is(200).Has("Fles van 120 ml").Lacks("180 ml")
		staff.Get(group + "/zorg?dag=2026-11-10").Is(http.StatusNotFound)
		staff.Get(days+"?dag=2026-11-25").Is(200).Has("Geplaatst", "120 ml")

		staff.Post(days, "form_key", ids.New().String(), "dag", "2026-11-25", "kind", finn.String(), "doe", "plaatsen", "tekst-"+finn.String(), "Finn bouwde een brug.", "children", finn.String()).Is(303)
		late := regexp.MustCompile(`href="(/dagboek/[0-9a-f-]{36})"`).FindStringSubmatch(p.browser(p.a.AddParent("Kim", finn), e.A).Get("/").Has("bouwde een brug").Body)[1]
		staff.Post(late + "/terugname").Is(303).GoesTo(days + "?dag=2026-11-25#dag-" + finn.String())
		staff.Get(days+"?dag=2026-11-25").Is(200).Has(`id="dag-`+finn.String(), "Finn bouwde een brug.")
	})
}
