package keepsake_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/declarations"
	"ouderportaal/tenants"
)

// What guardians said of a child stands in the book as in alles.json: their own whole, of others as far as they may read it.
func TestAnswersAreTakenHome(t *testing.T) {
	a := newAttic(t)
	mila, finn := a.child("Mila"), a.child("Finn")
	eva, tom := a.AddParent("Eva", mila.ID, finn.ID), a.AddParent("Tom")
	require.NoError(t, a.Service.Add(a.Admin.Ctx(), children.Roster{Guardianships: []children.Guardianship{
		{TenantID: a.Tenant.ID, ID: ids.New(), ChildID: mila.ID, PersonID: tom.ID, Kind: children.Authority, Household: 2, ValidFrom: "2026-01-01"}}}))
	at := time.Date(2026, 10, 24, 9, 30, 0, 0, a.Tenant.Location())
	require.True(t, at.Before(a.e.Clock.Now()))
	away := func(child, by ids.ID, first, last tenants.Date, note string, at time.Time) absences.Absence {
		return absences.Absence{TenantID: a.Tenant.ID, ID: ids.New(), ReportID: ids.New(), ChildID: child, FirstDay: first, LastDay: last, Reason: absences.Sick, Note: note, ReportedBy: by, ReportedAt: at}
	}
	asked := declarations.Declaration{ID: ids.New(), Answerers: declarations.Every, Audience: declarations.All, CreatedAt: at, CreatedBy: a.Admin.ID, PublishedAt: &at, Title: "Medicijnen <thuis>", Body: "Vertel het ons.",
		Fields: []declarations.Field{{Key: "a", Kind: declarations.Line, Label: "Welke?"}, {Key: "b", Kind: declarations.Date, Label: "Sinds wanneer?"}, {Key: "c", Kind: declarations.Text, Label: "Nog iets?"}}}
	filled := func(by ids.ID, what string) declarations.Answer {
		return declarations.Answer{TenantID: a.Tenant.ID, ID: ids.New(), DeclarationID: asked.ID, ChildID: mila.ID, TextVersion: 1, Filled: declarations.Filled{"a": {what}, "b": {"2026-09-01"}}, AnsweredBy: by, AnsweredAt: at}
	}
	require.NoError(t, a.e.DB.Write(a.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		if err := absences.Recall(ctx, tx, []absences.Absence{
			away(mila.ID, eva.ID, "2026-10-26", "2026-10-28", "Koorts & hoesten", at), away(mila.ID, tom.ID, "2026-12-24", "2026-12-24", "Geheim van Tom", at),
			away(finn.ID, eva.ID, "2026-10-29", "2026-10-29", "Over Finn", at), away(mila.ID, eva.ID, "2026-12-29", "2026-12-29", "Van later", a.e.Clock.Now().Add(time.Hour))}); err != nil {
			return err
		}
		return declarations.Recall(ctx, tx, []declarations.Past{{Declaration: asked, Answers: []declarations.Answer{filled(eva.ID, "Puffer"), filled(tom.ID, "Zalf van Tom")}}})
	}))
	a.e.Clock.Advance(time.Minute)
	require.NoError(t, a.consents.Say(eva.Ctx(), consents.Reply{ChildID: mila.ID, Purpose: consents.Photos, Granted: true}))
	require.NoError(t, a.consents.Say(tom.Ctx(), consents.Reply{ChildID: mila.ID, Purpose: consents.Photos, Granted: false}))

	names, content := unpack(t, a.fetched(eva, mila))
	const folder = "Alles van Mila/"
	for page, wants := range map[string][]string{
		"index.html":         {`href="afwezig.html"`, "2 keer afgemeld", `href="toestemmingen.html"`, "3 antwoorden", `href="verklaringen.html"`, "1 antwoord"},
		"afwezig.html":       {"maandag 26 oktober 2026 tot en met woensdag 28 oktober 2026", "ziek · door jou gemeld op zaterdag 24 oktober 2026 om 09:30", "Koorts &amp; hoesten", "donderdag 24 december 2026", "gemeld door een andere ouder of verzorger op"},
		"toestemmingen.html": {"Foto’s in het ouderportaal", "Jouw antwoord op", ": ja", "Antwoord van een andere ouder of verzorger op", ": nee", "Antwoord op papier"},
		"verklaringen.html":  {"Medicijnen &lt;thuis&gt;", "Vertel het ons.", "Door jou ingevuld op zaterdag 24 oktober 2026 om 09:30", "Welke?", "Puffer", "dinsdag 1 september 2026"},
	} {
		require.Contains(t, names, folder+page)
		for _, want := range wants {
			require.Contains(t, content[folder+page], want, page)
		}
	}
	require.NotContains(t, content[folder+"verklaringen.html"], "Nog iets?", "nothing was filled in there")
	require.Equal(t, 1, strings.Count(content[folder+"afwezig.html"], "ziek"), "why another reported her is theirs")
	for name, text := range content {
		for _, foreign := range []string{"Geheim van Tom", "Zalf van Tom", "Tom Jansen", "Over Finn", "Van later", tom.ID.String(), eva.ID.String()} {
			require.NotContains(t, text, foreign, name)
		}
	}

	lux := a.AddChild("Lux", a.Group)
	names, content = unpack(t, a.fetched(a.AddParent("Ans", lux), children.Named{ID: lux, GivenName: "Lux"}))
	for _, name := range names {
		require.NotRegexp(t, "(afwezig|toestemmingen|verklaringen)", name, "nothing was said")
	}
	require.NotContains(t, content["Alles van Lux/index.html"], "Verder in dit boekje")
}
