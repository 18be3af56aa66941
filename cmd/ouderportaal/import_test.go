package main

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/sheet"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/imports"
	"ouderportaal/tenants"
)

// upload sends a file as the form does.
func upload(t *testing.T, b *webtest.Browser, name string, content []byte) *webtest.Answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	require.NoError(t, err)
	_, err = part.Write(content)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	return b.Do(http.MethodPost, "/beheer/importeren", &body, form.FormDataContentType(), nil)
}

var hidden = regexp.MustCompile(`name="(form_key|seen)" value="([^"]+)"`)

func TestAnAdminBringsAPlanningIn(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	admin.Get("/beheer/importeren").Is(200).Has("Er is nog niets geïmporteerd.", `aria-current="page"`, "sjablonen/planning.xlsx")
	p.browser(p.a.Staff, p.e.A).Get("/beheer/importeren").Is(403)
	p.browser(p.a.AddManager("Mo"), p.e.A).Get("/beheer/importeren").Is(403)
	upload(t, admin, "brief.pdf", []byte("%PDF-1.7")).Is(422).Has("Dit is geen CSV- of Excel-bestand", "Fout:")
	upload(t, admin, "", nil).Is(422).Has("Kies een bestand.")
	upload(t, admin, "leeg.csv", nil).Is(422).Has("Dit bestand is leeg.")
	upload(t, admin, "koppen.csv", []byte("Voornaam;Achternaam;Geboortedatum\r\n;;\r\n")).Is(422).Has("Onder de koppen van dit bestand staat geen enkele regel.")
	upload(t, admin, "plaatje.CSV", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")).Is(422).Has("Hier staat geen tabel in, ook al heet het plaatje.CSV.").Lacks("dat eindigt op")

	file := "Voornaam;Achternaam;Geboortedatum;Groep;Startdatum;Dagen;Ouder 1 voornaam;Ouder 1 e-mail\r\n" +
		"Mila;<b>Bos</b>;8-7-2024;Kikkers;1-9-2025;ma;Eva;eva@voorbeeld.nl\r\n" +
		"=HYPERLINK(1);Bos;8-7-2024;Kikkers;1-9-2025;ma;;\r\n" +
		"Mila;Bos;8-7-2024;Kikkers;1-9-2025;ma 07:30-18:00, di;Eva;eva@voorbeeld.nl\r\n"
	path := upload(t, admin, "../../planning.csv", []byte(file)).Is(303).Header.Get("Location")
	page := admin.Get(path).Is(200).Has("planning.csv", "1 wijziging", "2 regels hebben een fout", "Nieuw kind: Mila Bos", "Nieuwe plaatsing: Kikkers vanaf 1 sep 2025",
		"Cel B2", "Het teken &lt; kan niet in een naam staan.").Lacks("<b>Bos", "../")
	admin.Get(path + "?soort=wrong").Is(200).Has("Cel B2").Lacks("Nieuw kind")
	admin.Get(path+"/fouten").Is(200).HasHeader("Content-Type", "text/csv; charset=utf-8").Has("\n'=HYPERLINK(1);", "Reden")
	p.browser(p.b.Admin, p.e.B).Get(path).Is(404)

	var pairs []string
	for _, field := range hidden.FindAllStringSubmatch(page.Body, -1) {
		pairs = append(pairs, field[1], field[2])
	}
	require.Len(t, pairs, 4)
	admin.Post(path+"/uitvoering", pairs...).Is(422).Has("zet dan een vinkje", "Fout:")
	pairs = append(pairs, "accepted", "ja")
	admin.Post(path+"/uitvoering", pairs...).Is(303)
	admin.Post(path+"/uitvoering", pairs...).Is(303) // a double click
	admin.Get(path).Is(200).Has("<progress", `data-controller="live"`).Lacks("uitvoering")
	admin.Post(path + "/verwijdering").Is(409)

	id, ok := ids.Parse(strings.TrimPrefix(path, "/beheer/importeren/"))
	require.True(t, ok)
	payload, err := json.Marshal(imports.ImportQueued{ImportID: id})
	require.NoError(t, err)
	ctx := actor.With(tenants.With(context.Background(), p.e.A), actor.ForSystem(p.e.A.ID))
	require.NoError(t, p.app.modules.imports.Subscriptions()[0].Run(ctx, outbox.Recorded{ID: ids.New(), TenantID: p.e.A.ID, Payload: payload}))
	admin.Get(path).Is(200).Has("De import is verwerkt.", "1 nieuw").Lacks("<progress", `data-controller="live"`)
	admin.Get(path + "/fouten").Is(410)
	admin.Get("/beheer/logboek").Is(200).Has("Kinderen en plaatsingen · 1 nieuw, 0 gewijzigd, 2 overgeslagen").Lacks("org.kind", "imports.kind")
	admin.Get("/beheer/logboek?over=Mila").Is(200).Has("Kind toegevoegd door een import")
	admin.Get("/beheer/logboek?over=Eva").Is(200).Has("Persoon toegevoegd door een import")
	mila := regexp.MustCompile(`/beheer/kinderen/[0-9a-f-]{36}`).FindString(admin.Get("/beheer/kinderen").Body)
	admin.Get(mila).Is(200).Has("Mila Bos", "Kind toegevoegd door een import").Lacks("Er is nog niets gewijzigd")

	again := upload(t, admin, "planning.csv", []byte(file)).Is(303).Header.Get("Location")
	admin.Get(again).Is(200).Has("0 wijzigingen").Lacks("uitvoering")
	columns := []string{"kind", "planning"}
	for i, meaning := range []string{"given_name", "given_name", "birth_on", "group", "starts_on", "days", "guardian_1_given_name", "guardian_1_email"} {
		columns = append(columns, imports.ColumnName(i), meaning)
	}
	admin.Post(again+"/kolommen", columns...).Is(422).Has("Een andere kolom betekent dit al.", `id="kolom_1"`)
	columns[5] = "" // the family name is not looked at
	admin.Post(again+"/kolommen", columns...).Is(303)
	admin.Get(again).Is(200).Has("Dit is het nieuwe voorbeeld.", "Regel 4 zegt iets anders over dezelfde plaatsing.")
	admin.Post(again + "/verwijdering").Is(303)
	admin.Get(again).Is(404)
	admin.Get("/beheer/importeren").Is(200).Has("Het bestand is weggegooid.", "Verwerkt")
}

func TestExampleFilesAreFilesToImport(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	for _, kind := range imports.Kinds {
		for _, format := range []string{"csv", "xlsx"} {
			answer := admin.Get("/beheer/importeren/sjablonen/" + string(kind) + "." + format).Is(200)
			table, err := sheet.Read([]byte(answer.Body))
			require.NoError(t, err)
			require.Len(t, table.Rows, 2)
		}
	}
	admin.Get("/beheer/importeren/sjablonen/planning.exe").Is(404)
	admin.Get("/beheer/importeren/sjablonen/geheim.csv").Is(404)
}
