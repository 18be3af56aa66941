package main

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/messages"
)

func TestAnAdminKeepsAnswersToBeginWith(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	eva := p.a.AddParent("Eva", mila)
	const path = "/beheer/berichten/standaardantwoorden"
	admin := p.browser(p.a.Admin, p.e.A)
	admin.Get(path + "/nieuw").Is(200).Has("{kind}")
	admin.Post(path, formkey.Field, ids.New().String(), "title", "Luiers", "body", "").Is(422).Has("Schrijf het antwoord.", `value="Luiers"`)
	admin.Post(path, formkey.Field, ids.New().String(), "title", "Luiers", "body", "Wil je luiers meegeven voor {kind}?").Is(303)
	id := regexp.MustCompile(path + `/([0-9a-f-]{36})`).FindStringSubmatch(admin.Get("/beheer/berichten/instellingen").Is(200).Has("Luiers").Body)[1]
	admin.Get(path + "/" + id).Is(200).Has("voor {kind}?")

	thread, err := p.app.modules.messages.Write(eva.Ctx(), messages.Draft{FormKey: ids.New(), ChildID: mila, Subject: "Luiers", Body: "Ze zijn op"})
	require.NoError(t, err)
	p.e.Clock.Advance(messages.UndoWithin + 2*time.Minute)
	require.NoError(t, p.app.modules.messages.Sweep(p.a.Admin.Ctx()))
	p.browser(p.a.Staff, p.e.A).Get("/berichten/"+thread.String()).Is(200).Has("Standaardantwoord", `value="Wil je luiers meegeven voor Mila?"`)
	p.browser(eva, p.e.A).Get("/berichten/"+thread.String()).Is(200).Lacks("Standaardantwoord", "meegeven voor")

	admin = p.browser(p.a.Admin, p.e.A)
	admin.Post(path+"/"+id, "version", "1", "title", "Luiers op", "body", "Graag luiers.").Is(303)
	admin.Post(path+"/"+id, "version", "1", "title", "Luiers", "body", "Van gisteren").Is(422).Has("Iemand anders heeft dit antwoord", "Van gisteren")
	p.browser(p.a.Staff, p.e.A).Post(path+"/"+id, "version", "2", "title", "x", "body", "x").Is(403)
	p.browser(p.a.AddManager("Karin"), p.e.A).Get(path + "/" + id).Is(403)
	p.browser(eva, p.e.A).Post(path+"/"+id+"/einde", "x", "y").Is(403)
	p.browser(p.b.Admin, p.e.B).Get(path + "/" + id).Is(404)
	p.browser(p.b.Admin, p.e.B).Post(path+"/"+id+"/einde", "x", "y").Is(404)
	admin.Post(path+"/"+id+"/einde", "x", "y").Is(303)
	admin.Get("/beheer/berichten/instellingen").Is(200).Lacks("Luiers op")
}
