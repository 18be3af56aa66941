package main

import (
	"html"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/children"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/messages"
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

var (
	hiddenVersion = regexp.MustCompile(`name="version" value="(\d+)"`)
	rowNames      = regexp.MustCompile(`data-qa="child"[^>]*><img[^>]*> ?<b>([^<]*)</b>`)
)

func namesIn(a *webtest.Answer) []string {
	var list []string
	for _, m := range rowNames.FindAllStringSubmatch(a.Body, -1) {
		list = append(list, m[1])
	}
	return list
}

func version(t *testing.T, a *webtest.Answer) string {
	t.Helper()
	m := hiddenVersion.FindStringSubmatch(a.Body)
	require.NotNil(t, m, a.Body)
	return m[1]
}

func TestChildrenInTheConsole(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	elsewhere := p.a.AddLocation("Elders")
	p.a.AddChild("Zoë", p.a.Group)
	finn := p.a.AddChild("Finn", elsewhere)

	t.Run("are found by name, birth and mail", func(t *testing.T) {
		eva := p.a.AddParent("Eva", finn)
		require.Equal(t, []string{"Finn Jansen", "Zoë Jansen"}, namesIn(admin.Get("/beheer/kinderen").Is(200)))
		require.Equal(t, []string{"Zoë Jansen", "Finn Jansen"}, namesIn(admin.Get("/beheer/kinderen?sorteer=-name")))
		require.Equal(t, []string{"Zoë Jansen"}, namesIn(admin.Get("/beheer/kinderen?q=JANSEN+zoe")))
		require.Equal(t, []string{"Finn Jansen"}, namesIn(admin.Get("/beheer/kinderen?q="+eva.Email)))
		require.Len(t, namesIn(admin.Get("/beheer/kinderen?q=14-9-2024")), 2)
		require.Empty(t, namesIn(admin.Get("/beheer/kinderen?q=15-9-2024")))
		require.Equal(t, []string{"Zoë Jansen"}, namesIn(admin.Get("/beheer/kinderen?account=1")), "Zoë has no guardian")
		require.Equal(t, []string{"Finn Jansen"}, namesIn(admin.Get("/beheer/kinderen?groep="+elsewhere.String())))
		require.Len(t, namesIn(admin.Get("/beheer/kinderen?toestemming=1")), 2)
		admin.Get("/beheer/kinderen?q=%25").Is(200).Has("Niets gevonden")
	})
	t.Run("are added with a first placement, and explained when that cannot be", func(t *testing.T) {
		form := []string{"given_name", "Mila", "family_name", "van Dijk", "birth_on", "8-7-2025", "group", p.a.Group.String(), "starts_on", "2026-12-01", "ends_on", "2026-11-01", "day_1", "1", "from_1", "07:30", "to_1", "07:00"}
		admin.Post("/beheer/kinderen", form...).Is(422).Has("Fout:", "De laatste dag ligt voor de eerste dag.", "De eindtijd ligt voor de begintijd.", `value="van Dijk"`)
		form[11], form[17] = "2029-12-01", "18:00"
		admin.Post("/beheer/kinderen", form...).Is(422).Has("Mila wordt eerder te oud")
		form[11] = ""
		for starts, age := range map[string]string{"2029-09-10": "4 jaar en 2 maanden", "2025-07-07": "nog niet geboren"} {
			form[9] = starts
			admin.Post("/beheer/kinderen", form...).Is(422).Has("Kikkers is voor 0 maanden tot 4 jaar. Mila is op deze dag " + age + ".")
		}
		form[9] = "2026-12-01"
		path := admin.Post("/beheer/kinderen", form...).Is(303).Header.Get("Location")
		page := admin.Get(path).Is(200).Has("Mila van Dijk", "Kikkers", "Start later", "Kind toegevoegd", "Plaatsing toegevoegd")
		require.NotEmpty(t, page.Body)
		admin.Post(path+"/plaatsingen", form[6:]...).Is(422).Has("Mila is dan al op Kikkers, van 07:30 tot 18:00.")
		form[7] = elsewhere.String()
		admin.Post(path+"/plaatsingen", form[6:]...).Is(422).Has("Mila is dan al op Kikkers")
	})
	t.Run("and a second editor is told, and overwrites nothing", func(t *testing.T) {
		path := "/beheer/kinderen/" + finn.String()
		first := version(t, admin.Get(path+"/wijzigen").Is(200))
		edit := func(version, family string) *webtest.Answer {
			return admin.Post(path, "version", version, "given_name", "Finn", "family_name", family, "birth_on", "2024-09-14")
		}
		edit(first, "de Vries").Is(303)
		again := edit(first, "de Wit").Is(409).Has("Iemand was je voor", "Bea Beheer wijzigde dit", "Gewijzigd: achternaam.", "nu de Vries, jij typte de Wit", `value="de Wit"`)
		admin.Get(path).Is(200).Has("Finn de Vries").Lacks("de Wit")
		edit(version(t, again), "de Wit").Is(303)
		admin.Get(path).Is(200).Has("Finn de Wit")
	})
	t.Run("of another location are not a manager's", func(t *testing.T) {
		manager := p.browser(p.a.AddManager("Mo"), p.e.A)
		manager.Get("/beheer/kinderen").Is(200).Has("Zoë Jansen").Lacks("Finn")
		manager.Get("/beheer/kinderen/" + finn.String()).Is(404)
		manager.Post("/beheer/kinderen/"+finn.String(), "given_name", "X", "birth_on", "2024-09-14", "version", "3").Is(404)
		manager.Get("/beheer/logboek").Is(403)
		manager.Get("/beheer/locaties").Is(200).Has("Dorpsstraat").Lacks("Elders")
		manager.Post("/beheer/kinderen", "given_name", "Noor", "birth_on", "2025-01-01").Is(422).Has("Kies een groep.")
		manager.Post("/beheer/kinderen", "given_name", "Noor", "birth_on", "2025-01-01", "group", elsewhere.String(), "starts_on", "2026-12-01", "day_1", "1", "from_1", "08:00", "to_1", "17:00").
			Is(422).Has("Kies een groep van een van je locaties.")
	})
}

// The directory is one question to the database, however many children there are; the session is another.
func TestWhatTheDirectoryCosts(t *testing.T) {
	var database wire
	e := *dbtest.New(t)
	e.URL.App = database.through(t, e.URL.App)
	p := newPortal(t, &e)
	for _, name := range []string{"Mila", "Finn", "Zoë"} {
		p.a.AddParent("Eva", p.a.AddChild(name, p.a.Group))
	}
	admin := p.browser(p.a.Admin, e.A)
	trips := func(path string) int64 {
		admin.Get(path) // statements are prepared, the organisation is known
		before := database.trips.Load()
		admin.Get(path).Is(200)
		return database.trips.Load() - before
	}
	bell := int64(1) // counted beside every page
	require.LessOrEqual(t, trips("/beheer/kinderen?q=a"), 2+bell)
	require.LessOrEqual(t, trips("/beheer/ouders"), 2+bell)
}

func TestGuardiansInTheConsole(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	mila, finn := p.a.AddChild("Mila", p.a.Group), p.a.AddChild("Finn", p.a.Group)
	eva := p.a.AddParent("Eva", mila)
	path := "/beheer/kinderen/" + mila.String()
	tie := func(child string) string {
		return regexp.MustCompile(`/beheer/banden/[0-9a-f-]{36}`).FindString(admin.Get("/beheer/kinderen/" + child).Is(200).Body)
	}
	t.Run("a mail address that is taken is offered to be tied", func(t *testing.T) {
		form := []string{"given_name", "Eva", "email", eva.Email, "kind", "gezag", "household", "2", "valid_from", "2026-11-01"}
		admin.Post("/beheer/kinderen/"+finn.String()+"/ouders", form...).Is(422).Has("Dit e-mailadres is al van Eva Jansen.", `name="link"`)
		admin.Post("/beheer/kinderen/"+finn.String()+"/ouders", append(form, "link", "1")...).Is(303)
		p.browser(eva, p.e.A).Get("/").Is(200).Has("Mila", "Finn")
		admin.Post("/beheer/kinderen/"+finn.String()+"/ouders", append(form, "link", "1")...).Is(422).Has("in die tijd al met het kind verbonden")
	})
	t.Run("who is blocked has nothing at the next request", func(t *testing.T) {
		parent := p.browser(eva, p.e.A)
		entry := publish(t, p, mila)
		parent.Get("/dagboek/" + entry.String()).Is(200)
		way := tie(mila.String())
		admin.Post(way+"/blokkade", "reason", " ").Is(422).Has("Schrijf op waarom.")
		admin.Post(way+"/blokkade", "reason", "uitspraak rechter").Is(303)
		parent.Get("/dagboek/" + entry.String()).Is(404)
		parent.Get("/").Is(200).Lacks("Mila")
		admin.Get(path).Is(200).Has("Geblokkeerd", "uitspraak rechter")
		admin.Post(way + "/deblokkade").Is(303)
		parent.Get("/dagboek/" + entry.String()).Is(200)
	})
	t.Run("an end can be undone", func(t *testing.T) {
		way := tie(finn.String())
		v := version(t, admin.Get(way).Is(200))
		admin.Post(way+"/einde", "version", v, "last", "2026-11-22").Is(303)
		p.browser(eva, p.e.A).Get("/").Lacks("Finn")
		undo := regexp.MustCompile(`action="(` + way + `/einde\?[^"]+)"`).FindStringSubmatch(admin.Get("/beheer/kinderen/" + finn.String()).Body)
		require.NotNil(t, undo)
		admin.Post(html.UnescapeString(undo[1])).Is(303)
		p.browser(eva, p.e.A).Get("/").Has("Finn")
	})
	t.Run("are listed with their children", func(t *testing.T) {
		admin.Get("/beheer/ouders").Is(200).Has("Eva Jansen", "Mila en Finn")
		admin.Get("/beheer/ouders/"+eva.ID.String()).Is(200).Has("Eva Jansen", "Rollen")
		admin.Get("/beheer/medewerkers").Is(200).Has("Sanne de Groot", "Kikkers").Lacks("Eva")
	})
}

func TestRolesInTheConsole(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	me := "/beheer/medewerkers/" + p.a.Admin.ID.String()
	sanne := "/beheer/medewerkers/" + p.a.Staff.ID.String()
	end := func(page string, role string) string {
		return regexp.MustCompile(`action="([^"]+/rollen/[0-9a-f-]{36}/einde)" data-qa="dismiss-` + role).FindStringSubmatch(admin.Get(page).Is(200).Body)[1]
	}
	admin.Post(end(me, "admin"), "last", "2026-11-22").Is(422)
	admin.Post(end(me, "admin"), "last", "2026-11-23").Is(422).Has("Dit is de laatste beheerder")
	admin.Post(me + "/toegang/einde").Is(422).Has("Dit is de laatste beheerder")
	admin.Post(sanne+"/rollen", "role", "manager", "valid_from", "2026-11-23").Is(422).Has("Kies minstens één locatie.")
	admin.Post(sanne+"/rollen", "role", "manager", "valid_from", "2026-11-23", "locations", p.a.Location.String()).Is(303)
	admin.Get(sanne).Has("locatiemanager", "Dorpsstraat")
	admin.Post(sanne+"/rollen", "role", "admin", "valid_from", "2026-11-23").Is(303)
	admin.Post(sanne+"/rollen", "role", "admin", "valid_from", "2026-11-23").Is(422).Has("heeft deze rol al")
	admin.Post(end(me, "admin"), "last", "2026-11-23").Is(422).Has("Dit is je eigen rol", `name="sure"`)
	admin.Post(end(me, "admin"), "last", "2026-11-23", "sure", "1").Is(303)
	log := admin.Get("/beheer/logboek").Is(200).Has("Einde van rol bepaald", "Rol gegeven", "Bea Beheer", `<span>Sanne`)
	require.NotEmpty(t, log.Body)
	admin.Get("/beheer/logboek?actie=children.add_child").Lacks(`data-qa="row"`)
	admin.Get("/beheer/logboek?over=sanne").Has("Rol gegeven").Lacks("Gegevens overgenomen")
	milou, vic := p.a.AddChild("Milou", p.a.Group), p.a.AddChild("Vic", p.a.Group)
	for _, child := range []ids.ID{milou, vic} {
		entry, err := p.app.modules.diary.Publish(p.a.Staff.Ctx(), diary.Draft{FormKey: ids.New(), GroupID: p.a.Group, Body: "Buiten gespeeld.", ChildIDs: []ids.ID{child}})
		require.NoError(t, err)
		if child == milou {
			require.NoError(t, p.app.modules.diary.TakeBack(p.a.Staff.Ctx(), entry))
		}
	}
	admin.Get("/beheer/logboek?over=milou").Has("Dagboek geplaatst", "Dagboek teruggehaald", "Milou").Lacks("Vic")
	admin.Get("/beheer/logboek?over=vic").Has("Dagboek geplaatst", "Vic").Lacks("Dagboek teruggehaald", "Milou")
	eva := p.a.AddParent("Evelien", milou)
	thread, err := p.app.modules.messages.Write(eva.Ctx(), messages.Draft{FormKey: ids.New(), ChildID: milou, Subject: "Luiers", Body: "Ze zijn op"})
	require.NoError(t, err)
	require.NoError(t, p.app.modules.messages.Answer(eva.Ctx(), thread, messages.Answer{FormKey: ids.New(), Body: "Helemaal"}))
	admin.Get("/beheer/logboek?over=milou").Has("Bericht geschreven", "Bericht beantwoord", "Milou")
	admin.Get("/beheer/logboek?over=vic").Lacks("Bericht geschreven")
	admin.Get("/beheer/logboek?q=niemand").Has("Niets gevonden")
	admin.Get("/beheer/logboek?van=2026-11-24").Has("Niets gevonden")
	admin.Get("/beheer/logboek/keten").Is(200).Has("regels klopt")
}

func TestRemovingASecondStepInTheConsole(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	ilse := identitytest.NewPerson(t, p.e, p.e.A, identitytest.Named("Ilse", "Bos"), identitytest.Role(actor.Parent), identitytest.WithApp())
	p.a.Tie(ilse, p.a.AddChild("Mila", p.a.Group), children.Authority, "2026-01-01", "")
	path := "/beheer/ouders/" + ilse.ID.String()
	admin.Get(path).Is(200).Has(`href="` + path + `/tweede-stap"`)
	admin.Get("/beheer/medewerkers/" + p.a.Staff.ID.String()).Is(200).Lacks("/tweede-stap")
	manager := p.browser(p.a.AddManager("Mo"), p.e.A)
	manager.Get(path).Is(200).Lacks("/tweede-stap")
	manager.Get(path + "/tweede-stap").Is(403)
	manager.Post(path+"/tweede-stap", "reason", "kwijt").Is(403)

	admin.Get(path+"/tweede-stap").Is(200).Has("Ilse", "Waarom?")
	admin.Post(path+"/tweede-stap").Is(422).Has("Fout:", "Vul een reden in", `href="#reason"`)
	p.e.Clock.Advance(6 * time.Minute)
	admin.Get(path + "/tweede-stap").GoesTo("/bevestigen?next=" + url.QueryEscape(path+"/tweede-stap"))
	admin.Post(path+"/tweede-stap", "reason", "kwijt").Is(303)
	admin.Get(path).Has("/tweede-stap")
	admin = p.browser(p.a.Admin, p.e.A)
	admin.Post(path+"/tweede-stap", "reason", "Telefoon kwijt").GoesTo(path)
	admin.Get(path).Is(200).Has("De tweede stap is verwijderd.", "Tweede stap verwijderd").Lacks("/tweede-stap")
	admin.Get("/beheer/logboek?actie=identity.remove_factors").Is(200).Has("Tweede stap verwijderd", "Telefoon kwijt")
}

func TestPlacesInTheConsole(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	p.a.AddChild("Mila", p.a.Group)
	admin.Post("/beheer/locaties", "name", "Noord", "lrk_kdv", "12").Is(422).Has("9 tot 12 cijfers")
	admin.Post("/beheer/locaties", "name", "Noord", "lrk_kdv", "123456789").Is(422).Has("al van een andere locatie")
	admin.Post("/beheer/locaties", "name", "Noord", "lrk_kdv", "111222333").Is(303)
	admin.Get("/beheer/locaties").Is(200).Has("Noord", "111222333", "Kikkers")
	path := "/beheer/groepen/" + p.a.Group.String()
	v := version(t, admin.Get(path).Is(200).Has("Kikkers"))
	admin.Post(path+"/einde", "version", v, "last", "2026-12-31").Is(422).Has("nog 1 kinderen geplaatst")
	admin.Post(path, "version", v, "name", "Kwakers", "from_age", "0", "to_age", "48", "symbol", "fish").Is(303)
	admin.Post(path, "version", v, "name", "Padden", "from_age", "0", "to_age", "48").Is(409).Has("Iemand was je voor", "nu Kwakers, jij typte Padden")
	admin.Post("/beheer/locaties/"+p.a.Location.String()+"/groepen", "name", "Kwakers", "care_type", "kdv", "to_age", "48").Is(422).Has("al een groep die zo heet")
	admin.Post("/beheer/medewerkers", "given_name", "Ilse", "email", "ilse@a.example", "group", p.a.Group.String(), "valid_from", "2026-11-23").Is(303)
	admin.Get("/beheer/medewerkers").Has("Ilse", "Kwakers")
}
