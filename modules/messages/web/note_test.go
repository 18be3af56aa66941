package web_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/messages"
)

func TestNotesAndAssignmentsAreForColleagues(t *testing.T) {
	p := start(t)
	mila := p.AddChild("Mila", p.Group)
	eva := p.AddParent("Eva", mila)
	thread, err := p.s.Write(eva.Ctx(), messages.Draft{FormKey: ids.New(), ChildID: mila, Subject: "Luiers", Body: "Ze zijn op"})
	require.NoError(t, err)
	p.e.Clock.Advance(messages.UndoWithin + 2*time.Minute)
	require.NoError(t, p.s.Sweep(p.system()))
	path := "/berichten/" + thread.String()
	staff := p.browser(p.Staff)
	staff.Post(path+"/notities", formkey.Field, ids.New().String(), "note", "").Is(422).Has(`href="#note"`, "Schrijf je notitie.")
	staff.Post(path+"/notities", formkey.Field, ids.New().String(), "note", "Eva belde").Is(303)
	staff.Post(path+"/toewijzing", "to", p.Staff.ID.String()).Is(303)
	for _, who := range []identitytest.Someone{p.Staff, p.AddManager("Karin"), p.Admin} {
		p.browser(who).Get(path).Is(200).Has("Eva belde", `data-qa="note"`, "Interne notitie", `data-qa="assign"`)
		p.browser(who).Get("/berichten").Is(200).Has("Aan mij")
	}
	staff.Get("/berichten?mij=1").Is(200).Has("Luiers")
	p.browser(p.Admin).Get("/berichten?mij=1").Is(200).Lacks("Luiers")

	b := p.browser(eva)
	b.Get(path).Is(200).Lacks("Eva belde", "notitie", `data-qa="assign"`, "Wie pakt dit op")
	b.Get("/berichten?mij=1").Is(200).Has("Luiers").Lacks("Aan mij", "Sanne")
	b.Post(path+"/notities", formkey.Field, ids.New().String(), "note", "Mag ik mee?").Is(403)
	b.Post(path+"/toewijzing", "to", p.Staff.ID.String()).Is(403)
	stranger := p.browser(p.AddStaff("Youssef", p.AddGroup("Egels")))
	stranger.Post(path+"/notities", formkey.Field, ids.New().String(), "note", "Mag ik mee?").Is(404)
	stranger.Post(path+"/toewijzing", "to", p.Staff.ID.String()).Is(404)
	other := childrentest.NewHouse(t, p.e, p.e.B)
	foreign := p.BrowserFor(t, p.hosts.Host(p.e.B.Slug))
	cookie := identitytest.SignedIn(t, p.e, other.Admin)
	foreign.SetCookie(cookie.Name, cookie.Value)
	foreign.Post(path+"/notities", formkey.Field, ids.New().String(), "note", "Mag ik mee?").Is(404)
	foreign.Post(path+"/toewijzing", "to", p.Staff.ID.String()).Is(404)
}
