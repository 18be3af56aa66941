package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/messages"
	"ouderportaal/tenants"
)

// Each number of the overview leads to the list that it counts, and a manager sees the own locations only.
func TestTheOverviewTellsHowThingsStand(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	system := actor.With(tenants.With(context.Background(), p.e.A), actor.ForSystem(p.e.A.ID))
	admin, manager := p.browser(p.a.Admin, p.e.A), p.browser(p.a.AddManager("Mo"), p.e.A)
	admin.Get("/beheer").Is(200).Has(`data-qa="first-steps"`, "Importeer kinderen", "Klaar").Lacks(`data-qa="presence"`, `data-qa="numbers"`)

	p.browser(p.b.Admin, p.e.B).Get("/beheer").Is(200).Has(`data-qa="first-steps"`)
	manager.Get("/beheer").Is(200).Lacks(`data-qa="first-steps"`)
	manager.Post("/beheer/eerste-stappen/einde").Is(403)
	for range 2 { // a double click
		admin.Post("/beheer/eerste-stappen/einde").GoesTo("/beheer")
	}
	admin.Get("/beheer").Is(200).Has(`data-qa="numbers"`).Lacks(`data-qa="first-steps"`)
	p.browser(p.b.Admin, p.e.B).Get("/beheer").Is(200).Has(`data-qa="first-steps"`)

	elsewhere := p.a.AddLocation("Elders")
	mila, noor, sem := p.a.AddChild("Mila", p.a.Group), p.a.AddChild("Noor", p.a.Group), p.a.AddChild("Sem", p.a.Group)
	p.a.AddChild("Ver", elsewhere)
	roos := p.a.AddParent("Roos", mila, noor, sem)
	today := p.e.A.DateOf(p.e.Clock.Now())
	_, err := p.e.Owner(t).Exec(t.Context(), `INSERT INTO placement_day (tenant_id, placement_id, weekday, from_time, to_time)
		SELECT tenant_id, id, extract(isodow FROM $2::date), '08:00', '18:00' FROM placement WHERE tenant_id = $1`, p.e.A.ID, string(today))
	require.NoError(t, err)
	_, err = p.app.modules.care.Arrive(p.a.Staff.Ctx(), ids.New(), p.a.Group, []ids.ID{mila})
	require.NoError(t, err)
	_, err = p.app.modules.absences.Report(roos.Ctx(), absences.Draft{FormKey: ids.New(), ChildIDs: []ids.ID{noor, mila}, Days: []tenants.Date{today}, Reason: absences.Sick, ToldLate: today})
	require.NoError(t, err)
	thread, err := p.app.modules.messages.Write(roos.Ctx(), messages.Draft{FormKey: ids.New(), ChildID: mila, Subject: "Luiers", Body: "Ze zijn op"})
	require.NoError(t, err)
	admin.Get("/beheer").Is(200).Lacks("nog niet beantwoord")
	p.e.Clock.Advance(2 * time.Minute)
	require.NoError(t, p.app.modules.messages.Sweep(system))

	location := "/beheer/aanwezig/" + p.a.Location.String()
	for _, who := range []*webtest.Browser{admin, manager} {
		who.Get("/beheer").Is(200).Has(`<strong class="num">3</strong> verwacht`, `<strong class="num">1</strong> aanwezig`, `<strong class="num">1</strong> afwezig gemeld`, location,
			"1 bericht van een ouder is nog niet beantwoord.", "/beheer/onbeantwoord", "een toestemming open").Lacks(`data-qa="first-steps"`, "niet aangekomen")
		who.Get(location).Is(200).Has("Mila Jansen", "Aanwezig sinds", "Noor Jansen", "Afwezig gemeld", "Sem Jansen", "Verwacht").Lacks("Ver Jansen")
		who.Get("/beheer/onbeantwoord").Is(200).Has("Luiers", "Roos Jansen", "/berichten/"+thread.String())
	}
	admin.Get("/beheer").Has("Elders", `data-qa="storage"`, "0 B in gebruik")
	manager.Get("/beheer").Lacks("Elders", `data-qa="storage"`)
	manager.Get("/beheer/kinderen?toestemming=1").Is(200).Has("Sem Jansen").Lacks("Ver Jansen")
	p.browser(p.b.Admin, p.e.B).Get(location).Is(404)
	admin.Get("/beheer/aanwezig/" + ids.New().String()).Is(404)
	p.browser(p.a.Staff, p.e.A).Get("/beheer/onbeantwoord").Is(403)

	require.NoError(t, p.app.modules.messages.Answer(p.a.Staff.Ctx(), thread, messages.Answer{FormKey: ids.New(), Body: "Ik leg een pak klaar"}))
	p.e.Clock.Advance(2 * time.Minute)
	require.NoError(t, p.app.modules.messages.Sweep(system))
	admin.Get("/beheer").Lacks("nog niet beantwoord")
	admin.Get("/beheer/onbeantwoord").Has("Alles is beantwoord")
	mailed(t, p, roos)
	_, err = p.e.Owner(t).Exec(context.Background(), "UPDATE delivery SET state = 'dead', last_error = 'mail: transient failure at connect' WHERE tenant_id = $1 AND state = 'sent'", p.e.A.ID)
	require.NoError(t, err)
	manager.Get("/beheer").Has("1 bericht is niet aangekomen.", "/beheer/bezorging")
}
