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

var withdrawal = regexp.MustCompile(`action="(/afwezig/[0-9a-f-]{36}/intrekking)"`)

// P1: what a guardian reports is seen by the group and by the other guardian, and by nobody else.
func TestAnAbsenceFromTheParentToTheGroup(t *testing.T) {
	e := dbtest.New(t)
	e.Clock.Set(time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC)) // Wednesday, eight o'clock
	p := newPortal(t, e)
	mila, finn := p.a.AddChild("Mila", p.a.Group), p.a.AddChild("Finn", p.a.Group)
	for _, child := range []ids.ID{mila, finn} {
		_, err := e.Owner(t).Exec(t.Context(), "INSERT INTO placement_day SELECT tenant_id, id, 3, '08:00', '17:30' FROM placement WHERE child_id = $1", child)
		require.NoError(t, err)
	}
	eva, jan, other := p.a.AddParent("Eva", mila), p.a.AddParent("Jan", mila), p.a.AddParent("Kim", finn)
	parent, partner, stranger, staff := p.browser(eva, e.A), p.browser(jan, e.A), p.browser(other, e.A), p.browser(p.a.Staff, e.A)
	group := "/groep/" + p.a.Group.String()

	parent.Get("/").Is(200).Has(`href="/afwezig"`, "Afwezig <em>melden</em>")
	parent.Get("/afwezig?kind="+mila.String()).Is(200).Has("Meld af tot 09:00 uur op de dag zelf.", "Op tijd: dat ben je nu", `value="2026-11-25"`, `aria-label="woensdag 25 november"`, "Er is niets afgemeld.").Lacks(`value="2026-11-26"`)
	key := ids.New().String()
	report := func(pairs ...string) []string { return append(pairs, "form_key", key, "children", mila.String()) }
	parent.Post("/afwezig", report("days", "2026-11-25", "note", "Koorts & <hoest>")...).Is(422).
		Has("Fout:", "Kies waarom.", `href="#reason"`, `id="reason"`, "Koorts &amp; &lt;hoest&gt;", `value="2026-11-25" checked`)
	parent.Post("/afwezig", report("from", "2026-11-26", "reason", "ziekte")...).Is(422).Has("Mila is op donderdag 26 november niet bij ons.", `value="2026-11-26"`)
	for range 2 {
		parent.Post("/afwezig", report("days", "2026-11-25", "days", "2026-12-02", "reason", "ziekte", "note", "Koorts & <hoest>")...).Is(http.StatusSeeOther)
	}
	parent.Get("/afwezig").Is(200).Has("De afmelding is verstuurd.", "Mila: woensdag 25 november tot en met woensdag 2 december", "ziek · gemeld door Eva op 25 nov 2026", "Koorts &amp; &lt;hoest&gt;")
	parent.Get("/").Has("Mila is vandaag afgemeld").Lacks("ziek")
	partner.Get("/").Has("Mila is vandaag afgemeld")
	require.Len(t, withdrawal.FindAllString(partner.Get("/afwezig").Has("emeld door Eva").Lacks("ziek ·", "Koorts").Body, -1), 2, "one with scripts and one without")
	stranger.Get("/").Lacks("Mila", "afgemeld")
	stranger.Get("/afwezig").Lacks("Mila", "Koorts")
	staff.Get(group).Has("afgemeld: ziek", "verwacht", "Koorts &amp; &lt;hoest&gt;")
	require.Contains(t, strings.Join(strings.Fields(staff.Get(group).Body), " "), "0 van 1")

	t.Run("the same again is said to stand", func(t *testing.T) {
		parent.Post("/afwezig", "form_key", ids.New().String(), "children", mila.String(), "days", "2026-12-02", "reason", "ziekte", "note", "Koorts & <hoest>").Is(303)
		parent.Get("/afwezig").Has("Dit stond al zo afgemeld.").Lacks("De afmelding is verstuurd.")
	})
	t.Run("another reason is explained, with a way to replace", func(t *testing.T) {
		again := func(more ...string) []string {
			return append([]string{"form_key", ids.New().String(), "children", mila.String(), "days", "2026-12-02", "reason", "vakantie"}, more...)
		}
		parent.Post("/afwezig", again()...).Is(422).Has("Mila is op woensdag 2 december al afgemeld (ziek).", `name="replace"`)
		parent.Post("/afwezig", again("replace", "ja")...).Is(303)
		parent.Get("/afwezig").Has("Mila: woensdag 25 november<", "Mila: woensdag 2 december<", "vakantie · gemeld door Eva")
	})
	t.Run("who comes after all is there", func(t *testing.T) {
		staff.Post(group+"/aankomst", "form_key", ids.New().String(), "kind", mila.String()).Is(303)
		staff.Get(group).Has("er sinds").Lacks("afgemeld: ziek")
		parent.Get("/").Has("Mila is er sinds").Lacks("vandaag afgemeld")
	})
	e.Clock.Advance(90 * time.Minute)
	parent = p.browser(eva, e.A)
	t.Run("after the deadline it says so before sending", func(t *testing.T) {
		parent.Get("/afwezig").Has("Te laat gemeld: zo noteren we het nu voor vandaag.", `name="te_laat" value="2026-11-25"`, "Intrekken kan niet meer.")
		stranger = p.browser(other, e.A)
		stranger.Post("/afwezig", "form_key", ids.New().String(), "children", finn.String(), "days", "2026-11-25", "reason", "overig").Is(422).Has("Het is intussen te laat")
		stranger.Post("/afwezig", "form_key", ids.New().String(), "children", finn.String(), "days", "2026-11-25", "reason", "overig", "te_laat", "2026-11-25").Is(303)
		stranger.Get("/afwezig").Has("te laat gemeld")
	})
	t.Run("and is withdrawn, by who may", func(t *testing.T) {
		path := withdrawal.FindStringSubmatch(parent.Get("/afwezig").Body)[1]
		require.Equal(t, http.StatusNotFound, stranger.Post(path).Status)
		parent.Post(path).Is(303)
		parent.Get("/afwezig").Has("De afmelding is ingetrokken.").Lacks("woensdag 2 december<")
	})
	t.Run("and an admin chooses the deadline", func(t *testing.T) {
		admin := p.browser(p.a.Admin, e.A)
		admin.Get("/beheer/afwezig").Is(200).Has("Afwezig melden", `value="09:00"`)
		admin.Post("/beheer/afwezig", "days_before", "x", "until_time", "9 uur", "days_back", "0").Is(422).Has("Vul een aantal dagen in", "Vul een tijd in", `value="9 uur"`)
		admin.Post("/beheer/afwezig", "days_before", "2", "until_time", "12:00", "days_back", "0").Is(303)
		parent.Get("/afwezig").Has("Meld af tot 12:00 uur, 2 dagen van tevoren.")
	})
}
