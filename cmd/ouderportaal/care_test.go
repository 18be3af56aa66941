package main

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
)

var recordLink = regexp.MustCompile(`href="(/zorg/[0-9a-f-]{36})"`)

// R9 and K7: the day of a child is its guardians' to see and its group's to write.
func TestADayFromTheGroupToTheParent(t *testing.T) {
	e := dbtest.New(t)
	e.Clock.Set(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
	p := newPortal(t, e)
	mila, finn := p.a.AddChild("Mila", p.a.Group), p.a.AddChild("Finn", p.a.Group)
	eva := p.a.AddParent("Eva")
	tie := p.a.Tie(eva, mila, children.Authority, "2026-01-01", "")
	staff, parent, other := p.browser(p.a.Staff, e.A), p.browser(eva, e.A), p.browser(p.a.AddParent("Jan", finn), e.A)
	group := "/groep/" + p.a.Group.String()

	parent.Get("/").Is(200).Lacks("is er sinds", `data-qa="days"`)
	staff.Get(group).Is(200).Has("Aangekomen", "Opgehaald", "Zorg noteren", "vandaag vrij")
	staff.Post(group+"/aankomst", "form_key", ids.New().String(), "kind", mila.String()).Is(303)
	staff.Get(group).Is(200).Has("er sinds 13:00", "De aankomst is genoteerd.", "/ongedaan/")
	parent.Get("/").Is(200).Has("Mila is er sinds 13:00", "De dag van Mila: gebracht 13:00, nu 13:00").Lacks(`data-qa="daylog"`)
	other.Get("/").Is(200).Lacks("Mila", "is er sinds")

	key := ids.New().String()
	note := func(pairs ...string) {
		staff.Post(group+"/zorg", append(pairs, "form_key", key, "children", mila.String(), "children", finn.String(), "soort", "food")...).Is(303)
	}
	staff.Post(group+"/zorg", "form_key", key, "children", mila.String(), "soort", "food", "from", "13:30", "words", "Brood & <kaas>").
		Is(422).Has("Kies wat er het beste bij past.", "Fout:", "Brood &amp; &lt;kaas", `value="13:30"`, `href="#food"`, `id="food"`)
	note("from", "12:50", "food", "all", "words", "Brood & <kaas>")
	note("from", "12:50", "food", "all", "words", "Brood & <kaas>")
	parent.Get("/").Has("Brood &amp; &lt;kaas&gt;: alles op", "12:50").Lacks("Finn")

	links := recordLink.FindAllStringSubmatch(staff.Get(group+"/zorg").Is(200).Body, -1)
	require.Len(t, links, 3)
	record := links[2][1] // newest first: of eating, before the arrival
	staff.Get(record).Is(200).Has("Geschiedenis", "Sanne, 13:00")
	for _, path := range []string{record, record + "/intrekking"} {
		p.browser(p.b.Admin, e.B).Post(path, "form_key", key).Is(http.StatusNotFound)
	}
	p.browser(p.b.Admin, e.B).Get(record).Is(http.StatusNotFound)
	parent.Get(record).Is(http.StatusForbidden)
	staff.Post(record, "form_key", ids.New().String(), "version", "7", "from", "12:40", "food", "most").Is(422).Has("Iemand anders heeft dit net veranderd.")
	staff.Post(record, "form_key", ids.New().String(), "version", "1", "from", "12:40", "food", "most").Is(303)
	staff.Get(record).Is(200).Has("Het meeste op", "alles op")

	e.Clock.Advance(4 * time.Hour)
	staff, parent = p.browser(p.a.Staff, e.A), p.browser(eva, e.A)
	staff.Post(group+"/vertrek", "form_key", ids.New().String(), "kind", mila.String()).Is(303)
	parent.Get("/").Has("Mila is opgehaald om 17:00").Lacks("is er sinds")
	staff.Post(group+"/vertrek", "form_key", ids.New().String()).Is(303)
	staff.Get(group).Has("Kies eerst een of meer kinderen.")
	staff.Post(group+"/aankomst", "kind", mila.String()).Is(http.StatusBadRequest)

	e.Clock.Set(time.Date(2026, 11, 26, 7, 5, 0, 0, time.UTC))
	staff, parent = p.browser(p.a.Staff, e.A), p.browser(eva, e.A)
	staff.Post(group+"/aankomst", "form_key", ids.New().String(), "kind", mila.String()).Is(303)
	parent.Get("/").Has("Mila is er sinds 08:05", "gebracht 08:05, nu 08:05", "<time>08:05</time>", ">07:30</text>").Lacks(" 8:05", ">8:05", ">7:30")

	require.NoError(t, p.a.Service.Block(p.a.Admin.Ctx(), tie, "uitspraak rechter"))
	parent.Get("/").Is(200).Lacks("Mila", "17:00", "kaas")
}
