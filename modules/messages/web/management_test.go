package web_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/messages"
)

func TestAParentWritesToManagementPastTheGroup(t *testing.T) {
	p := start(t)
	mila := p.AddChild("Mila", p.Group)
	eva, karin := p.AddParent("Eva", mila), p.AddManager("Karin")
	parent := p.browser(eva)
	parent.Get("/berichten/nieuw").Is(200).Has("Aan de leiding", `value="groep" checked`)
	parent.Get("/berichten/nieuw?aan=leiding").Is(200).Has(`value="leiding" checked`)
	typed := []string{formkey.Field, ids.New().String(), "child", mila.String(), "to", "leiding", "subject", "Over een medewerker"}
	parent.Post("/berichten", typed...).Is(422).Has(`value="leiding" checked`, "Over een medewerker")
	pdf, err := p.s.Upload(eva.Ctx(), "brief.pdf", []byte("%PDF-1.7\n%%EOF\n"))
	require.NoError(t, err)
	path := parent.Post("/berichten", append(typed, "body", "Vertrouwelijk graag.", "photos", pdf.ID.String())...).Is(303).Header.Get("Location")
	p.e.Clock.Advance(messages.UndoWithin + 2*time.Minute)
	require.NoError(t, p.s.Sweep(p.system()))
	parent.Get(path).Is(200).Has("De leiding van", "Vertrouwelijk graag.")

	file := "/berichten/bijlagen/" + pdf.ID.String() + "/download"
	manager := p.browser(karin)
	manager.Get("/beheer/berichten").Is(200).Has("Over een medewerker", path)
	manager.Get("/beheer/berichten?q=vertrouwelijk").Is(200).Has("Over een medewerker")
	manager.Get(path).Is(200).Has("Vertrouwelijk graag.", `class="cback" href="/beheer/berichten"`, `data-qa="assign"`, `data-qa="note-form"`)
	manager.Get(file).Is(200)
	manager.Post(path, formkey.Field, ids.New().String(), "body", "Dank je wel.").Is(303)

	staff := p.browser(p.Staff)
	staff.Get("/beheer/berichten").Is(403)
	staff.Get("/berichten").Is(200).Lacks("Over een medewerker", path)
	staff.Get("/berichten?q=vertrouwelijk").Is(200).Lacks("Over een medewerker", path)
	unknown := "/berichten/" + ids.New().String()
	for _, at := range []string{"", "/gelezen?tot=" + ids.New().String(), "/notities", "/toewijzing"} {
		require.Equal(t, withoutID(staff.Post(unknown+at, formkey.Field, ids.New().String(), "body", "x", "note", "x").Is(404).Body), withoutID(staff.Post(path+at, formkey.Field, ids.New().String(), "body", "x", "note", "x").Is(404).Body))
	}
	require.Equal(t, withoutID(staff.Get(unknown).Is(404).Body), withoutID(staff.Get(path).Is(404).Body))
	staff.Get(file).Is(404)
}

func TestTheConsoleShowsConversationsWithGroupsToWhoAsks(t *testing.T) {
	p := start(t)
	mila := p.AddChild("Mila", p.Group)
	eva := p.AddParent("Eva", mila)
	_, err := p.s.Write(eva.Ctx(), messages.Draft{FormKey: ids.New(), ChildID: mila, Subject: "Luiers", Body: "Ze zijn op"})
	require.NoError(t, err)
	p.e.Clock.Advance(messages.UndoWithin + 2*time.Minute)
	require.NoError(t, p.s.Sweep(p.system()))
	admin := p.browser(p.Admin)
	admin.Get("/beheer/berichten").Is(200).Has("Zodra een ouder aan de leiding schrijft").Lacks("Luiers")
	admin.Get("/beheer/berichten?groepen=1").Is(200).Has("Luiers")
}

func TestAnAdminWithdrawsAMessageWithAReason(t *testing.T) {
	p := start(t)
	mila := p.AddChild("Mila", p.Group)
	eva := p.AddParent("Eva", mila)
	pdf, err := p.s.Upload(eva.Ctx(), "brief.pdf", []byte("%PDF-1.7\n%%EOF\n"))
	require.NoError(t, err)
	thread, err := p.s.Write(eva.Ctx(), messages.Draft{FormKey: ids.New(), ChildID: mila, Subject: "Uitslag", Body: "Heel geheim", Attachments: []ids.ID{pdf.ID}})
	require.NoError(t, err)
	p.e.Clock.Advance(messages.UndoWithin + 2*time.Minute)
	require.NoError(t, p.s.Sweep(p.system()))
	path, file := "/berichten/"+thread.String(), "/berichten/bijlagen/"+pdf.ID.String()+"/download"
	admin, parent, staff := p.browser(p.Admin), p.browser(eva), p.browser(p.Staff)
	why := regexp.MustCompile(`/berichten/bericht/[0-9a-f-]{36}/intrekking`).FindString(admin.Get(path).Is(200).Body)
	staff.Get(path).Is(200).Lacks("/intrekking")
	for _, who := range []*webtest.Browser{parent, staff} {
		who.Get(why).Is(403)
		who.Post(why, "reason", "x").Is(403)
	}
	admin.Get(why).Is(200).Has("Heel geheim", "Dit bericht ging naar 1 gezin.", "Dit is niet terug te draaien.")
	admin.Post(why, "reason", " ").Is(422).Has("Schrijf waarom je het bericht intrekt.", `href="#reason"`)
	admin.Post(why, "reason", "Verkeerd gezin").Is(303)
	admin.Get(why).Is(404)
	for _, b := range []*webtest.Browser{parent, staff} {
		b.Get(path).Is(200).Has("Dit bericht is ingetrokken", "Ingetrokken bericht").Lacks("Heel geheim", "Uitslag", "brief.pdf", "Verkeerd gezin")
		b.Get("/berichten").Is(200).Has("Dit bericht is ingetrokken").Lacks("Heel geheim", "Uitslag")
		b.Get("/berichten?q=geheim").Is(200).Has("Niets gevonden")
		b.Get(file).Is(404)
	}
	admin.Get(path).Is(200).Has("Dit bericht is ingetrokken", "Heel geheim", "Uitslag", "Verkeerd gezin", "brief.pdf").Lacks(`data-qa="ask-withdrawal"`)
	admin.Get(file).Is(200)
	admin.Get("/berichten").Is(200).Lacks("Heel geheim", "Uitslag")
}
