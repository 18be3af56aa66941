package main

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/media/mediatest"
)

// A browser makes most photos smaller before it sends them, and tells when they were taken beside them.
func TestABrowserTellsWhenAPhotoWasTaken(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	staff := p.browser(p.a.Staff, p.e.A)
	yesterday := p.e.Clock.Now().Add(-24 * time.Hour).Truncate(time.Second)
	for said, want := range map[string]*time.Time{
		yesterday.In(p.a.Tenant.Location()).Format("2006:01:02 15:04:05"): &yesterday,
		"gisteren": nil, "": nil,
	} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, err := form.CreateFormFile("photo", "IMG_1.jpg")
		require.NoError(t, err)
		_, err = part.Write(mediatest.Photo(40, 30, 1))
		require.NoError(t, err)
		if said != "" {
			require.NoError(t, form.WriteField("taken", said))
		}
		require.NoError(t, form.Close())
		var answer struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(staff.Do(http.MethodPost, "/fotos/uploads", &body, form.FormDataContentType(), nil).Is(201).Body), &answer))
		var taken *time.Time
		require.NoError(t, p.e.Owner(t).QueryRow(t.Context(), "SELECT taken_at FROM photo WHERE tenant_id = $1 AND id = $2", p.a.Tenant.ID, answer.ID).Scan(&taken))
		if want == nil {
			require.Nil(t, taken, said)
			continue
		}
		require.NotNil(t, taken, said)
		require.WithinDuration(t, *want, *taken, 0)
	}
}
