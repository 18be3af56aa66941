package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/consents"
	"ouderportaal/tenants"
)

// O3: a consent has a history and an end, and the history is still there after the end.
func TestWhatWasSaidToAQuestionThatEndedCanBeRead(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	eva, jan := p.a.AddParent("Eva", mila), p.a.AddParent("Jan", mila)
	today := p.e.A.DateOf(p.e.Clock.Now())
	trip, err := p.app.modules.consents.Ask(p.a.Admin.Ctx(), consents.Draft{FormKey: ids.New(), Title: "Uitje naar de boerderij", Body: "Mag je kind mee?", Required: consents.One, StartsOn: today, EndsOn: today})
	require.NoError(t, err)
	path := "/toestemmingen/" + mila.String() + "/" + string(trip)
	b := p.browser(eva, p.e.A)
	b.Get("/toestemmingen").Is(200).Has("Uitje naar de boerderij").Lacks("vraag van eerder")
	b.Post(path, "answer", "ja", "words", "1").Is(303)
	p.e.Clock.Advance(time.Minute)
	b.Post(path, "answer", "nee", "words", "1").Is(303)

	p.e.Clock.Advance(24 * time.Hour)
	require.NoError(t, p.app.modules.consents.Sweep(actor.With(tenants.With(context.Background(), p.e.A), actor.ForSystem(p.e.A.ID))))
	b.Get("/toestemmingen").Is(200).Has("1 vraag van eerder", "Uitje naar de boerderij", "Mag je kind mee?", "Deze vraag liep tot en met maandag 23 november", "Eva zei nee op", "Eva zei ja op").Lacks(`action="` + path + `"`)
	b.Post(path, "answer", "ja", "words", "1").Is(409).Has("1 vraag van eerder")
	p.browser(jan, p.e.A).Get("/toestemmingen").Is(200).Lacks("Uitje naar de boerderij")
}
