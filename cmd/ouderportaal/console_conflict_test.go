package main

import (
	"html"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/children"
)

var (
	fieldTag  = regexp.MustCompile(`<input[^>]* name="([a-z_0-9]+)"[^>]*>`)
	valueIn   = regexp.MustCompile(` value="([^"]*)"`)
	selectTag = regexp.MustCompile(`(?s)<select[^>]* name="([a-z_]+)"[^>]*>.*?</select>`)
	chosenIn  = regexp.MustCompile(`<option value="([^"]*)" selected`)
)

// filled is the form of a page as a browser would send it, with some fields typed over.
func filled(a *webtest.Answer, typed ...string) []string {
	form := regexp.MustCompile(`(?s)<form class="form.*?</form>`).FindString(a.Body)
	var pairs []string
	for _, tag := range fieldTag.FindAllStringSubmatch(form, -1) {
		if regexp.MustCompile(`type="checkbox"`).MatchString(tag[0]) && !regexp.MustCompile(` checked`).MatchString(tag[0]) {
			continue
		}
		value := ""
		if m := valueIn.FindStringSubmatch(tag[0]); m != nil {
			value = html.UnescapeString(m[1])
		}
		pairs = append(pairs, tag[1], value)
	}
	for _, tag := range selectTag.FindAllStringSubmatch(form, -1) {
		value := ""
		if m := chosenIn.FindStringSubmatch(tag[0]); m != nil {
			value = m[1]
		}
		pairs = append(pairs, tag[1], value)
	}
	for i := 0; i < len(typed); i += 2 {
		if at := slices.Index(pairs, typed[i]); at >= 0 && at%2 == 0 {
			pairs[at+1] = typed[i+1]
		} else {
			pairs = append(pairs, typed[i], typed[i+1])
		}
	}
	return pairs
}

// Of two editors each keeps what only they changed; only what both changed is asked.
func TestTwoEditorsOfOneForm(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	mila := p.a.AddChild("Mila", p.a.Group)
	eva := p.a.AddParent("Eva", mila)
	file := "/beheer/kinderen/" + mila.String()

	t.Run("of a person", func(t *testing.T) {
		page := "/beheer/ouders/" + eva.ID.String()
		opened := admin.Get(page + "/wijzigen").Is(200)
		admin.Post(page+"/wijzigen", filled(opened, "phone", "0612345678", "family_name", "Bakker", "city", "Bathmen")...).GoesTo(page)
		again := admin.Post(page+"/wijzigen", filled(opened, "street", "Brink 1", "family_name", "Smit", "city", "Bathmen")...).Is(409).
			Has("Iemand was je voor", "Overgenomen in dit formulier: telefoon.", "nu Bakker, jij typte Smit", `value="0612345678"`, `value="Brink 1"`, `value="Smit"`).
			Lacks("Plaats:", "Straat:", "Telefoon:")
		admin.Post(page+"/wijzigen", filled(again)...).GoesTo(page)
		admin.Get(page).Has("Eva Smit", "0612345678", "Brink 1", "Bathmen")
	})
	t.Run("of a child, when they do not meet", func(t *testing.T) {
		opened := admin.Get(file + "/wijzigen").Is(200)
		admin.Post(file, filled(opened, "given_name", "Mila Sofie")...).GoesTo(file)
		again := admin.Post(file, filled(opened, "family_name", "de Vries")...).Is(409).Has("Overgenomen in dit formulier: voornaam.", `value="Mila Sofie"`, `value="de Vries"`).Lacks("jij typte")
		admin.Post(file, filled(again)...).GoesTo(file)
		admin.Get(file).Has("Mila Sofie de Vries")
		opened = admin.Get(file + "/wijzigen").Is(200)
		wrong := admin.Post(file, filled(opened, "birth_on", "31-2-2024")...).Is(422)
		admin.Post(file, filled(opened, "given_name", "Mila")...).GoesTo(file)
		admin.Post(file, filled(wrong, "birth_on", "2024-09-13")...).Is(409).Has("Overgenomen in dit formulier: voornaam.", `value="Mila"`, `value="2024-09-13"`).Lacks("jij typte")
	})
	t.Run("of a placement and a tie", func(t *testing.T) {
		placement := regexp.MustCompile(`/beheer/plaatsingen/[0-9a-f-]{36}`).FindString(admin.Get(file).Body)
		group := p.a.AddGroup("Padden")
		opened := admin.Get(placement).Is(200)
		admin.Post(placement, filled(opened, "group", group.String(), "day_3", "1", "from_3", "08:00", "to_3", "12:00")...).GoesTo(file)
		admin.Post(placement, filled(opened, "ends_on", "2027-01-31", "day_5", "1", "from_5", "08:00", "to_5", "12:00")...).Is(409).
			Has("Overgenomen in dit formulier: groep.", "woensdag 08:00–12:00", "vrijdag 08:00–12:00", `<option value="`+group.String()+`" selected`, `value="2027-01-31"`)
		tie := regexp.MustCompile(`/beheer/banden/[0-9a-f-]{36}`).FindString(admin.Get(file).Body)
		opened = admin.Get(tie).Is(200)
		admin.Post(tie, filled(opened, "household", "2")...).GoesTo(file)
		admin.Post(tie, filled(opened, "kind", string(children.Information))...).Is(409).Has("Overgenomen in dit formulier: huishouden.", `<option value="2" selected`, `<option value="informatierecht" selected`).Lacks("jij typte")
	})
	t.Run("of a location and a group", func(t *testing.T) {
		place, group := "/beheer/locaties/"+p.a.Location.String(), "/beheer/groepen/"+p.a.Group.String()
		opened := admin.Get(place).Is(200)
		admin.Post(place, filled(opened, "city", "Gorssel")...).Is(303)
		require.Contains(t, admin.Post(place, filled(opened, "name", "Dorp")...).Is(409).Has("Overgenomen in dit formulier: plaats.").Body, `value="Gorssel"`)
		opened = admin.Get(group).Is(200)
		admin.Post(group, filled(opened, "from_age", "6")...).Is(303)
		admin.Post(group, filled(opened, "name", "Kwakers")...).Is(409).Has("Overgenomen in dit formulier: leeftijd vanaf.", `value="6"`, `value="Kwakers"`)
	})
}
