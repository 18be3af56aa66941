package web_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/messages"
)

const aPDF = "%PDF-1.7\n<script>alert(1)</script>\n%%EOF\n"

type upload struct{ ID, State, Name, Thumb, Error string }

func send(t *testing.T, b *webtest.Browser, name, content string, status int) (u upload) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("photo", name)
	require.NoError(t, err)
	_, err = part.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, form.Close())
	answer := b.Do(http.MethodPost, "/berichten/bijlagen", &body, form.FormDataContentType(), map[string]string{"Accept": "application/json"}).Is(status)
	require.NoError(t, json.Unmarshal([]byte(answer.Body), &u))
	return u
}

func TestAFileGoesWithAMessageAndIsOnlyEverSaved(t *testing.T) {
	p := start(t)
	mila, noor := p.AddChild("Mila", p.Group), p.AddChild("Noor", p.Group)
	evaHerself := p.AddParent("Eva", mila)
	eva, piet, staff := p.browser(evaHerself), p.browser(p.AddParent("Piet", noor)), p.browser(p.Staff)
	pdf := send(t, eva, "brief van \"het\" ziekenhuis.PDF", aPDF, 201)
	require.Equal(t, []string{"ready", "brief van het ziekenhuis.pdf", ""}, []string{pdf.State, pdf.Name, pdf.Thumb})
	photo := send(t, eva, "IMG_1.jpg", string(mediatest.Photo(60, 40, 1)), 201)
	require.Equal(t, "processing", photo.State)
	require.Equal(t, "Dit is geen foto en geen pdf. Kies een foto (JPEG, PNG, WebP of HEIC) of een pdf.", send(t, eva, "brief.pdf", "<html>", 422).Error)
	eva.Get("/berichten/bijlagen/" + photo.ID).Is(200).Has(`"processing"`)
	piet.Get("/berichten/bijlagen/" + pdf.ID).Is(404)

	typed := []string{formkey.Field, ids.New().String(), "child", mila.String(), "subject", "Uitslag", "photos", pdf.ID, "photos", photo.ID}
	eva.Post("/berichten", append(typed, "body", "")...).Is(422).Has("brief van het ziekenhuis.pdf", `value="`+pdf.ID+`"`, `value="`+photo.ID+`"`)
	thread := eva.Post("/berichten", append(typed, "body", "Zie de brief.")...).Is(303).Header.Get("Location")
	piet.Post("/berichten", formkey.Field, ids.New().String(), "child", noor.String(), "subject", "Van mij?", "body", "Nee", "photos", pdf.ID).Is(422).Has("Een bestand is er niet meer.")

	path := "/berichten/bijlagen/" + pdf.ID + "/download"
	staff.Get(path).Is(404)
	p.e.Clock.Advance(messages.UndoWithin + 2*time.Minute)
	require.NoError(t, p.s.Sweep(p.system()))
	for _, b := range []*webtest.Browser{p.browser(evaHerself), p.browser(p.Staff), p.browser(p.AddManager("Karin")), p.browser(p.Admin)} {
		b.Get(thread).Is(200).Has("brief van het ziekenhuis.pdf", "Wordt verwerkt")
		b.Get(path).Is(200).HasHeader("Content-Type", "application/pdf").HasHeader("X-Content-Type-Options", "nosniff").
			HasHeader("Content-Disposition", `attachment; filename="brief van het ziekenhuis.pdf"`).
			HasHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'").Has(aPDF)
		b.Get("/berichten/bijlagen/" + pdf.ID + "/640.webp").Is(404)
		b.Do("DELETE", "/berichten/bijlagen/"+pdf.ID, nil, "", nil).Is(404)
	}
	for why, b := range map[string]*webtest.Browser{"another family": p.browser(p.AddParent("Piet", noor)), "who works elsewhere": p.browser(p.AddStaff("Youssef", p.AddGroup("Egels")))} {
		foreign, unknown := b.Get(path).Is(404), b.Get(strings.Replace(path, pdf.ID, ids.New().String(), 1)).Is(404)
		require.Equal(t, withoutID(unknown.Body), withoutID(foreign.Body), why)
	}
	other := childrentest.NewHouse(t, p.e, p.e.B)
	for _, who := range []identitytest.Someone{other.Admin, other.Staff, other.AddParent("Bo", other.AddChild("Bram", other.Group))} {
		b := p.BrowserFor(t, p.hosts.Host(p.e.B.Slug))
		cookie := identitytest.SignedIn(t, p.e, who)
		b.SetCookie(cookie.Name, cookie.Value)
		b.Get(path).Is(404)
	}
}
